"""The numbers of the service as data: limits and counts with source, validity and whether they are verified."""

import tomllib
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from importlib import resources

from gangmu.base.calendar import service as calendar_service
from gangmu.core.deadline import model as clocks
from gangmu.core.deadline.errors import LimitUnreadable
from gangmu.core.deadline.limit import parse
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.knowledge import store
from gangmu.core.knowledge.errors import NumberMalformed
from gangmu.core.knowledge.model import Number
from gangmu.core.matter import service as matter_service
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import NotFound
from gangmu.kit.text import LANGUAGES
from gangmu.kit.unit import Unit

COUNT_MOST = 100_000


def today(unit: Unit) -> date:
    """The day of the city, on which validities are compared."""
    return matter_service.today(unit)


def due_after(unit: Unit, key: str, at: datetime) -> datetime | None:
    """When the limit of this number, started at a time, runs out."""
    rules = settings.get(DeadlineSettings)
    almanac = calendar_service.almanac(unit, rules.calendar, on=at.date())
    return clocks.due(clocks.Clock(parse(value_of(unit, key)), at, rules.day_meaning), almanac).at


def count_of(unit: Unit, key: str) -> int:
    return int(value_of(unit, key))


def value_of(unit: Unit, key: str) -> str:
    """The value that holds today; the shipped one when a city has none for this day."""
    found = unit.memo.get(("service_number", key))
    if found is None:
        row = store.find_number(unit, key, today(unit), seen_by=unit.actor)
        found = unit.memo["service_number", key] = row.value if row else shipped()[key].value
    return str(found)


def list_numbers(unit: Unit, actor: Actor, history: str = "") -> list[Number]:
    return store.list_numbers(unit, seen_by=actor, history=history)


def set_number(unit: Unit, actor: Actor, key: str, value: str, source: str, region: str, verified: bool) -> Number:
    """The next edition of a number, from today on; the former one ends."""
    was = store.find_number(unit, key, date.max, seen_by=actor)
    if was is None:
        raise NotFound(what=key)
    check(was.kind, value)
    day = today(unit)
    new = replace(
        was, id=ids.new("num"), value=value, source=source, region=region, verified=verified, valid_from=day, version=1
    )
    store.end_number(unit, was, max(day, was.valid_from))
    store.add_number(unit, new)
    unit.memo.pop(("service_number", key), None)
    return new


def check(kind: str, value: str) -> None:
    """Refuse what is no limit or no count."""
    try:
        fine = parse(value) is not None if kind == "limit" else 1 <= int(value) <= COUNT_MOST
    except (LimitUnreadable, ValueError) as error:
        raise NumberMalformed(value=value[:40]) from error
    if not fine:
        raise NumberMalformed(value=value[:40])


@lru_cache(maxsize=1)
def shipped() -> dict[str, Number]:
    """What ships, by key, each with a fresh id."""
    text = (resources.files("gangmu.core.knowledge") / "data" / "numbers.toml").read_text("utf-8")
    return {
        row["key"]: Number(
            ids.new("num"), row["key"], row["kind"], row["value"], row["source"], "", row.get("verified", False),
            "", date(2000, 1, 1), None,
        )
        for row in tomllib.loads(text)["number"]
    }  # fmt: skip


@lru_cache(maxsize=2)
def titles(lang: str) -> dict[str, str]:
    """What each number is, in a language."""
    text = (resources.files("gangmu.core.knowledge") / "data" / "numbers.toml").read_text("utf-8")
    word = "en" if lang == LANGUAGES[1] else "zh"
    return {row["key"]: row["note"][word] for row in tomllib.loads(text)["number"]}


def load_shipped(unit: Unit) -> None:
    """Bring in the numbers that are not there yet; a city's own stay."""
    there = {row.key for row in store.list_numbers(unit, seen_by=unit.actor)}
    for key, row in shipped().items():
        if key not in there:
            store.add_number(unit, replace(row, id=ids.new("num")))
