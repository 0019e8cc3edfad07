"""Drafts of flows: written by several, checked, tried on what has happened, published by another, taken back."""

import copy
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from gangmu.core.event import past
from gangmu.core.flow import service
from gangmu.core.flow.replay import play
from gangmu.core.trial import service as trial
from gangmu.kit import settings
from tests.city import THERE, hire
from tests.flow import ground
from tests.flow import test_loop_hotline as hotline
from tests.flow import test_loop_urban_case as urban


def key():
    return {"idempotency-key": uuid4().hex}


def post(browser, path, expect=200, **body):
    answer = browser.post(f"/api{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text[:600]}"
    return answer.json()


def put(browser, path, expect=200, **body):
    answer = browser.put(f"/api{path}", json=body, headers=key())
    assert answer.status_code == expect, f"{answer.status_code} {answer.text[:600]}"
    return answer.json()


def changed(definition, **verbs):
    made = copy.deepcopy(definition)
    for verb in made["verb"]:
        verb.update(verbs.get(verb["id"], {}))
    return made


@pytest.fixture
def steward(city):
    return city.sign_in("data_steward")


@pytest.fixture
def leader(city):
    return city.sign_in("leader")


def opened(steward, **verbs):
    """A draft of the urban case in which these verbs are otherwise."""
    draft = post(steward, "/flows/drafts", 201, flow="urban_case", title="试改")
    if verbs:
        body = {"version": draft["version"], "definition": changed(draft["definition"], **verbs), "note": "试改"}
        draft = put(steward, f"/flows/drafts/{draft['id']}", **body)
    return draft


def say(browser, draft, what, expect=200, reason="减少退单往返"):
    return post(browser, f"/flows/drafts/{draft['id']}/{what}", expect, version=draft["version"], reason=reason)


def published(steward, leader, **verbs):
    """A version published the whole way: written, proposed, confirmed by another."""
    draft = opened(steward, **verbs)
    return say(leader, say(steward, draft, "propose"), "publish", 201)


def test_a_draft_begins_as_its_base_and_says_what_is_otherwise(steward):
    draft = opened(steward)
    assert (draft["base"], draft["current"], draft["state"], draft["mine"]) == (1, 1, "open", True)
    assert draft["check"]["publishable"] and not draft["differences"]
    limit = {"guards": [{"name": "not_doer", "of": ["@order", "@do"]}]}
    again = opened(steward, void=limit, note={"title": {"zh": "记录", "en": "Write down"}})
    said = {one["at"]: one["text"] for one in again["differences"]}
    assert any("“Note" in text or "Write down" in text for text in said.values()), said
    assert all("{" not in text for text in said.values())


def test_two_people_write_in_one_draft_and_the_second_save_is_told(city, steward):
    with_two = opened(steward)
    first = put(steward, f"/flows/drafts/{with_two['id']}", version=1, definition=with_two["definition"], title="一")
    assert first["version"] == 2
    late = put(steward, f"/flows/drafts/{with_two['id']}", 409, version=1, definition=with_two["definition"])
    assert late["code"] == "stale_write"
    other = {**with_two["definition"], "id": "park_case"}
    assert put(steward, f"/flows/drafts/{with_two['id']}", 422, version=2, definition=other)["code"] == "invalid"
    assert city.sign_in("dispatcher").get(f"/api/flows/drafts/{with_two['id']}").status_code == 200
    refused = city.sign_in("dispatcher").put(
        f"/api/flows/drafts/{with_two['id']}", json={"version": 2, "definition": {}}, headers=key()
    )
    assert refused.status_code == 403


def test_a_broken_draft_is_kept_but_not_proposed_and_each_mistake_has_its_place(steward):
    draft = opened(steward, close={"guards": []})
    assert {one["at"] for one in draft["check"]["findings"]} == {"verb[close]"}
    assert say(steward, draft, "propose", 422)["code"] == "flow.not_publishable"
    unreadable = copy.deepcopy(draft["definition"])
    unreadable["state"][0]["title"] = {"zh": ""}
    kept = put(steward, f"/flows/drafts/{draft['id']}", version=draft["version"], definition=unreadable)
    (place,) = kept["check"]["places"]
    assert place["at"] == "state[reported].title" and place["code"] == "not_title" and place["text"]


def test_another_person_publishes_what_one_proposed(city, steward, leader):
    draft = opened(steward, note={"title": {"zh": "记录", "en": "Write down"}})
    assert say(leader, draft, "publish", 409)["code"] == "flow.not_proposed"
    proposed = say(steward, draft, "propose")
    assert proposed["proposed_by_name"] == "甲data_steward"
    assert say(steward, proposed, "publish", 409)["code"] == "flow.second_person"
    back = say(leader, proposed, "send-back", reason="名称不妥")
    assert (back["state"], back["remark"]) == ("open", "名称不妥")
    again = say(steward, back, "propose")
    assert (
        city.sign_in("dispatcher")
        .post(f"/api/flows/drafts/{draft['id']}/publish", json={"version": 9}, headers=key())
        .status_code
        == 403
    )
    made = say(leader, again, "publish", 201, reason="")
    assert made["version"] == 2
    row = next(one for one in steward.get("/api/flows").json()["items"] if one["current"] and one["version"] == 2)
    assert (row["made_by_name"], row["proposed_by_name"], row["note"]) == ("甲leader", "甲data_steward", "减少退单往返")
    settled = steward.get(f"/api/flows/drafts/{draft['id']}").json()
    assert (settled["state"], settled["published"]) == ("published", 2)
    assert say(steward, settled, "propose", 409)["code"] == "flow.draft_settled"


def test_an_edit_after_the_proposal_takes_it_back(steward, leader):
    proposed = say(steward, opened(steward, note={"title": {"zh": "记录", "en": "Write"}}), "propose")
    body = {"version": proposed["version"], "definition": changed(proposed["definition"], note={"takes": ["reason"]})}
    edited = put(steward, f"/flows/drafts/{proposed['id']}", **body)
    assert edited["state"] == "open"
    assert say(leader, edited, "publish", 409)["code"] == "flow.not_proposed"


def test_whoever_is_overtaken_looks_at_the_new_version_first(steward, leader):
    mine = say(steward, opened(steward, note={"title": {"zh": "记录", "en": "Write"}}), "propose")
    published(steward, leader, urge={"title": {"zh": "催", "en": "Urge on"}})
    assert say(leader, mine, "publish", 409)["code"] == "flow.base_moved_on"
    shown = steward.get(f"/api/flows/drafts/{mine['id']}").json()
    assert (shown["base"], shown["current"]) == (1, 2)
    body = {"version": shown["version"], "definition": shown["definition"], "base": 2}
    rebased = put(steward, f"/flows/drafts/{mine['id']}", **body)
    assert any(one["id"] == "urge" for one in rebased["differences"])


def test_where_nobody_asks_for_a_second_person_the_author_publishes(database, steward, leader):
    with database.unit() as unit:
        settings.put(unit, "flow.second_person", False)
    draft = opened(steward, note={"title": {"zh": "记录", "en": "Write"}})
    body = {"version": draft["version"], "definition": draft["definition"], "note": ""}
    draft = put(steward, f"/flows/drafts/{draft['id']}", **body)
    assert say(steward, draft, "publish", 422, reason="")["code"] == "invalid"
    assert say(steward, draft, "publish", 201)["version"] == 2


def test_a_draft_from_a_file_and_a_version_as_a_file(steward):
    text = steward.get("/api/flows/urban_case/1/definition.toml").text
    draft = post(steward, "/flows/drafts", 201, flow="urban_case", toml=text)
    assert not draft["differences"]
    fresh = post(steward, "/flows/drafts", 201, flow="park_case", toml=text)
    assert (fresh["base"], fresh["current"]) == (None, None) and fresh["definition"]["id"] == "park_case"
    assert post(steward, "/flows/drafts", 422, flow="urban_case", toml="id =")["code"] == "flow.invalid"
    assert post(steward, "/flows/drafts", 404, flow="nothing")["code"] == "not_found"


def test_two_versions_are_compared_in_words(steward, leader):
    published(steward, leader, note={"title": {"zh": "记录", "en": "Write down"}})
    items = steward.get("/api/flows/urban_case/compare", params={"old": 1, "new": 2}).json()["items"]
    assert [(one["at"], one["before"], one["after"]) for one in items] == [
        ("verb[note].title", items[0]["before"], "记录 / Write down")
    ]
    assert steward.get("/api/flows/urban_case/compare", params={"old": 1, "new": 9}).status_code == 404


def test_the_editor_knows_every_word_that_a_definition_may_name(steward):
    said = steward.get("/api/flows/words").json()
    names = {one["name"]: one for one in said["predicates"]}
    assert [p["meaning"] for p in names["max_times"]["params"]] == ["verb", "number", "word"]
    assert [p["needed"] for p in names["max_times"]["params"]] == [True, True, False]
    for kind in ("predicates", "effects", "requirements", "permissions", "roles"):
        assert [one for one in said[kind] if not one["title"] or one["title"].startswith("flow.")] == []


# --- trying out ------------------------------------------------------------------------------------------


@pytest.fixture
def lived(city):
    """Cases that went their way: one returned once, one voided, one handled and closed."""
    ground.found(city)
    return city


def test_a_draft_is_tried_on_the_past_and_tells_which_would_be_refused(lived, steward):
    kept = [lived.report("clerk", channel="patrol") for _ in range(4)]
    clerk, shift = lived.sign_in("clerk"), lived.sign_in("shift_leader")
    for one in kept[:3]:
        clerk.do(one, "accept")
    shift.do(kept[0], "void", reason="重复")
    untouched = post(steward, f"/flows/drafts/{opened(steward)['id']}/try-out")
    assert (untouched["events"], untouched["through"], untouched["refused"], untouched["untouched"]) == (4, 3, 0, 1)
    assert untouched["acts"] == 4 and untouched["unclear"] == 0
    strict = opened(steward, accept={"requires": ["reason"]})
    told = post(steward, f"/flows/drafts/{strict['id']}/try-out")
    assert (told["events"], told["through"], told["refused"], told["untouched"]) == (4, 0, 3, 1)
    (group,) = told["groups"]
    assert (group["verb"], group["reason"], group["n"]) == ("accept", "flow.refused.needs_reason", 3)
    assert {one["id"] for one in group["examples"]} == {one["id"] for one in kept[:3]}
    assert steward.get(f"/api/flows/drafts/{strict['id']}").json()["tried"]["refused"] == 3
    gone = opened(steward, void={"from": ["reported"]})
    (refused,) = post(steward, f"/flows/drafts/{gone['id']}/try-out")["groups"]
    assert (refused["verb"], refused["reason"], refused["n"]) == ("void", "flow.refused.not_from_here", 1)
    few = post(steward, f"/flows/drafts/{strict['id']}/try-out", most=2)
    assert few["events"] == 2
    assert steward.get(f"/api/flows/drafts/{strict['id']}").json()["version"] == strict["version"]


def test_a_draft_that_wants_another_right_asks_whether_the_post_has_it(lived, steward):
    one = lived.report("clerk", channel="patrol")
    lived.sign_in("clerk").do(one, "accept")
    other = opened(steward, accept={"can": "event.close"})
    (group,) = post(steward, f"/flows/drafts/{other['id']}/try-out")["groups"]
    assert group["reason"] == "flow.refused.not_permitted"


def test_examples_are_those_that_the_asker_may_open(database, lived, steward):
    with database.unit() as unit:
        hire(unit, lived, "steward@there", "data_steward", lived.orgs["市政处@there"], THERE)
    one = lived.report("clerk", channel="patrol")
    lived.sign_in("clerk").do(one, "accept")
    strict = opened(steward, accept={"requires": ["reason"]})
    there = lived.sign_in("steward@there")
    told = post(there, f"/flows/drafts/{strict['id']}/try-out")
    assert told["refused"] == 1 and told["groups"][0]["examples"] == []


@pytest.mark.parametrize(
    ("flow", "story"),
    [
        ("urban_case", urban.test_a_missing_manhole_cover_goes_its_whole_way),
        ("urban_case", urban.test_a_failed_check_goes_back_to_the_same_department),
        *[("hotline_order", told) for name, told in vars(hotline).items() if name.startswith("test_")],
    ],
)
def test_histories_of_whole_cases_play_through_the_flow_that_they_happened_under(database, city, flow, story):
    """The replay is true to the flow: what people did under it is possible under it, to the state they reached."""
    story(city)
    with database.unit() as unit:
        own = service.get_flow(unit, unit.actor, flow, 1)
        told = list(past.histories(unit, flow, unit.now - timedelta(days=400), 50))
        for one in told:
            played = play(own, one, own)
            assert played.refused is None and played.state == one.state, played
        assert max(play(own, one, own).steps for one in told) >= 1


# --- taking back -----------------------------------------------------------------------------------------


def test_a_flow_with_a_mistake_is_taken_back_and_its_events_are_moved(database, lived, steward, leader):
    old = lived.report("clerk", channel="patrol")
    published(steward, leader, accept={"requires": ["reason"]})
    clerk = lived.sign_in("clerk")
    caught = [lived.report("clerk", channel="patrol") for _ in range(2)]
    assert clerk.sees(caught[0])["flow_version"] == 2
    assert clerk.do(caught[0], "accept", 409)["code"] == "flow.refused.needs_reason"
    clerk.do(old, "accept")
    body = {"reason": "误将原因设为必填"}
    assert clerk.post("/api/flows/urban_case/1/restore", json=body, headers=key()).status_code == 403
    assert post(leader, "/flows/urban_case/2/restore", 409, **body)["code"] == "conflict"
    made = post(leader, "/flows/urban_case/1/restore", 201, **body)
    assert made["version"] == 3
    row = next(one for one in steward.get("/api/flows").json()["items"] if one["version"] == 3)
    assert (row["current"], row["restores"], row["note"]) == (True, 1, "误将原因设为必填")
    assert post(leader, "/flows/urban_case/1/restore", 409, **body)["code"] == "conflict"
    look = post(leader, "/flows/urban_case/move-events", old=2, new=3)
    assert (look["moved"], look["left"]) == (0, 2) and {one["id"] for one in look["examples"]} == {
        one["id"] for one in caught
    }
    assert post(leader, "/flows/urban_case/move-events", 422, old=2, new=3, preview=False)["code"] == "invalid"
    first = post(leader, "/flows/urban_case/move-events", old=2, new=3, preview=False, reason="回退", most=1)
    assert (first["moved"], first["left"]) == (1, 1)
    rest = post(leader, "/flows/urban_case/move-events", old=2, new=3, preview=False, reason="回退")
    assert (rest["moved"], rest["left"]) == (1, 0)
    seen = clerk.sees(caught[0])
    assert seen["flow_version"] == 3 and seen["clocks"]
    acts = clerk.get(f"/api/events/{caught[0]['id']}/timeline").json()["items"]
    (moved,) = [act for act in acts if act["verb"] == "migrate"]
    assert moved["reason"] == "回退" and moved["args"] == {"from_version": 2, "to_version": 3}
    assert moved["verb_title"] == "Moved to another version of its flow"
    clerk.do(caught[0], "accept")
    assert clerk.sees(old)["flow_version"] == 1


def test_events_in_a_state_that_the_other_version_lacks_stay(database, lived, steward, leader):
    made = opened(steward)
    definition = copy.deepcopy(made["definition"])
    state = {"id": "triage", "title": {"zh": "分诊", "en": "Triage"}, "holder": "clerk", "clocks": ["accept"]}
    definition["state"].insert(1, state)
    accept = next(verb for verb in definition["verb"] if verb["id"] == "accept")
    step = copy.deepcopy(accept) | {"id": "triage", "title": {"zh": "分诊", "en": "Triage"}, "to": "triage"}
    accept["from"] = [*accept["from"], "triage"]
    definition["verb"].insert(0, step)
    draft = put(steward, f"/flows/drafts/{made['id']}", version=made["version"], definition=definition)
    assert draft["check"]["publishable"], draft["check"]["findings"] + draft["check"]["places"]
    say(leader, say(steward, draft, "propose"), "publish", 201)
    one, other = (lived.report("clerk", channel="patrol") for _ in range(2))
    lived.sign_in("clerk").do(one, "triage")
    look = post(leader, "/flows/urban_case/move-events", old=2, new=1)
    assert look["left"] == 1
    assert [(row["state"], row["why"], row["n"]) for row in look["stays"]] == [("triage", "gone", 1)]
    done = post(leader, "/flows/urban_case/move-events", old=2, new=1, preview=False, reason="不要分诊")
    assert (done["moved"], done["left"]) == (1, 0)
    assert lived.sign_in("clerk").sees(one)["flow_version"] == 2
    assert lived.sign_in("clerk").sees(other)["flow_version"] == 1


def test_another_countys_events_are_not_moved_by_whoever_does_not_see_them(lived, steward, leader):
    published(steward, leader, accept={"requires": ["reason"]})
    lived.report("clerk", channel="patrol")
    supervisor = lived.sign_in("supervisor@there")
    done = post(supervisor, "/flows/urban_case/move-events", old=2, new=1, preview=False, reason="试")
    assert (done["moved"], done["left"], done["examples"]) == (0, 1, [])


def test_the_replay_is_quick(database, lived, steward):
    """Not a benchmark: a guard against a replay that reads event by event."""
    for _ in range(30):
        lived.sign_in("clerk").do(lived.report("clerk", channel="patrol"), "accept")
    with database.unit() as unit:
        began = time.monotonic()
        flow = service.current_flow(unit, unit.actor, "urban_case")
        tried = trial.try_flow(unit, unit.actor, "urban_case", flow)
        assert tried.found.through == 30 and time.monotonic() - began < 5
