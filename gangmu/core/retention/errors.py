"""What can be refused on retention."""

from gangmu.kit.errors import HouseError


class NotProposed(HouseError):
    """The list has been decided already."""

    code, status = "retention.not_proposed", 409


class SamePerson(HouseError):
    """Who has asked for a list does not confirm it."""

    code, status = "retention.same_person", 409


class HeldBySame(HouseError):
    """Who has put a matter on hold does not lift it."""

    code, status = "retention.held_by_same", 409


class HeldAlready(HouseError):
    """The matter is on hold already."""

    code, status = "retention.held_already", 409


class AlreadyOpen(HouseError):
    """A list waits for a second person already."""

    code, status = "retention.already_open", 409
