"""The only SQL of events, their history, evidence, search words, counts and saved views."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array

from gangmu.base import access
from gangmu.core.event.model import Act, Dims, Event, Evidence, Status, cell_of, cells_around, dims_of
from gangmu.kit import geo, ids, page
from gangmu.kit.actor import Actor
from gangmu.kit.db import (
    IdList,
    id_col,
    json_col,
    maker,
    metadata,
    ref_col,
    refs_col,
    text_col,
    texts_col,
    version_col,
    when,
)
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import bigrams, query_grams
from gangmu.kit.unit import Unit

OPEN = sa.text("status = 'open'")
_FEW_ORGS = 8
_LATEST = (8000, 120_000)  # so many of the newest texts are read for words that are very common, and common
_SLABS = (400, 6000)  # how many of the newest hits are looked at then

event = sa.Table(
    "event",
    metadata,
    id_col("id", "evt"),
    text_col("case_no"),
    sa.Column("title", sa.Text, nullable=False),
    text_col("text"),
    sa.Column("channel", sa.Text, nullable=False),
    text_col("kind"),
    ref_col("matter", "mat"),
    ref_col("condition", "cnd"),
    ref_col("closing_condition", "clc"),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("flow_version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    text_col("unit_grid"),
    text_col("duty_grid"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("cell", sa.BigInteger, info={"derived": True}),
    text_col("address"),
    sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("supervised", sa.Boolean, nullable=False, server_default=sa.false()),
    when("suspended_until"),
    ref_col("lead_org", "org"),
    refs_col("orgs", "org"),
    refs_col("people", "prs"),
    text_col("holder_role"),
    text_col("holder_of"),
    ref_col("holder_post", "pst"),
    ref_col("handler_post", "pst"),
    texts_col("open_tasks"),
    text_col("lateness"),
    when("due_at"),
    when("due_sort", nullable=False, info={"derived": True}),
    when("clock_started_at"),
    text_col("outcome"),
    text_col("satisfaction"),
    texts_col("exemptions"),
    ref_col("merged_into", "evt"),
    sa.Column("report_count", sa.Integer, nullable=False, server_default="1"),
    sa.Column("caller_count", sa.Integer, nullable=False, server_default="1"),
    when("reported_at", nullable=False),
    when("closed_at"),
    when("moved_at", nullable=False),
    text_col("foreign_no"),
    version_col(),
    sa.Index("uq_event_case_no", "case_no", unique=True, postgresql_where=sa.text("case_no <> ''")),
    sa.Index("ix_event_open_due", "due_sort", "id", postgresql_where=OPEN),
    sa.Index("ix_event_open_state", "state", "due_sort", "id", postgresql_where=OPEN),
    sa.Index("ix_event_open_holder", "holder_role", "due_sort", "id", postgresql_where=OPEN),
    sa.Index("ix_event_open_division", "division", "due_sort", "id", postgresql_where=OPEN),
    sa.Index("ix_event_open_orgs", "orgs", postgresql_using="gin", postgresql_where=OPEN),
    sa.Index("ix_event_open_cell", "cell", postgresql_where=OPEN),
    sa.Index("ix_event_newest", sa.text("reported_at DESC"), sa.text("id DESC")),
    sa.Index("ix_event_foreign", "foreign_no", postgresql_where=sa.text("foreign_no <> ''")),
    sa.Index("ix_event_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
)

event_act = sa.Table(
    "event_act",
    metadata,
    id_col("id", "act"),
    ref_col("event", "evt", nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    text_col("kind"),
    text_col("from_state"),
    text_col("to_state"),
    ref_col("person", "prs"),
    ref_col("post", "pst"),
    ref_col("org", "org"),
    text_col("actor_name"),
    text_col("role"),
    text_col("reason"),
    json_col("args", nullable=False),
    when("done_at", nullable=False),
    when("recorded_at", nullable=False),
    sa.UniqueConstraint("event", "seq"),
    sa.Index(
        "ix_event_act_person", "person", sa.text("recorded_at DESC"), postgresql_where=sa.text("person IS NOT NULL")
    ),
    sa.Index("ix_event_act_recorded", "recorded_at", postgresql_using="brin"),
    info={"append_only": True},
)

event_report = sa.Table(
    "event_report",
    metadata,
    id_col("id", "evr"),
    ref_col("event", "evt", nullable=False, index=True),
    ref_col("report", "rpt", nullable=False, index=True),
    ref_col("came_from", "evt"),
    sa.Column("what", sa.Text, nullable=False),
    when("at", nullable=False),
    ref_col("by_person", "prs"),
    info={"append_only": True},
)

evidence = sa.Table(
    "evidence",
    metadata,
    id_col("id", "evd"),
    ref_col("event", "evt", nullable=False, index=True),
    ref_col("act", "act"),
    ref_col("file", "fil", nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, index=True),
    when("taken_at"),
    when("received_at", nullable=False),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("reused", sa.Boolean, nullable=False, server_default=sa.false()),
    ref_col("by_person", "prs"),
    sa.Column("metres", sa.Float),
    texts_col("flags"),
    info={"append_only": True},
)

event_search = sa.Table(
    "event_search",
    metadata,
    id_col("event", "evt"),
    when("reported_at", nullable=False),
    texts_col("grams"),
    sa.Index("ix_event_search_grams", "grams", postgresql_using="gin"),
    sa.Index("ix_event_search_newest", sa.text("reported_at DESC"), sa.text("event DESC")),
)

event_count = sa.Table(
    "event_count",
    metadata,
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("flow", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    ref_col("lead_org", "org"),
    sa.Column("lateness", sa.Text, nullable=False),
    sa.Column("supervised", sa.Boolean, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
)

saved_view = sa.Table(
    "saved_view",
    metadata,
    id_col("id", "viw"),
    ref_col("person", "prs", nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    json_col("filter", nullable=False),
    when("made_at", nullable=False),
    sa.UniqueConstraint("person", "name"),
)

_event = maker(Event)
_act = maker(Act)
_evidence = maker(Evidence)
_FIELDS = tuple(Event.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list asks for. Empty values ask nothing."""

    state: tuple[str, ...] = ()
    status: tuple[str, ...] = (Status.open.value,)
    channel: str = ""
    flow: str = ""
    matter: tuple[Id, ...] = ()
    org: Id | None = None
    division: str = ""
    lateness: tuple[str, ...] = ()
    supervised: bool | None = None
    urgent: bool | None = None
    holder_roles: tuple[str, ...] = ()
    done_by: Id | None = None
    bbox: geo.Box | None = None
    case_no: str = ""
    newest: bool = False


