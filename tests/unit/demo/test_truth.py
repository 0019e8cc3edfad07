"""What is said of all classes and what is true behind it: texts vary, planted twins share place, time and class."""

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from importlib import resources

from gangmu.core.flow import reading
from gangmu.core.flow.service import shipped_data
from gangmu.demo import speech, terrain, truth
from gangmu.demo.script import Script
from gangmu.demo.speech import Talk
from gangmu.demo.truth import Truth
from gangmu.kit import geo
from tests.unit.demo.test_script import LIMITS, NOON

LAND = terrain.make(1)
FLOWS = {name: reading.parse(shipped_data(name)) for name in ("urban_case", "hotline_order")}


def leaves() -> set[tuple[str, str]]:
    """The classes of the catalogue below which there is none."""
    text = (resources.files("gangmu.core.matter") / "data" / "classes.csv").read_text("utf-8-sig")
    listed = list(csv.DictReader(text.splitlines()))
    above = {(row["tree"], row["parent"]) for row in listed}
    return {(row["tree"], row["code"]) for row in listed} - above


def test_every_class_of_the_catalogue_is_spoken_of():
    rows = speech.every()
    assert {(row["tree"], row["code"]) for row in rows} == leaves()
    assert len(rows) == len(leaves())
    for row in rows:
        assert any(row.get(voice) for voice in speech.CHANNELS) and row["done"], row


def test_texts_of_seldom_classes_are_whole_and_of_their_class():
    talk = Talk(LAND.addresses, 21)
    seen: dict[tuple[str, str], str] = {}
    for number in range(4000):
        one = talk.incident("told" if number % 2 else "seen", rare=1.0)
        assert "{" not in one.text and "}" not in one.text and len(one.text) >= 10, one
        assert 6 <= len(one.title) <= 40, one
        seen[one.tree, one.code] = one.text
    assert seen.keys() <= {(row["tree"], row["code"]) for row in speech.seldom()} and len(seen) > 200


def test_hardly_anything_is_said_twice_in_the_same_words():
    talk = Talk(LAND.addresses, 23)
    told = [talk.incident("told").text for _ in range(1500)]
    assert len(set(told)) / len(told) > 0.93
    seen = [talk.incident("seen").text for _ in range(1500)]
    assert len(set(seen)) / len(seen) > 0.85


def test_people_speak_as_people_do():
    talk = Talk(LAND.addresses, 25)
    said = speech.phrases()["spoken"]
    told = [talk.incident("told").text for _ in range(800)]
    opened = sum(text.startswith(tuple(said["open"])) for text in told)
    closed = sum(text.endswith(tuple(said["close"])) for text in told)
    slipped = sum(any(wrong in text for _, wrong in said["slips"] if len(wrong) > 1) for text in told)
    assert 200 < opened < 460 and 280 < closed < 530 and slipped > 2
    assert not [
        text for text in (talk.incident("seen").text for _ in range(300)) if text.startswith(tuple(said["open"]))
    ]


def stories():
    talk = Talk(LAND.addresses, 1)
    return Script(talk, FLOWS, LIMITS, frozenset(), lambda local: local.weekday() < 5, NOON, 1).make(120)


def kept(tmp_path) -> list[truth.Row]:
    told = Truth(tmp_path)
    for story in sorted(stories(), key=lambda one: one.reported_at):
        told.tell(f"rpt_{story.number}", story.incident, story.reported_at.isoformat())
    return list(truth.rows(tmp_path / truth.NAME))


def test_planted_duplicates_share_class_place_and_time(tmp_path):
    rows = kept(tmp_path)
    by_report = {row.report: row for row in rows}
    twins = [row for row in rows if row.duplicate_of and not row.hotspot]
    assert len(twins) >= 6
    for row in twins:
        first = by_report[row.duplicate_of]
        assert (first.tree, first.code, first.matter) == (row.tree, row.code, row.matter)
        assert geo.distance_m((first.lon, first.lat), (row.lon, row.lat)) < 120
        apart = datetime.fromisoformat(row.at) - datetime.fromisoformat(first.at)
        assert timedelta(0) <= apart < timedelta(days=3)
        assert not first.duplicate_of


def test_hotspots_are_one_matter_of_many_reports_near_by(tmp_path):
    waves = defaultdict(list)
    for row in kept(tmp_path):
        if row.hotspot:
            waves[row.hotspot].append(row)
    assert waves
    for rows in waves.values():
        assert len(rows) >= 6 and len({row.matter for row in rows}) == 1
        assert len({(row.tree, row.code) for row in rows}) == 1
        assert max(geo.distance_m((rows[0].lon, rows[0].lat), (row.lon, row.lat)) for row in rows) < 2500


def test_different_matters_have_different_truths(tmp_path):
    rows = kept(tmp_path)
    alone = [row for row in rows if not row.duplicate_of]
    assert len({row.matter for row in alone}) == len(alone) > 100
    assert {row.matter for row in rows} == {row.matter for row in alone}


def test_truth_goes_on_where_it_stopped(tmp_path):
    talk = Talk(LAND.addresses, 31)
    first = talk.incident("told")
    Truth(tmp_path).tell("rpt_1", first, NOON.isoformat())
    Truth(tmp_path).tell("rpt_2", talk.again(first), NOON.isoformat())
    assert [row.duplicate_of for row in truth.rows(tmp_path / truth.NAME)] == ["", "rpt_1"]
    Truth(None).tell("rpt_3", first, NOON.isoformat())
