"""What can be refused on rotas, leave and swaps."""

from gangmu.kit.errors import HouseError


class NotOpen(HouseError):
    """It has been decided, or is over."""

    code, status = "roster.not_open", 409


class NotYours(HouseError):
    """Somebody else has to do this: the one asked, or a leader who is not concerned."""

    code, status = "roster.not_yours", 403


class OnTwoShifts(HouseError):
    """The person is on another shift at that time."""

    code, status = "roster.on_two_shifts", 409


class OnLeave(HouseError):
    """The person is on leave at that time."""

    code, status = "roster.on_leave", 409


class ShiftOver(HouseError):
    """The shift has begun or is over and is not changed any more."""

    code, status = "roster.shift_over", 409
