"""The SQL of how long what belongs to closed events is kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from gangmu.core.event.store import event, event_search, evidence, find_many, words_of
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def ends_of(unit: Unit, events: Sequence[Id]) -> dict[Id, datetime | None]:
    """When each of these events was over; None while it is open. One that went into another is over when that one is,
    and so on to the last."""
    chain = _chain(events)
    over = sa.case((event.c.status != "open", sa.func.coalesce(event.c.closed_at, event.c.moved_at)), else_=None)
    query = sa.select(chain.c.start, over.label("over")).join(event, event.c.id == chain.c.id)
    found: dict[Id, datetime | None] = {row.start: row.over for row in unit.rows(query.where(chain.c.into.is_(None)))}
    return found


def chains_of(unit: Unit, events: Sequence[Id]) -> dict[Id, set[Id]]:
    """Each of these events with every one that it went into, to the last."""
    chain = _chain(events)
    found: dict[Id, set[Id]] = {}
    for row in unit.rows(sa.select(chain.c.start, chain.c.id)):
        found.setdefault(row.start, set()).add(row.id)
    return found


def _chain(events: Sequence[Id]) -> sa.CTE:
    """Rows of a start and one event on its way; ``into`` is empty at the last."""
    first = sa.select(event.c.id.label("start"), event.c.id, event.c.merged_into.label("into"))
    chain = first.where(event.c.id.in_(list(events))).cte("chain", recursive=True)
    step = sa.select(chain.c.start, event.c.id, event.c.merged_into).where(event.c.id == chain.c.into)
    return chain.union(step)


def over_before(unit: Unit, before: datetime, after: Id | None, most: int) -> list[Id]:
    """Events over before a time, in the order of their ids: a page of them."""
    query = sa.select(event.c.id).where(event.c.status != "open", event.c.moved_at < before)
    if after is not None:
        query = query.where(event.c.id > after)
    return [row.id for row in unit.rows(query.order_by(event.c.id).limit(most))]


def worded_before(
    unit: Unit, before: datetime, gone: str, after: Id | None, most: int, only: Sequence[Id] | None
) -> list[Id]:
    """Events over before a time whose title is not the mark of erased words, in the order of their ids: a page."""
    query = sa.select(event.c.id).where(event.c.status != "open", event.c.moved_at < before, event.c.title != gone)
    if only is not None:
        query = query.where(event.c.id.in_(list(only)))
    if after is not None:
        query = query.where(event.c.id > after)
    return [row.id for row in unit.rows(query.order_by(event.c.id).limit(most))]


def blank_words(unit: Unit, events: Sequence[Id], gone: str) -> None:
    """Title and text end, and with them the grams that they were found by. Not journaled: what is erased must not be
    written down again."""
    unit.run(sa.update(event).where(event.c.id.in_(list(events))).values(title=gone, text=""))
    for one in find_many(unit, events, seen_by=System("retention")):
        grams = words_of(replace(one, title="", text=""))
        unit.run(sa.update(event_search).where(event_search.c.event == one.id).values(grams=grams))


def worded(unit: Unit, events: Sequence[Id], gone: str) -> dict[Id, str]:
    """Those of these events that still have words, or are still found by some that are not theirs any more."""
    some = sa.or_(event.c.title != gone, event.c.text != "")
    mine = event.c.id.in_(list(events))
    found = {row.id: "title or text" for row in unit.rows(sa.select(event.c.id).where(mine, some))}
    grams = {row.event: row.grams for row in unit.rows(sa.select(event_search).where(event_search.c.event.in_(events)))}
    for one in find_many(unit, [id_ for id_ in events if id_ not in found], seen_by=System("retention")):
        if set(grams.get(one.id, ())) - set(words_of(replace(one, title="", text=""))):
            found[one.id] = "search words"
    return found


def evidence_of(unit: Unit, events: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of the evidence of these events."""
    query = sa.select(evidence.c.event, evidence.c.file).where(evidence.c.event.in_(list(events)))
    return [(row.event, row.file) for row in unit.rows(query)]


def evidence_naming(unit: Unit, wanted: Sequence[Id]) -> list[tuple[Id, Id]]:
    """Event and file of all evidence that names one of these files."""
    query = sa.select(evidence.c.event, evidence.c.file).where(evidence.c.file.in_(list(wanted)))
    return [(row.event, row.file) for row in unit.rows(query)]
