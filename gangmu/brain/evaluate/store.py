"""The only SQL of what was told and of the facts counted from it: a read model, not journaled, made anew at any time.

Whatever was told is kept by version: the newer one stays, in whatever order messages come, and told twice is told once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.brain.evaluate import sum_store
from gangmu.brain.evaluate.model import Cell, Period, Rate, Term
from gangmu.brain.evaluate.rows import (
    ActRow,
    CallRow,
    Case,
    ClockRow,
    CorrectionRow,
    DebtRow,
    EditionRow,
    EventRow,
    Fact,
    TaskRow,
)
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import IdList, metadata, ref_col, refs_col, text_col, texts_col, version_col, when
from gangmu.kit.ids import Id
from gangmu.kit.page import Key, Page, Paged
from gangmu.kit.unit import Unit

T = TypeVar("T")
Rowish = EventRow | ActRow | ClockRow | DebtRow | TaskRow | CallRow | EditionRow | CorrectionRow

evaluate_event = sa.Table(
    "evaluate_event",
    metadata,
    ref_col("id", "evt", primary_key=True),
    version_col(),
    text_col("case_no"),
    text_col("title"),
    text_col("flow"),
    text_col("state"),
    text_col("status"),
    text_col("channel"),
    text_col("kind"),
    ref_col("matter", "mat"),
    text_col("division"),
    text_col("unit_grid"),
    text_col("duty_grid"),
    ref_col("lead_org", "org"),
    refs_col("orgs", "org"),
    refs_col("people", "prs"),
    when("suspended_until"),
    text_col("outcome"),
    text_col("satisfaction"),
    texts_col("exemptions"),
    ref_col("merged_into", "evt"),
    sa.Column("report_count", sa.Integer, nullable=False),
    when("reported_at", nullable=False),
    when("closed_at"),
)

evaluate_act = sa.Table(
    "evaluate_act",
    metadata,
    ref_col("id", "act", primary_key=True),
    ref_col("event", "evt", nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False),
    text_col("verb"),
    text_col("kind"),
    text_col("from_state"),
    text_col("to_state"),
    ref_col("person", "prs"),
    ref_col("post", "pst"),
    ref_col("org", "org"),
    text_col("actor_name"),
    text_col("role"),
    text_col("reason"),
    text_col("outcome"),
    text_col("satisfaction"),
    when("done_at", nullable=False),
    when("recorded_at", nullable=False),
    when("target_at"),
)

evaluate_clock = sa.Table(
    "evaluate_clock",
    metadata,
    ref_col("id", "clk", primary_key=True),
    ref_col("event", "evt", nullable=False, index=True),
    version_col(),
    text_col("stage"),
    text_col("part"),
    ref_col("org", "org"),
    when("started_at", nullable=False),
    when("due_at"),
    when("stopped_at"),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("overdue", sa.Boolean, nullable=False),
    sa.Column("bundled", sa.Boolean, nullable=False),
)

evaluate_debt = sa.Table(
    "evaluate_debt",
    metadata,
    ref_col("id", "obl", primary_key=True),
    ref_col("event", "evt", nullable=False, index=True),
    version_col(),
    ref_col("org", "org", nullable=False),
    text_col("role"),
    text_col("state"),
    when("since", nullable=False),
    when("until"),
    when("done_at"),
)

evaluate_task = sa.Table(
    "evaluate_task",
    metadata,
    ref_col("id", "tsk", primary_key=True),
    ref_col("event", "evt", nullable=False, index=True),
    version_col(),
    text_col("kind"),
    text_col("state"),
    ref_col("post", "pst"),
    when("opened_at", nullable=False),
    when("due_at"),
    when("done_at"),
)

evaluate_call = sa.Table(
    "evaluate_call",
    metadata,
    ref_col("id", "tel", primary_key=True),
    version_col(),
    text_col("direction"),
    text_col("state"),
    text_col("division"),
    ref_col("org", "org"),
    ref_col("post", "pst"),
    text_col("outcome"),
    text_col("outcome_group"),
    text_col("kind"),
    ref_col("event", "evt"),
    when("began_at", nullable=False),
    when("answered_at"),
    when("missed_at"),
    when("called_back_at"),
    when("closed_at"),
    sa.Column("is_new_matter", sa.Boolean, nullable=False, server_default=sa.false()),
)

evaluate_edition = sa.Table(
    "evaluate_edition",
    metadata,
    ref_col("id", "kne", primary_key=True),
    ref_col("entry", "kno", nullable=False, index=True),
    sa.Column("no", sa.Integer, nullable=False),
    text_col("state"),
    ref_col("owner", "org", nullable=False),
    text_col("division"),
    sa.Column("valid_to", sa.Date),
    when("at", nullable=False),
)

evaluate_correction = sa.Table(
    "evaluate_correction",
    metadata,
    ref_col("id", "knc", primary_key=True),
    version_col(),
    ref_col("entry", "kno", nullable=False, index=True),
    ref_col("org", "org"),
    text_col("division"),
    text_col("state"),
    when("raised_at", nullable=False),
    when("due_at"),
    when("answered_at"),
)


def fact_columns() -> list[Any]:
    """The columns of a fact, as it lives and as it is frozen with a period."""
    return [
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        text_col("key"),
        ref_col("event", "evt"),
        when("at", nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("division", sa.Text, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        text_col("stage"),
        text_col("role"),
        text_col("flow"),
        text_col("channel"),
        text_col("unit_grid"),
        ref_col("org", "org"),
        ref_col("post", "pst"),
        text_col("excluded"),
        text_col("why"),
        text_col("approved_by"),
        when("approved_at"),
        sa.Column("late_s", sa.BigInteger),
        when("due_at"),
        when("done_at"),
    ]


evaluate_fact = sa.Table(
    "evaluate_fact",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *fact_columns(),
    sa.Index("ix_evaluate_fact_day", "day", "word"),
    sa.Index("ix_evaluate_fact_subject", "subject"),
)

evaluate_frozen = sa.Table(
    "evaluate_frozen",
    metadata,
    ref_col("publication", "evp", primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    *fact_columns(),
    sa.Index("ix_evaluate_frozen_day", "publication", "day"),
    info={"append_only": True},
)

TABLES: dict[type[Any], sa.Table] = {
    EventRow: evaluate_event,
    ActRow: evaluate_act,
    ClockRow: evaluate_clock,
    DebtRow: evaluate_debt,
    TaskRow: evaluate_task,
    CallRow: evaluate_call,
    EditionRow: evaluate_edition,
    CorrectionRow: evaluate_correction,
}
_ABOUT = {
    CallRow: ("tel", "id"),
    EditionRow: ("kno", "entry"),
    CorrectionRow: ("kno", "entry"),
    EventRow: ("evt", "id"),
}
"""Of which thing a row tells, and which column names it; all others: of an event."""
_FACT = tuple(item.name for item in fields(Fact))
_NAMES = {cls: tuple(item.name for item in fields(cls)) for cls in TABLES}


# --- what was told -------------------------------------------------------------------------------------------


def hold(unit: Unit, subjects: Iterable[str]) -> None:
    """One at a time counts a subject; always in one order, so that two who count many do not block each other."""
    unit.run(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(what, 11)) FROM unnest(CAST(:whats AS text[])) AS what"),
        {"whats": sorted(set(subjects))},
    )


def put(unit: Unit, rows: Sequence[Rowish]) -> None:
    """Keep rows of one kind; what is known at the same or a newer version stays."""
    if not rows:
        return
    table = TABLES[type(rows[0])]
    newest: dict[str, Rowish] = {}
    for row in rows:
        known = newest.get(row.id)
        if known is None or getattr(known, "version", 0) < getattr(row, "version", 1):
            newest[row.id] = row
    adding = pg_insert(table)
    if "version" in table.c:
        changed = {column.name: adding.excluded[column.name] for column in table.c if column.name != "id"}
        adding = adding.on_conflict_do_update(
            index_elements=["id"], set_=changed, where=table.c.version < adding.excluded.version
        )
    else:
        adding = adding.on_conflict_do_nothing()
    unit.run(adding, [_values(row) for row in newest.values()])


def _values(row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _NAMES[type(row)]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _maker(cls: type[T]) -> Any:
    names = [item.name for item in fields(cls)]  # type: ignore[arg-type]

    def make(row: Any) -> T:
        values = (getattr(row, name) for name in names)
        return cls(*[tuple(value) if isinstance(value, list | tuple) else value for value in values])

    return make


_MAKE = {cls: _maker(cls) for cls in TABLES}


def cases_of(unit: Unit, events: Sequence[str], *, seen_by: Actor) -> list[Case]:
    """All that was told of these events. Whose row has not come yet is not there."""
    if not seen_by.may("evaluate.read"):
        return []
    found = [_MAKE[EventRow](row) for row in _of(unit, EventRow, events, "id")]
    parts = {cls: _grouped(unit, cls, events) for cls in (ActRow, ClockRow, DebtRow, TaskRow)}
    return [
        Case(
            one,
            acts=tuple(sorted(parts[ActRow].get(one.id, ()), key=lambda act: act.seq)),
            clocks=tuple(sorted(parts[ClockRow].get(one.id, ()), key=lambda row: row.id)),
            debts=tuple(sorted(parts[DebtRow].get(one.id, ()), key=lambda row: (row.since, row.id))),
            tasks=tuple(sorted(parts[TaskRow].get(one.id, ()), key=lambda row: row.id)),
        )
        for one in found
    ]


def _of(unit: Unit, cls: type[Any], events: Sequence[str], name: str) -> Sequence[Any]:
    table = TABLES[cls]
    return unit.rows(sa.select(table).where(table.c[name].in_(list(events))))


def _grouped(unit: Unit, cls: type[Any], events: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in _of(unit, cls, events, "event"):
        made = _MAKE[cls](row)
        found.setdefault(made.event, []).append(made)
    return found


def find_calls(unit: Unit, calls: Sequence[str], *, seen_by: Actor) -> list[CallRow]:
    if not seen_by.may("evaluate.read"):
        return []
    return [_MAKE[CallRow](row) for row in _of(unit, CallRow, calls, "id")]


def find_entry(unit: Unit, entry: str, *, seen_by: Actor) -> tuple[list[EditionRow], list[CorrectionRow]]:
    """All that was told of a knowledge entry."""
    if not seen_by.may("evaluate.read"):
        return [], []
    return (
        [_MAKE[EditionRow](row) for row in _of(unit, EditionRow, [entry], "entry")],
        [_MAKE[CorrectionRow](row) for row in _of(unit, CorrectionRow, [entry], "entry")],
    )


def put_facts(unit: Unit, subjects: Sequence[str], facts: Sequence[Fact], zone: ZoneInfo) -> None:
    """The facts of these subjects are these and no others. What stays as it was is not written again."""
    known = unit.rows(sa.select(evaluate_fact).where(evaluate_fact.c.subject.in_(list(subjects))))
    was = {row.id: dict(row._mapping) for row in known}
    now = {row["id"]: row for row in (fact_values(fact, zone) for fact in facts)}
    gone = [row for name, row in was.items() if now.get(name) != row]
    come = [row for name, row in now.items() if was.get(name) != row]
    if gone:
        unit.run(sa.delete(evaluate_fact).where(evaluate_fact.c.id.in_([row["id"] for row in gone])))
    if come:
        unit.copy(evaluate_fact, come)
    sum_store.add(unit, gone, come)


def facts_of(unit: Unit, events: Sequence[str], words: Sequence[str], *, seen_by: Actor) -> list[Fact]:
    """The facts of these kinds of some events."""
    table = evaluate_fact
    wanted = sa.select(*[table.c[name] for name in _FACT])
    clauses = [table.c.subject.in_(list(events)), table.c.word.in_(list(words)), visible(seen_by, table)]
    return [Fact(*row) for row in unit.rows(wanted.where(*clauses))]


def fact_values(fact: Fact, zone: ZoneInfo) -> dict[str, Any]:
    """A fact as a row: with its name and the city's day that it stands on."""
    values = {name: getattr(fact, name) for name in _FACT}
    return {"id": fact_id(fact), "day": fact.at.astimezone(zone).date(), **values}