def _mapping(one: Event) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in _FIELDS}
    values["open_tasks"], values["exemptions"] = list(one.open_tasks), list(one.exemptions)
    return values


def make_event(row: Any) -> Event:
    return _tupled(_event(row))


def _tupled(one: Event) -> Event:
    object.__setattr__(one, "open_tasks", tuple(one.open_tasks))
    object.__setattr__(one, "exemptions", tuple(one.exemptions))
    return one


def add(unit: Unit, new: Event) -> None:
    """Keep a new event with its search words and counts."""
    derived = {"due_sort": new.due_sort, "cell": cell_of(new.lon, new.lat)}
    unit.insert_later(event, {**_mapping(new), **derived})
    put_words(unit, new)
    count(unit, [(dims_of(new), 1)])


def add_many(unit: Unit, new: Sequence[Event], source: str) -> None:
    """Load events of a file: rows, search words, counts; one journal entry."""
    rows = [{**_mapping(one), "due_sort": one.due_sort, "cell": cell_of(one.lon, one.lat)} for one in new]
    unit.insert_many(event, rows, source=source)
    words = [{"event": one.id, "reported_at": one.reported_at, "grams": words_of(one)} for one in new]
    if words:
        unit.copy(event_search, words)
    totals: dict[Dims, int] = {}
    for one in new:
        totals[dims_of(one)] = totals.get(dims_of(one), 0) + 1
    count(unit, list(totals.items()))


def save(unit: Unit, changed: Event, was: Event) -> None:
    """Keep what changed; ``StaleWrite`` if somebody else has moved it on."""
    values = {**_mapping(changed), "due_sort": changed.due_sort}
    values.pop("version")
    before = {**_mapping(was), "due_sort": was.due_sort}
    before.pop("moved_at")  # always written: every save counts, also one in the moment of the one before
    unit.update_later(event, changed.id, values, was=before)
    if dims_of(was) != dims_of(changed):
        count(unit, [(dims_of(was), -1), (dims_of(changed), 1)])


