"""What travels about try-outs."""

from datetime import date, datetime
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from gangmu.base.calendar.model import Hours, WeekDay
from gangmu.base.calendar.reading import read_season, read_spans
from gangmu.base.calendar.schema import DayWanted, HoursIn, OffDays, YearIn
from gangmu.core.event.past import Shown
from gangmu.core.flow.model import Flow, Words
from gangmu.core.trial.calendars import CalendarTrial, Wanted
from gangmu.core.trial.model import Group
from gangmu.core.trial.service import Moves, Running, Tried
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Schema

Days = Annotated[int | None, Field(ge=1, le=3660)]
SHOWN = 5
Day: TypeAlias = date  # a field is named date


class ExampleOut(BaseModel):
    """A past event that the asker may open."""

    id: Id
    case_no: str
    title: str

    @classmethod
    def of(cls, one: Shown) -> "ExampleOut":
        return cls(id=one.id, case_no=one.case_no, title=mask_personal(one.title))


class RefusedGroup(BaseModel):
    """Events that a draft would have stopped at the same verb for the same reason."""

    verb: str
    verb_title: str
    state: str
    state_title: str
    reason: str
    text: str
    n: int
    examples: list[ExampleOut]


class ElsewhereGroup(BaseModel):
    """Events that would stand in another state."""

    state: str
    state_title: str
    now: str
    now_title: str
    n: int
    examples: list[ExampleOut]


class TrialIn(Schema):
    """How far back and how many, the newest first; the settings' values unless said."""

    days: Days = None
    most: Annotated[int | None, Field(ge=1, le=100_000)] = None


class FlowTrialOut(BaseModel):
    """``events = through + refused + unclear + untouched``."""

    since: datetime
    until: datetime
    most: int
    events: int
    acts: int
    through: int
    refused: int
    unclear: int
    untouched: int
    elsewhere: int
    groups: list[RefusedGroup]
    moved: list[ElsewhereGroup]

    @classmethod
    def of(cls, tried: Tried, lang: str) -> "FlowTrialOut":
        found, flows = tried.found, [flow for flow in (tried.draft, tried.current) if flow is not None]
        return cls(
            since=tried.since,
            until=tried.until,
            most=tried.most,
            events=found.events,
            acts=found.acts,
            through=found.through,
            refused=found.refused,
            unclear=found.unclear,
            untouched=found.untouched,
            elsewhere=found.elsewhere,
            groups=[
                RefusedGroup(
                    verb=group.verb,
                    verb_title=_verb(flows, group.verb, lang),
                    state=group.state,
                    state_title=_state(flows, group.state, lang),
                    reason=group.refusal.reason,
                    text=t(group.refusal.reason, lang, **group.refusal.params),
                    n=group.n,
                    examples=_examples(tried, group),
                )
                for group in found.sorted_groups()
                if group.refusal is not None
            ],
            moved=[
                ElsewhereGroup(
                    state=group.state,
                    state_title=_state(flows, group.state, lang),
                    now=group.now,
                    now_title=_state(flows, group.now, lang),
                    n=group.n,
                    examples=_examples(tried, group),
                )
                for group in found.sorted_moved()
            ],
        )


class MoveIn(Schema):
    """Move open events from a version to another; with ``preview`` it only says what would happen."""

    old: Annotated[int, Field(ge=1, le=1_000_000)]
    new: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Annotated[str, Field(max_length=500)] = ""
    most: Annotated[int, Field(ge=1, le=500)] = 200
    preview: bool = True


class MoveState(BaseModel):
    state: str
    title: str
    n: int
    why: str = ""
    text: str = ""


class MoveOut(BaseModel):
    """``moved`` now; ``waiting`` can go and are asked for again; ``stays`` cannot, with why."""

    old: int
    new: int
    moved: int
    left: int
    waiting: list[MoveState]
    stays: list[MoveState]
    examples: list[ExampleOut]

    @classmethod
    def of(cls, moves: Moves, lang: str) -> "MoveOut":
        flows = [moves.old]
        return cls(
            old=moves.old.version,
            new=moves.new.version,
            moved=moves.moved,
            left=sum(moves.waiting.values()),
            waiting=[MoveState(state=s, title=_state(flows, s, lang), n=n) for s, n in sorted(moves.waiting.items())],
            stays=[
                MoveState(state=s, title=_state(flows, s, lang), n=n, why=why, text=t(f"trial.stays.{why}", lang))
                for s, (why, n) in sorted(moves.stays.items())
            ],
            examples=[ExampleOut.of(one) for one in moves.examples],
        )


