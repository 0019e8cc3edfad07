"""The journal against whoever owns the tables: whatever is changed, taken out, put in or written anew is found."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import sqlalchemy as sa

from gangmu.core.event.store import event_act, event_report, evidence
from gangmu.core.report.store import reporter as reporter_table
from gangmu.kit import db as database
from gangmu.kit import fence, journal, seal
from gangmu.kit.actor import System
from gangmu.kit.tables import draft, idempotency, journal_entry, journal_seal, journal_unsealed, subject_key
from gangmu.kit.unit import open_unit
from tests.city import City

NAMES, PHONES = ("欧阳慕容雪", "司马长风"), ("13666660001", "13777770002")


def verified(folder: Path) -> journal.Verdict:
    return journal.verify(folder, seal.keys().verifier)


def sealed(folder: Path, most: int = 2000) -> None:
    while journal.seal_tail(folder, most):
        pass


def write(count: int = 1, about: str = "thing") -> None:
    for n in range(count):
        with open_unit(System("test"), "write") as unit:
            unit.note("looked", f"{about}:{n}")


@pytest.fixture
def folder(db: Any) -> Path:
    """A chain of thirty entries under five heads."""
    for _ in range(5):
        write(6)
        sealed(db.folder / "journal")
    return Path(db.folder / "journal")


@pytest.fixture
def owner(db: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(db.uri_owner, autocommit=True) as conn:
        yield conn


NTH = "(SELECT entry FROM journal_seal WHERE seq = 9)"
THIRD, FOURTH = (f"(SELECT entry FROM journal_seal WHERE seq = {n})" for n in (3, 4))
WITH_ENTRY = "DELETE FROM journal_entry USING gone WHERE id = entry"


def body_of(entry: str) -> str:
    return f"(SELECT body FROM journal_entry WHERE id = {entry})"


TAMPERED = {
    "a changed body": "UPDATE journal_entry"
    f" SET body = replace(encode(body, 'escape'), 'looked', 'liked')::bytea WHERE id = {NTH}",
    "a changed index column": f"UPDATE journal_entry SET about = ARRAY['thing:77'] WHERE id = {NTH}",
    "an index column joined up": "UPDATE journal_entry"
    f" SET about = ARRAY[array_to_string(about || 'x'::text, ',')] WHERE id = {NTH}",
    "a changed time": f"UPDATE journal_entry SET recorded_at = recorded_at - interval '1 day' WHERE id = {NTH}",
    "a removed entry": f"DELETE FROM journal_entry WHERE id = {NTH}",
    "a removed entry with its seal": "WITH gone AS (DELETE FROM journal_seal WHERE seq = 9 RETURNING entry)"
    f" {WITH_ENTRY}",
    "a removed seal": "DELETE FROM journal_seal WHERE seq = 9",
    "a removed last seal": "DELETE FROM journal_seal WHERE seq = (SELECT max(seq) FROM journal_seal)",
    "a changed link": "UPDATE journal_seal SET link = sha256(link) WHERE seq = 9",
    "an inserted entry": "INSERT INTO journal_entry (id, recorded_at, about, body)"
    " VALUES (gen_random_uuid(), now(), '{}', '{\"about\": []}')",
    "two entries swapped": f"UPDATE journal_entry SET body = CASE id WHEN {THIRD} THEN {body_of(FOURTH)}"
    f" ELSE {body_of(THIRD)} END WHERE id IN ({THIRD}, {FOURTH})",
    "a cut tail": f"WITH gone AS (DELETE FROM journal_seal WHERE seq > 20 RETURNING entry) {WITH_ENTRY}",
    "all gone": f"WITH gone AS (DELETE FROM journal_seal RETURNING entry) {WITH_ENTRY}",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_the_owner_of_the_tables_does_is_found(folder, owner, what):
    assert verified(folder).ok
    assert owner.execute(TAMPERED[what]).rowcount > 0
    found = verified(folder)
    assert not found.ok and found.broken and found.broken["why"], what


def rewritten(conn: psycopg.Connection[Any], upto: int = 10**9) -> None:
    """The chain reckoned anew over what stands in the tables, as a forger would."""
    rows = conn.execute(
        "SELECT s.seq, s.entry, timestamptz_send(e.recorded_at) || convert_to(e.about::text, 'UTF8'), e.body"
        " FROM journal_seal s JOIN journal_entry e ON e.id = s.entry ORDER BY s.seq"
    ).fetchall()
    link = journal.START
    for number, (_, entry, columns, body) in enumerate(rows, 1):
        link = journal.link_of(link, number, entry.bytes, columns, body)
        conn.execute("UPDATE journal_seal SET link = %s, seq = %s WHERE entry = %s", [link, number, entry])


def test_a_chain_written_anew_is_given_away_by_the_signed_heads(folder, owner):
    owner.execute(TAMPERED["a changed body"])
    rewritten(owner)
    found = verified(folder)
    assert not found.ok and "written anew" in str(found.broken)


def test_a_forger_who_takes_an_entry_out_and_closes_the_gap_is_found(folder, owner):
    owner.execute(TAMPERED["a removed entry with its seal"])
    owner.execute("UPDATE journal_seal SET seq = seq + 1000")
    rewritten(owner)
    write()
    sealed(folder)
    assert not verified(folder).ok


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "heads").read_bytes().splitlines()


HEADS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "a line edited": lambda lines: [*lines[:2], lines[2].replace(b'"seq":1', b'"seq":2'), *lines[3:]],
    "a signature edited": lambda lines: [*lines[:4], lines[4].replace(b'"signature":"', b'"signature":"A')],
    "a line taken out": lambda lines: [*lines[:2], *lines[3:]],
    "the first line taken out": lambda lines: lines[1:],
    "lines swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "the last line taken out": lambda lines: lines[:-1],
    "all taken out": lambda lines: [],
    "rubbish put in": lambda lines: [*lines[:2], b"rubbish", b"more", *lines[2:]],
}


@pytest.mark.parametrize("what", HEADS)
def test_heads_cannot_be_edited_or_taken_out(folder, what):
    lines = lines_of(folder)
    assert len(lines) == 5
    (folder / "heads").write_bytes(b"".join(line + b"\n" for line in HEADS[what](lines)))
    assert not verified(folder).ok


def test_a_lost_heads_file_stays_seen_after_the_sealer_has_gone_on(folder):
    (folder / "heads").unlink()
    write(3)
    sealed(folder, most=10)
    found = verified(folder)
    assert not found.ok and "gone" in str(found.broken)


def test_a_head_that_a_crash_kept_back_is_written_at_the_next_turn_and_marked(folder):
    lines = lines_of(folder)
    (folder / "heads").write_bytes(b"".join(line + b"\n" for line in lines[:-1]) + lines[-1][:40])
    write(2)
    sealed(folder)
    found = verified(folder)
    assert found.ok, found.broken
    assert sum(b'"late":true' in line for line in lines_of(folder)) == 1 and found.unsealed == 0


def test_heads_of_another_node_are_not_taken(folder, tmp_path):
    other = seal.Keys.load(tmp_path / "other")
    assert not journal.verify(folder, other.verifier).ok


def test_the_application_may_not_rewrite_history(city, db):
    event = city.report()
    city.sign_in("clerk").do(event, "accept")
    for table in (journal_entry, journal_seal, event_act, event_report, evidence):
        column = next(iter(table.columns))
        for statement in (sa.update(table).values({column.name: column}), sa.delete(table)):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.unit() as unit:
                unit.run(statement)
        with pytest.raises(sa.exc.ProgrammingError), db.unit() as unit:
            unit.run(sa.text(f"TRUNCATE {table.name}"))


def a_day_of_traffic(city: City) -> dict[str, Any]:
    """Callers with names and phones, looked up, revealed, searched, answered; drafts; a new colleague."""
    clerk, hotline = city.sign_in("clerk"), city.sign_in("hotline_operator")
    made = {}
    for name, phone in zip(NAMES, PHONES, strict=True):
        body = {
            "channel": "hotline12345",
            "text": "路灯不亮",
            "division": "990101",
            "reporter": {"name": name, "phone": phone},
        }
        answer = hotline.post("/api/reports", json=body, headers={"idempotency-key": f"key-{phone}"})
        assert answer.status_code == 201, answer.text
        made[phone] = answer.json()
    first = made[PHONES[0]]["report"]["id"]
    revealed = clerk.post(
        f"/api/reports/{first}/reveal", json={"purpose": "回访"}, headers={"idempotency-key": "reveal-1"}
    )
    assert revealed.json()["phone"] == PHONES[0]
    assert clerk.get("/api/reporters/history", params={"phone": PHONES[1]}).status_code == 200
    assert clerk.get("/api/search", params={"q": PHONES[0]}).status_code == 200
    kept = hotline.put("/api/drafts/call", json={"body": {"name": NAMES[0], "phone": PHONES[0]}})
    assert kept.status_code == 204, kept.text
    hired = city.sign_in("system_admin").post("/api/people", json={"name": "新同事", "phone": PHONES[1]})
    assert hired.status_code == 201, hired.text
    city.settle()
    return made


def everything(db: Any) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, sealed columns as bytes are."""
    with psycopg.connect(db.uri_owner) as conn:
        for table in database.metadata.sorted_tables:
            for row in conn.execute(f'SELECT * FROM "{table.name}"').fetchall():
                for value in row:
                    shown = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    yield table.name, shown


