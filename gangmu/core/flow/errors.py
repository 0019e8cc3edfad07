"""Refusals of the flow: each names the rule that was broken by a stable key."""

from collections.abc import Mapping, Sequence

from gangmu.kit.errors import HouseError


class NotAllowed(HouseError):
    """The verb may not be done now. The code of each refusal is its reason, such as `flow.refused.not_doer`, so that
    a client and a reader get the rule that was broken and its words; the reason's parameters travel along."""

    code, status = "flow.not_allowed", 409

    def __init__(self, verb: str, reason: str, params: Mapping[str, str | int] | None = None) -> None:
        self.verb, self.reason, self.reason_params = verb, reason, dict(params or {})
        self.code = reason
        super().__init__(**{**self.reason_params, "action": verb, "reason": reason})


class FlowInvalid(HouseError):
    """A definition that cannot be read as a flow. `problems` names each place and what is wrong there."""

    code, status = "flow.invalid", 422

    def __init__(self, problems: list[str], found: Sequence[object] = ()) -> None:
        self.problems, self.found = problems, tuple(found)
        super().__init__(problems=problems, first=problems[0] if problems else "")


class FlowNotPublishable(HouseError):
    """The model check found errors; the flow stays unpublished."""

    code, status = "flow.not_publishable", 422

    def __init__(self, flow: str, findings: list[str]) -> None:
        self.findings = findings
        super().__init__(flow=flow, findings=findings, first=findings[0] if findings else "")


class SecondPerson(HouseError):
    """Whoever wrote a draft does not publish it: another person looks at it first."""

    code, status = "flow.second_person", 409


class DraftSettled(HouseError):
    """The draft is published or dropped: nothing is changed in it any more."""

    code, status = "flow.draft_settled", 409


class NotProposed(HouseError):
    """A draft is proposed with its reason before another person publishes it."""

    code, status = "flow.not_proposed", 409


class BaseMovedOn(HouseError):
    """Another version was published since the draft began; look at the difference and take it as the new base."""

    code, status = "flow.base_moved_on", 409
