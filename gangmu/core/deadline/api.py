"""Routes of clocks. How an event's own clocks are counted is asked at the event."""

from gangmu.base.calendar import CalendarUnreadable, NoCalendar
from gangmu.core.deadline import views
from gangmu.core.deadline.errors import LimitUnreadable, NeverDue
from gangmu.core.deadline.schema import ComputeIn, ComputeOut
from gangmu.kit.errors import Invalid
from gangmu.kit.web import SIGNED_IN, Edge, Routes

routes = Routes("deadline")


@routes.post(
    "/deadline/compute",
    can=SIGNED_IN,
    answers=ComputeOut,
    errors=[NoCalendar, CalendarUnreadable, LimitUnreadable, NeverDue, Invalid],
)
def compute(body: ComputeIn, at: Edge) -> ComputeOut:
    """时限试算 / Work out a deadline, step by step, without starting a clock."""
    return views.compute(at.unit, body, at.lang)
