"""The only SQL of the wall screen's read models: what moved, verdicts, counts and squares. None of it is journaled. Of
it, what stands now can be made again from the events; moves, verdicts and counts of days stay as they were counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.base import access
from gangmu.core.board import model
from gangmu.core.board.model import Count, Standing, Verdict
from gangmu.kit import page as paging
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, text_col, texts_col, when
from gangmu.kit.ids import Id
from gangmu.kit.page import Key, Page, Paged
from gangmu.kit.unit import Unit

ALONE = 7_401_026
FAR = datetime(9999, 1, 1, tzinfo=UTC)

board_dirty = sa.Table(
    "board_dirty",
    metadata,
    ref_col("event", "evt", nullable=False),
    when("at", nullable=False),
)

board_open = sa.Table(
    "board_open",
    metadata,
    id_col("event", "evt"),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    text_col("lateness"),
    sa.Column("lon", sa.Float),
    sa.Column("lat", sa.Float),
    sa.Column("x", sa.Integer),
    sa.Column("y", sa.Integer),
    texts_col("reasons"),
    sa.Column("score", sa.Integer, nullable=False),
    when("due_at"),
    when("reported_at", nullable=False),
    sa.Index("ix_board_open_square", "x", "y"),
    sa.Index("ix_board_open_stage", "stage", "due_at", "event"),
    sa.Index("ix_board_open_late", "lateness", "due_at", "event", postgresql_where=sa.text("lateness <> ''")),
    sa.Index("ix_board_open_score", sa.text("score DESC"), "due_at", "event", postgresql_where=sa.text("score > 0")),
    sa.Index("ix_board_open_reasons", "reasons", postgresql_using="gin", postgresql_where=sa.text("score > 0")),
)

board_move = sa.Table(
    "board_move",
    metadata,
    ref_col("event", "evt", nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    when("at", nullable=False),
    sa.Index("ix_board_move_shown", "day", "what", "key", sa.text("at DESC")),
    sa.Index("ix_board_move_event", "event"),
)

board_verdict = sa.Table(
    "board_verdict",
    metadata,
    id_col("clock", "clk"),
    ref_col("event", "evt", nullable=False, index=True),
    ref_col("org", "org", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("on_time", sa.Boolean, nullable=False),
    when("at", nullable=False),
    sa.Index("ix_board_verdict_org", "org", "day"),
)

board_delta = sa.Table(
    "board_delta",
    metadata,
    sa.Column("day", sa.Date),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("org", "org"),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    when("last_at"),
)

board_count = sa.Table(
    "board_count",
    metadata,
    sa.Column("day", sa.Date),
    sa.Column("division", sa.Text, nullable=False),
    ref_col("org", "org"),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    when("last_at"),
    sa.UniqueConstraint("what", "day", "key", "division", "org", postgresql_nulls_not_distinct=True),
)

board_square = sa.Table(
    "board_square",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("x", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("y", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("division", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("late", sa.BigInteger, nullable=False),
    sa.Column("near", sa.BigInteger, nullable=False),
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("lat", sa.Float, nullable=False),
)

HEARD = ("heard", "alarm")
STANDING, MOVING = ("stock", "why", "nowhere"), ("in", "out", *HEARD)
COUNTED_BY = ("day", "division", "org", "what", "key")
_standing = maker(Standing)
_verdict = maker(Verdict)


@dataclass(frozen=True, slots=True)
class Square:
    """Open events of a square of the map: how many, and where their middle is."""

    x: int
    y: int
    n: int
    late: int
    near: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A kept count: of a day or (None) of now."""

    day: date | None
    org: Id | None
    what: str
    key: str
    n: int


# --- what is to be looked at anew ---------------------------------------------------------------------------


def alone(unit: Unit) -> bool:
    """Whether this transaction alone brings the board up to date now, over all processes."""
    return bool(unit.value(sa.select(sa.func.pg_try_advisory_xact_lock(ALONE))))


def is_waiting(unit: Unit) -> bool:
    """Whether there is anything to fold or to look at; not what."""
    there = [sa.exists(sa.select(sa.literal(1)).select_from(table)) for table in (board_dirty, board_delta)]
    return bool(unit.value(sa.select(sa.or_(*there))))


def mark(unit: Unit, events: Iterable[Id], at: datetime) -> None:
    rows = [{"event": one, "at": at} for one in events]
    if rows:
        unit.run(sa.insert(board_dirty), rows)


