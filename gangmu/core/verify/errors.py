"""What can be refused in verifying and checking."""

from gangmu.kit.errors import HouseError


class NotEligible(HouseError):
    """This post cannot take the task: ``reason`` is doer, role, division or left."""

    code, status = "verify.not_eligible", 409


class NotYourTask(HouseError):
    """The task belongs to another post."""

    code, status = "verify.not_your_task", 409


class TaskOver(HouseError):
    """The task is done or called back already."""

    code, status = "verify.task_over", 409


class UnknownResult(HouseError):
    """The task cannot end with this result: ``offered`` are those that it can end with."""

    code, status = "verify.unknown_result", 422


class NotFresh(HouseError):
    """No photo of this check is fresh: ``flags`` say what is wrong with those given."""

    code, status = "verify.not_fresh", 409


class WrongTimeOfDay(HouseError):
    """The check must come at the same time of day as the matter was reported: between ``first`` and ``last``."""

    code, status = "verify.wrong_time_of_day", 409
