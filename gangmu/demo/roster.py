"""Who works in the invented city (花名册): organisations, seats, people and their accounts, from data and a seed.

Pure: the same terrain and seed give the same people. ``people`` writes them into a node.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from gangmu.demo.names import Names
from gangmu.demo.terrain import Terrain

PASSWORD = "Gangmu-9901"
_LEVELS = {4: "city", 6: "county", 9: "town", 12: "community"}


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation: ``division`` as in the division list; ``cares`` kinds of responsible units of the catalogue,
    ``requests`` codes of the request tree that it answers for."""

    key: str
    name: str
    kind: str
    level: str
    division: str
    under: str
    duties: str
    cares: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A person in a post. ``login`` is the user name of a role's printed account; the others sign in by ``username``
    too, but only the simulator does."""

    key: str
    office: str
    role: str
    title: str
    person: str
    phone: str
    division: str
    login: str
    username: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody."""

    offices: tuple[Office, ...]
    seats: tuple[Seat, ...]

    @property
    def logins(self) -> tuple[Seat, ...]:
        """The accounts for people who try the demo, one a role."""
        return tuple(seat for seat in self.seats if seat.login)

    def of(self, role: str, office: str = "") -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.role == role and office in ("", seat.office))


PLACEHOLDER = "青澜"  # how the data files call the city, whatever it is called


@lru_cache(maxsize=4)
def _city(short: str = PLACEHOLDER) -> dict[str, Any]:
    text = (resources.files("gangmu.demo") / "data" / "city.toml").read_text("utf-8")
    return tomllib.loads(text.replace(PLACEHOLDER, short))


def make(terrain: Terrain, seed: int = 1) -> Roster:
    """The people of a terrain."""
    offices = tuple(_offices(terrain))
    names = Names(seed)
    counts: dict[str, int] = {}
    seats = []
    taken: set[str] = set()
    for row in _city()["seat"]:
        for place, (office, division) in enumerate(_places(row, offices, terrain)):
            for number in range(row.get("count", 1)):
                role = row["role"]
                first = role not in taken and bool(row.get("login")) and place == 0 and number == 0
                taken |= {role} if first else set()
                counts[role] = counts.get(role, 0) + 1
                username = row["login"] if first else f"{_short(role)}{counts[role]:02d}"
                login = row["login"] if first else ""
                key = f"{role}/{office.key}/{division}/{counts[role]}"
                person, phone = names.of(f"{role}/{office.key}/{counts[role]}")  # whichever city it is
                seats.append(Seat(key, office.key, role, row["title"], person, phone, division, login, username))
    return Roster(offices, tuple(seats))


def views() -> list[dict[str, Any]]:
    """The views that people have kept: login, name, filter."""
    return list(_city()["view"])


def _short(role: str) -> str:
    return role.replace("_", "-")


def _offices(terrain: Terrain) -> Iterator[Office]:
    for row in _city(terrain.short)["org"]:
        cares, requests = tuple(row.get("cares", ())), tuple(row.get("requests", ()))
        yield Office(
            row["key"],
            row["name"],
            row["kind"],
            "city",
            terrain.code,
            row.get("under", ""),
            row["duties"],
            cares,
            requests,
        )
    for row in terrain.divisions:
        level, code, name = row["level"], row["code"], row["name"]
        if level == "county":
            yield Office(code, f"{name}人民政府", "government", level, code, "gov", "统筹本区城市运行管理")
        elif level == "town":
            is_built = not terrain.built or code in terrain.built
            ending = "人民政府" if name.endswith("镇") else "办事处"
            yield Office(
                code,
                name + ending,
                "town",
                level,
                code,
                row["parent_code"],
                "属地巡查、协调、处置",
                ("镇街",) if is_built else (),
                ("1002",) if is_built else (),
            )
        elif level == "community":
            ending = "村民委员会" if name.endswith("村") else "居民委员会"
            yield Office(code, name + ending, "community", level, code, row["parent_code"], "网格巡查、居民服务")


def _places(row: dict[str, Any], offices: tuple[Office, ...], terrain: Terrain) -> Iterator[tuple[Office, str]]:
    """The offices that a row of seats stands for, with the division that its people work in."""
    by_key = {office.key: office for office in offices}
    each = row.get("each")
    if each is None:
        yield by_key[row["org"]], terrain.code
    elif each == "patrol":
        for office in offices:
            if office.kind == "town" and _is_staffed(office):
                yield by_key["supervision"], office.division
    elif each == "department":
        named = {other.get("org") for other in _city()["seat"] if other["role"] == "dept_lead"}
        for office in offices:
            if (
                office.kind in ("department", "company")
                and (office.cares or office.requests)
                and office.key not in named
            ):
                yield office, office.division
    else:
        for office in offices:
            if office.kind == each and (each != "town" or _is_staffed(office)):
                yield office, office.division


def _is_staffed(town: Office) -> bool:
    """Whether a town has people: one where nothing happens has an office and no more."""
    return bool(town.cares)