def take_marked(unit: Unit, most: int) -> set[Id]:
    """Some of the marked events, each once; their marks are gone with this transaction."""
    some = sa.select(sa.literal_column("ctid")).select_from(board_dirty).limit(most).with_for_update(skip_locked=True)
    here = sa.literal_column("board_dirty.ctid").in_(some.scalar_subquery())
    return {row.event for row in unit.rows(sa.delete(board_dirty).where(here).returning(board_dirty.c.event))}


def marked_since(unit: Unit) -> datetime | None:
    """The oldest mark that waits (real time)."""
    found: datetime | None = unit.value(sa.select(sa.func.min(board_dirty.c.at)))
    return found


# --- standings and verdicts ---------------------------------------------------------------------------------


def standings(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> dict[Id, Standing]:
    query = sa.select(board_open).where(board_open.c.event.in_(list(events)), _seen(seen_by, board_open))
    return {row.event: _made(row) for row in unit.rows(query)}


def _made(row: Any) -> Standing:
    one = _standing(row)
    object.__setattr__(one, "reasons", tuple(one.reasons))
    return one


def put_standings(unit: Unit, gone: Sequence[Id], there: Sequence[Standing]) -> None:
    """Those that stand no longer go, the others stand as given."""
    if gone:
        unit.run(sa.delete(board_open).where(board_open.c.event.in_(list(gone))))
    if there:
        names = list(Standing.__dataclass_fields__)
        rows = [{**{name: getattr(one, name) for name in names}, "reasons": list(one.reasons)} for one in there]
        adding = pg_insert(board_open)
        changed = {name: adding.excluded[name] for name in names if name != "event"}
        unit.run(adding.on_conflict_do_update(index_elements=["event"], set_=changed), rows)


def verdicts(unit: Unit, events: Iterable[Id], *, seen_by: Actor) -> dict[Id, Verdict]:
    """By clock."""
    query = sa.select(board_verdict).where(board_verdict.c.event.in_(list(events)), _seen(seen_by, board_verdict))
    return {row.clock: _verdict(row) for row in unit.rows(query)}


def put_verdicts(unit: Unit, gone: Sequence[Id], there: Sequence[Verdict]) -> None:
    if gone:
        unit.run(sa.delete(board_verdict).where(board_verdict.c.clock.in_(list(gone))))
    if there:
        names = list(Verdict.__dataclass_fields__)
        adding = pg_insert(board_verdict)
        changed = {name: adding.excluded[name] for name in names if name != "clock"}
        rows = [{name: getattr(one, name) for name in names} for one in there]
        unit.run(adding.on_conflict_do_update(index_elements=["clock"], set_=changed), rows)


# --- counts -------------------------------------------------------------------------------------------------


def add_move(unit: Unit, event: Id, day: date, division: str, what: str, key: str, at: datetime) -> None:
    """An event went into a stage or out of it, or a source was heard."""
    row = {"event": event, "day": day, "division": division, "what": what, "key": key, "at": at}
    unit.run(sa.insert(board_move), row)
    _add_delta(unit, day, division, what, key, at)


def add_alarm(unit: Unit, day: date, division: str, channel: str, at: datetime) -> None:
    """A source was heard without an event."""
    _add_delta(unit, day, division, "alarm", channel, at)


def _add_delta(unit: Unit, day: date, division: str, what: str, key: str, at: datetime) -> None:
    row = {"day": day, "division": model.town(division), "org": None, "what": what, "key": key, "n": 1}
    unit.run(sa.insert(board_delta), {**row, "last_at": at})


def merged_balance(unit: Unit, event: Id) -> int | None:
    """How often an event went into another, less how often it came back; None of one that was never seen moving."""
    row = unit.one(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(board_move.c.key == "merged", board_move.c.what == "in"),
            sa.func.count().filter(board_move.c.key == "merged", board_move.c.what == "out"),
        ).where(board_move.c.event == event)
    )
    return None if row is None or not row[0] else int(row[1] - row[2])


def fold(unit: Unit) -> int:
    """Take what jobs have counted into the kept counts. Returns how many counts moved."""
    gone = sa.delete(board_delta).returning(*board_delta.c).cte("gone")
    by = [gone.c[name] for name in COUNTED_BY]
    sums = sa.select(*by, sa.func.sum(gone.c.n), sa.func.max(gone.c.last_at)).group_by(*by)
    adding = pg_insert(board_count).from_select([*COUNTED_BY, "n", "last_at"], sums)
    return len(unit.rows(_over(adding).returning(board_count.c.n)))


def add_counts(unit: Unit, changes: Mapping[Count, int]) -> None:
    rows = [
        {"day": day, "division": division, "org": org, "what": what, "key": key, "n": n, "last_at": None}
        for (day, division, org, what, key), n in sorted(changes.items(), key=lambda item: repr(item[0]))
    ]
    if rows:
        unit.run(_over(pg_insert(board_count)), rows)


