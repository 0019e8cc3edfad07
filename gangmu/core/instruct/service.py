"""Use cases of instructions: give one, read it, answer it, withdraw it, chase it when it is late."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from gangmu.base import access, org
from gangmu.base.access import Located, actor_of_post, sees
from gangmu.base.org import service as org_service
from gangmu.core import event
from gangmu.core.event import ActArgs, Event, reading
from gangmu.core.event.service import find_events
from gangmu.core.flow import service as flow_service
from gangmu.core.instruct import model, store
from gangmu.core.instruct.errors import NobodyThere
from gangmu.core.instruct.model import Instruction
from gangmu.core.instruct.settings import InstructSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit
from gangmu.messages.instruct import InstructionMoved

WRITE, ANSWER = "instruction.write", "instruction.answer"
VERB = "instruct"


def give(
    unit: Unit,
    actor: Actor,
    text: str,
    events: Sequence[Id],
    *,
    to_org: Id,
    to_post: Id | None = None,
    due_at: datetime | None = None,
) -> Instruction:
    """Instruct an organisation about events: the act stands in the history of each."""
    found = {one.id: one for one in find_events(unit, actor, events)}
    for asked in events:
        if asked not in found:
            raise NotFound(what=str(asked))
    for one in found.values():
        access.require(actor, WRITE, one.division, orgs=one.orgs, people=one.people)
    new = _keep(unit, actor, text, list(found.values()), to_org, to_post, due_at)
    for one in sorted(found.values(), key=lambda each: each.id):
        _act(unit, actor, one, new)
    return new


def _act(unit: Unit, actor: Actor, one: Event, new: Instruction) -> None:
    """The act in the history: the flow's own verb where it has one for this state, else a remark beside it."""
    verb = flow_service.get_flow(unit, actor, one.flow, one.flow_version).find_verb(VERB)
    may = verb is not None and sees(actor, verb.can, Located(one.division, one.orgs, one.people))
    if verb is not None and may and one.state in verb.sources:
        event.act(unit, actor, one.id, VERB, ActArgs(reason=new.text, extra={"instruction": new.id}))
    else:
        reading.remember(unit, actor, one.id, VERB, new.text)


def from_act(unit: Unit, actor: Actor, text: str, one: Event, act_id: Id) -> Instruction | None:
    """The verb was done on the event's page: it goes to whoever has the event now. None when that is nobody."""
    holder = one.lead_org or _holding(unit, actor, one)
    return _keep(unit, actor, text, [one], holder, None, None) if holder else None


def _holding(unit: Unit, actor: Actor, one: Event) -> Id | None:
    """The organisation whose people hold the role that the event waits for, the nearest one that can answer."""
    near = [
        post
        for post in org_service.list_holders(unit, actor, one.holder_role)[:200]
        if sees(actor_of_post(unit, post.id), ANSWER, Located(one.division, (post.org,)))
        and division_prefix(one.division).startswith(division_prefix(post.division))
    ]
    near.sort(key=lambda post: (-len(division_prefix(post.division)), post.id))
    return near[0].org if near else None


def _keep(
    unit: Unit,
    actor: Actor,
    text: str,
    events: Sequence[Event],
    to_org: Id,
    to_post: Id | None,
    due_at: datetime | None,
) -> Instruction:
    if not text.strip():
        raise Invalid(field="text", reason="say what shall be done")
    addressed = _addressed(unit, actor, to_org, to_post)
    rules = settings.get(InstructSettings)
    new = Instruction(
        id=ids.new("ins"),
        text=text.strip()[:2000],
        division=model.common_division(one.division for one in events),
        orgs=(to_org,),
        people=tuple(dict.fromkeys(each for each in (actor.person, addressed) if each)),
        to_org=to_org,
        to_post=to_post,
        person=actor.person,
        post=actor.post,
        by_name=actor.name,
        made_at=unit.now,
        due_at=model.checked_due(due_at, unit.now, unit.now + timedelta(days=rules.due_days)),
        state=model.State.open.value,
        read_at=None,
        read_by="",
        answered_at=None,
        answered_by="",
        answer="",
        chased=0,
        chased_at=None,
    )
    store.add(unit, new, [one.id for one in events])
    unit.at(new.due_at + timedelta(seconds=1), "instruct.chase", new.id, token=new.due_at.isoformat())
    _tell(unit, new)
    return new


