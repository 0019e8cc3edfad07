"""Facts of field tasks (核实、核查)."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class TaskMoved:
    """A field task was opened, given to another, done or called back (``state`` says where it stands)."""

    event_id: str
    about: str
    kind: str
    state: str
    post: str | None
    person: str | None
    result: str
    flags: list[str]
    division: str
    orgs: list[str]
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    at: datetime
    asked_by: str | None = None
    version: int = 1


ticks_of(TaskMoved.__name__, "task")
