"""What can be wrong with a calendar."""

from gangmu.kit.errors import HouseError


class CalendarUnreadable(HouseError):
    """A calendar file or row breaks its shape: ``where`` names the place, ``reason`` says what is wrong."""

    code, status = "calendar.unreadable", 422

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where=where, reason=reason)

    def __str__(self) -> str:
        return f"{self.params['where']}: {self.params['reason']}"


class NoCalendar(HouseError):
    """No calendar of this name (and version, and year of validity)."""

    code, status = "calendar.not_found", 404

    def __init__(self, name: str) -> None:
        super().__init__(name=name)

    def __str__(self) -> str:
        return f"no calendar named {self.params['name']}"
