"""What docking does when an event of a foreign order moves: its deadline stays the source's, and so do extensions."""

from gangmu.core.docking import clocks, order_store
from gangmu.core.docking.errors import ClockIsTheirs
from gangmu.core.docking.model import Docked, Owner
from gangmu.core.event import Acted, Event, effect
from gangmu.core.event.effects import HANDLE, follower
from gangmu.kit.actor import System
from gangmu.kit.unit import Unit

EVERYTHING = System("docking.clocks")


def _docked(acted: Acted) -> Docked | None:
    """The foreign order of the event whose source owns the clock. Events without a foreign number are not asked."""
    if not acted.was.foreign_no:
        return None
    found = order_store.docked_of(acted.unit, [acted.was.id], seen_by=EVERYTHING)
    mine = [one for one in found if one.clock == Owner.foreign and one.their_due_at is not None]
    return min(mine, key=lambda one: one.their_due_at or one.handed_at, default=None)


@effect("set_lead_org")
def keep_when_dispatched(acted: Acted) -> None:
    """A flow that starts the handling at its dispatch starts it under the limit of its own condition; the source's
    deadline holds instead."""
    if HANDLE in acted.step.starts and (docked := _docked(acted)):
        clocks.keep(acted.unit, docked)


@effect("rework_clock")
def keep_when_redone(acted: Acted) -> None:
    """A round of rework runs until the source's deadline, not by the city's rework policy."""
    if docked := _docked(acted):
        clocks.keep(acted.unit, docked)


@effect("extend_deadline")
def refuse_own_extension(acted: Acted) -> None:
    """Who does not own the clock grants no extension."""
    if (docked := _docked(acted)) and acted.actor.kind != "application":
        raise ClockIsTheirs(number=docked.number)


@follower
def note_what_moved(unit: Unit, event: Event) -> None:
    """Another system will hear of it. Events that no other system gave us cost nothing: one with a foreign number, or
    one into which such may have been merged, is looked up. What a source itself does is no news to it."""
    if unit.actor.kind != "application" and (event.foreign_no or event.report_count > 1):
        order_store.mark_due(unit, event.id)