def test_no_caller_is_named_in_clear_anywhere_in_the_database(city, db):
    a_day_of_traffic(city)
    found = {(table, told) for table, text in everything(db) for told in (*NAMES, *PHONES) if told in text}
    assert found == set()


def test_every_look_at_a_person_leaves_an_entry(city, db):
    made = a_day_of_traffic(city)
    with db.unit() as unit:
        bodies = [orjson.loads(bytes(row.body)) for row in unit.rows(sa.select(journal_entry.c.body))]
    looks = [
        (change["purpose"], body["actor"]["person"] is not None, body["about"])
        for body in bodies
        for change in body["changes"]
        if change["do"] == "read personal"
    ]
    purposes = [purpose for purpose, _, _ in looks]
    assert {"回访", "caller history", "search by phone"} <= set(purposes)
    assert all(by_person for _, by_person, _ in looks)
    assert any(made[PHONES[0]]["report"]["id"] in about for _, _, about in looks)


def test_an_erased_person_is_unreadable_everywhere_and_the_chain_still_holds(city, db):
    made = a_day_of_traffic(city)
    report = made[PHONES[0]]["report"]
    subject = report["reporter"]["id"]
    with db.unit() as unit:
        row = unit.one(sa.select(reporter_table).where(reporter_table.c.id == subject))
        assert unit.unseal(subject, row.name) == NAMES[0] and unit.unseal(subject, row.phone) == PHONES[0]
        journaled = next(
            change["after"]
            for entry in unit.rows(sa.select(journal_entry.c.body))
            for change in orjson.loads(bytes(entry.body))["changes"]
            if change.get("table") == "reporter" and change["key"] == subject
        )
        assert unit.unseal(subject, bytes.fromhex(journaled["phone"])) == PHONES[0]
    with db.unit() as unit:
        unit.erase_subject(subject, "asked to be forgotten")
    with db.unit() as unit:
        assert unit.unseal(subject, row.name) is None and unit.unseal(subject, row.phone) is None
        assert unit.unseal(subject, bytes.fromhex(journaled["phone"])) is None
        assert unit.value(sa.select(subject_key.c.wrapped).where(subject_key.c.subject == subject)) is None
    clerk = city.sign_in("clerk")
    again = clerk.post(f"/api/reports/{report['id']}/reveal", json={"purpose": "回访"}).json()
    assert again["name"] == "" and again["phone"] == ""
    folder = db.folder / "journal"
    sealed(folder)
    assert verified(folder).ok


