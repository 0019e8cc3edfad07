"""An event put right by the system it came from (来源更正): what that system says now against what it said.

The report is what the source told, so it becomes what the source tells. The event is the matter: it follows in what
nobody here has changed since, and keeps the rest. Whether it is ended is the flow's as soon as somebody here has acted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gangmu.base import access
from gangmu.core import report
from gangmu.core.event import mending_store, model, store
from gangmu.core.event.bulk import ForeignReport, way_of
from gangmu.core.event.history import new_act, tell_moved
from gangmu.core.event.model import Act, Event
from gangmu.core.report import Report, ReporterDraft, correcting
from gangmu.core.report.model import phone_digits
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

CORRECT = "import.correct"
FROM_FILE = ("report", "close", "void", "correct")
WORDS = ("title", "text", "kind", "address", "matter")
PLACE = ("lon", "lat", "division", "unit_grid")
END = ("life", "closed_at", "outcome", "satisfaction", "reply", "department", "target_at", "urgent")
KEPT_AS = {"reply": "answer"}
TIMES = ("closed_at", "target_at")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the source says otherwise now. ``kept``: the event keeps what somebody here made of it."""

    field: str
    was: Any
    now: Any
    kept: bool = False


def differences(unit: Unit, actor: Actor, event_id: Id, report_id: Id, said: ForeignReport) -> list[Difference]:
    """What a correction would change, and what it would leave."""
    was = store.get(unit, event_id, seen_by=actor)
    told = report.get_report(unit, actor, report_id)
    return _compare(unit, actor, was, told, said, store.acts_of(unit, event_id, seen_by=actor))


def correct(
    unit: Unit, actor: Actor, event_id: Id, report_id: Id, said: ForeignReport, source: str, reason: str
) -> list[Difference]:
    """Take over what the source says now."""
    was = store.get(unit, event_id, seen_by=actor, lock=True)
    access.require(actor, CORRECT, was.division, orgs=was.orgs, people=was.people)
    told = report.get_report(unit, actor, report_id)
    found = _compare(unit, actor, was, told, said, store.acts_of(unit, event_id, seen_by=actor))
    if not found:
        return found
    names = {one.field for one in found}
    values: dict[str, Any] = {name: getattr(said, name) for name in WORDS if name in names}
    if "place" in names:
        values |= {name: getattr(said, name) for name in (*PLACE, "datum")}
    if "happened_at" in names:
        values["happened_at"] = said.happened_at
    teller = _teller(said) if "reporter" in names else None
    correcting.correct_report(unit, actor, told, values, teller)
    changed = _becomes(unit, actor, was, said, {one.field for one in found if not one.kept})
    _save(unit, actor, changed, was, found, said, source, reason)
    return found


def _save(
    unit: Unit,
    actor: Actor,
    changed: Event,
    was: Event,
    found: Sequence[Difference],
    said: ForeignReport,
    source: str,
    reason: str,
) -> None:
    ended = changed.status != was.status
    verb = {"closed": "close", "void": "void"}.get(changed.status, "correct") if ended else "correct"
    at = changed.closed_at if ended and changed.closed_at is not None else unit.now
    kept = [one.field for one in found if one.kept]
    told = {KEPT_AS.get(one.field, one.field): _plain(one.now) for one in found if one.field in END}
    args = {**told, "imported": True, "source": source, "fields": [one.field for one in found]}
    if kept:
        args["kept"] = kept
    changed = replace(changed, moved_at=unit.now)
    store.save(unit, changed, was)
    done = new_act(
        unit, actor, was, was.version + 1, verb, "jump" if ended else "aside", was.state, changed.state, reason,
        args, at,
    )  # fmt: skip
    store.add_act(unit, done)
    mending_store.find_again(unit, changed)
    tell_moved(unit, actor, changed, was, done)


