"""The model check finds what is wrong with a flow, and the shipped flows are right."""

import copy
import importlib
import inspect
import re
from xml.etree import ElementTree

import pytest

from gangmu.core.flow.check import check
from gangmu.core.flow.diagram import lines, mermaid, svg
from gangmu.core.flow.errors import FlowInvalid
from gangmu.core.flow.reading import parse
from gangmu.core.flow.stepping import PREDICATES
from gangmu.core.flow.tables import EFFECTS
from gangmu.kit.text import words
from tests.unit.flow.shipped import definition, flow, permissions, shipped_roles

checking = importlib.import_module("gangmu.core.flow.check")


def changed(name="urban_case", **verbs):
    """A shipped definition with fields of some verbs replaced."""
    made = copy.deepcopy(definition(name))
    for verb in made["verb"]:
        verb.update(verbs.get(verb["id"], {}))
    return made


def verb_of(made, verb_id):
    return next(v for v in made["verb"] if v["id"] == verb_id)


def found(made):
    return {(f.at, f.code) for f in check(parse(made), shipped_roles(), permissions()) if f.severity == "error"}


@pytest.mark.parametrize("name", ["urban_case", "hotline_order", "grid_event"])
def test_the_shipped_flows_pass(name):
    assert check(flow(name), shipped_roles(), permissions()) == []


@pytest.mark.parametrize("name", ["urban_case", "hotline_order", "grid_event"])
def test_every_role_of_a_verb_holds_its_permission(name):
    for verb in flow(name).verbs:
        for role in verb.roles:
            assert verb.can in {p["id"] for p in shipped_roles()[role]["permissions"]}, (verb.id, role)


def test_roles_know_only_known_permissions_and_keep_the_two_axes_apart():
    for role in shipped_roles().values():
        held = {p["id"] for p in role["permissions"]}
        assert held <= set(permissions()), role["id"]
        assert not {"event.dispatch", "event.close"} <= held, role["id"]
        assert not {"event.submit", "event.check_pass"} <= held, role["id"]
        assert {p["reach"] for p in role["permissions"]} <= {"all", "division", "org", "own"}


def test_the_three_administrators_exclude_each_other_and_read_no_business():
    admins = {"system_admin", "security_admin", "audit_admin"}
    for name in admins:
        role = shipped_roles()[name]
        assert admins - {name} <= set(role["excludes"])
        business = {"event.read", "report.read", "reporter.read", "task.read", "search.use", "file.read"}
        assert not business & {p["id"] for p in role["permissions"]}


@pytest.mark.parametrize(
    ("verbs", "at", "code"),
    [
        ({"close": {"guards": []}}, "verb[close]", "judge_may_be_doer"),
        ({"close": {"guards": [{"name": "not_doer", "of": ["submit"]}]}}, "verb[close]", "judge_may_be_doer"),
        ({"force_close": {"guards": []}}, "verb[force_close]", "judge_may_be_doer"),
        ({"check_pass": {"guards": [{"name": "holder_only"}]}}, "verb[check_pass]", "judge_may_be_doer"),
        ({"submit": {"to": "closed"}}, "verb[submit]", "doer_closes"),
        ({"accept": {"to": "nowhere"}}, "verb[accept]", "unknown_state"),
        ({"accept": {"roles": ["wizard"]}}, "verb[accept]", "unknown_role"),
        ({"accept": {"roles": []}}, "verb[accept]", "nobody"),
        ({"accept": {"can": "event.magic"}}, "verb[accept]", "unknown_permission"),
        ({"accept": {"effects": ["make_tea"]}}, "verb[accept]", "unknown_effect"),
        ({"accept": {"guards": [{"name": "is_sunny"}]}}, "verb[accept].is_sunny", "unknown_predicate"),
        ({"accept": {"guards": [{"name": "once"}]}}, "verb[accept].once", "missing_parameter"),
        ({"accept": {"guards": [{"name": "once", "verb": "sing"}]}}, "verb[accept].once", "unknown_verb"),
        ({"accept": {"guards": [{"name": "once", "verb": ["accept"]}]}}, "verb[accept].once", "wrong_parameter"),
        ({"accept": {"guards": [{"name": "needs_person", "n": 3}]}}, "verb[accept].needs_person", "unknown_parameter"),
        ({"register": {"to": "@origin"}}, "verb[register]", "origin_outside_side"),
        ({"return": {"requires": []}}, "verb[return]", "no_reason"),
        ({"void": {"requires": []}}, "verb[void]", "no_reason"),
        ({"close": {"requires": []}}, "verb[close]", "no_closing_condition"),
        ({"register": {"requires": []}}, "verb", "no_filing_condition"),
        ({"jump": {"choices": ["accepted", "closed"]}}, "verb[jump]", "jump_closes"),
        ({"note": {"to": "reported"}}, "verb[note]", "reopens"),
        ({"send_verify": {"from": ["verifying"]}}, "state[verifying]", "unreachable"),
    ],
)
def test_a_wrong_flow_is_found_with_its_place(verbs, at, code):
    assert (at, code) in found(changed(**verbs))


