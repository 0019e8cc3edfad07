"""Use cases of trying out: a draft of a flow on past events; moving events to another version; what runs under what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gangmu.base import access
from gangmu.core import matter
from gangmu.core.event import past
from gangmu.core.event.past import Shown
from gangmu.core.flow import drafts
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.model import Flow
from gangmu.core.flow.reading import parse
from gangmu.core.flow.settings import FlowSettings
from gangmu.core.matter import service as matter_service
from gangmu.core.trial import model
from gangmu.core.trial.model import FlowTrial
from gangmu.kit import settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

MOVE = "flow.confirm"
EVERYTHING = System("trial")


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try-out found, over which time, with the examples that the asker may see."""

    found: FlowTrial
    draft: Flow
    current: Flow | None
    since: datetime
    until: datetime
    most: int
    shown: Mapping[str, Shown]


def try_draft(unit: Unit, actor: Actor, draft_id: Id, days: int | None = None, most: int | None = None) -> Tried:
    """Try a draft on the last events of its flow. The counts stay with the draft, for whoever shall publish it."""
    draft = drafts.get_draft(unit, actor, draft_id)
    tried = try_flow(unit, actor, draft.flow, parse(draft.definition), days, most)
    told = {**model.summary(tried.found), "since": tried.since.isoformat(), "until": tried.until.isoformat()}
    drafts.keep_tried(unit, draft, told)
    return tried


def try_flow(
    unit: Unit, actor: Actor, flow: str, draft: Flow, days: int | None = None, most: int | None = None
) -> Tried:
    """Play the events of the last days, at most so many, act by act on a flow. Nothing is written."""
    rules = settings.get(FlowSettings)
    days, most = days or rules.tryout_days, most or rules.tryout_events
    since = unit.now - timedelta(days=days)
    flows: dict[int, Flow | None] = {}
    posts: dict[str, frozenset[str]] = {}

    def own_of(version: int) -> Flow | None:
        if version not in flows:
            try:
                flows[version] = flow_service.get_flow(unit, actor, flow, version)
            except NotFound:
                flows[version] = None
        return flows[version]

    def permits(post: str | None, permission: str) -> bool:
        if post is None:
            return True
        if post not in posts:
            posts[post] = frozenset(grant.permission for grant in access.actor_of_post(unit, Id(post)).grants)
        return permission in posts[post]

    found = model.try_flow(draft, past.histories(unit, flow, since, most), own_of, permits)
    groups = [*found.groups.values(), *found.moved.values()]
    wanted = [Id(example) for group in groups for example in group.examples]
    seen = {str(one.id): one for one in past.shown(unit, actor, wanted)}
    try:
        current = flow_service.current_flow(unit, actor, flow)
    except NotFound:
        current = None
    return Tried(found, draft, current, since, unit.now, most, seen)


# --- moving events to another version --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moves:
    """What a move of open events does, or would do: ``moved`` of them went over, ``waiting`` can go, ``stays`` cannot,
    by state with the reason."""

    old: Flow
    new: Flow
    moved: int
    waiting: Mapping[str, int]
    stays: Mapping[str, tuple[str, int]]
    hidden: int = 0
    examples: Sequence[Shown] = field(default=())


def look_at_move(unit: Unit, actor: Actor, flow: str, old: int, new: int) -> Moves:
    """Which open events of a version could go over to another."""
    before, after = (flow_service.get_flow(unit, actor, flow, number) for number in (old, new))
    if old == new:
        raise Invalid(field="to", reason="is the version that they have")
    counted, refused = past.count_version(unit, flow, old), past.movable(before, after)
    waiting = {state: n for state, n in counted.items() if state not in refused}
    stays = {state: (refused[state], n) for state, n in counted.items() if state in refused}
    some = past.list_version(unit, actor, flow, old, list(waiting), model.EXAMPLES) if waiting else []
    return Moves(before, after, 0, waiting, stays, 0, past.shown(unit, actor, some))


def move_events(unit: Unit, actor: Actor, flow: str, old: int, new: int, reason: str, most: int) -> Moves:
    """Move at most so many open events, each by an act of its own. What is left is asked for again."""
    access.require(actor, MOVE)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why they are moved")
    looked = look_at_move(unit, actor, flow, old, new)
    wanted = past.list_version(unit, actor, flow, old, list(looked.waiting), most)
    for event_id in wanted:
        past.migrate(unit, actor, event_id, new, reason.strip())
    unit.note("events moved to another version", f"flow {flow}", flow=flow, old=old, new=new, moved=len(wanted))
    left = look_at_move(unit, actor, flow, old, new)
    return Moves(left.old, left.new, len(wanted), left.waiting, left.stays, left.hidden, left.examples)


# --- what runs under which edition -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """How many open events pin an edition of a class or of a filing condition."""

    id: Id
    seq: int
    text_zh: str
    text_en: str
    limit: str
    valid_from: object
    valid_to: object
    n: int


def running_under(unit: Unit, actor: Actor, class_id: Id) -> tuple[list[Running], list[Running]]:
    """The editions of a class and those of its own conditions, each with what runs under it."""
    row = matter.get_class(unit, actor, class_id)
    editions = matter_service.history_of(unit, actor, row.tree, row.code)
    conditions = matter_service.conditions_ever(unit, actor, row.tree, row.code)
    by_class, by_condition = past.count_under(unit, [one.id for one in editions], [one.id for one in conditions])
    return (
        [
            Running(one.id, 0, one.title_zh, one.title_en, "", one.valid_from, one.valid_to, by_class.get(one.id, 0))
            for one in editions
        ],
        [
            Running(
                one.id,
                one.seq,
                one.text_zh,
                one.text_en,
                one.limit,
                one.valid_from,
                one.valid_to,
                by_condition.get(one.id, 0),
            )
            for one in conditions
        ],
    )
