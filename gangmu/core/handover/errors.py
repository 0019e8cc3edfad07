"""What can be refused on hand-overs."""

from gangmu.kit.errors import HouseError


class NotThisShift(HouseError):
    """One writes the hand-over of one's own shift, around its end."""

    code, status = "handover.not_this_shift", 409


class NotNext(HouseError):
    """A hand-over is signed by the next shift or a leader, never by who wrote it."""

    code, status = "handover.not_next", 409


class Signed(HouseError):
    """The hand-over has been signed and is not changed any more."""

    code, status = "handover.signed", 409