def fact_id(fact: Fact) -> str:
    return f"{fact.subject}|{fact.word}|{fact.key}"


# --- figures -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Which facts: of a period up to ``until`` on the city's day ``today`` (None: all of it), of one frozen publication
    or the living ones, within a division, some organisations, a post, a flow; of one line (``area``: its level and
    key)."""

    period: Period
    until: datetime | None = None
    today: date | None = None
    publication: Id | None = None
    division: str = ""
    orgs: tuple[Id, ...] = ()
    post: Id | None = None
    flow: str = ""
    unit_grid: str = ""
    keyed: str = ""
    area: tuple[str, str] | None = None


def _facts(asked: Asked) -> sa.Table:
    return evaluate_frozen if asked.publication else evaluate_fact


def visible(actor: Actor, table: sa.Table) -> sa.ColumnElement[bool]:
    """The facts that an actor may see: of his divisions, of his own organisations."""
    org = sa.cast(array([table.c.org]), IdList("org"))
    return access.scope(actor, "evaluate.read", table.c.division, org)


def _clauses(asked: Asked, table: sa.Table, actor: Actor) -> list[sa.ColumnElement[bool]]:
    found = [table.c.day >= asked.period.start, table.c.day < asked.period.end, visible(actor, table)]
    if asked.publication:
        found.append(table.c.publication == asked.publication)
    elif asked.until is not None:
        found.append(table.c.at <= asked.until)
    if asked.division:
        found.append(access.within(table.c.division, asked.division))
    if asked.orgs:
        found.append(table.c.org.in_(list(asked.orgs)))
    if asked.post is not None:
        found.append(table.c.post == asked.post)
    if asked.flow:
        found.append(table.c.flow == asked.flow)
    if asked.unit_grid:
        found.append(table.c.unit_grid == asked.unit_grid)
    if asked.area is not None:
        found.append(_key("area", asked.area[0], table) == asked.area[1])
    if asked.keyed in ("department", "post"):
        found.append(table.c["org" if asked.keyed == "department" else "post"].is_not(None))
    elif asked.keyed == "grid":
        found.append(table.c.unit_grid != "")
    return found


LEVELS = {"city": 4, "county": 6, "town": 9, "community": 12}


def _key(scope: str, level: str, table: sa.Table) -> sa.ColumnElement[Any]:
    if scope == "department":
        return table.c.org
    if scope == "post":
        return table.c.post
    if level == "grid":
        return table.c.unit_grid
    return sa.func.rpad(_part(scope, level, table), 12, "0")


def _part(scope: str, level: str, table: sa.Table) -> sa.ColumnElement[Any]:
    """What lines are told apart by: of an area's code the part that names it, which costs less than the whole. Without
    a scope they are few, to be added up."""
    if not scope:
        return sa.func.left(table.c.division, 1)
    if scope == "area" and level != "grid":
        return sa.func.left(table.c.division, LEVELS[level])
    return _key(scope, level, table)


def sum_cells(
    unit: Unit,
    asked: Asked,
    scope: str,
    level: str,
    words: Iterable[str],
    others: Iterable[str] = (),
    *,
    seen_by: Actor,
) -> list[Cell]:
    """The sums of a table, by key and kind of fact: of whole days their sums, of the day that is not over its facts.
    Of keys that have ``others`` alone one cell of nothing, so that they are known."""
    wanted, known = set(words), {*words, *others}
    kinds = {
        number: kind
        for kind, number in sum_store.kinds(unit, seen_by=seen_by).items()
        if kind.word in known and asked.flow in ("", kind.flow)
    }
    if not kinds:
        return []
    parts = [_of_days(asked, scope, level, seen_by)]
    if asked.today is not None and asked.period.start <= asked.today < asked.period.end:
        parts.append(_of_today(asked, scope, level, kinds, seen_by))
    whole = 12 if scope == "area" and level != "grid" else 0
    found, seen = [], set()
    for key, number, n in unit.rows(sa.union_all(*parts)):
        one = kinds.get(number)
        if key and one is not None:
            seen.add(name := str(key).ljust(whole, "0"))
            if one.word in wanted:
                found.append(Cell(name, one.word, n, one.stage, one.role, one.flow, one.channel, one.excluded))
    return [*found, *(Cell(key, "", 0) for key in sorted(seen - {cell.key for cell in found}))]


def _of_days(asked: Asked, scope: str, level: str, seen_by: Actor) -> sa.Select[Any]:
    """Unfolded before it is added up: twice as quick as a lateral join."""
    table = sum_store.evaluate_frozen_day if asked.publication else sum_store.evaluate_day
    clauses = _clauses(replace(asked, until=None, flow=""), table, seen_by)
    if asked.today is not None:
        clauses.append(table.c.day < asked.today)
    columns = [_part(scope, level, table).label("key"), *(sa.func.unnest(table.c[n]).label(n) for n in ("kinds", "ns"))]
    each = sa.select(*columns).where(*clauses).subquery("each")
    return sa.select(each.c.key, each.c.kinds.label("kind"), sa.func.sum(each.c.ns).label("n")).group_by(
        each.c.key, each.c.kinds
    )


def _of_today(asked: Asked, scope: str, level: str, kinds: Iterable[int], seen_by: Actor) -> sa.Select[Any]:
    table, kind = evaluate_fact, sum_store.evaluate_kind
    key = _part(scope, level, table)
    same = [table.c[name] == kind.c[name] for name in sum_store.KIND]
    clauses = [*_clauses(asked, table, seen_by), table.c.day == asked.today, kind.c.id.in_(list(kinds))]
    query = sa.select(key.label("key"), kind.c.id.label("kind"), sa.func.sum(table.c.n).label("n"))
    return query.select_from(table.join(kind, sa.and_(*same))).where(*clauses).group_by(key, kind.c.id)


def list_counted(
    unit: Unit, asked: Asked, rate: Rate, part: str, at: Page, *, seen_by: Actor
) -> Paged[Mapping[str, Any]]:
    """The facts behind a figure, newest first: of its numerator, its denominator, or those left out."""
    table = _facts(asked)
    terms = rate.numerator if part == "numerator" else rate.denominator or rate.numerator
    clauses = [*_clauses(asked, table, seen_by), sa.or_(*[_term(table, term) for term in terms])]
    for name in ("flow", "channel", "role"):
        wanted = getattr(rate, f"{name}s")
        if wanted:
            clauses.append(table.c[name].in_(wanted))
    left_out = table.c.excluded.in_(rate.leaves_out)
    clauses.append(left_out if part == "excluded" else sa.not_(left_out))
    return _page(unit, table, clauses, at, seen_by)


def _term(table: sa.Table, term: Term) -> sa.ColumnElement[bool]:
    named = table.c.word == term.word
    return sa.and_(named, table.c.stage == term.stage) if term.stage else named


def list_exclusions(unit: Unit, asked: Asked, at: Page, *, seen_by: Actor) -> Paged[Mapping[str, Any]]:
    """Matters of a period that rates leave out, once a matter and cause: suspended, exempt, out of scope, merged."""
    table = _facts(asked)
    clauses = _clauses(asked, table, seen_by)
    first = (
        sa.select(sa.func.min(table.c.id).label("id"))
        .where(*clauses, table.c.excluded != "")
        .group_by(table.c.subject, table.c.excluded)
    )
    return _page(unit, table, [*clauses, table.c.id.in_(first)], at, seen_by)


def _page(
    unit: Unit, table: sa.Table, clauses: Sequence[sa.ColumnElement[bool]], at: Page, seen_by: Actor
) -> Paged[Mapping[str, Any]]:
    """Facts with number and title of their matter, as far as the asker may see the matter itself."""
    event = evaluate_event
    seen = access.scope(seen_by, "event.read", event.c.division, event.c.orgs, event.c.people)
    shown = [sa.case((seen, event.c[name]), else_=None).label(name) for name in ("case_no", "title", "status")]
    query = sa.select(table, *shown).outerjoin(event, event.c.id == table.c.event).where(*clauses)
    keys = [Key(table.c.at, descending=True), Key(table.c.id, descending=True)]
    return page.of(unit, query, at, keys, lambda row: dict(row._mapping))


# --- the whole read model ---------------------------------------------------------------------------------------


def empty(unit: Unit) -> None:
    """Throw the read model away, to be filled anew in the same transaction."""
    for table in (*TABLES.values(), evaluate_fact, sum_store.evaluate_day):
        unit.run(sa.delete(table))


def blank_titles(unit: Unit, events: Sequence[str], title: str) -> None:
    """Another title stands where those of these events were."""
    unit.run(sa.update(evaluate_event).where(evaluate_event.c.id.in_(list(events))).values(title=title))


def titled(unit: Unit, title: str, *, seen_by: Actor) -> list[str]:
    """The events of one title."""
    if not seen_by.may("evaluate.read"):
        return []
    return [row.id for row in unit.rows(sa.select(evaluate_event.c.id).where(evaluate_event.c.title == title))]


def load(unit: Unit, rows: Sequence[Rowish]) -> None:
    """Fill an emptied table."""
    if rows:
        unit.copy(TABLES[type(rows[0])], [_values(row) for row in rows])


def load_facts(unit: Unit, facts: Sequence[Fact], zone: ZoneInfo) -> None:
    if facts:
        unit.copy(evaluate_fact, [fact_values(fact, zone) for fact in facts])


def rows_between(unit: Unit, cls: type[T], prefix: str, after: str, until: str, *, seen_by: Actor) -> list[T]:
    """What is kept of things (events, entries, calls: ``prefix``) after one and until another, empty for no end."""
    about, name = _ABOUT.get(cls, ("evt", "event"))
    if not seen_by.may("evaluate.read") or about != prefix:
        return []
    table = TABLES[cls]
    column = table.c[name]
    clauses = [column > Id(after)] * bool(after) + [column <= Id(until)] * bool(until)
    return [_MAKE[cls](row) for row in unit.rows(sa.select(table).where(*clauses))]


def facts_between(unit: Unit, prefix: str, after: str, until: str, *, seen_by: Actor) -> list[dict[str, Any]]:
    """The facts of the same. Ids are of one length and plain letters, so that any collation orders them alike."""
    if not seen_by.may("evaluate.read"):
        return []
    subject = evaluate_fact.c.subject
    first, last = after or f"{prefix}_", until or f"{prefix}_{'z' * 27}"
    return [dict(row._mapping) for row in unit.rows(sa.select(evaluate_fact).where(subject > first, subject <= last))]


def count_facts(unit: Unit) -> int:
    return int(unit.value(sa.select(sa.func.count()).select_from(evaluate_fact)) or 0)


def first_day(unit: Unit) -> date | None:
    """The first day of which there is anything."""
    found: date | None = unit.value(sa.select(sa.func.min(evaluate_fact.c.day)))
    return found
