"""What can be refused at the hotline's seats."""

from gangmu.kit.errors import HouseError


class CallClosed(HouseError):
    """The call has its outcome already."""

    code, status = "hotline.call_closed", 409


class NotAnswered(HouseError):
    """Nobody has spoken with the caller: a call that was not answered has no outcome."""

    code, status = "hotline.not_answered", 409


class OutcomeNeeds(HouseError):
    """The outcome asks for something that is missing: ``what`` names it."""

    code, status = "hotline.outcome_needs", 422


class OutcomeElsewhere(HouseError):
    """This outcome is reached by an act of its own: an order, or an emergency hand-over."""

    code, status = "hotline.outcome_elsewhere", 409


class NothingToConfirm(HouseError):
    """The call waits for no confirmation."""

    code, status = "hotline.nothing_to_confirm", 409


class OwnClue(HouseError):
    """Who proposed a call as malicious does not confirm it."""

    code, status = "hotline.own_clue", 409


class TooFewTries(HouseError):
    """A missed call is given up only after enough tries."""

    code, status = "hotline.too_few_tries", 409


class MissedDone(HouseError):
    """The missed call was dealt with already."""

    code, status = "hotline.missed_done", 409


class FollowedUp(HouseError):
    """The hand-over was followed up already."""

    code, status = "hotline.followed_up", 409


class FactTooOdd(HouseError):
    """What the telephone system tells cannot be: a time in the future, or a link that is none."""

    code, status = "hotline.fact_too_odd", 422


class NoRecording(HouseError):
    """The telephone system gave no link to a recording of this call."""

    code, status = "hotline.no_recording", 404
