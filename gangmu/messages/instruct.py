"""Facts of leaders' instructions (批示)."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class InstructionMoved:
    """An instruction was given, read, answered, withdrawn or chased: ``state`` and the times say how far it is."""

    about: str
    state: str
    to_org: str
    division: str
    orgs: list[str]
    due_at: datetime
    read_at: datetime | None
    answered_at: datetime | None
    chased: int
    at: datetime


ticks_of(InstructionMoved.__name__, "instruction")
