"""Hand-over (交接班): what one shift leaves to the next, and notices to who is on duty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gangmu.core.handover.errors import NotNext, NotThisShift, Signed
from gangmu.kit.ids import Id

LEADS = ("lead", "shift_leader", "duty")


class What(StrEnum):
    """Why somebody gets notice."""

    near = "near"  # 临期
    late = "late"  # 超期
    waits = "waits"  # 新到


@dataclass(frozen=True, slots=True)
class Matter:
    """An open event as it stood at the hand-over; its words are asked for under the reader's rights."""

    event: Id
    case_no: str
    state: str
    lateness: str
    due_at: str | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a shift leaves: open matters late first, notes, what to watch, keys and equipment."""

    id: Id
    shift: Id
    kind: str
    org: Id
    division: str
    post: Id
    person: Id
    starts_at: datetime
    ends_at: datetime
    notes: str
    watch: str
    keys: str
    matters: tuple[Matter, ...]
    open_count: int
    late_count: int
    written_at: datetime
    received_by: Id | None = None
    received_post: Id | None = None
    received_at: datetime | None = None
    receipt: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """That an event needs somebody on duty. ``person`` None: nobody was there."""

    id: Id
    event: Id
    what: str
    stage: str
    about: str
    post: Id | None
    person: Id | None
    org: Id | None
    division: str
    at: datetime
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class There:
    """Somebody on duty, as far as notices ask."""

    post: Id
    person: Id
    org: Id
    kind: str
    roles: tuple[str, ...]
    reaches: bool


def check_writer(
    person: Id | None, comes: Id, starts_at: datetime, ends_at: datetime, now: datetime, around: timedelta
) -> None:
    """Who was on the shift writes, from some hours before its end to some after."""
    if person is None or person != comes or not max(starts_at, ends_at - around) <= now <= ends_at + around:
        raise NotThisShift(ends=ends_at.isoformat())


def sign(was: HandOver, person: Id | None, post: Id | None, now: datetime, may: bool, receipt: str) -> HandOver:
    """The next shift has read it. Never who wrote it."""
    if was.received_at is not None:
        raise Signed(about=str(was.id))
    if person is None or person == was.person or not may:
        raise NotNext(about=str(was.id))
    return replace(was, received_by=person, received_post=post, received_at=now, receipt=receipt)


def addressees(there: Sequence[There], role: str, lead_org: Id | None, what: What) -> list[There]:
    """Who gets notice: those on duty of the organisation that leads, or who hold the role the event waits for where it
    is; when a clock has run out their shift leaders too; and when none of these is there, whoever leads a shift
    within reach."""
    own = [one for one in there if (one.org == lead_org if lead_org else one.reaches and role in one.roles)]
    leads = [one for one in there if one.reaches and one.kind in LEADS]
    if not own:
        return _once(leads)
    return _once([*own, *[one for one in leads if what is What.late and one.kind != "duty"]])


def _once(found: Iterable[There]) -> list[There]:
    return list({one.person: one for one in found}.values())
