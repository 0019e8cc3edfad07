"""What evaluation refuses."""

from gangmu.kit.errors import HouseError


class BadRule(HouseError):
    """A rate or a score that cannot hold: ``problems`` says what is wrong, one line each."""

    code, status = "evaluate.bad_rule", 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems="; ".join(problems))


class ScoreElsewhere(HouseError):
    """A score whose bands are made for areas of other ``levels``."""

    code, status = "evaluate.score_elsewhere", 422

    def __init__(self, score: str, levels: tuple[str, ...]) -> None:
        super().__init__(score=score, levels=" ".join(levels))


class BadPeriod(HouseError):
    """A span that is no day, week, month, quarter or year."""

    code, status = "evaluate.bad_period", 422

    def __init__(self, period: str) -> None:
        super().__init__(period=period[:40])


class PeriodOpen(HouseError):
    """A period that is not over cannot be published."""

    code, status = "evaluate.period_open", 409

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


class PeriodWaits(HouseError):
    """There is a draft of this period already."""

    code, status = "evaluate.period_waits", 409

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


class NotADraft(HouseError):
    """What is published stays as it is."""

    code, status = "evaluate.not_a_draft", 409

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


class SecondPerson(HouseError):
    """Who prepared a period, or wrote a rule, does not publish it himself."""

    code, status = "evaluate.second_person", 403


class NobodyScored(HouseError):
    """A practice city scores nobody: no departments, posts, grades or published periods there."""

    code, status = "evaluate.practice", 403


class NotAllHeard(HouseError):
    """Facts of the period are still on their way, or failed on it: what is frozen now would leave them out."""

    code, status = "evaluate.not_all_heard", 409

    def __init__(self, period: str, waiting: int) -> None:
        super().__init__(period=period, waiting=waiting)
