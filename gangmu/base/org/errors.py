"""What can be refused on organisations, people and posts."""

from gangmu.kit.errors import HouseError


class StandInEnded(HouseError):
    """The time for which one stood in this post is over; nothing of what was begun in it is kept."""

    code, status = "org.stand_in_ended", 409


class StandInTaken(HouseError):
    """Somebody stands in this post at that time already."""

    code, status = "org.stand_in_taken", 409


class HasWork(HouseError):
    """Something hangs on the post or organisation yet; hand it over first."""

    code, status = "org.has_work", 409


class OrgEnded(HouseError):
    """The organisation has ended and takes nobody."""

    code, status = "org.ended", 409
