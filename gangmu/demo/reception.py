"""What who starts the demo is told, and the life that is started with it."""

import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from gangmu.base import access
from gangmu.base.calendar import service as calendars
from gangmu.base.org import service as org
from gangmu.demo import foreign, founding, hurry, people, roster
from gangmu.demo.foreign import Upper
from gangmu.demo.founding import SEED
from gangmu.demo.life import Life, Pace
from gangmu.demo.past import CALENDAR
from gangmu.demo.people import FOUNDER
from gangmu.demo.roster import PASSWORD, Seat
from gangmu.demo.truth import Truth
from gangmu.kit import clock
from gangmu.kit.text import t
from gangmu.kit.unit import open_unit


def accounts(lang: str = "zh-CN", seed: int = SEED) -> list[str]:
    """The table of the demo's accounts, one a role, as lines for a terminal."""
    staff = roster.make(founding.ground_here(seed), seed)
    names = {office.key: office.name for office in staff.offices}
    with open_unit(FOUNDER, "list the demo's accounts") as unit:
        titles = {role.id: role.title_en if lang == "en" else role.title_zh for role in access.list_roles(unit)}
    head = [t(f"demo.{word}", lang) for word in ("account", "role", "person", "where")]
    rows = [[seat.username, titles.get(seat.role, seat.role), seat.person, names[seat.office]] for seat in staff.logins]
    widths = [max(_width(row[column]) for row in [head, *rows]) for column in range(3)]
    told = [t("demo.told", lang, password=PASSWORD), *(_line(row, widths) for row in [head, *rows])]
    return [*told, t("demo.next", lang)]


def _line(row: list[str], widths: list[int]) -> str:
    cells = [text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=False)]
    return "  " + "  ".join([*cells, row[-1]])


def _width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def live(
    address: str, *, seed: int = SEED, pace: Pace | None = None, folder: Path | None = None, speed: float = 1.0
) -> Life:
    """Start the life of the demo city that is open in this process and served at an address. ``Life.stop`` ends it.
    With a folder for what it must remember it has a telephone line and an upper platform; its time runs so fast."""
    hurry.begin(speed)
    land = founding.ground_here(seed)
    staff = roster.make(land, seed)
    with open_unit(FOUNDER, "find the demo's people") as unit:
        known = people.find_people(unit, staff)

    def open_account(seat: Seat) -> None:
        people.open_accounts([seat], known)

    with open_unit(FOUNDER, "read the calendar") as unit:
        working = calendars.get_calendar(unit, FOUNDER, CALENDAR).is_working
        named = {one.name: one.id for one in org.list_orgs(unit, FOUNDER)}
    keys = {office.key: named[office.name] for office in staff.offices if office.name in named}

    def upper(says: Callable[[], Mapping[str, str]]) -> Upper:
        assert folder is not None
        made = Upper(folder, seed, says, clock.now)
        foreign.link(made.address, land.code, keys["command"])
        return made

    token = foreign.telephone(keys["hotline"], land.code) if folder else ""

    started = Life(
        address, land, staff, seed=seed, pace=pace or Pace(clock=speed), open_account=open_account, is_working=working,
        truth=Truth(folder), token=token, upper=upper if folder else None,
    )  # fmt: skip
    started.start()
    return started
