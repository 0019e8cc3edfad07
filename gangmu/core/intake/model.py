"""Import (导入): what a row of a foreign table becomes, and what a header says about its file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from gangmu.core.intake.profile import Profile, folded
from gangmu.kit.ids import Id


class Incoming(msgspec.Struct, frozen=True):
    """A row that can be taken: what a report and its event need, in our words. Times are aware UTC, ``lon``/``lat``
    still in ``datum``; ``division`` is a code (4 to 12 digits) when the row gives one, ``places`` are names, county
    first, where it gives names; ``matter_path`` are class names, top first; ``life`` is open, closed or void."""

    at: int
    key: str
    digest: bytes
    number: str
    channel: str
    kind: str
    title: str
    text: str
    happened_at: datetime
    received_at: datetime
    address: str
    lon: float | None
    lat: float | None
    datum: str
    division: str
    places: tuple[str, ...]
    matter: str
    matter_path: tuple[str, ...]
    life: str
    outcome: str
    target_at: datetime | None
    closed_at: datetime | None
    department: str
    transfers: int | None
    reply: str
    replied_at: datetime | None
    satisfaction: str
    anonymous: bool
    confidential: bool
    want_reply: bool
    urgent: bool
    reporter_name: str
    reporter_phone: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not taken: ``at`` is its line or sheet row, ``reason`` a code with a text in every language."""

    at: int
    field: str
    reason: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every profile: limits of text and time."""

    text_chars: int = 20_000
    oldest: datetime | None = None
    future_slack: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """What the city knows when rows come in. ``None`` means: not checked."""

    divisions: Collection[str] | None = None
    matters: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """One file's way in. ``most`` is the number of rows asked for (None: all); ``state`` is running, done or broken
    (``why`` says what broke it); ``flags`` count the oddities of rows that were taken."""

    id: Id
    source: str
    profile: str
    file_name: str
    digest: str
    file: Id | None
    most: int | None
    state: str
    why: str
    notes: Mapping[str, Any]
    flags: Mapping[str, int]
    read: int
    accepted: int
    quarantined: int
    already: int
    changed: int
    started_by: Id | None
    started_at: datetime
    ended_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row in quarantine: its cells as they may be shown, what is wrong, and the row itself sealed (None when it was
    too large to keep, or never became cells)."""

    id: Id
    source: str
    batch: Id
    at: int
    errors: Sequence[Mapping[str, str]]
    cells: Mapping[str, str]
    raw: bytes | None
    state: str
    seen: int
    made_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class Bad:
    """A row to be put into quarantine."""

    at: int
    digest: bytes
    errors: list[dict[str, str]]
    cells: dict[str, str]
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """A row known already that now has other content."""

    key: str
    digest: bytes
    at: int
    cells: dict[str, str]
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A change as kept, with the report and event that its row became: ``state`` is waiting, accepted, refused or past
    (a later change of the same row was taken over)."""

    id: Id
    source: str
    key: str
    digest: bytes
    batch: Id
    at: int
    cells: Mapping[str, Any]
    raw: bytes | None
    state: str
    reason: str
    decided_at: datetime | None
    event: Id
    report: Id
    version: int

    def decided(self, state: str, reason: str, at: datetime) -> "ChangedRow":
        return replace(self, state=state, reason=reason, decided_at=at, raw=None, version=self.version + 1)


@dataclass(slots=True)
class Counts:
    """What became of rows."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    already: int = 0
    changed: int = 0
    flags: dict[str, int] = field(default_factory=dict)


def positions(profile: Profile, columns: Sequence[str]) -> dict[str, int]:
    """Where in the header each column of the profile stands, other spellings (``same_columns``) included."""
    header: dict[str, int] = {}
    for n, name in enumerate(columns):
        if name:
            header.setdefault(folded(name), n)
    found: dict[str, int] = {}
    for name in profile.columns:
        for spelling in (name, *profile.same_columns.get(name, ())):
            if folded(spelling) in header:
                found[name] = header[folded(spelling)]
                break
    return found


def header_score(profile: Profile) -> Callable[[Sequence[str]], int]:
    """How many of a row's cells are names of columns that the profile reads."""
    known = {folded(name) for name in profile.columns}
    known.update(folded(other) for name in profile.columns for other in profile.same_columns.get(name, ()))

    def score(cells: Sequence[str]) -> int:
        return len({folded(cell) for cell in cells if cell and len(cell) < 80} & known)

    return score


def is_of_profile(profile: Profile, columns: Sequence[str]) -> bool:
    """Whether a file with this header is one of the profile: its identity, or at least half of what is needed."""
    found = positions(profile, columns)
    needed = profile.needed()
    have = sum(1 for group in needed if any(name in found for name in group))
    return have * 2 >= len(needed) and bool(found)
