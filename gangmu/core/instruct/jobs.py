"""What happens to instructions by themselves: late ones are chased."""

from typing import Any

from gangmu.core.instruct import service
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


@jobs.timer("instruct.chase")
def chase(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """The date of an instruction has come, or its next reminder."""
    service.chase(unit, unit.actor, Id(about))
