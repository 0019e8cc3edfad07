"""What is reported: reproducible, complete sentences, about classes that the catalogue has; twins tell it otherwise."""

import csv
from importlib import resources

import pytest
import shapely

from gangmu.core.report import Channel, Kind
from gangmu.demo import speech, terrain
from gangmu.demo.speech import Talk
from gangmu.kit import geo

LAND = terrain.make(1)


def shipped_classes() -> set[tuple[str, str]]:
    text = (resources.files("gangmu.core.matter") / "data" / "classes.csv").read_text("utf-8-sig")
    return {(row["tree"], row["code"]) for row in csv.DictReader(text.splitlines())}


def test_the_same_seed_says_the_same():
    one, other = Talk(LAND.addresses, 3), Talk(LAND.addresses, 3)
    assert [one.incident() for _ in range(60)] == [other.incident() for _ in range(60)]
    assert Talk(LAND.addresses, 4).incident() != Talk(LAND.addresses, 3).incident()


def test_every_class_is_one_of_the_catalogue_and_stands_once():
    told = [(row["tree"], row["code"]) for row in speech.book()["matter"]]
    assert set(told) <= shipped_classes() and len(set(told)) == len(told)


def test_every_text_is_whole():
    talk = Talk(LAND.addresses, 7)
    seen = set()
    for number in range(3000):
        incident = talk.incident(hour=number % 24)
        seen.add((incident.tree, incident.code, incident.voice, incident.said))
        assert "{" not in incident.text and 6 <= len(incident.title) <= 40, incident
        assert Channel(incident.channel) and Kind(incident.kind)
        assert incident.anonymous == (incident.voice == "told" and not incident.phone)
    every = {
        (row["tree"], row["code"], voice, said)
        for row in speech.book()["matter"]
        for voice in speech.CHANNELS
        for said in range(len(row.get(voice, ())))
    }
    assert seen == every


def test_all_channels_speak():
    talk = Talk(LAND.addresses, 9)
    heard = {talk.incident().channel for _ in range(2000)}
    assert heard == {name for table in speech.CHANNELS.values() for name, _ in table}


def test_a_twin_is_the_same_matter_near_by_in_other_words():
    talk = Talk(LAND.addresses, 11)
    other_words = 0
    for _ in range(200):
        first = talk.incident()
        again = talk.again(first)
        assert (again.tree, again.code, again.address) == (first.tree, first.code, first.address)
        assert geo.distance_m((first.lon, first.lat), (again.lon, again.lat)) < 90
        other_words += again.said != first.said
    assert other_words > 80


def test_some_callers_call_again():
    talk = Talk(LAND.addresses, 13)
    phones = [incident.phone for incident in (talk.incident("told") for _ in range(300)) if incident.phone]
    assert 100 < len(set(phones)) < len(phones)


def test_every_class_says_how_it_was_put_right():
    chance = Talk(LAND.addresses, 1).chance
    for row in speech.book()["matter"]:
        assert speech.done_text(chance, row["tree"], row["code"]) in row["done"]
    assert speech.done_text(chance, "urban_event", "9999")


@pytest.mark.parametrize("verb", ["return", "grant_extension", "check_fail", "unheard_of"])
def test_reasons_are_given(verb):
    assert len(speech.reason(Talk(LAND.addresses, 1).chance, verb)) > 5


def test_who_walks_there_reports_from_inside_his_division():
    outlines = {
        row["properties"]["code"]: shapely.geometry.shape(row["geometry"]) for row in LAND.boundaries["features"]
    }
    talk = Talk(LAND.addresses, 17)
    for _ in range(600):
        first = talk.incident("seen")
        for incident in (first, talk.again(first)):
            assert outlines[incident.division].covers(shapely.Point(incident.lon, incident.lat)), incident
