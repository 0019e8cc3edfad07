"""A thousand broken requests made from good ones: never a server error, nothing half written, every refusal a known
problem. And what remains adds up: every report is somewhere, every event has its history, counters fold to the truth.
"""

import copy
import math
import random
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gangmu.core.event.store import event, event_act, event_count, event_report, event_search
from gangmu.core.report.store import report
from gangmu.kit.ids import new
from gangmu.kit.tables import outbox
from tests.city import HERE, City
from tests.flow.test_fuzz_openapi import REFUSALS, known_codes

SEED, ASKED = 20260918, 1100
TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 30_000,
    "井" * 20_001,
    "'; DROP TABLE event; --",
    "<script>alert(1)</script>",
    "{title} %s {0} \\u0000",
    "../../etc/passwd",
    "‮evil‬",
    "2026-13-45T99:99:99Z",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+00:00",
    "1e400",
    "evt_00000000000000000000000000",
    "evt_zzzzzzzzzzzzzzzzzzzzzzzzzz",
    "null",
    "💥" * 50,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    [],
    {},
    [[[[]]]],
    {"a": {"b": {"c": 1}}},
    0,
    -1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**40,
    1e308,
    math.nan,
    math.inf,
    181.5,
    *TEXTS,
)
KINDS = (
    "application/json",
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "",
)


def recorded(city: City) -> list[tuple[str, str, str, Any]]:
    """Good requests of a day: who, method, path, body."""
    clerk = city.sign_in("clerk")
    one, two, three = city.report(), city.report(), city.report("hotline_operator", channel="hotline12345")
    kept = clerk.post("/api/files", files={"file": ("a.pdf", b"%PDF-1.4\n%x\n", "application/pdf")}).json()["id"]
    alarm = {"channel": "sensor", "text": "水位超限", "division": HERE}
    raised = clerk.post("/api/reports", json=alarm).json()["report"]["id"]
    full = {
        "channel": "hotline12345",
        "kind": "complaint",
        "title": "路灯不亮",
        "text": "路口路灯不亮",
        "happened_at": "2026-01-02T08:00:00+08:00",
        "address": "人民路1号",
        "lon": 118.05,
        "lat": 36.81,
        "crs": "GCJ02",
        "division": HERE,
        "reporter": {"name": "王小二", "phone": "13612345678", "anonymous": False, "confidential": True},
        "consent": True,
        "want_reply": True,
        "urgent": False,
    }
    reports = clerk.get(f"/api/events/{one['id']}/reports").json()["items"]
    return [
        ("clerk", "POST", "/api/reports", full),
        ("clerk", "POST", "/api/reports", {**full, "join_event_id": one["id"]}),
        (
            "patrol",
            "POST",
            "/api/reports",
            {"channel": "patrol", "text": "井盖缺失", "division": HERE, "attachments": []},
        ),
        ("clerk", "POST", f"/api/events/{one['id']}/acts/accept", {"reason": "受理", "version": 1, "done_at": None}),
        (
            "clerk",
            "POST",
            f"/api/events/{one['id']}/acts/note",
            {"reason": "备注", "evidence": [{"file": kept, "kind": "before"}]},
        ),
        ("clerk", "POST", f"/api/events/{two['id']}/merge", {"into": one["id"], "reason": "同一事项"}),
        (
            "clerk",
            "POST",
            f"/api/events/{one['id']}/unmerge",
            {"report_ids": [reports[0]["id"]], "reason": "不是一回事"},
        ),
        ("clerk", "POST", f"/api/reports/{raised}/review", {"true": True, "reason": "", "join_event_id": three["id"]}),
        ("clerk", "POST", f"/api/reports/{reports[0]['id']}/reveal", {"purpose": "回访"}),
        ("clerk", "PUT", "/api/drafts/call", {"body": {"text": "半句话", "n": 1, "deep": {"a": [1, 2]}}}),
        ("clerk", "POST", "/api/inbox/views", {"name": "我的", "filter": {"state": "reported", "late": "late"}}),
        ("clerk", "GET", f"/api/events?q=路灯&limit=20&division={HERE}&bbox=118,36,119,37", None),
        ("clerk", "GET", "/api/events?status=open&state=reported&late=late&after=W10", None),
        ("clerk", "GET", "/api/events/duplicates?lon=118.0&lat=36.8&text=路灯&happened_at=2026-01-02T08:00:00Z", None),
        ("clerk", "GET", "/api/search?q=13612345678", None),
        ("clerk", "GET", "/api/reporters/history?phone=13612345678", None),
        ("clerk", "GET", f"/api/events/{one['id']}/timeline", None),
        ("clerk", "POST", "/api/deadline/compute", {"start": "2026-09-18T17:00:00+08:00", "limit": "2u"}),
        ("dispatcher", "GET", f"/api/dispatch/suggest?division={HERE}&event={one['id']}", None),
        (
            "system_admin",
            "POST",
            "/api/orgs",
            {"name": "园林处", "kind": "department", "level": "county", "division": HERE},
        ),
        ("system_admin", "POST", "/api/people", {"name": "李四", "phone": "13900001111"}),
        ("system_admin", "PUT", "/api/settings/event.done_back_hours", {"value": 24}),
        ("security_admin", "PUT", f"/api/posts/{new('pst')}/roles", {"roles": ["clerk"]}),
        ("audit_admin", "GET", f"/api/journal?about={one['id']}&limit=5", None),
        ("data_steward", "PUT", "/api/calendars/default/days/2026-10-01", {"kind": "holiday", "note": "国庆"}),
        ("clerk", "POST", "/api/session", {"username": "clerk", "password": "wrong-password"}),
    ]


