"""What travels to the wall screen. No names of people, no words that anybody wrote: figures, places, classes, times."""

from datetime import date, datetime
from typing import Literal

from gangmu.kit.ids import Id
from gangmu.kit.web import Schema

Quality = Literal["good", "late", "silent", "resting", "never", "unwatched"]
Door = Literal["event", "alarm", "docking", "dead_letters"]


class Stage(Schema):
    """A stage of the way: what stands there, how much of it late or near, what went in and out today. ``stock`` is null
    for stages in which nothing stands: closed, void, merged."""

    id: str
    stock: int | None
    late: int
    near: int
    came_in: int
    went_out: int


class Source(Schema):
    """A channel or a link. ``today`` counts the reports that belong to an event, each of which opens; ``alarms`` are
    what machines told, of which no event lies behind. ``today`` is null where nothing was heard at all today and
    something should have been: no data is not nothing."""

    id: str
    today: int | None
    alarms: int
    last_at: datetime | None
    quality: Quality
    silent_minutes: int | None


class Part(Schema):
    """A share with its parts; of too few it is marked, of none there is no rate."""

    n: int
    d: int
    rate: float | None
    few: bool


class Department(Schema):
    """Limits of a department that were kept or ran out."""

    id: Id
    name: str
    today: Part
    week: Part


class Reason(Schema):
    """Why events are abnormal: how many, how heavy it weighs."""

    id: str
    n: int
    weight: int


class Behind(Schema):
    """An event behind a figure, without a word that a citizen wrote."""

    id: Id
    case_no: str
    matter_title: str
    division_name: str
    lead_org_name: str
    state_title: str
    stage: str
    channel: str
    lateness: str
    due_at: datetime | None
    reported_at: datetime
    at: datetime | None
    callers: int
    reasons: list[str]
    score: int


class Trouble(Schema):
    """What is wrong with the house itself: a link, messages that could not be worked off."""

    kind: str
    name: str
    n: int
    since: datetime | None


class Total(Schema):
    """All open events."""

    open: int
    late: int
    near: int
    nowhere: int


class BoardOut(Schema):
    """The whole screen but the map. ``as_of`` is the time up to which everything is counted in, ``quality`` late when
    that lies behind. ``opens`` is what the viewer may open at the desk; ``is_key``: a screen's own key asks, which may
    open nothing there."""

    place: str
    day: date
    total: Total
    stages: list[Stage]
    sources: list[Source]
    departments: list[Department]
    reasons: list[Reason]
    abnormal: list[Behind]
    troubles: list[Trouble]
    opens: list[Door]
    is_key: bool
    as_of: datetime
    quality: Quality


class Spot(Schema):
    """A square of the map with its events, or (``id``) a single one."""

    lon: float
    lat: float
    n: int
    late: int
    near: int
    id: Id | None = None
    square: str = ""


class BoardMap(Schema):
    """Open events of a part of the map, those with most late first. ``more``: not all squares are shown."""

    spots: list[Spot]
    level: int | None
    more: bool
    as_of: datetime
    quality: Quality


class BoardEvents(Schema):
    """The events behind a figure. ``next`` is the cursor of the following page."""

    items: list[Behind]
    more: bool
    next: str | None
    as_of: datetime
    quality: Quality
