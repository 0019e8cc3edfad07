"""The journal: every change, append-only, numbered and chained by one sealer, provable.

Writers insert entries as canonical bytes inside their transaction. The sealer numbers committed entries and
chains them, ``link = SM3(previous link, number, entry id, about, body)``, in its own table, and appends the signed
head to ``journal/heads`` in the data folder, outside the database; every head names the one before it. ``verify``
walks it all and names the first entry that is missing, changed, added or out of order, finds heads that are gone,
and reports the tail that is not sealed yet.
"""

import base64
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.engine import Connection

from gangmu.kit import clock, db, metrics, page, seal
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.page import Page, Paged
from gangmu.kit.tables import journal_entry, journal_seal
from gangmu.kit.unit import Unit

_SEAL_LOCK = 7_401_002
_BLOCK = 5000
START = b"\0" * 32
_COPY_SEALS = "COPY journal_seal (seq, entry, link) FROM STDIN"
_COLUMNS = "timestamptz_send(e.recorded_at) || convert_to(e.about::text, 'UTF8')"
_SEALED = sa.text("DELETE FROM journal_unsealed u USING journal_seal s WHERE s.entry = u.entry AND s.seq > :begun")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found. ``broken`` is None when the chain holds, else number, id and what is wrong."""

    entries: int
    sealed: int
    unsealed: int
    head: str
    heads_checked: int
    broken: dict[str, Any] | None

    @property
    def ok(self) -> bool:
        return self.broken is None


def link_of(previous: bytes, number: int, entry: bytes, columns: bytes, body: bytes) -> bytes:
    """The chain value of entry ``number``: its id (16 bytes), its index columns as PostgreSQL writes them (when, about)
    and its body."""
    return seal.sm3(previous, number.to_bytes(8, "big"), entry, columns, b"\0", body)


def seal_tail(folder: Path, most: int = 2000) -> int:
    """Number and chain what has been committed since. One sealer at a time; returns how many were sealed.

    The head is written and synced to the file *after* the commit: a crash between leaves a head too few, never
    one that the database does not bear out. The next turn writes it, marked late, if it is one batch that lacks it;
    more than that was taken out of the file, and stays to be seen."""
    with db.current().connect() as conn, _alone(conn) as mine:
        if not mine:
            return 0
        before = _last_head(folder)
        with conn.begin():
            begun, link = _last_seal(conn)
            late = 0 < begun - before["seq"] <= most
            number, found = begun, [] if late else _waiting(conn, most)
            if found:
                with db.raw(conn).cursor() as cursor, cursor.copy(_COPY_SEALS) as stream:
                    for entry, columns, body in found:
                        number += 1
                        link = link_of(link, number, entry.bytes, columns, body)
                        stream.write_row((number, entry, link))
                conn.execute(_SEALED, {"begun": begun})
        if found or late:
            said = {"seq": number, "link": link.hex(), "after": before, "at": clock.real_now().isoformat()}
            _write_head(folder, {**said, "late": True} if late else {**said, "from": begun})
    metrics.sealed.inc(len(found))
    return len(found) or int(late)


@contextmanager
def _alone(conn: Connection) -> Iterator[bool]:
    """The sealer's lock over transaction and head file, given up by itself when the process dies."""
    mine = bool(conn.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _SEAL_LOCK}).scalar())
    conn.rollback()
    try:
        yield mine
    finally:
        if mine and not conn.invalidated:
            conn.rollback()
            conn.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _SEAL_LOCK})
            conn.rollback()


def _last_seal(conn: Connection) -> tuple[int, bytes]:
    last = conn.execute(sa.select(journal_seal).order_by(journal_seal.c.seq.desc()).limit(1)).first()
    return (last.seq, bytes(last.link)) if last else (0, START)


def _waiting(conn: Connection, most: int) -> list[tuple[UUID, bytes, bytes]]:
    """Committed entries that have no number yet, oldest first: id, index columns, body."""
    with db.raw(conn).cursor(binary=True) as cursor:
        cursor.execute(
            f"SELECT e.id, {_COLUMNS}, e.body FROM journal_unsealed u"
            " JOIN journal_entry e ON e.id = u.entry ORDER BY e.id LIMIT %s",
            (most,),
        )
        return cursor.fetchall()


def _last_head(folder: Path) -> dict[str, Any]:
    """Number and link of the last whole line of the heads file. A line cut short by a crash is closed off."""
    path = folder / "heads"
    if not path.exists():
        return {"seq": 0, "link": START.hex()}
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4096))
        lines = file.read().split(b"\n")
        if lines[-1]:
            file.write(b"\n")
    for line in reversed(lines):
        try:
            said = orjson.loads(line)
            return {"seq": int(said["seq"]), "link": str(said["link"])}
        except (ValueError, KeyError, TypeError):
            continue
    return {"seq": 0, "link": START.hex()}


