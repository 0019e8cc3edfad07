"""Rules of retention: what is kept how long, what a list of due things is, and what its proof says."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gangmu.core.retention.errors import HeldBySame, NotProposed, SamePerson
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

LEAST_DAYS = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """An edition of a rule: things of ``kind`` are kept so many days after their moment. A new edition ends the one
    before; lists name the edition that they were drawn up by."""

    id: Id
    kind: str
    keep_days: int
    basis_zh: str
    basis_en: str
    source: str
    verified: bool
    valid_from: datetime
    valid_to: datetime | None
    made_by: Id | None

    def before(self, now: datetime) -> datetime:
        """What has its moment before this is due."""
        return now - timedelta(days=self.keep_days)


@dataclass(frozen=True, slots=True)
class Hold:
    """A matter under appeal, audit or in court: nothing of it is erased until the hold ends."""

    id: Id
    event: Id
    case_no: str
    reason: str
    made_at: datetime
    made_by: Id | None
    ended_at: datetime | None
    ended_by: Id | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """A list of what is due: proposed, then confirmed by a second person or refused, then done, with its proof.
    ``counts`` are by kind; ``digest`` is over what was erased."""

    id: Id
    state: str  # proposed, confirmed, refused, done
    made_at: datetime
    made_by: Id | None
    counts: Mapping[str, int]
    rules: Mapping[str, str]
    confirmed_by: Id | None
    confirmed_at: datetime | None
    done_at: datetime | None
    erased: Mapping[str, int]
    digest: str
    note: str
    version: int = 1


def checked(keep_days: int, basis_zh: str, basis_en: str, source: str, *, verified: bool) -> None:
    """``Invalid`` names the field that breaks the rule."""
    if not LEAST_DAYS <= keep_days <= 36_500:
        raise Invalid(field="keep_days", reason="1 to 36500 days")
    if not basis_zh.strip() and not basis_en.strip():
        raise Invalid(field="basis", reason="say on what ground it is kept so long")
    if verified and not source.strip():
        raise Invalid(field="source", reason="a verified rule names its source")


def may_decide(run: Run, person: Id | None) -> None:
    """A second person decides, once."""
    if run.state != "proposed":
        raise NotProposed(about=str(run.id), state=run.state)
    if person is not None and person == run.made_by:
        raise SamePerson(about=str(run.id))


def may_lift(hold: Hold, person: Id | None, *, by_second: bool) -> bool:
    """Whether this person may lift the hold: somebody else than who has put it, where the city wants a second one."""
    return not by_second or person is None or person != hold.made_by


def check_may_lift(hold: Hold, person: Id | None, *, by_second: bool) -> None:
    if not may_lift(hold, person, by_second=by_second):
        raise HeldBySame(about=str(hold.id))


def digest_of(erased: Iterable[tuple[str, str]]) -> str:
    """One number for what was erased: SHA-256 over the sorted lines ``kind thing``. It tells nothing of anybody."""
    lines = sorted(f"{kind} {subject}" for kind, subject in erased)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
