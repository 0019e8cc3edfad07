"""Who calls: what is known of a number, and the calls about an event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gangmu.base import access
from gangmu.core import event
from gangmu.core.hotline import store
from gangmu.core.hotline.model import (
    Call,
)
from gangmu.core.hotline.settings import HotlineSettings
from gangmu.core.report import Report
from gangmu.core.report import service as report_service
from gangmu.core.report.model import phone_digits
from gangmu.kit import seal, settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a number: the masked name given last, calls, reports, and whether he once asked for
    confidence."""

    name: str
    calls: Sequence[Call]
    reports: Sequence[Report]
    confidential: bool


def history_of_call(unit: Unit, actor: Actor, call_id: Id) -> History:
    """The caller's history, for the screen that pops up."""
    call = store.get_call(unit, call_id, seen_by=actor)
    if call.caller is None:
        return History("", [], [], False)
    found = _history(unit, actor, store.phone_of(unit, call.caller))
    return replace(found, calls=[one for one in found.calls if one.id != call.id])


def history_of_phone(unit: Unit, actor: Actor, phone: str) -> History:
    if not phone_digits(phone):
        return History("", [], [], False)
    return _history(unit, actor, phone)


def _history(unit: Unit, actor: Actor, phone: str) -> History:
    access.require(actor, "reporter.read", actor.division, orgs=actor.chain)
    name, reports = report_service.history_of(unit, actor, phone)
    caller = store.find_caller(unit, seal.keys().blind(phone_digits(phone)))
    most = settings.get(HotlineSettings).history_most
    earlier = [] if caller is None else store.list_of_caller(unit, caller, most, seen_by=actor)
    unit.saw_personal(f"caller:{caller or ''}", ["caller.phone"], "caller history")
    hidden = set(report_service.confidential_of(unit, actor, phone))
    shown = [one for one in earlier if one.report not in hidden]
    return History(name, shown, reports, bool(hidden))


def calls_of_event(unit: Unit, actor: Actor, event_id: Id) -> list[Call]:
    """The calls about an event that one may see."""
    event.get_event(unit, actor, event_id)
    return store.list_of_event(unit, event_id, seen_by=actor)