def places_in(body: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body that can be changed."""
    found = [at] if at else []
    if isinstance(body, dict):
        for name, value in body.items():
            found += places_in(value, (*at, name))
    elif isinstance(body, list):
        for n, value in enumerate(body):
            found += places_in(value, (*at, n))
    return found


def broken_body(rng: random.Random, body: Any) -> Any:
    """One to three places changed, dropped, doubled or added."""
    made = copy.deepcopy(body)
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.choice(places_in(made) or [()])
        if not at:
            continue
        inner = made
        for step in at[:-1]:
            inner = inner[step]
        how = rng.randrange(6)
        if how == 0 and isinstance(inner, dict):
            del inner[at[-1]]
        elif how == 1 and isinstance(inner, dict):
            inner[rng.choice(("extra", "__class__", "id", "版本"))] = rng.choice(VALUES)
        elif how == 2:
            inner[at[-1]] = [inner[at[-1]]] * rng.choice((0, 2, 300))
        else:
            inner[at[-1]] = rng.choice(VALUES)
    return made


def sent_bytes(rng: random.Random, body: Any) -> bytes:
    """As JSON, now and then cut, doubled or nested too deep."""
    import json

    text = json.dumps(body, ensure_ascii=rng.random() < 0.5)
    how = rng.randrange(24)
    if how == 0:
        return text.encode("utf-8", "surrogatepass")[: rng.randrange(len(text))]
    if how == 1:
        return b"[" * 5000 + text.encode("utf-8", "surrogatepass")
    if how == 2:
        return text.encode("utf-16", "surrogatepass")
    if how == 3:
        return text.encode("utf-8", "surrogatepass").replace(b":", b":" + b"9" * 5000, 1)
    return text.encode("utf-8", "surrogatepass")


def broken_path(rng: random.Random, path: str) -> str:
    """An id, a word or a value of the path made wrong."""
    parts = path.replace("?", "&").split("&")
    at = rng.randrange(len(parts))
    wrong = rng.choice(
        (
            "%00",
            "%ff",
            "..",
            "%2e%2e%2f",
            "x" * 3000,
            "-1",
            "1e9",
            "NaN",
            "%F0%9F%92%A5",
            "evt_",
            "'",
            "a/b",
            "%ED%A0%80",
        )
    )
    if at == 0:
        steps = parts[0].split("/")
        steps[rng.randrange(3, len(steps)) if len(steps) > 3 else -1] = wrong
        parts[0] = "/".join(steps)
    else:
        name, _, _ = parts[at].partition("=")
        parts[at] = f"{name}={wrong}"
    return parts[0] + ("?" + "&".join(parts[1:]) if len(parts) > 1 else "")


@pytest.mark.timeout(900)
def test_a_thousand_broken_requests_break_nothing(city: City, db: Any) -> None:
    good, rng, codes, wrong = recorded(city), random.Random(SEED), known_codes(), []
    taken = {"accepted": 0, "refused": 0}
    for nth in range(ASKED):
        who, method, path, body = good[nth % len(good)]
        browser = city.sign_in(who)
        headers = {"idempotency-key": uuid4().hex}
        if rng.random() < 0.3 or body is None:
            path = broken_path(rng, path)
        content = None
        if body is not None:
            content = sent_bytes(rng, broken_body(rng, body) if rng.random() < 0.9 else body)
            headers["content-type"] = rng.choice(KINDS) if rng.random() < 0.08 else "application/json"
        if rng.random() < 0.03:
            headers["idempotency-key"] = rng.choice(("x", "y" * 101, "same-key-again", "é" * 9))
        if rng.random() < 0.02:
            headers["x-csrf-token"] = "wrong"
        raw = {name.encode(): value.encode() for name, value in headers.items()}
        answer = browser.request(method, path, content=content, headers=raw)
        taken["accepted" if answer.status_code < 400 else "refused"] += 1
        if answer.status_code >= 500:
            wrong.append((method, path[:100], answer.status_code, str(content)[:300]))
        elif answer.status_code >= 400 and answer.status_code != 405:
            told = answer.json()
            if told["code"] not in codes and not told["code"].startswith(REFUSALS):
                wrong.append((method, path[:100], told, str(content)[:200]))
        if nth % 50 == 0:
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert not wrong, "\n".join(str(item) for item in wrong[:30])
    assert taken["refused"] > 500 and taken["accepted"] > 100, taken
    city.settle()
    assert whole(db) == []
    assert city.sign_in("clerk").get("/api/inbox").status_code == 200
    assert city.sign_in("clerk").get("/api/events").status_code == 200


def whole(db: Any) -> list[str]:
    """What does not add up in the database, if anything."""
    count = sa.func.count
    checks = {
        "reports without an event that no review waits for": sa.select(count()).where(
            report.c.event.is_(None), report.c.review.not_in(("pending", "dismissed"))
        ),
        "reports whose event is not there": sa.select(count())
        .select_from(report.outerjoin(event, event.c.id == report.c.event))
        .where(report.c.event.is_not(None), event.c.id.is_(None)),
        "reports without a link to their event": sa.select(count())
        .select_from(report)
        .where(
            report.c.event.is_not(None),
            ~sa.exists().where(event_report.c.report == report.c.id, event_report.c.event == report.c.event),
        ),
        "events without a first act": sa.select(count())
        .select_from(event)
        .where(~sa.exists().where(event_act.c.event == event.c.id, event_act.c.seq == 1, event_act.c.verb == "report")),
        "events without words": sa.select(count())
        .select_from(event)
        .where(~sa.exists().where(event_search.c.event == event.c.id)),
        "waiting messages": sa.select(count()).select_from(outbox),
        "joins": sa.select(
            sa.select(count()).where(event_act.c.verb.in_(("report", "join"))).scalar_subquery()
            - sa.select(count(sa.distinct(event_report.c.report))).scalar_subquery()
        ),
    }
    wrong = []
    with db.unit() as unit:
        for name, query in checks.items():
            if (found := unit.value(query)) != 0 and name != "joins":
                wrong.append(f"{name}: {found}")
        for row in unit.rows(sa.select(event)):
            acts = [
                act.seq
                for act in unit.rows(
                    sa.select(event_act.c.seq).where(event_act.c.event == row.id).order_by(event_act.c.seq)
                )
            ]
            if acts != list(range(1, len(acts) + 1)) or acts[-1] != row.version:
                wrong.append(f"{row.id}: version {row.version}, acts {acts}")
            here = unit.value(sa.select(count()).select_from(report).where(report.c.event == row.id))
            if here != row.report_count and row.status != "merged":
                wrong.append(f"{row.id}: {row.report_count} reports counted, {here} there")
        names = [c for c in event_count.c if c.name != "n"]
        folded = {
            tuple(row[:-1]): int(row[-1])
            for row in unit.rows(sa.select(*names, sa.func.sum(event_count.c.n)).group_by(*names))
            if row[-1]
        }
        same = [event.c[c.name] for c in names]
        truth = {tuple(row[:-1]): row[-1] for row in unit.rows(sa.select(*same, count()).group_by(*same))}
        if folded != truth:
            wrong.append(f"counters {folded} are not {truth}")
    return wrong


def test_the_checks_see_what_is_half_written(city: City, db: Any) -> None:
    made = city.report()
    city.settle()
    assert whole(db) == []
    with db.unit() as unit:
        unit.run(sa.update(report).values(event=None))
        unit.run(sa.update(event).where(event.c.id == made["id"]).values(state="elsewhere"))
    assert len(whole(db)) >= 3
