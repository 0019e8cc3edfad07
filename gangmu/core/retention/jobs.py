"""What retention does by itself: a list every night, erasing what was confirmed, bytes after the rows."""

from datetime import date, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from gangmu.core.retention import service, store
from gangmu.core.retention.settings import RetentionSettings
from gangmu.kit import db, jobs, settings
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.kit.zone import zone as city_zone

_looked: WeakKeyDictionary[db.Database, date] = WeakKeyDictionary()  # the day on which this process has looked


@jobs.timer("retention.erase")
def erase(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """The next part of a confirmed list; the bytes of its files go in a job of their own, after this commit."""
    digests = service.erase_some(unit, Id(about))
    if digests:
        unit.at(unit.now, "retention.bytes", about, token, digests=digests)


@jobs.timer("retention.bytes")
def drop_bytes(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """Bytes that stay (put anew within the day) are looked at again the next day."""
    stay = service.drop_bytes(payload["digests"])
    still = [digest for digest in stay if digest in service.lying(unit, stay)]
    if still:
        unit.at(unit.now + timedelta(days=1), "retention.bytes", about, token, digests=still)


@jobs.chore("retention.draw", every_s=900)
def draw() -> bool:
    """The list of what is due, once a night. A list on which nothing stands is not drawn up; what is due is
    counted once a day, since it means a look at all that is old."""
    with open_unit(service.KEEPER, "nightly") as unit:
        zone = city_zone()
        if unit.now.astimezone(zone).hour < settings.get(RetentionSettings).hour:
            return False
        last = store.find_last(unit, seen_by=service.KEEPER)
        today = unit.now.astimezone(zone).date()
        if _looked.get(db.current()) == today:
            return False
        if store.find_open(unit, seen_by=service.KEEPER) is not None:
            return False
        if last is not None and last.made_at.astimezone(zone).date() >= today:
            return False
        is_due = any(one.due for one in service.forecast(unit, service.KEEPER))
        if is_due:
            service.propose(unit, service.KEEPER)
    _looked[db.current()] = today  # after the commit: what failed is tried again the same night
    return is_due
