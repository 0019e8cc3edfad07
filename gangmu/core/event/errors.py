"""What can be refused on an event."""

from gangmu.kit.errors import HouseError, StaleWrite


class EventMovedOn(StaleWrite):
    """Somebody else acted meanwhile: ``since`` tells who did what, so that one can look and do it again."""

    code, status = "event.moved_on", 409


class NotMergeable(HouseError):
    """These two events cannot become one: ``reason`` says why."""

    code, status = "event.not_mergeable", 409


class NotPartable(HouseError):
    """These reports cannot be taken out of the event."""

    code, status = "event.not_partable", 409


class NotReviewable(HouseError):
    """The report is no machine's alarm that waits for review."""

    code, status = "event.not_reviewable", 409
