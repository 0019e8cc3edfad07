"""The journal: every change, append-only, numbered and chained by one sealer, provable.

Writers insert entries as canonical bytes inside their transaction. The sealer numbers committed entries and
chains them, ``link = SM3(previous link, number, entry id, about, body)``, in its own table, and appends the signed
head to ``journal/heads`` in the data folder, outside the database. ``verify`` walks it all and names the first
entry that is missing, changed, added or out of order, and reports the tail that is not sealed yet.
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gangmu.kit import clock, db, page, seal
from gangmu.kit.ids import Id, of_uuid
from gangmu.kit.page import Page, Paged
from gangmu.kit.tables import journal_entry, journal_seal
from gangmu.kit.unit import Unit, transaction

_SEAL_LOCK = 7_401_002
START = b"\0" * 32
_COPY_SEALS = "COPY journal_seal (seq, entry, link) FROM STDIN"


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


def link_of(previous: bytes, number: int, entry: bytes, about: str, body: bytes) -> bytes:
    """The chain value of entry ``number``: its id (16 bytes), what it is about (joined by commas) and its body."""
    return seal.sm3(previous, number.to_bytes(8, "big"), entry, about.encode(), b"\0", body)


def seal_tail(folder: Path, most: int = 2000) -> int:
    """Number and chain what has been committed since. One sealer at a time; returns how many were sealed.

    The head is written and synced to the file *after* the commit: a crash between leaves a head too few, never
    one that the database does not bear out."""
    with transaction() as conn:
        if not conn.execute(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SEAL_LOCK}).scalar():
            return 0
        found = _waiting(conn, most)
        if not found:
            return 0
        last = conn.execute(sa.select(journal_seal).order_by(journal_seal.c.seq.desc()).limit(1)).first()
        begun, link = (last.seq, bytes(last.link)) if last else (0, START)
        number = begun
        with db.raw(conn).cursor() as cursor, cursor.copy(_COPY_SEALS) as stream:
            for entry, about, body in found:
                number += 1
                link = link_of(link, number, entry.bytes, about, body)
                stream.write_row((number, entry, link))
        done = sa.text("DELETE FROM journal_unsealed u USING journal_seal s WHERE s.entry = u.entry AND s.seq > :begun")
        conn.execute(done, {"begun": begun})
    _write_head(folder, number, link)
    return len(found)


def _waiting(conn: sa.Connection, most: int) -> list[tuple[UUID, str, bytes]]:
    """Committed entries that have no number yet, oldest first: id, about, body."""
    with db.raw(conn).cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT e.id, array_to_string(e.about, ','), e.body FROM journal_unsealed u"
            " JOIN journal_entry e ON e.id = u.entry ORDER BY e.id LIMIT %s",
            (most,),
        )
        return cursor.fetchall()


def _write_head(folder: Path, number: int, link: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = {"seq": number, "link": link.hex(), "at": clock.real_now().isoformat()}
    signature = seal.keys().signer.sign(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
    line = orjson.dumps({**said, "signature": base64.b64encode(signature).decode()}, option=orjson.OPT_SORT_KEYS)
    handle = os.open(folder / "heads", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_heads(folder: Path, verifier: Ed25519PublicKey) -> tuple[dict[int, str], str | None]:
    """The signed heads by number; and what is wrong with the file, if anything. A last line cut short by a
    crash is passed over."""
    path = folder / "heads"
    if not path.exists():
        return {}, None
    heads: dict[int, str] = {}
    lines = path.read_bytes().split(b"\n")
    for at, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            said = orjson.loads(line)
            signature = base64.b64decode(said.pop("signature"))
            verifier.verify(signature, orjson.dumps(said, option=orjson.OPT_SORT_KEYS))
        except (ValueError, KeyError, TypeError, InvalidSignature):
            if at == len(lines):
                continue
            return heads, f"line {at} of the heads file is not signed by this node"
        heads[said["seq"]] = said["link"]
    return heads, None


def verify(folder: Path, verifier: Ed25519PublicKey) -> Verdict:
    """Walk the whole chain against entries, signed heads and tail. Reads only."""
    heads, wrong = read_heads(folder, verifier)
    counts = {"sealed": 0, "checked": 0}
    link = START
    broken: dict[str, Any] | None = {"seq": None, "entry": None, "why": wrong} if wrong else None
    with psycopg.connect(db.current().listen_uri) as conn:
        conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for seq, entry, kept, about, body in _walk(conn):
            expected = counts["sealed"] + 1
            found = None
            if seq != expected:
                found = f"number {expected} is missing, {seq} follows"
            elif body is None:
                found = "the entry is gone"
            else:
                link = link_of(link, seq, entry, about, body)
                if link != kept:
                    found = "the entry, its index column or its seal was changed"
                elif seq in heads:
                    counts["checked"] += 1
                    if heads[seq] != link.hex():
                        found = "the chain differs from the signed head: it was written anew"
            if found:
                broken = broken or {"seq": expected, "entry": str(of_uuid("jrn", UUID(bytes=entry))), "why": found}
                break
            counts["sealed"] = seq
        newest = max(heads, default=0)
        if broken is None and newest > counts["sealed"]:
            why = f"the tail is cut: the signed head is number {newest}"
            broken = {"seq": counts["sealed"] + 1, "entry": None, "why": why}
        entries, waiting, stray = _tail(conn)
        if broken is None and stray:
            broken = {"seq": None, "entry": str(of_uuid("jrn", stray)), "why": "an entry was inserted past the sealer"}
    return Verdict(entries, counts["sealed"], waiting, link.hex(), counts["checked"], broken)


def _walk(conn: psycopg.Connection[Any]) -> Iterator[tuple[int, bytes, bytes, str, bytes | None]]:
    """Number, entry id, link, about and body (None when the entry is gone) in the order of the chain."""
    with conn.cursor(name="journal_walk") as rows:
        rows.itersize = 5000
        rows.execute(
            "SELECT s.seq, uuid_send(s.entry), s.link, array_to_string(e.about, ','), e.body"
            " FROM journal_seal s LEFT JOIN journal_entry e ON e.id = s.entry ORDER BY s.seq",
            binary=True,
        )
        yield from rows


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