def _over(adding: Any) -> Any:
    return adding.on_conflict_do_update(
        index_elements=["what", "day", "key", "division", "org"],
        set_={
            "n": board_count.c.n + adding.excluded.n,
            "last_at": sa.func.greatest(board_count.c.last_at, adding.excluded.last_at),
        },
    )


def add_squares(unit: Unit, changes: Iterable[tuple[Standing, int]]) -> None:
    """Put events on the squares of every level, or take them off."""
    sums: dict[tuple[int, int, int, str], list[float]] = {}
    for one, n in changes:
        if one.x is None or one.y is None or one.lon is None or one.lat is None:
            continue
        for level in model.LEVELS:
            key = (level, *model.at_level(one.x, one.y, level), model.town(one.division))
            whole = sums.setdefault(key, [0, 0, 0, 0.0, 0.0])
            told = (1, one.lateness == "late", one.lateness == "near", one.lon, one.lat)
            for number, value in enumerate(told):
                whole[number] += n * value
    names = ("level", "x", "y", "division", "n", "late", "near", "lon", "lat")
    rows = [dict(zip(names, (*key, *sums[key]), strict=True)) for key in sorted(sums) if any(sums[key])]
    if rows:
        adding = pg_insert(board_square)
        added = {name: board_square.c[name] + adding.excluded[name] for name in names[4:]}
        keys = list(names[:4])
        unit.run(adding.on_conflict_do_update(index_elements=keys, set_=added), rows)


def empty(unit: Unit) -> None:
    """Forget what stands now (stock, squares, standings), to be made again from the events."""
    for table in (board_open, board_square):
        unit.run(sa.delete(table))
    unit.run(sa.delete(board_count).where(board_count.c.day.is_(None)))


def forget(unit: Unit, today: date, keep_days: int) -> int:
    """Drop days that are shown no more, and squares on which nothing lies."""
    gone = unit.run(sa.delete(board_move).where(board_move.c.day < today - timedelta(days=8)))
    before = today - timedelta(days=keep_days)
    gone += unit.run(sa.delete(board_verdict).where(board_verdict.c.day < before))
    gone += unit.run(sa.delete(board_count).where(board_count.c.day < before))
    gone += unit.run(sa.delete(board_count).where(board_count.c.day.is_(None), board_count.c.n == 0))
    return gone + unit.run(sa.delete(board_square).where(board_square.c.n == 0))


# --- figures ------------------------------------------------------------------------------------------------


def _seen(actor: Actor, table: sa.Table) -> sa.ColumnElement[bool]:
    return access.scope(actor, "board.read", table.c.division)


def list_figures(unit: Unit, today: date, week: date, *, seen_by: Actor) -> list[Figure]:
    """What counts now, what has counted today, and the verdicts of a week."""
    kept = board_count.c
    shown = sa.or_(
        sa.and_(kept.what.in_(STANDING), kept.day.is_(None)),
        sa.and_(kept.what.in_(MOVING), kept.day == today),
        sa.and_(kept.what == "verdict", kept.day >= week),
    )
    by = [kept.day, kept.org, kept.what, kept.key]
    query = sa.select(*by, sa.func.sum(kept.n).label("n")).where(shown, _seen(seen_by, board_count)).group_by(*by)
    return [Figure(row.day, row.org, row.what, row.key, int(row.n)) for row in unit.rows(query)]


def list_heard(unit: Unit, since: date, *, seen_by: Actor) -> dict[str, datetime]:
    """When each source that was heard since a day was heard last."""
    kept = board_count.c
    query = sa.select(kept.key, sa.func.max(kept.last_at).label("last_at")).where(
        kept.what.in_(HEARD), kept.day >= since, kept.last_at.is_not(None), _seen(seen_by, board_count)
    )
    return {row.key: row.last_at for row in unit.rows(query.group_by(kept.key))}


