"""What a step does besides moving the state. Flows name effects; stages register functions for them.

Each gets the ``Acted`` in hand and changes ``acted.event``; rows of its own stage it writes itself. Several stages
may answer to one name: the event's own function runs first, then those above in the order of their stages.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gangmu.core import deadline, flow, matter, report
from gangmu.core.event import model
from gangmu.core.event.model import Act, ActArgs, Event
from gangmu.kit import numbers
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone as city_zone
from gangmu.messages.event import ReporterAnswered

HANDLE = "handle"


@dataclass(slots=True)
class Acted:
    """An act while it is carried out: ``event`` is the new value so far, ``was`` the one before."""

    unit: Unit
    actor: Actor
    was: Event
    event: Event
    args: ActArgs
    step: flow.Step
    act_id: Id
    at: datetime
    acts: tuple[Act, ...]

    def last(self, *verbs: str) -> Act | None:
        """The latest act of the history with one of these verbs."""
        return next((act for act in reversed(self.acts) if act.verb in verbs), None)


Effect = Callable[[Acted], None]
_effects: dict[str, list[Effect]] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register a function for a named effect."""

    def register(call: Effect) -> Effect:
        _effects.setdefault(name, []).append(call)
        return call

    return register


def known() -> frozenset[str]:
    return frozenset(_effects)


Follower = Callable[[Unit, Event], None]
_followers: list[Follower] = []


def follower(call: Follower) -> Follower:
    """Register a function for whatever is done on an event, in the same transaction. It must be cheap: a stage above
    notes that it has something to do, and does it afterwards."""
    _followers.append(call)
    return call


def follow(unit: Unit, event: Event) -> None:
    """Something was done on an event, and its history has it."""
    for call in _followers:
        call(unit, event)


def carry_out(acted: Acted) -> None:
    """Run the effects of the step, in the flow's order."""
    for name in acted.step.effects:
        for call in _effects.get(name, ()):
            call(acted)


# --- the event's own -------------------------------------------------------------------------------------


def new_case_no(division: str, now: datetime) -> str:
    """The next case number of a county and day (the city's day)."""
    day = now.astimezone(city_zone())
    return model.case_name(division, day, numbers.take(f"case:{division[:6]}:{day:%Y%m%d}"))


@effect("assign_case_number")
def assign_case_number(acted: Acted) -> None:
    if not acted.event.case_no:
        acted.event = replace(acted.event, case_no=new_case_no(acted.event.division, acted.unit.now))


@effect("set_condition")
def set_condition(acted: Acted) -> None:
    """The filing condition decides limit and closing conditions from here on; the row it names never changes."""
    assert acted.args.condition_id is not None
    chosen = matter.get_condition(acted.unit, acted.actor, acted.args.condition_id)
    filed = acted.args.matter_id or acted.event.matter
    if acted.args.matter_id is not None:
        under = {row.id for row in matter.conditions_for(acted.unit, acted.actor, acted.args.matter_id)}
        if chosen.id not in under:
            raise Invalid(field="condition_id", reason="belongs to another class")
    if filed is None and chosen.code:
        found = matter.find_class(acted.unit, acted.actor, chosen.tree, chosen.code)
        filed = found.id if found else None
    acted.event = replace(acted.event, condition=chosen.id, matter=filed)


@effect("set_closing_condition")
def set_closing_condition(acted: Acted) -> None:
    """One of the closing conditions of the filing condition, if that names any."""
    given = acted.args.closing_condition_id
    if given is None:
        return
    if acted.event.condition is not None:
        allowed = {item.id for item in matter.get_condition(acted.unit, acted.actor, acted.event.condition).closing}
        if allowed and given not in allowed:
            raise Invalid(field="closing_condition_id", reason="belongs to another filing condition")
    acted.event = replace(acted.event, closing_condition=given)


@effect("set_lead_org")
def set_lead_org(acted: Acted) -> None:
    lead = acted.args.lead_org
    assert lead is not None
    assistants = tuple(org for org in acted.args.assistants if org != lead)
    acted.event = replace(
        acted.event, lead_org=lead, orgs=(lead, *dict.fromkeys(assistants)), handler_post=None, holder_post=None
    )