def _addressed(unit: Unit, actor: Actor, to_org: Id, to_post: Id | None) -> Id | None:
    """The person addressed, if one is. ``NobodyThere`` when the organisation has nobody who can answer."""
    if to_org not in org_service.get_orgs(unit, actor, [to_org]):
        raise NotFound(what=str(to_org))
    if to_post is not None:
        post = org.get_post(unit, actor, to_post)
        if post.org not in org.branch_of(unit, to_org):
            raise Invalid(field="to_post", reason="is not in the organisation addressed")
        if not sees(actor_of_post(unit, to_post), ANSWER, Located("", (to_org,), (post.person,))):
            raise NobodyThere(org=str(to_org))
        return post.person
    inside = {post for one in org.branch_of(unit, to_org) for post in _posts_of(unit, actor, one)}
    if not any(sees(actor_of_post(unit, post), ANSWER, Located("", (to_org,))) for post in sorted(inside)):
        raise NobodyThere(org=str(to_org))
    return None


def _posts_of(unit: Unit, actor: Actor, one: Id) -> list[Id]:
    return [post.id for post in org_service.list_posts(unit, actor, org=one)]


def get_instruction(unit: Unit, actor: Actor, instruction_id: Id) -> Instruction:
    return store.get(unit, instruction_id, seen_by=actor)


def read(unit: Unit, actor: Actor, instruction_id: Id) -> Instruction:
    """The receipt of who was addressed; reading it again changes nothing."""
    was = store.get(unit, instruction_id, seen_by=actor, lock=True)
    access.require(actor, ANSWER, "", orgs=was.orgs, people=was.people)
    return _save(unit, model.read(was, unit.now, actor.name), was)


def answer(unit: Unit, actor: Actor, instruction_id: Id, text: str) -> Instruction:
    """What came of it, also in the history of every event."""
    was = store.get(unit, instruction_id, seen_by=actor, lock=True)
    access.require(actor, ANSWER, "", orgs=was.orgs, people=was.people)
    done = _save(unit, model.answer(was, unit.now, actor.name, text[:4000]), was)
    for one in events_of(unit, [was.id])[was.id]:
        reading.remember(unit, actor, one, "instruction_answered", done.answer)
    return done


def withdraw(unit: Unit, actor: Actor, instruction_id: Id) -> Instruction:
    """Its author does not want it any more."""
    was = store.get(unit, instruction_id, seen_by=actor, lock=True)
    if actor.person is None or was.person != actor.person:
        raise NotFound(what=str(instruction_id))
    return _save(unit, model.withdraw(was), was)


def chase(unit: Unit, actor: Actor, instruction_id: Id) -> None:
    """Late: remind, and again after a while. The first reminder stands in the history of the events."""
    rules = settings.get(InstructSettings)
    was = store.get(unit, instruction_id, seen_by=actor, lock=True)
    late = model.chase(was, unit.now, rules.chase_most)
    if late is None:
        return
    _save(unit, late, was)
    if late.chased == 1:
        for one in events_of(unit, [was.id])[was.id]:
            reading.remember(unit, actor, one, "instruction_late", "")
    unit.at(unit.now + timedelta(hours=rules.chase_hours), "instruct.chase", late.id, token=late.due_at.isoformat())


def _save(unit: Unit, changed: Instruction, was: Instruction) -> Instruction:
    if changed == was:
        return was
    store.save(unit, changed, was)
    _tell(unit, changed)
    return store.get(unit, was.id, seen_by=unit.actor)


def list_instructions(
    unit: Unit, actor: Actor, at: Page, *, state: str = "open", late: bool = False, box: str = "all"
) -> Paged[Instruction]:
    """``box`` to_me: of one's organisation and above; by_me: one's own; all that one may see."""
    to = actor.chain if box == "to_me" else ()
    by = actor.person if box == "by_me" else None
    return store.list_instructions(unit, at, seen_by=actor, state=state, late=late, to=to, by=by)


def list_of_event(unit: Unit, actor: Actor, event_id: Id) -> list[Instruction]:
    event.get_event(unit, actor, event_id)
    return store.list_of_event(unit, event_id, seen_by=actor)


def events_of(unit: Unit, wanted: Sequence[Id]) -> dict[Id, list[Id]]:
    return {one: [] for one in wanted} | store.events_of(unit, wanted)


def events_waiting(unit: Unit, actor: Actor, events: Iterable[Id]) -> set[Id]:
    """Those of these events about which an instruction waits for its answer."""
    return store.events_waiting(unit, events, seen_by=actor)


def count_open(unit: Unit, actor: Actor, most: int = 1000) -> tuple[int, int, int]:
    """Open, late and unread ones that one may see."""
    return store.count_open(unit, seen_by=actor, most=most)


def _tell(unit: Unit, one: Instruction) -> None:
    unit.tell(
        InstructionMoved(
            about=one.id,
            state=one.state,
            to_org=one.to_org,
            division=one.division,
            orgs=list(one.orgs),
            due_at=one.due_at,
            read_at=one.read_at,
            answered_at=one.answered_at,
            chased=one.chased,
            at=unit.now,
        )
    )