def words_of(one: Event) -> list[str]:
    """The grams that an event is found by."""
    return bigrams(f"{one.title} {one.text[:4000]} {one.address} {one.foreign_no} {one.case_no}")


def put_words(unit: Unit, one: Event) -> None:
    """Words of a new event."""
    row = {"event": one.id, "reported_at": one.reported_at, "grams": words_of(one)}
    unit.insert_later(event_search, row, journaled=False)


def get(unit: Unit, event_id: Id, *, seen_by: Actor, lock: bool = False) -> Event:
    """An event that the viewer may see; not visible is not found."""
    return get_soon(unit, event_id, seen_by=seen_by, lock=lock)()


def get_soon(unit: Unit, event_id: Id, *, seen_by: Actor, lock: bool = False) -> Callable[[], Event]:
    """As ``get``, when it is called: the read travels with others."""

    def make() -> sa.Select[Any]:
        query = sa.select(event).where(event.c.id == sa.bindparam("event", type_=event.c.id.type), visible(seen_by))
        return query.with_for_update() if lock else query

    found = unit.soon(("event.get", lock, _sight(seen_by)), make, event=event_id)

    def get_it() -> Event:
        rows = found.rows()
        if not rows:
            raise NotFound(what=str(event_id))
        return make_event(rows[0])

    return get_it