def test_a_trap_and_a_clock_that_never_stops_are_found():
    trap = changed()
    trap["state"].append({"id": "limbo", "title": "迷失", "holder": "clerk"})
    verb_of(trap, "accept")["to"] = "limbo"
    assert ("state[limbo]", "only_forced_out") in found(trap)
    for verb in trap["verb"]:
        if "@open" in verb["from"]:
            verb.setdefault("except", []).append("limbo")
    assert ("state[limbo]", "dead_end") in found(trap)
    late = changed()
    next(s for s in late["state"] if s["id"] == "closed")["clocks"] = ["check"]
    assert ("state[closed]", "clock_never_stops") in found(late)


def test_every_finding_effect_and_predicate_is_known_by_words():
    codes = set(re.findall(r'Finding\(\s*"(?:error|warning)", "([a-z_]+)"', inspect.getsource(checking)))
    assert len(codes) > 25
    for lang in ("zh-CN", "en"):
        assert {f"flow.finding.{code}" for code in codes} <= set(words(lang))
        assert {p.reason for p in PREDICATES.values()} <= set(words(lang))
    used = {e for name in ("urban_case", "hotline_order") for v in flow(name).verbs for e in v.effects}
    assert used <= set(EFFECTS)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.pop("id"), "id"),
        (lambda d: d.update(start=7), "start"),
        (lambda d: d.update(colour="red"), "flow"),
        (lambda d: d["state"][0].update(kind="weird"), "state[reported].kind"),
        (lambda d: d["state"][0].update(status="closed"), "state[reported].status"),
        (lambda d: d["state"][0].pop("title"), "state[reported].title"),
        (lambda d: d["state"].append(d["state"][0]), "state"),
        (lambda d: d.update(state="none"), "state"),
        (lambda d: d["verb"][0].update({"from": []}), "verb[accept].from"),
        (lambda d: d["verb"][0].update(to="@moon"), "verb[accept].to"),
        (lambda d: d["verb"][0].update(to="@choice"), "verb[accept].choices"),
        (lambda d: d["verb"][0].update(requires=["money"]), "verb[accept].requires"),
        (lambda d: d["verb"][0].update(guards=["x"]), "verb[accept].guards[0]"),
        (lambda d: d["verb"][0].update(guards=[{"name": "once", "verb": True}]), "verb[accept].guards[0].verb"),
        (lambda d: d["verb"][0].update({"except": ["closed"]}), "verb[accept].except"),
        (lambda d: d["verb"].append("hello"), "verb[54]"),
        (lambda d: d["verb"][0].update(id="no spaces"), "verb[accept].id"),
    ],
)
def test_a_definition_that_cannot_be_read_says_where(change, place):
    made = copy.deepcopy(definition("urban_case"))
    change(made)
    with pytest.raises(FlowInvalid) as raised:
        parse(made)
    assert any(p.startswith((place, "verb[no spaces]")) for p in raised.value.problems)


def test_all_problems_are_told_at_once():
    made = copy.deepcopy(definition("urban_case"))
    made["state"][0]["kind"], made["verb"][0]["to"], made["verb"][1]["can"] = "weird", 5, ""
    with pytest.raises(FlowInvalid) as raised:
        parse(made)
    assert len(raised.value.problems) >= 3


@pytest.mark.parametrize("name", ["urban_case", "hotline_order", "grid_event"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_diagram_shows_every_state_and_verb_and_is_well_formed(name, lang):
    drawn = svg(flow(name), lang)
    tree = ElementTree.fromstring(drawn)
    shown = " ".join(node.text or "" for node in tree.iter())
    for thing in (*flow(name).states, *flow(name).verbs):
        assert thing.title[lang] in shown, thing.id
    assert tree.find("{http://www.w3.org/2000/svg}title") is not None
    text = mermaid(flow(name), lang)
    assert text.startswith("stateDiagram-v2") and all(f"  {s.id}: " in text for s in flow(name).states)


def test_a_title_with_markup_stays_text():
    made = copy.deepcopy(definition("urban_case"))
    made["state"][0]["title"] = {"zh": "<script>alert(1)</script>", "en": "x & y"}
    assert "<script" not in svg(parse(made))


def test_no_two_lines_of_the_diagram_share_a_lane():
    flow_ = flow("urban_case")
    row = {s.id: n for n, s in enumerate(flow_.states)}
    spans: dict[int, list[tuple[int, int]]] = {}
    for line in lines(flow_):
        low, high = sorted((row[line.source], row[line.target]))
        assert all(high < a or b < low for a, b in spans.setdefault(line.lane, []))
        spans[line.lane].append((low, high))
