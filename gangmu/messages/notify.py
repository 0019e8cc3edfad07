"""Facts of answers to reporters (告知、答复)."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class AnswerMoved:
    """An answer waits to be told, was told, or was seen (``state`` says which)."""

    event_id: str
    about: str
    report_id: str
    state: str
    way: str
    division: str
    orgs: list[str]
    at: datetime


ticks_of(AnswerMoved.__name__, "answer")
