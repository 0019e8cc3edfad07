"""What can be refused on answers."""

from gangmu.kit.errors import HouseError


class AlreadyTold(HouseError):
    """The answer has been told already."""

    code, status = "notify.already_told", 409