def _sight(actor: Actor) -> tuple[Any, ...]:
    """What decides which events an actor may see."""
    return actor.kind == "system", actor.person, tuple(actor.grants_of("event.read"))


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The events that an actor may see."""
    return access.scope(actor, "event.read", event.c.division, event.c.orgs, event.c.people)


def find_many(unit: Unit, wanted: Iterable[Id], *, seen_by: Actor) -> list[Event]:
    query = sa.select(event).where(event.c.id.in_(list(wanted)), visible(seen_by))
    return [make_event(row) for row in unit.rows(query.order_by(event.c.reported_at.desc()))]


def list_events(unit: Unit, wanted: Wanted, at: Page, *, seen_by: Actor) -> Paged[Event]:
    """Events late first (or newest first), page by page."""
    query = sa.select(event).where(visible(seen_by), *_clauses(wanted, few=_sees_few(seen_by, wanted)))
    if wanted.done_by is not None:
        mine = sa.select(event_act.c.event).where(event_act.c.person == wanted.done_by)
        query = query.where(event.c.id.in_(mine.order_by(event_act.c.recorded_at.desc()).limit(2000)))
    if wanted.newest or wanted.status != (Status.open.value,):
        keys = [page.Key(event.c.reported_at, descending=True), page.Key(event.c.id, descending=True)]
        return page.of(unit, query, at, keys, make_event)
    due = event.c.due_sort
    if _sees_few(seen_by, wanted):
        # an order that no index has: all of a department's open events are fewer than those before its first fifty
        due = sa.type_coerce(due + sa.literal_column("interval '0'"), due.type)
    return page.of(unit, query, at, [due, event.c.id], make_event)


def _sees_few(actor: Actor, wanted: Wanted) -> bool:
    """Whether an actor sees open events of some organisations alone, which their own index finds at once."""
    reaches = {grant.reach for grant in actor.grants_of("event.read")}
    is_open = wanted.status == (Status.open.value,) and not wanted.newest and not wanted.holder_roles
    return is_open and len(actor.orgs) <= _FEW_ORGS and reaches == {"org"}


def _clauses(wanted: Wanted, *, few: bool = False) -> list[sa.ColumnElement[bool]]:
    clauses: list[sa.ColumnElement[bool]] = []
    if wanted.status:
        one = wanted.status == (Status.open.value,)
        clauses.append(sa.literal_column("event.status = 'open'") if one else event.c.status.in_(wanted.status))
    for column, values in (
        (event.c.state.concat("") if few else event.c.state, wanted.state),
        (event.c.matter, wanted.matter),
        (event.c.lateness, wanted.lateness),
        (event.c.holder_role, wanted.holder_roles),
    ):
        if len(values) == 1:
            clauses.append(column == values[0])
        elif values:
            clauses.append(column.in_(values))
    for column, value in (
        (event.c.channel, wanted.channel),
        (event.c.flow, wanted.flow),
        (event.c.case_no, wanted.case_no),
    ):
        if value:
            clauses.append(column == value)
    if wanted.org is not None:
        clauses.append(event.c.orgs.contains([wanted.org]))
    if wanted.division:
        clauses.append(access.within(event.c.division, wanted.division))
    if wanted.supervised is not None:
        clauses.append(event.c.supervised == wanted.supervised)
    if wanted.urgent is not None:
        clauses.append(event.c.urgent == wanted.urgent)
    if wanted.bbox is not None:
        box = wanted.bbox
        clauses.append(sa.and_(event.c.lon.between(box.west, box.east), event.c.lat.between(box.south, box.north)))
    return clauses


def search(unit: Unit, q: str, *, seen_by: Actor, most: int, before: datetime | None = None) -> list[Event]:
    """Events whose words contain all of the query's, newest first. Of common words the newest texts are read in
    order, so that nobody gathers what ten years of them have to say; rarer ones are looked up, the newest hits first.
    Only who sees few of the events then looks at more hits, and at last at all."""
    grams = query_grams(q)
    if not grams:
        return _search_lately(unit, q, seen_by, most)
    keys = (event_search.c.reported_at, event_search.c.event)
    texts = sa.select(event_search) if before is None else sa.select(event_search).where(keys[0] < before)
    hits = texts.where(event_search.c.grams.contains(grams)).with_only_columns(*keys)
    found = _newest(unit, _among(_latest(unit, texts, grams, _LATEST[0])), seen_by, most)
    if len(found) == most:
        return found
    if len(found) * _LATEST[1] >= most * _LATEST[0]:  # so common that reading on will do
        found = _newest(unit, _among(_latest(unit, texts, grams, _LATEST[1])), seen_by, most)
        if len(found) == most:
            return found
    found = []
    for size in _SLABS:
        slab = unit.rows(hits.order_by(keys[0].desc(), keys[1].desc()).limit(size))
        found += _newest(unit, _among(slab), seen_by, most - len(found))
        if len(slab) < size or len(found) == most:
            return found
        edge = [sa.literal(slab[-1]._mapping[key.name], key.type) for key in keys]
        hits = hits.where(sa.tuple_(*keys) < sa.tuple_(*edge))
    rest = hits.subquery("rest")
    return found + _newest(unit, event.c.id.in_(sa.select(rest.c.event)), seen_by, most - len(found))


def _latest(unit: Unit, texts: sa.Select[Any], grams: Sequence[str], size: int) -> Sequence[Any]:
    """The hits among the newest texts, read in their order."""
    ordered = texts.order_by(event_search.c.reported_at.desc(), event_search.c.event.desc())
    latest = ordered.limit(size).subquery("latest")
    return unit.rows(sa.select(latest.c.event).where(latest.c.grams.contains(grams)))


def _among(hits: Sequence[Any]) -> sa.ColumnElement[bool]:
    return event.c.id == sa.any_(sa.literal([row.event for row in hits], IdList("evt")))


def _newest(unit: Unit, among: sa.ColumnElement[bool], actor: Actor, most: int) -> list[Event]:
    query = sa.select(event).where(among, visible(actor))
    return [
        make_event(row) for row in unit.rows(query.order_by(event.c.reported_at.desc(), event.c.id.desc()).limit(most))
    ]


def _search_lately(unit: Unit, q: str, actor: Actor, most: int) -> list[Event]:
    """A single character: looked for letter by letter in the titles and addresses of the last month."""
    anywhere = sa.or_(event.c.title.contains(q, autoescape=True), event.c.address.contains(q, autoescape=True))
    lately = event.c.reported_at > unit.now - timedelta(days=31)
    query = sa.select(event).where(lately, anywhere, visible(actor)).order_by(event.c.reported_at.desc()).limit(most)
    return [make_event(row) for row in unit.rows(query)]


def find_numbered(unit: Unit, number: str, *, seen_by: Actor) -> list[Event]:
    """By whole case number or foreign number."""
    query = sa.select(event).where(
        sa.or_(
            sa.and_(event.c.case_no == number, event.c.case_no != ""),
            sa.and_(event.c.foreign_no == number, event.c.foreign_no != ""),
        ),
        visible(seen_by),
    )
    return [make_event(row) for row in unit.rows(query.limit(50))]


def list_near(unit: Unit, lon: float, lat: float, radius_m: float, since: datetime, *, seen_by: Actor) -> list[Event]:
    """Open events in the squares around a place."""
    query = (
        sa.select(event)
        .where(
            OPEN,
            event.c.cell.in_(cells_around(lon, lat, radius_m)),
            event.c.reported_at >= since,
            visible(seen_by),
        )
        .order_by(event.c.reported_at.desc())
        .limit(200)
    )
    return [make_event(row) for row in unit.rows(query)]


def list_alike(unit: Unit, grams: Sequence[str], since: datetime, *, seen_by: Actor) -> list[Event]:
    """Open events that share words; the longest run of shared words first, few enough to weigh one by one."""
    if not grams:
        return []
    shared = sa.select(event_search.c.event).where(
        event_search.c.grams.overlap(list(grams)[:40]), event_search.c.reported_at >= since
    )
    query = sa.select(event).where(OPEN, event.c.id.in_(shared.limit(400)), visible(seen_by)).limit(200)
    return [make_event(row) for row in unit.rows(query)]


# --- history ---------------------------------------------------------------------------------------------


def add_act(unit: Unit, new: Act) -> None:
    names = tuple(Act.__dataclass_fields__)
    unit.insert_later(event_act, {name: getattr(new, name) for name in names})


def _may_see(actor: Actor, event_id: Any) -> sa.ColumnElement[bool]:
    """Whether an actor sees the event that a row belongs to."""
    if actor.kind == "system":
        return sa.true()
    return sa.exists().where(event.c.id == event_id, visible(actor))


def acts_of(unit: Unit, event_id: Id, *, seen_by: Actor) -> list[Act]:
    """The whole history of an event, oldest first."""
    return acts_soon(unit, event_id, seen_by=seen_by)()


def acts_soon(unit: Unit, event_id: Id, *, seen_by: Actor) -> Callable[[], list[Act]]:
    """As ``acts_of``, when it is called: the read travels with others."""
    given = sa.bindparam("event", type_=event.c.id.type)

    def make() -> sa.Select[Any]:
        seen = _may_see(seen_by, given)
        return sa.select(event_act).where(event_act.c.event == given, seen).order_by(event_act.c.seq)

    found = unit.soon(("event.acts", _sight(seen_by)), make, event=event_id)
    return lambda: [_act(row) for row in found.rows()]


def acts_since(unit: Unit, event_id: Id, seq: int, *, seen_by: Actor) -> list[Act]:
    query = sa.select(event_act).where(
        event_act.c.event == event_id, event_act.c.seq > seq, _may_see(seen_by, event_id)
    )
    return [_act(row) for row in unit.rows(query.order_by(event_act.c.seq))]


def add_link(unit: Unit, event_id: Id, report: Id, what: str, came_from: Id | None) -> None:
    row = {"id": ids.new("evr"), "event": event_id, "report": report, "what": what, "at": unit.now}
    unit.insert_later(event_report, {**row, "came_from": came_from, "by_person": unit.actor.person})


def origin_of_reports(unit: Unit, event_id: Id, reports: Sequence[Id]) -> dict[Id, Id | None]:
    """For each report of an event, the event that it came from when that was merged into this one (the last time)."""
    query = (
        sa.select(event_report.c.report, event_report.c.came_from)
        .where(event_report.c.event == event_id, event_report.c.report.in_(list(reports)))
        .order_by(event_report.c.id)
    )
    return {row.report: row.came_from for row in unit.rows(query)}


# --- evidence --------------------------------------------------------------------------------------------


def add_evidence(unit: Unit, new: Evidence) -> None:
    values = {name: getattr(new, name) for name in Evidence.__dataclass_fields__}
    unit.insert(evidence, {**values, "flags": list(new.flags)})


def evidence_of(unit: Unit, event_id: Id, *, seen_by: Actor) -> list[Evidence]:
    seen = _may_see(seen_by, event_id)
    query = sa.select(evidence).where(evidence.c.event == event_id, seen).order_by(evidence.c.id)
    return [replace(_evidence(row), flags=tuple(row.flags)) for row in unit.rows(query)]


def digest_seen(unit: Unit, digest: str) -> bool:
    return bool(unit.value(sa.select(sa.exists().where(evidence.c.digest == digest))))


def event_of_file(unit: Unit, file_id: Id) -> Id | None:
    found: Id | None = unit.value(sa.select(evidence.c.event).where(evidence.c.file == file_id).limit(1))
    return found


# --- counts ----------------------------------------------------------------------------------------------


def count(unit: Unit, changes: Sequence[tuple[Dims, int]]) -> None:
    """Add to the maintained counts; the rows are folded together by a chore."""
    for dims, n in changes:
        row = {**{name: getattr(dims, name) for name in Dims.__dataclass_fields__}, "n": n}
        unit.insert_later(event_count, row, journaled=False)


def fold_counts(unit: Unit) -> int:
    """Fold the changes into one row a combination. Returns the rows folded."""
    names = [column for column in event_count.c if column.name != "n"]
    waiting = unit.value(sa.select(sa.func.count()).select_from(sa.select(event_count.c.n).limit(3000).subquery()))
    gone = sa.delete(event_count).returning(*event_count.c).cte("gone")
    folded = sa.select(*[gone.c[c.name] for c in names], sa.func.sum(gone.c.n)).group_by(
        *[gone.c[c.name] for c in names]
    )
    into = sa.insert(event_count).from_select(
        [*[c.name for c in names], "n"], folded.having(sa.func.sum(gone.c.n) != 0)
    )
    unit.run(sa.text("LOCK TABLE event_count IN SHARE UPDATE EXCLUSIVE MODE"))
    unit.run(into)
    return int(waiting or 0)


def counts(unit: Unit, *, seen_by: Actor) -> list[Mapping[str, Any]]:
    """Open events by state, holder, lateness and supervision, as far as the viewer may see them: from the
    maintained counts, by division or lead organisation."""
    lead = sa.cast(array([event_count.c.lead_org]), event.c.orgs.type)
    clause = access.scope(seen_by, "event.read", event_count.c.division, lead)
    columns = [event_count.c.flow, event_count.c.state, event_count.c.lateness, event_count.c.supervised]
    query = (
        sa.select(*columns, sa.func.sum(event_count.c.n).label("n"))
        .where(event_count.c.status == Status.open.value, clause)
        .group_by(*columns)
    )
    return [dict(row._mapping) for row in unit.rows(query)]


# --- saved views -----------------------------------------------------------------------------------------


def add_view(unit: Unit, view_id: Id, person: Id, name: str, wanted: Mapping[str, Any]) -> None:
    unit.insert(
        saved_view, {"id": view_id, "person": person, "name": name, "filter": dict(wanted), "made_at": unit.now}
    )


def list_views(unit: Unit, person: Id | None, *, seen_by: Actor) -> list[Any]:
    query = sa.select(saved_view).where(saved_view.c.person == person).order_by(saved_view.c.id)
    return list(unit.rows(query)) if person else []


def drop_view(unit: Unit, view_id: Id, person: Id | None) -> None:
    row = unit.one(sa.select(saved_view).where(saved_view.c.id == view_id, saved_view.c.person == person))
    if row is None:
        raise NotFound(what=str(view_id))
    unit.delete(saved_view, view_id, was=dict(row._mapping))


def clock_moved(unit: Unit, event_id: Id, due_at: datetime | None, started_at: datetime | None, lateness: str) -> None:
    """Bring the deadline that lists sort by up to date after a warn mark or deadline has passed (no act: the version
    stays, so nobody's work in hand becomes stale)."""
    row = unit.one(sa.select(event).where(event.c.id == event_id).with_for_update())
    if row is None or (row.lateness == lateness and row.due_at == due_at):
        return
    was = make_event(row)
    values = {"due_at": due_at, "clock_started_at": started_at, "lateness": lateness}
    unit.run(sa.update(event).where(event.c.id == event_id).values(**values))
    changed = replace(was, **values)
    if dims_of(was) != dims_of(changed):
        count(unit, [(dims_of(was), -1), (dims_of(changed), 1)])