def list_squares(
    unit: Unit, level: int, xs: tuple[int, int], ys: tuple[int, int], most: int, *, seen_by: Actor
) -> list[Square]:
    """The squares of a part of the map, those with most late first."""
    of = board_square.c
    n, late = sa.func.sum(of.n), sa.func.sum(of.late)
    query = (
        sa.select(
            of.x,
            of.y,
            n.label("n"),
            late.label("late"),
            sa.func.sum(of.near).label("near"),
            (sa.func.sum(of.lon) / n).label("lon"),
            (sa.func.sum(of.lat) / n).label("lat"),
        )
        .where(of.level == level, of.x.between(*xs), of.y.between(*ys), of.n > 0, _seen(seen_by, board_square))
        .group_by(of.x, of.y)
        .order_by(late.desc(), n.desc())
        .limit(most)
    )
    return [
        Square(row.x, row.y, int(row.n), int(row.late), int(row.near), row.lon, row.lat) for row in unit.rows(query)
    ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open events: those of a stage, a lateness, a reason, that are abnormal at all, in a square or a box of
    squares at the finest level, without a place, or one."""

    stage: str = ""
    lateness: str = ""
    reason: str = ""
    abnormal: bool = False
    square: tuple[int, int, int] | None = None
    box: tuple[tuple[int, int], tuple[int, int]] | None = None
    nowhere: bool = False
    event: Id | None = None

    @property
    def by_consequence(self) -> bool:
        return bool(self.reason) or self.abnormal


def _open(wanted: Wanted, seen_by: Actor) -> sa.Select[Any]:
    of = board_open.c
    clauses, box = [_seen(seen_by, board_open)], wanted.box
    if wanted.stage:
        clauses.append(of.stage == wanted.stage)
    if wanted.lateness:
        clauses.append(of.lateness == ("" if wanted.lateness == "calm" else wanted.lateness))
    if wanted.reason:
        clauses.append(of.reasons.contains([wanted.reason]))
    if wanted.by_consequence:
        clauses.append(of.score > 0)
    if wanted.nowhere:
        clauses.append(of.x.is_(None))
    if wanted.event is not None:
        clauses.append(of.event == wanted.event)
    if wanted.square is not None:
        level, x, y = wanted.square
        wide = 2 ** (model.FINEST - level)
        box = ((x * wide, x * wide + wide - 1), (y * wide, y * wide + wide - 1))
    if box is not None:
        clauses += [of.x.between(*box[0]), of.y.between(*box[1])]
    return sa.select(board_open).where(*clauses)


def list_open(unit: Unit, most: int, wanted: Wanted, *, seen_by: Actor) -> list[Standing]:
    """The first open events: by consequence where that is asked for, else those due first."""
    of = board_open.c
    first = [of.score.desc()] if wanted.by_consequence else []
    query = _open(wanted, seen_by).order_by(*first, of.due_at, of.event).limit(most)
    return [_made(row) for row in unit.rows(query)]


def page_open(unit: Unit, page: Page, wanted: Wanted, *, seen_by: Actor) -> Paged[Standing]:
    """The same, page by page. Open events alone are ordered for it, of which there are never very many."""
    of = board_open.c
    first = [(-of.score)] if wanted.by_consequence else []
    keys = [*first, sa.func.coalesce(of.due_at, sa.bindparam(None, FAR, type_=of.due_at.type)), of.event]
    return paging.of(unit, _open(wanted, seen_by), page, keys, _made)


def page_moved(unit: Unit, page: Page, day: date, what: str, key: str, *, seen_by: Actor) -> Paged[tuple[Id, datetime]]:
    """The events that went into or out of a stage on a day, or came by a source, the newest first."""
    of = board_move.c
    query = sa.select(of.event, of.at).where(of.day == day, of.what == what, of.key == key, _seen(seen_by, board_move))
    return paging.of(unit, query, page, [Key(of.at, True), Key(of.event, True)], lambda row: (row.event, row.at))


def page_judged(
    unit: Unit, page: Page, org: Id, since: date, *, seen_by: Actor, on_time: bool | None
) -> Paged[tuple[Id, datetime]]:
    """The events of an organisation's verdicts since a day, the newest first."""
    of = board_verdict.c
    query = sa.select(of.event, of.at).where(of.org == org, of.day >= since, _seen(seen_by, board_verdict))
    if on_time is not None:
        query = query.where(of.on_time.is_(on_time))
    return paging.of(unit, query, page, [Key(of.at, True), Key(of.clock, True)], lambda row: (row.event, row.at))


def recount(unit: Unit, *, seen_by: Actor) -> tuple[dict[Any, int], dict[Any, tuple[int, int, int]]]:
    """Counts and squares as they stand, for a comparison with a slow recount."""
    kept = board_count.c
    seen = [_seen(seen_by, board_count), kept.n != 0]
    counts = {
        (row.day, row.division, row.org, row.what, row.key): int(row.n)
        for row in unit.rows(sa.select(board_count).where(*seen))
    }
    on_map = sa.select(board_square).where(board_square.c.n != 0, _seen(seen_by, board_square))
    squares = {(row.level, row.x, row.y, row.division): (row.n, row.late, row.near) for row in unit.rows(on_map)}
    return counts, squares
