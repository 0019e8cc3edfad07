"""What can be wrong with a command."""

from gangmu.kit.errors import HouseError


class PortBusy(HouseError):
    """Something else listens where the house should."""

    code, status = "up.port_busy", 500


class BadHost(HouseError):
    """The machine has no such address."""

    code, status = "up.bad_host", 500


class AlreadyUp(HouseError):
    """The house of this data folder runs already."""

    code, status = "up.already_up", 500


class WouldNotStart(HouseError):
    """A process of the house ended while starting."""

    code, status = "up.would_not_start", 500
