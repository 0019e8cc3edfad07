"""What can go wrong with what an event concerns."""

from gangmu.kit.errors import HouseError


class AlreadyConcerned(HouseError):
    """The component is put to this event already."""

    code, status = "concern.already", 409


class NoTown(HouseError):
    """No town's organisation is known for the place of the event; name one."""

    code, status = "concern.no_town", 409

    def __init__(self, division: str) -> None:
        super().__init__(division=division, field="lead_org")
