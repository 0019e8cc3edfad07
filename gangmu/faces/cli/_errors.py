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


class NoPublicKey(HouseError):
    """What was given as a public key is none, or its file is not there."""

    code, status = "cli.no_public_key", 422


class NotInvented(HouseError):
    """The folder is not marked as a demo or practice city, so nothing of it is taken away."""

    code, status = "cli.not_invented", 409


class OwnDatabase(HouseError):
    """The rows lie in a database outside the folder, which is not emptied from here."""

    code, status = "cli.own_database", 409


class OtherMark(HouseError):
    """The folder is marked as the other kind of invented city."""

    code, status = "cli.other_mark", 409


class StillBusy(HouseError):
    """The running house has not founded its city anew in the time that this takes."""

    code, status = "cli.still_busy", 504