def test_kept_answers_and_drafts_are_sealed(city, db):
    a_day_of_traffic(city)
    with db.unit() as unit:
        rows = [*unit.rows(sa.select(idempotency)), *unit.rows(sa.select(draft))]
        assert len(rows) >= 3
        kept = [bytes(value) for row in rows for value in row if isinstance(value, bytes)]
        assert not [
            part
            for part in (b'"report"', b'"phone"', *(name.encode() for name in NAMES))
            for one in kept
            if part in one
        ]


def test_two_sealers_and_writers_that_commit_late_lose_nothing(db):
    folder, stop, failed = db.folder / "journal", threading.Event(), []

    def sealing() -> None:
        while not stop.is_set():
            turn = fence.run("seal", lambda: journal.seal_tail(folder, most=7))
            failed.extend([turn.error] if turn.error else [])

    def writing(late: float) -> None:
        for n in range(12):
            with open_unit(System("test"), "write") as unit:
                unit.note("looked", f"late:{late}:{n}")
                unit.flush()
                stop.wait(late)

    sealers = [threading.Thread(target=sealing) for _ in range(2)]
    writers = [threading.Thread(target=writing, args=(late,)) for late in (0.0, 0.005, 0.02)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    sealed(folder)
    found = verified(folder)
    assert not failed and found.ok, (failed, found.broken)
    assert found.sealed == found.entries and found.unsealed == 0
    with db.unit() as unit:
        assert unit.value(sa.select(sa.func.count()).select_from(journal_unsealed)) == 0


def test_verify_beside_a_working_sealer_sees_nothing_wrong(db):
    folder, stop = db.folder / "journal", threading.Event()

    def busy() -> None:
        while not stop.is_set():
            write()
            journal.seal_tail(folder)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        found = [verified(folder) for _ in range(8)]
    finally:
        stop.set()
        thread.join()
    assert all(item.ok for item in found), [item.broken for item in found]
