"""The journal searched: who, which table, what was done, which thing, when; and how it stands.

A search looks through a stretch of the journal at a time and says how far back it has come, since who and what stand in
the canonical bytes alone: the bytes are compared in the database, and what was found is read to be sure.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from gangmu.kit import journal, seal
from gangmu.kit.errors import BadId, Invalid
from gangmu.kit.ids import Id, of_uuid, parse
from gangmu.kit.journal import Entry, Verdict
from gangmu.kit.page import Page
from gangmu.kit.tables import journal_entry, journal_seal, journal_unsealed
from gangmu.kit.unit import Unit

STRETCH = 20_000
VERIFIED = "journal:verified"
_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. ``who`` is part of a name, or the id of a person or post."""

    about: str = ""
    who: str = ""
    table: str = ""
    did: str = ""
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries newest first. ``back_to`` is how far the search has looked; ``next`` goes on from there."""

    items: list[Entry]
    next: str | None
    back_to: datetime | None


def use(folder: Path) -> None:
    """Set where the signed heads of this node are."""
    global _folder
    _folder = folder


def folder() -> Path | None:
    """The folder of the signed heads, if this process has one."""
    return _folder


def search(unit: Unit, asked: Asked, page: Page, stretch: int = STRETCH) -> Listing:
    """One page of what is looked for. Without words of who and what the index alone answers."""
    part = sa.select(journal_entry).order_by(journal_entry.c.id.desc()).limit(stretch)
    if page.after:
        part = part.where(journal_entry.c.id < _cursor(page.after))
    if asked.about:
        part = part.where(journal_entry.c.about.contains([asked.about]))
    if asked.first is not None:
        part = part.where(journal_entry.c.id >= _at(asked.first))
    if asked.last is not None:
        part = part.where(journal_entry.c.id < _at(asked.last))
    near = part.subquery()
    query = sa.select(near, journal_seal.c.seq).join(journal_seal, journal_seal.c.entry == near.c.id, isouter=True)
    for needle in _needles(asked):
        query = query.where(sa.func.position(sa.literal(needle, sa.LargeBinary).op("IN")(near.c.body)) > 0)
    rows = unit.rows(query.order_by(near.c.id.desc()).limit(page.limit + 1))
    found = [Entry(row.id, row.seq, orjson.loads(bytes(row.body))) for row in rows]
    more = len(found) > page.limit
    items = [entry for entry in found[: page.limit] if _is(asked, entry.body)]
    if more:
        last = found[page.limit - 1]
        return Listing(items, str(last.id), datetime.fromisoformat(last.body["recorded_at"]))
    end = unit.one(sa.select(sa.func.count().label("n"), sa.func.min(near.c.recorded_at).label("at")).select_from(near))
    assert end is not None
    if end.n < stretch:
        return Listing(items, None, None)
    oldest = unit.value(sa.select(near.c.id).order_by(near.c.id).limit(1))
    return Listing(items, str(oldest), end.at)


def _needles(asked: Asked) -> list[bytes]:
    needles = [f'"table":"{asked.table}"'] if asked.table else []
    needles += [f'"do":"{asked.did}"'] if asked.did else []
    needles += [asked.who] if asked.who else []
    return [needle.encode("utf-8", "replace") for needle in needles]


def _is(asked: Asked, body: dict[str, Any]) -> bool:
    """Whether an entry really is what its bytes looked like."""
    actor, changes = body["actor"], body["changes"]
    who = not asked.who or asked.who in str(actor["name"]) or asked.who in (actor["person"], actor["post"])
    both = [
        one
        for one in changes
        if (not asked.table or one.get("table") == asked.table) and (not asked.did or one.get("do") == asked.did)
    ]
    return who and (bool(both) or not (asked.table or asked.did))


def _cursor(text: str) -> Id:
    try:
        return parse(text, "jrn")
    except BadId as error:
        raise Invalid(field="after", reason="not a cursor of this list") from error


def _at(moment: datetime) -> Id:
    """The least id that an entry of this moment may have: ids begin with the time."""
    return of_uuid("jrn", UUID(int=max(0, int(moment.timestamp() * 1000)) << 80))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the journal stands: what is sealed and when, what waits, whether table and signed head agree, and what the
    last walk over all of it found."""

    sealed: int
    sealed_at: datetime | None
    unsealed: int
    head: str
    heads_agree: bool | None
    verified: dict[str, Any] | None
    verified_at: datetime | None


def standing(unit: Unit) -> Standing:
    """Without walking the chain: a few rows and the last line of the heads."""
    last = unit.one(
        sa.select(journal_seal.c.seq, journal_seal.c.link, journal_entry.c.recorded_at)
        .join(journal_entry, journal_entry.c.id == journal_seal.c.entry)
        .order_by(journal_seal.c.seq.desc())
        .limit(1)
    )
    waiting = int(unit.value(sa.select(sa.func.count()).select_from(journal_unsealed)))
    told = journal.entries(unit, Page(1), VERIFIED).items
    agree = None
    if _folder is not None and last is not None:
        head = journal._last_head(_folder) if (_folder / "heads").exists() else {"seq": 0, "link": ""}
        agree = (head["seq"], head["link"]) == (last.seq, bytes(last.link).hex())
    return Standing(
        sealed=last.seq if last else 0,
        sealed_at=last.recorded_at if last else None,
        unsealed=waiting,
        head=bytes(last.link).hex() if last else "",
        heads_agree=agree,
        verified=next((one for one in told[0].body["changes"] if one["do"] == "verify journal"), None)
        if told
        else None,
        verified_at=datetime.fromisoformat(told[0].body["recorded_at"]) if told else None,
    )


def verify(unit: Unit) -> Verdict:
    """Walk the whole chain and journal what was found."""
    if _folder is None:
        raise Invalid(field="journal", reason="the heads of this node are not known here")
    return note(unit, journal.verify(_folder, seal.keys().verifier))


def note(unit: Unit, found: Verdict) -> Verdict:
    told = {"ok": found.ok, "sealed": found.sealed, "head": found.head, "broken": found.broken}
    unit.note("verify journal", VERIFIED, **told)
    return found