class RunningOut(BaseModel):
    """How many open events run under an edition."""

    id: Id
    seq: int
    text: str
    limit: str
    valid_from: date
    valid_to: date | None
    n: int

    @classmethod
    def of(cls, one: Running, lang: str) -> "RunningOut":
        return cls.model_validate(
            {
                "id": one.id,
                "seq": one.seq,
                "text": (one.text_zh if lang.startswith("zh") else one.text_en) or one.text_zh,
                "limit": one.limit,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "n": one.n,
            }
        )


class RunningUnder(BaseModel):
    """The editions of a class and of its conditions, oldest first, with what runs under each."""

    classes: list[RunningOut]
    conditions: list[RunningOut]


def _examples(tried: Tried, group: Group) -> list[ExampleOut]:
    seen = [tried.shown[one] for one in group.examples if one in tried.shown]
    return [ExampleOut.of(one) for one in seen[:SHOWN]]


def _words(words: Words, lang: str) -> str:
    return words.get("zh" if lang.startswith("zh") else "en", "")


def _state(flows: list[Flow], state: str, lang: str) -> str:
    found = next((one for flow in flows if (one := flow.find_state(state)) is not None), None)
    return _words(found.title, lang) if found else state


def _verb(flows: list[Flow], verb: str, lang: str) -> str:
    found = next((one for flow in flows if (one := flow.find_verb(verb)) is not None), None)
    return _words(found.title, lang) if found else verb


class NoticeWanted(Schema):
    """The notice of a year as it would be entered."""

    year: Annotated[int, Field(ge=1990, le=2199)]
    off: Annotated[list[OffDays], Field(max_length=60)]
    work: Annotated[list[Day], Field(max_length=60, default_factory=list)]


class CalendarTrialIn(Schema):
    """What would change: single days, the notice of a year, the hours."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    days: Annotated[list[DayWanted], Field(max_length=400, default_factory=list)]
    notice: NoticeWanted | None = None
    hours: HoursIn | None = None

    def wanted(self) -> Wanted:
        given = self.notice
        rows = []
        if given is not None:
            rows = YearIn(version=0, source="-", off=given.off, work=given.work).rows()
        hours = None
        if self.hours is not None:
            hours = (
                read_spans(self.hours.hours, "hours"),
                tuple(
                    Hours(part.title, read_season(part.season, "season_hours"), read_spans(part.hours, "season_hours"))
                    for part in self.hours.season_hours
                ),
                tuple(WeekDay(works) for works in self.hours.week),
                round(self.hours.day_hours * 60),
            )
        return Wanted({one.date: one.row() for one in self.days}, given.year if given else None, rows, hours)


class MovedOut(BaseModel):
    """A running deadline that would fall elsewhere; ``keeps``: it stays as it is."""

    event: ExampleOut
    stage: str
    due_at: datetime | None
    would_be: datetime | None
    keeps: bool


class CalendarTrialOut(BaseModel):
    """``moves`` deadlines would be counted anew, ``keeps`` would differ but keep the calendar that they began under."""

    changed_days: int
    looked: int
    moves: int
    keeps: int
    more: bool
    examples: list[MovedOut]

    @classmethod
    def of(cls, tried: CalendarTrial) -> "CalendarTrialOut":
        return cls(
            changed_days=tried.changed_days,
            looked=tried.looked,
            moves=tried.moves,
            keeps=tried.keeps,
            more=tried.more,
            examples=[
                MovedOut(
                    event=ExampleOut.of(shown),
                    stage=moved.stage,
                    due_at=moved.due_at,
                    would_be=moved.would_be,
                    keeps=moved.keeps,
                )
                for moved, shown in tried.examples
            ],
        )