def _write_head(folder: Path, said: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signature = seal.keys().signer.sign(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
    line = orjson.dumps({**said, "signature": base64.b64encode(signature).decode()}, option=orjson.OPT_SORT_KEYS)
    handle = os.open(folder / "heads", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_heads(folder: Path, verifier: Ed25519PublicKey) -> tuple[dict[int, str], str | None]:
    """The signed heads by number; and what is wrong with the file, if anything. A line cut short by a crash is
    passed over when the line after it names the head before it."""
    path = folder / "heads"
    heads: dict[int, str] = {}
    last: dict[str, Any] = {"seq": 0, "link": START.hex()}
    cut = 0
    for at, line in enumerate(path.read_bytes().split(b"\n") if path.exists() else [], 1):
        if not line:
            continue
        said = _signed(line, verifier)
        if said is None:
            if cut:
                return heads, f"line {cut} of the heads file is not signed by this node"
            cut = at
            continue
        if said["after"] != last or said.get("from", last["seq"]) != last["seq"]:
            return heads, f"heads before line {at} of the heads file are gone, after number {last['seq']}"
        cut = 0
        last = {"seq": said["seq"], "link": said["link"]}
        heads[said["seq"]] = said["link"]
    return heads, None


def _signed(line: bytes, verifier: Ed25519PublicKey) -> dict[str, Any] | None:
    try:
        said = orjson.loads(line)
        signature = base64.b64decode(said.pop("signature"))
        verifier.verify(signature, orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
        return said if {"seq", "link", "after"} <= said.keys() else None
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return None


def verify(folder: Path, verifier: Ed25519PublicKey) -> Verdict:
    """Walk the whole chain against entries, signed heads and tail. Reads only."""
    with psycopg.connect(db.current().listen_uri) as conn:
        heads, wrong = _begin(conn, folder, verifier)
        counts = {"sealed": 0, "checked": 0}
        link = START
        broken: dict[str, Any] | None = {"seq": None, "entry": None, "why": wrong} if wrong else None
        for seq, entry, kept, chained in _walk(conn):
            expected = counts["sealed"] + 1
            found = None
            if seq != expected:
                found = f"number {expected} is missing, {seq} follows"
            elif chained is None:
                found = "the entry is gone"
            else:
                link = seal.sm3(link, chained)
                if link != kept:
                    found = "the entry, its index columns or its seal were changed"
                elif seq in heads:
                    counts["checked"] += 1
                    if heads[seq] != link.hex():
                        found = "the chain differs from the signed head: it was written anew"
            if found:
                broken = broken or {"seq": expected, "entry": str(of_uuid("jrn", UUID(bytes=entry))), "why": found}
                break
            counts["sealed"] = seq
        else:
            broken = broken or _tail_broken(max(heads, default=0), counts["sealed"])
        entries, waiting, stray = _tail(conn)
        if broken is None and stray:
            broken = {"seq": None, "entry": str(of_uuid("jrn", stray)), "why": "an entry was inserted past the sealer"}
    return Verdict(entries, counts["sealed"], waiting, link.hex(), counts["checked"], broken)


def _begin(
    conn: psycopg.Connection[Any], folder: Path, verifier: Ed25519PublicKey
) -> tuple[dict[int, str], str | None]:
    """Heads and a snapshot of the tables that belong together: no sealer is between its commit and its head."""
    conn.autocommit = True
    with still(conn):
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT FROM journal_seal LIMIT 1")
        return read_heads(folder, verifier)


@contextmanager
def still(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """No sealer is between its commit and its head meanwhile: table and heads file belong together."""
    conn.execute("SELECT pg_advisory_lock(%s)", [_SEAL_LOCK])
    try:
        yield
    finally:
        conn.execute("SELECT pg_advisory_unlock(%s)", [_SEAL_LOCK])


def _tail_broken(signed: int, sealed: int) -> dict[str, Any] | None:
    """Whether chain and heads end together. After a crash the last head may be missing until the sealer's next
    turn, which writes it."""
    if signed > sealed:
        return {"seq": sealed + 1, "entry": None, "why": f"the tail is cut: the signed head is number {signed}"}
    if signed < sealed:
        return {"seq": signed + 1, "entry": None, "why": f"heads are gone: the last one is number {signed}"}
    return None


def _walk(conn: psycopg.Connection[Any]) -> Iterator[tuple[int, bytes, bytes, bytes | None]]:
    """Number, entry id, link, and what ``link_of`` chains beside the link before, in one piece (None when the entry is
    gone), in the order of the chain."""
    with conn.cursor(name="journal_walk", binary=True) as rows:
        rows.execute(
            f"SELECT s.seq, uuid_send(s.entry), s.link, int8send(s.seq) || uuid_send(s.entry) || {_COLUMNS}"
            " || '\\x00'::bytea || e.body"
            " FROM journal_seal s LEFT JOIN journal_entry e ON e.id = s.entry ORDER BY s.seq"
        )
        # the database reads the next block while this one is hashed
        with ThreadPoolExecutor(1, "journal-walk") as ahead:
            coming = ahead.submit(rows.fetchmany, _BLOCK)
            while block := coming.result():
                coming = ahead.submit(rows.fetchmany, _BLOCK)
                yield from block
            coming.result()


def _tail(conn: psycopg.Connection[Any]) -> tuple[int, int, Any]:
    """Entries in all, those waiting for the sealer, and one that is neither sealed nor waiting."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM journal_entry), (SELECT count(*) FROM journal_unsealed),"
        " (SELECT e.id FROM journal_entry e LEFT JOIN journal_seal s ON s.entry = e.id"
        "  LEFT JOIN journal_unsealed u ON u.entry = e.id WHERE s.entry IS NULL AND u.entry IS NULL"
        "  ORDER BY e.id LIMIT 1)"
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as an auditor reads it."""

    id: Id
    seq: int | None
    body: dict[str, Any]


def entries(unit: Unit, wanted: Page, about: str = "") -> Paged[Entry]:
    """Entries newest first, of one thing if ``about`` names it, with their chain number once sealed."""
    query = sa.select(journal_entry.c.id, journal_entry.c.body, journal_seal.c.seq).join(
        journal_seal, journal_seal.c.entry == journal_entry.c.id, isouter=True
    )
    if about:
        query = query.where(journal_entry.c.about.contains([about]))
    keys = [page.Key(journal_entry.c.id, descending=True)]
    return page.of(unit, query, wanted, keys, lambda row: Entry(row.id, row.seq, orjson.loads(bytes(row.body))))
