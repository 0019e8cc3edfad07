"""Rates and scores as rows: what the house ships anew, where a score may be asked for, definitions out of form;
and which publications are compared."""

from typing import Any

import pytest
import sqlalchemy as sa

from gangmu.brain.evaluate import service, shipped
from gangmu.brain.evaluate.period_store import evaluate_rule
from gangmu.kit.unit import open_unit
from tests.city import City, hire
from tests.flow.cases import MONDAY, Cases, now_is
from tests.flow.ground import key

OCTOBER = {"period": "2026-10"}


@pytest.fixture
def cases(city: City) -> Cases:
    return Cases(city)


def post(cases: Cases, who: str, path: str, expect: int = 200, **body: Any) -> Any:
    answer = cases.city.sign_in(who).post(path, json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


def published(cases: Cases, kind: str, definition: dict[str, Any], expect: int = 201) -> Any:
    body = {"kind": kind, "definition": definition, "valid_from": "2026-10-01", "reason": "本区办法"}
    made = post(cases, "evaluator", "/api/evaluate/rules", expect, **body)
    return post(cases, "supervisor", f"/api/evaluate/rules/{made['id']}/publish") if expect == 201 else made


def plain(kind: str, name: str) -> dict[str, Any]:
    if kind == "rate":
        return shipped.plain_rate(next(one for one in shipped.rates() if one.id == name))
    return shipped.plain_score(next(one for one in shipped.scores() if one.id == name))


def test_what_the_house_counts_otherwise_comes_as_a_new_edition_and_a_citys_own_stays(cases: Cases) -> None:
    old = {**plain("rate", "valid_reporting"), "denominator": ["report"]}
    own = {**plain("rate", "missing"), "better": ""}
    published(cases, "rate", own)
    mine = evaluate_rule.c
    with open_unit(service.COUNTER, "test") as unit:
        chosen = sa.update(evaluate_rule).where(mine.division == "", mine.key.in_(("valid_reporting", "missing")))
        unit.run(chosen.values(definition=old | {"id": "valid_reporting"}))
        unit.run(chosen.where(mine.key == "missing").values(definition={**own, "better": "high"}))
        for _ in range(2):  # the second time nothing is otherwise
            service.load_shipped(unit)
    listed = cases.city.sign_in("evaluator").get("/api/evaluate/rules/editions").json()["items"]
    editions = {
        name: [one["edition"] for one in listed if one["key"] == name] for name in ("valid_reporting", "missing")
    }
    assert editions == {"valid_reporting": [2, 1], "missing": [3, 2, 1]}
    rates = {one["id"]: one for one in cases.city.sign_in("evaluator").get("/api/evaluate/rules").json()["rates"]}
    assert [one["word"] for one in rates["valid_reporting"]["denominator"]] == ["first_report"]
    assert rates["missing"]["better"] == ""
    there = {one["id"]: one for one in cases.city.sign_in("evaluator@there").get("/api/evaluate/rules").json()["rates"]}
    assert there["missing"]["better"] == "low"


def test_a_score_with_bands_for_grids_is_refused_for_towns_which_have_their_own(cases: Cases) -> None:
    for _ in range(6):
        cases.closed(cases.checked(cases.handled(cases.dispatched())))
    cases.city.settle()
    evaluator, asked = cases.city.sign_in("evaluator"), {**OCTOBER, "scope": "area"}
    for level in ("city", "county", "town", "community"):
        answer = evaluator.get("/api/evaluate/table", params={**asked, "level": level, "score": "area"})
        assert (answer.status_code, answer.json()["code"]) == (422, "evaluate.score_elsewhere")
        table = cases.table(score="area_wide", level=level, **asked)
        assert {one["score"]["value"] for one in table["lines"]} == {100.0} == {table["total"]["score"]["value"]}
    grids = cases.table(score="area", level="grid", **asked)
    assert grids["score"]["levels"] == ["grid"] and grids["total"]["score"] is None, "all grids together are none"
    answer = evaluator.get("/api/evaluate/table", params={**asked, "level": "grid", "score": "area_wide"})
    assert answer.json()["code"] == "evaluate.score_elsewhere"
    wrong = {**plain("score", "department"), "levels": ["town", "street"]}
    told = post(cases, "evaluator", "/api/evaluate/rules/check", kind="score", definition=wrong)["problems"]
    assert told == ["unknown level street", "levels are of areas alone"]


TITLE = {"zh": "自定", "en": "Own"}
RATE = {"id": "own", "title": TITLE, "numerator": ["handled"]}
SCORE = {"id": "own", "title": TITLE, "scope": "department", "parts": [{"rate": "handling", "weight": 1.0}]}
OUT_OF_FORM = [
    ("rate", {"title": "自定"}, "title has a wrong form"),
    ("rate", {"title": {"zh": 1, "en": "Own"}}, "title has a wrong form"),
    ("rate", {"title": None}, "title has a wrong form"),
    ("rate", {"id": 7}, "id has a wrong form"),
    ("rate", {"id": "Own rate"}, "an id is a small word"),
    ("rate", {"numerator": "handled"}, "numerator has a wrong form"),
    ("rate", {"numerator": [{"stage": "file"}]}, "numerator has a wrong form"),
    ("rate", {"numerator": [["handled"]]}, "numerator has a wrong form"),
    ("rate", {"scopes": "area"}, "scopes has a wrong form"),
    ("rate", {"note": "自定"}, "note has a wrong form"),
    ("rate", {"verified": "no"}, "verified has a wrong form"),
    ("rate", {"colour": "red"}, "unknown field colour"),
    ("score", {"id": ""}, "an id is a small word"),
    ("score", {"id": None}, "id has a wrong form"),
    ("score", {"title": "自定"}, "title has a wrong form"),
    ("score", {"title": {"zh": "自定", "en": " "}}, "a title in both languages"),
    ("score", {"title": {}}, "a title in both languages"),
    ("score", {"scope": ["area"]}, "scope has a wrong form"),
    ("score", {"parts": [{"rate": ["handling"], "weight": 1}]}, "parts has a wrong form"),
    ("score", {"parts": [{"rate": "handling", "weight": True}]}, "parts has a wrong form"),
    ("score", {"parts": [{"rate": "handling", "weight": 1, "bands": [[0, 1, 2]]}]}, "parts has a wrong form"),
    ("score", {"grades": [["A", "90"]]}, "grades has a wrong form"),
    ("score", {"levels": "grid"}, "levels has a wrong form"),
]


def test_definitions_out_of_form_are_told_and_never_kept(cases: Cases) -> None:
    for kind, good in (("rate", RATE), ("score", SCORE)):
        assert post(cases, "evaluator", "/api/evaluate/rules/check", kind=kind, definition=good)["problems"] == []
        for name in ("id", "title"):
            bare = {key: value for key, value in good.items() if key != name}
            told = post(cases, "evaluator", "/api/evaluate/rules/check", kind=kind, definition=bare)["problems"]
            assert told == [f"{name} is missing"]
    for kind, wrong, problem in OUT_OF_FORM:
        definition = {**(RATE if kind == "rate" else SCORE), **wrong}
        told = post(cases, "evaluator", "/api/evaluate/rules/check", kind=kind, definition=definition)["problems"]
        assert told == [problem], wrong
        assert published(cases, kind, definition, 422)["code"] == "evaluate.bad_rule"
    assert cases.city.sign_in("evaluator").get("/api/evaluate/rules").status_code == 200


def test_one_that_was_kept_out_of_form_counts_nothing_and_stops_nobody(cases: Cases) -> None:
    with open_unit(service.COUNTER, "test") as unit:
        chosen = sa.update(evaluate_rule).where(evaluate_rule.c.key == "hotline", evaluate_rule.c.division == "")
        unit.run(chosen.values(definition={**plain("score", "hotline"), "title": "热线"}))
    listed = cases.city.sign_in("evaluator").get("/api/evaluate/rules")
    assert listed.status_code == 200, listed.text
    assert "hotline" not in {one["id"] for one in listed.json()["scores"]}


def both(cases: Cases, who: str, second: str, reason: str = "") -> dict[str, Any]:
    made = post(cases, who, "/api/evaluate/periods", 201, reason=reason, **OCTOBER)
    return dict(post(cases, second, f"/api/evaluate/periods/{made['id']}/publish"))


def test_a_countys_correction_is_compared_with_the_countys_own_edition(cases: Cases) -> None:
    with open_unit(service.COUNTER, "test") as unit:
        for who, role in (("city_evaluator", "evaluator"), ("city_supervisor", "supervisor")):
            hire(unit, cases.city, who, role, cases.city.orgs["市政府"], "990100000000")
    event = cases.dispatched()
    cases.later(days=1, hours=1)
    event = cases.closed(cases.checked(cases.handled(event)))
    now_is(cases.city, MONDAY.replace(month=11, day=3))
    first = both(cases, "evaluator", "supervisor")
    cases.city.sign_in("dept_lead").do(event, "appeal", reason="供电中断，无法施工")
    cases.city.sign_in("dispatcher").do(event, "endorse_appeal", reason="情况属实")
    cases.city.sign_in("clerk").do(event, "grant_appeal", reason="属不可抗力")
    cases.city.settle()
    second = both(cases, "evaluator", "supervisor", "申诉成立")
    county, city = cases.city.sign_in("evaluator"), cases.city.sign_in("city_evaluator")
    path = f"/api/evaluate/periods/{second['id']}/differences"
    own = county.get(path).json()["figures"]
    assert own and {"closing_in_time"} <= {one["now"]["rate"] for one in own}

    def seen() -> list[Any]:
        """What the city sees of the lines that the county sees (the city also has the government's above them)."""
        answer = city.get(path)
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["figures"] if one["key"] in {each["key"] for each in own}]

    assert seen() == own, "the city has published nothing itself"
    for reason in ("", "再次发布"):  # of the city's own two editions nothing differs
        mine = both(cases, "city_evaluator", "city_supervisor", reason)
    assert seen() == own
    assert city.get(f"/api/evaluate/periods/{mine['id']}/differences").json()["figures"] == []
    for one, figure in ((first, (0, 1, 0)), (second, (0, 0, 1))):
        asked = {**OCTOBER, "publication": one["id"]}
        assert cases.figure("closing_in_time", who="city_evaluator", **asked) == figure
    wrong = city.get("/api/evaluate/table", params={"period": "2026-09", "publication": first["id"]})
    assert wrong.status_code == 404
    draft = post(cases, "evaluator", "/api/evaluate/periods", 201, reason="第三版", **OCTOBER)
    assert city.get("/api/evaluate/table", params={**OCTOBER, "publication": draft["id"]}).status_code == 404
