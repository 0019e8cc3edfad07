"""Facts of work calendars."""

from gangmu.kit.message import message


@message(version=1)
class CalendarChanged:
    """A calendar has a new version. ``years`` are those published with it that were unknown before."""

    name: str
    version: int
    years: list[int]
