"""``gangmu bench event-write``: matters opened and moved a second, each an own durable transaction.

Four client processes open events from reports and move them along the case flow (accept, file, dispatch, assign,
start) through the use cases, journal, outbox, clocks and history included. The peer writes the very same rows, with
the same keys and commits, by plain psycopg with as many clients: the statements of one opening and one way are
recorded, and played again with fresh ids.
"""

import itertools
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from gangmu import boot
from gangmu.core import event, matter, report
from gangmu.core.event import ActArgs
from gangmu.core.matter import service as matter_service
from gangmu.faces.bench import Args, Measured, percentile, private_folder, say
from gangmu.faces.bench._city import COUNTY, People, settle_people
from gangmu.kit import clock, db, ids, pipe, seal
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import open_unit

CLIENTS = 4
USUAL_S, FULL_S = 8.0, 150.0
WAY = ("accept", "register", "dispatch", "assign", "start")
DOERS = ("clerk", "shift_leader", "dispatcher", "dept_lead", "handler")
TEXT = "路口井盖破损下沉，夜间行人容易绊倒，请尽快派人维修处理"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a client needs to know."""

    uri: str
    folder: Path
    actors: dict[str, Actor]
    people: People
    condition: Id
    seconds: float


@dataclass(frozen=True, slots=True)
class Tally:
    """What a client did: acts, how long each took (ms), and how long it worked (s)."""

    creates: int
    transitions: int
    creates_s: float
    transitions_s: float
    took_ms: list[float]


def run(args: Args) -> Measured:
    """Openings first, then the same events are moved; as long for the bare database."""
    seconds = FULL_S if args.full else USUAL_S
    with private_folder() as folder, boot.node(folder) as node:
        setting = _setting(node, folder, seconds)
        say("ours ...")
        ours = _together(_ours, setting)
        say("bare ...")
        opening, way = _recorded(setting)
        bare = _together(_Bare(opening, way), setting)
    creates, transitions = _rate(ours, "creates"), _rate(ours, "transitions")
    bare_creates, bare_transitions = _rate(bare, "creates"), _rate(bare, "transitions")
    times = [ms for tally in ours for ms in tally.took_ms]
    figures = {
        "creates_per_s": creates,
        "transitions_per_s": transitions,
        "p99_ms": percentile(times, 0.99),
        "share_of_bare": (creates / bare_creates + transitions / bare_transitions) / 2,
    }
    peer = {"name": "bare psycopg", "creates_per_s": bare_creates, "transitions_per_s": bare_transitions}
    notes = {"clients": CLIENTS, "statements_a_create": len(opening), "statements_a_transition": len(way) / len(WAY)}
    return Measured(figures, sum(tally.creates + tally.transitions for tally in ours), peer, notes=notes)


def _rate(tallies: Sequence[Tally], what: str) -> float:
    return sum(getattr(tally, what) / max(getattr(tally, f"{what}_s"), 1e-9) for tally in tallies)


def _setting(node: boot.Node, folder: Path, seconds: float) -> Setting:
    people = settle_people()
    actors = {role: people.actor(role) for role in DOERS}
    with open_unit(actors["clerk"], "bench") as unit:
        row = matter_service.list_classes(unit, unit.actor, tree="urban_event")[-1]
        condition = matter.conditions_for(unit, unit.actor, row.id)[0]
    return Setting(node.database.uri, folder, actors, people, condition.id, seconds)


def _together(work: Callable[[Setting, int], Tally], setting: Setting) -> list[Tally]:
    """All clients at once, each a process."""
    context = multiprocessing.get_context("spawn")
    told: Queue[Tally] = context.Queue()
    clients = [context.Process(target=_client, args=(work, setting, number, told)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    tallies = [told.get(timeout=setting.seconds * 6 + 120) for _ in clients]
    for client in clients:
        client.join()
    return tallies


def _client(work: Callable[[Setting, int], Tally], setting: Setting, number: int, told: "Queue[Tally]") -> None:
    boot.load_stages()
    db.use(db.Database(setting.uri, size=2))
    seal.use(seal.Keys.load(setting.folder / "keys"))
    told.put(work(setting, number))


# --- ours ------------------------------------------------------------------------------------------------


def _ours(setting: Setting, number: int) -> Tally:
    _open(setting)
    times: list[float] = []
    made: list[Id] = []
    began = clock.monotonic()
    while clock.monotonic() - began < setting.seconds:
        tick = clock.monotonic()
        made.append(_open(setting))
        times.append((clock.monotonic() - tick) * 1000)
    creates_s = clock.monotonic() - began
    moved, began = 0, clock.monotonic()
    for event_id in itertools.chain(made, (_open(setting) for _ in itertools.count())):
        for step in range(len(WAY)):
            tick = clock.monotonic()
            _move(setting, event_id, step)
            times.append((clock.monotonic() - tick) * 1000)
            moved += 1
        if clock.monotonic() - began > setting.seconds:
            break
    return Tally(len(made), moved, creates_s, clock.monotonic() - began, times)


def _open(setting: Setting) -> Id:
    with open_unit(setting.actors["clerk"], "bench") as unit:
        told = report.ReporterDraft(name="测试", phone="13900000000")
        draft = report.Draft(report.Channel.patrol, TEXT, division=COUNTY, address="某路一号", reporter=told)
        _, opened = event.take_report(unit, setting.actors["clerk"], draft)
        assert opened is not None
        return opened.id


def _move(setting: Setting, event_id: Id, step: int) -> None:
    actor = setting.actors[DOERS[step]]
    given = {
        "register": {"condition_id": setting.condition},
        "dispatch": {"lead_org": setting.people.orgs["department0"]},
        "assign": {"handler_post": setting.people.posts["handler"]},
    }
    with open_unit(actor, "bench") as unit:
        event.act(unit, actor, event_id, WAY[step], ActArgs(**given.get(WAY[step], {})))


# --- bare ------------------------------------------------------------------------------------------------

Line = tuple[str, Any]


def _recorded(setting: Setting) -> tuple[list[Line], list[Line]]:
    """The writing statements of one opening and of one whole way, as psycopg gets them."""
    written: list[Line] = []
    way_at: list[int] = []

    def hear(sent: Sequence[tuple[str, Any]]) -> None:
        verbs = ("INSERT", "UPDATE", "DELETE", "WITH")
        written.extend((sql, dict(values)) for sql, values in sent if sql.lstrip().split(None, 1)[0].upper() in verbs)

    def hear_one(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        hear([(statement, each) for each in (parameters if many else [parameters])])

    engine = db.current().engine
    sa.event.listen(engine, "before_cursor_execute", hear_one)
    pipe.listeners.append(hear)
    try:
        event_id = _open(setting)
        opening = list(written)
        written.clear()
        for step in range(len(WAY)):
            way_at.append(len(written))
            _move(setting, event_id, step)
    finally:
        pipe.listeners.remove(hear)
        sa.event.remove(engine, "before_cursor_execute", hear_one)
    ends = [*way_at[1:], len(written)]
    way = [line for first, last in zip(way_at, ends, strict=True) for line in [*written[first:last], ("COMMIT", None)]]
    return opening, way


class _Bare:
    """A client that plays the recorded statements with fresh ids and numbers."""

    def __init__(self, opening: list[Line], way: list[Line]) -> None:
        self.opening, self.way = opening, way

    def __call__(self, setting: Setting, number: int) -> Tally:
        made: list[dict[Any, Any]] = []
        serial = itertools.count(number * 10_000_000)
        with psycopg.connect(db.plain_uri(setting.uri)) as conn:
            began = clock.monotonic()
            while clock.monotonic() - began < setting.seconds:
                fresh: dict[Any, Any] = {"serial": f"bare-{number}-{next(serial)}"}
                with conn.transaction():
                    for statement, values in self.opening:
                        conn.execute(statement, _renewed(values, fresh))
                made.append(fresh)
            creates_s = clock.monotonic() - began
            moved, began = 0, clock.monotonic()
            for fresh in made:
                moved += self._moved(conn, fresh)
                if clock.monotonic() - began > setting.seconds:
                    break
            return Tally(len(made), moved, creates_s, clock.monotonic() - began, [])

    def _moved(self, conn: psycopg.Connection[Any], fresh: dict[Any, Any]) -> int:
        steps: list[list[Line]] = [[]]
        for line in self.way:
            if line[1] is None:
                steps.append([])
            else:
                steps[-1].append(line)
        for step in steps[:-1]:
            with conn.transaction():
                for statement, values in step:
                    conn.execute(statement, _renewed(values, fresh))
        return len(steps) - 1


def _renewed(values: dict[str, Any], fresh: dict[Any, Any]) -> dict[str, Any]:
    """The values with every id of the recorded matter replaced by one that is new for this one."""
    shown = {}
    for name, value in values.items():
        if isinstance(value, UUID) and not _is_shared(name):
            shown[name] = fresh.setdefault(value, ids.new_uuid())
        elif name.startswith("case_no"):
            shown[name] = fresh["serial"]
        else:
            shown[name] = value
    return shown


def _is_shared(name: str) -> bool:
    """Columns that point at people, departments, classes: those stay."""
    kept = (
        "person",
        "post",
        "org",
        "lead_org",
        "reporter",
        "matter",
        "condition",
        "taken_by",
        "by_person",
        "handler_post",
    )
    return name.rstrip("_0123456789").endswith(kept) or name.startswith(("holder_post", "closing"))
