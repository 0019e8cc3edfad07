"""What a drawing is."""

from dataclasses import dataclass
from datetime import date, datetime

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Drawing:
    """Events drawn by lot: so many wanted, drawn, among how many. ``digest`` is of the file that went out."""

    id: Id
    at: datetime
    by: Id | None
    by_name: str
    seed: str
    since: date
    until: date
    division: str
    wanted: int
    drawn: int
    among: int
    purpose: str
    digest: str


def check_days(since: date, until: date) -> None:
    if until < since:
        raise Invalid(field="until", reason="ends before it begins")
    if (until - since).days >= LONGEST_DAYS:
        raise Invalid(field="until", reason=f"at most {LONGEST_DAYS} days at once")
