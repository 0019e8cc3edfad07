"""What can be refused in docking."""

from gangmu.kit.errors import HouseError


class LinkDown(HouseError):
    """The other system did not answer; it is tried again by itself."""

    code, status = "docking.link_down", 503


class LinkRefused(HouseError):
    """The other system refuses the call: credentials, address or version are wrong."""

    code, status = "docking.link_refused", 409


class LinkAsleep(HouseError):
    """The link is not active."""

    code, status = "docking.link_asleep", 409


class NoSuchConnector(HouseError):
    """There is no connector of this name in the house."""

    code, status = "docking.no_connector", 422


class NotByThisConnector(HouseError):
    """The connector has not this verb: a spreadsheet is not called, a REST system not uploaded."""

    code, status = "docking.not_by_connector", 409


class ConnectorBroken(HouseError):
    """The connector itself failed; the house goes on."""

    code, status = "docking.connector_broken", 502


class ClockIsTheirs(HouseError):
    """The source system owns this order's clock: it grants extensions, nobody here does."""

    code, status = "docking.clock_is_theirs", 409


class NotWaiting(HouseError):
    """The row does not wait any more."""

    code, status = "docking.not_waiting", 409


class NotRefused(HouseError):
    """Only a row that the other side has refused is sent again by hand."""

    code, status = "docking.not_refused", 409


class BadSignature(HouseError):
    """The call is not signed as this link asks, is out of its time window, or was seen before."""

    code, status = "docking.bad_signature", 401


class BadMapping(HouseError):
    """The value of a mapping is none of ours: no such class, unit, division, verb or state."""

    code, status = "docking.bad_mapping", 422


class ForeignHost(HouseError):
    """A file lies on a host that its link does not allow: ``host``. Its setting ``file_hosts`` names them."""

    code, status = "docking.foreign_host", 422
