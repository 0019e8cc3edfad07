"""Rates and scores as rows: what the house ships anew, where a score may be asked for, definitions out of form."""

from typing import Any

import pytest
import sqlalchemy as sa

from gangmu.brain.evaluate import service, shipped
from gangmu.brain.evaluate.period_store import evaluate_rule
from gangmu.kit.unit import open_unit
from tests.city import City
from tests.flow.cases import Cases
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
