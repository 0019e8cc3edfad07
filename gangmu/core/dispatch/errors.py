"""What can be refused in dispatching."""

from gangmu.kit.errors import HouseError


class PushedDown(HouseError):
    """The duty belongs to a department of the county or city and may not be handed down to a town, street or community
    (国办函〔2025〕66号): ``org`` is who should have got it, ``lead`` whose duty it is by ``basis``."""

    code, status = "dispatch.pushed_down", 409


class OrgClosed(HouseError):
    """The organisation is closed and takes no work."""

    code, status = "dispatch.org_closed", 409


class DutyTaken(HouseError):
    """Another row says already whose duty this is, for the same matter, area and level at the same time."""

    code, status = "dispatch.duty_taken", 409


class DutyEnded(HouseError):
    """The row has ended; change the one that holds now."""

    code, status = "dispatch.duty_ended", 409


class NoObligation(HouseError):
    """None of the actor's organisations assists in this event now."""

    code, status = "dispatch.no_obligation", 409


class NotDecided(HouseError):
    """The dispute has not ended by a designation: there is nothing to put forward."""

    code, status = "dispatch.not_decided", 409


class ProposalOver(HouseError):
    """The proposal has been taken over or dropped, or changed meanwhile."""

    code, status = "dispatch.proposal_over", 409


class EditionSettled(HouseError):
    """The edition is released or dropped: nothing is changed in it any more."""

    code, status = "dispatch.edition_settled", 409


class EditionStale(HouseError):
    """Rows that the edition is about were changed or ended since; ``keys`` names them."""

    code, status = "dispatch.edition_stale", 409


class EditionEmpty(HouseError):
    """An edition without any change has nothing to release."""

    code, status = "dispatch.edition_empty", 409