@effect("clear_lead_org")
def clear_lead_org(acted: Acted) -> None:
    """The lead that gave it back still sees it: it stays among the organisations until another is dispatched."""
    acted.event = replace(acted.event, lead_org=None, handler_post=None)


@effect("add_assistants")
def add_assistants(acted: Acted) -> None:
    orgs = dict.fromkeys([*acted.event.orgs, *acted.args.assistants])
    acted.event = replace(acted.event, orgs=tuple(orgs))


@effect("set_handler")
def set_handler(acted: Acted) -> None:
    acted.event = replace(acted.event, handler_post=acted.args.handler_post, holder_post=acted.args.handler_post)


@effect("take_handler")
def take_handler(acted: Acted) -> None:
    if acted.event.handler_post is None:
        acted.event = replace(acted.event, handler_post=acted.actor.post, holder_post=acted.actor.post)


@effect("clear_handler")
def clear_handler(acted: Acted) -> None:
    acted.event = replace(acted.event, handler_post=None, holder_post=None)


@effect("extend_deadline")
def extend_deadline(acted: Acted) -> None:
    deadline.extend(acted.unit, acted.event.id, HANDLE)


@effect("set_suspended")
def set_suspended(acted: Acted) -> None:
    """Until the day asked for; a timer takes it up again by itself."""
    asked = acted.last("request_suspension")
    until = acted.args.until
    if until is None and asked is not None and asked.args.get("until"):
        until = datetime.fromisoformat(str(asked.args["until"]))
    if until is None:
        raise Invalid(field="until", reason="a suspension has an end")
    until = until.astimezone(UTC)
    acted.event = replace(acted.event, suspended_until=until)
    acted.unit.at(until, "event.resume", acted.event.id, str(acted.act_id))


@effect("clear_suspended")
def clear_suspended(acted: Acted) -> None:
    acted.event = replace(acted.event, suspended_until=None)


@effect("rework_clock")
def rework_clock(acted: Acted) -> None:
    """The clock of the new round runs as the city's rework policy says; the flow has started it afresh."""
    deadline.rework(acted.unit, acted.event.id, HANDLE)


@effect("mark_supervised")
def mark_supervised(acted: Acted) -> None:
    acted.event = replace(acted.event, supervised=True)


@effect("record_outcome")
def record_outcome(acted: Acted) -> None:
    if acted.args.outcome:
        acted.event = replace(acted.event, outcome=acted.args.outcome)


@effect("record_satisfaction")
def record_satisfaction(acted: Acted) -> None:
    acted.event = replace(
        acted.event,
        satisfaction=acted.args.satisfaction or acted.event.satisfaction,
        outcome=acted.args.outcome or acted.event.outcome,
    )


@effect("record_answer")
def record_answer(acted: Acted) -> None:
    """The answer stands in the history with the act; nothing else to keep."""


@effect("record_instruction")
def record_instruction(acted: Acted) -> None:
    """The instruction stands in the history with the act; the holder's inbox shows it."""


@effect("answer_reporters")
def answer_reporters(acted: Acted) -> None:
    """Everybody who reported it and wants a reply gets one, each by a message of his own."""
    given = next((str(act.args["answer"]) for act in reversed(acted.acts) if act.args.get("answer")), "")
    text = acted.args.answer or given or acted.args.reason
    for item in report.list_of_event(acted.unit, acted.actor, acted.event.id):
        if item.want_reply:
            acted.unit.tell(
                ReporterAnswered(
                    event_id=acted.event.id,
                    report_id=item.id,
                    text=text[:4000],
                    outcome=acted.args.outcome or acted.event.outcome,
                    division=acted.event.division,
                    orgs=list(acted.event.orgs),
                )
            )


@effect("exempt_overdue")
def exempt_overdue(acted: Acted) -> None:
    """The overdue fact stays; the exemption takes it out of the statistics."""
    acted.event = replace(acted.event, exemptions=tuple(dict.fromkeys([*acted.event.exemptions, "overdue"])))


@effect("exempt_scope")
def exempt_scope(acted: Acted) -> None:
    acted.event = replace(acted.event, exemptions=tuple(dict.fromkeys([*acted.event.exemptions, "scope"])))


@effect("release_owner")
def release_owner(acted: Acted) -> None:
    acted.event = replace(acted.event, holder_post=None)
