"""Rules of the clocks that can be broken."""

from typing import Any

from gangmu.kit.errors import HouseError


class LimitUnreadable(HouseError):
    """A limit is not written as one."""

    code, status = "deadline.limit_unreadable", 422

    def __init__(self, text: str) -> None:
        super().__init__(text=text[:60])


class NeverDue(HouseError):
    """The calendar has no time in which this limit could run out."""

    code, status = "deadline.never_due", 422

    def __init__(self, calendar: str) -> None:
        super().__init__(calendar=calendar)


class BadSuspension(HouseError):
    """A suspension that ends before it begins, is too long, or where one may not be."""

    code, status = "deadline.bad_suspension", 422

    def __init__(self, reason: str, **params: Any) -> None:
        self.code = f"deadline.{reason}"
        super().__init__(**params)


class ExtensionRefused(HouseError):
    """No extension: overdue already, suspended, stopped, or granted as often as allowed."""

    code, status = "deadline.extension_refused", 409

    def __init__(self, reason: str, **params: Any) -> None:
        self.code = f"deadline.extension_{reason}"
        super().__init__(**params)


class ClockAtRest(HouseError):
    """The clock is not in the state that this act needs (stopped, paused or none at all)."""

    code, status = "deadline.clock_at_rest", 409

    def __init__(self, stage: str, state: str) -> None:
        super().__init__(stage=stage, state=state)
