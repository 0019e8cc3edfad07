"""What is known of a case of another system, as acts at their own times. Pure.

A record knows when a case came, when it ended and, some, how often it was handed on. Between these the acts follow
one another as the flow of docked orders wants them: taken and given to the department at once, answered and closed when
the source closed it. Hand-overs without a time are spread evenly between.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from gangmu.core.event.bulk import ForeignReport

FLOW = "docked_order"
CENTRE, DEPARTMENT, SOURCE = "dispatcher", "dept_lead", "docking_app"


class Phase(IntEnum):
    """What goes first where times are equal: a bare day is one moment, and what comes in that day finds open what
    ends that day."""

    opens = 0
    merges = 1
    hands_on = 2
    ends = 3


@dataclass(frozen=True, slots=True)
class Cue:
    """One act to be done: by which side, at what time, with what."""

    at: datetime
    phase: Phase
    verb: str
    role: str
    args: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    hand: int = 0  # how often the case had been handed on before


def cues(row: ForeignReport, until: datetime) -> Iterator[Cue]:
    """The acts of a case, in order; ``until`` is when the records end."""
    came = row.received_at
    times = int(row.facts.get("transfers") or 0)
    ended = row.closed_at if row.life != "open" else None
    last = max(ended or until, came)
    yield Cue(came, Phase.opens, "sign", CENTRE)
    yield Cue(came, Phase.opens, "dispatch", CENTRE)
    for hand in range(1, times + 1):
        at = came + (last - came) * hand / (times + 1)
        yield Cue(at, Phase.hands_on, "give_back", DEPARTMENT, reason="transferred", hand=hand - 1)
        yield Cue(at, Phase.hands_on, "dispatch", CENTRE, hand=hand)
    begun = came if not times else came + (last - came) * times / (times + 1)
    phase = Phase.hands_on if times else Phase.opens
    yield Cue(begun, phase, "start", DEPARTMENT, hand=times)
    if row.life == "open":
        return
    end = ended if ended is not None else came
    if row.life == "void":
        yield Cue(end, Phase.ends, "source_withdraws", SOURCE, reason=row.outcome or "void")
        return
    answer = row.reply or row.outcome or "closed"
    yield Cue(end, Phase.ends, "reply", DEPARTMENT, {"answer": answer, "outcome": "solved"}, hand=times)
    yield Cue(end, Phase.ends, "confirm", DEPARTMENT, hand=times)
    given = {"outcome": row.outcome, "satisfaction": row.satisfaction}
    yield Cue(end, Phase.ends, "source_closes", SOURCE, {key: value for key, value in given.items() if value})


def is_open_on(row_came: datetime, row_ended: datetime | None, at: datetime) -> bool:
    """Whether a case was open at a time; one that ends at that very moment is (bare days)."""
    return row_came <= at and (row_ended is None or row_ended >= at)