def _compare(
    unit: Unit, actor: Actor, was: Event, told: Report, said: ForeignReport, acts: Sequence[Act]
) -> list[Difference]:
    """Field by field: the source against what it said, and whether the event still says that too. Of an event that
    holds other reports besides, only this report is put right."""
    alone = was.report_count <= 1 and was.merged_into is None
    found = [
        Difference(
            name, getattr(told, name), getattr(said, name), not alone or getattr(was, name) != getattr(told, name)
        )
        for name in WORDS
        if getattr(told, name) != getattr(said, name)
    ]
    if (told.lon, told.lat, told.division) != (said.lon, said.lat, said.division):
        moved = (was.lon, was.lat, was.division) != (told.lon, told.lat, told.division)
        found.append(Difference("place", _place(told), _place(said), not alone or moved))
    if told.happened_at != said.happened_at:
        found.append(Difference("happened_at", told.happened_at, said.happened_at))
    if not correcting.is_told_by(unit, actor, told, _teller(said)):
        found.append(Difference("reporter", None, None))
    worked = not alone or any(act.verb not in FROM_FILE or not act.args.get("imported") for act in acts)
    before = _stood(was, acts)
    before, after = _stood(was, acts), _stands(said)
    for name in END:
        if name == "target_at" and said.life != "open":
            continue
        if before[name] != after[name]:
            found.append(Difference(name, before[name], after[name], worked))
    return found


def _stood(was: Event, acts: Sequence[Act]) -> dict[str, Any]:
    """What the source has said so far about how the matter stands: the history of what came from it."""
    stood: dict[str, Any] = dict.fromkeys(END, "")
    stood |= {"life": "open", "closed_at": None, "target_at": None, "urgent": was.urgent}
    for act in acts:
        if not act.args.get("imported"):
            continue
        if act.verb in ("close", "void"):
            ended = not act.args.get("end_unknown")
            stood |= {
                "life": {"close": "closed", "void": "void"}[act.verb],
                "closed_at": act.done_at if ended else None,
            }
        for name in END:
            kept = KEPT_AS.get(name, name)
            if kept in act.args:
                value = act.args[kept]
                stood[name] = datetime.fromisoformat(value) if name in TIMES and value else value
    return stood


def _stands(said: ForeignReport) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(said, name) for name in END if name != "department"}
    reply = str(said.facts.get("answer", said.reply) or "")
    return {**told, "reply": reply, "department": str(said.facts.get("department", ""))}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _becomes(unit: Unit, actor: Actor, was: Event, said: ForeignReport, names: set[str]) -> Event:
    values: dict[str, Any] = {name: getattr(said, name) for name in (*WORDS, "urgent") if name in names}
    if "place" in names:
        values |= {name: getattr(said, name) for name in PLACE}
        values["duty_grid"] = "" if said.unit_grid != was.unit_grid else was.duty_grid
    if names & {"life", "closed_at", "outcome", "satisfaction", "department"}:
        state = way_of(unit, actor, was.flow).where(said)
        is_open = said.life == "open"
        values |= {
            "state": state.id,
            "status": state.status.value,
            "holder_role": state.holder,
            "holder_of": state.holder_of.value,
            "closed_at": said.closed_at,
            "outcome": said.outcome,
            "satisfaction": said.satisfaction,
            "lead_org": None if is_open else said.lead_org,
            "orgs": () if is_open or said.lead_org is None else (said.lead_org,),
        }
    now = replace(was, **values)
    if names & {"life", "target_at"}:
        due_at = said.target_at if now.is_open else None
        late = model.lateness_at(unit.now, due_at, None).value if now.is_open else ""
        now = replace(now, due_at=due_at, lateness=late)
    return now


def _teller(said: ForeignReport) -> ReporterDraft:
    digits = phone_digits(said.reporter_phone) if said.reporter_phone else ""
    return ReporterDraft(said.reporter_name.strip()[:80], digits, said.anonymous, said.confidential)


def _place(one: Report | ForeignReport) -> Mapping[str, Any]:
    return {"lon": one.lon, "lat": one.lat, "division": one.division}
