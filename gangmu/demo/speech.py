"""What people and machines of the invented city report (诉求文本), from a seed: texts, places, callers, planted
duplicates. Pure: a ``Talk`` of the same seed says the same things in the same order.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from random import Random
from typing import Any

from gangmu.demo.names import Names
from gangmu.kit import geo

CHANNELS = {
    "seen": (("patrol", 60), ("grid", 28), ("transfer", 8), ("upper", 4)),
    "told": (("hotline12345", 74), ("citizen", 21), ("upper", 5)),
    "sensed": (("ai", 55), ("sensor", 45)),
}
INSIDE_M = 2.5  # addresses lie some metres inside their division: who walks there stays in it
_BESIDE = ("门前", "附近", "对面", "东侧", "西侧", "路口")
_BESIDE_PLACE = ("门口", "旁边", "东侧", "西侧", "对面")
_ASKING = ("问", "咨询", "请问", "什么条件")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that happens, as somebody reports it. Coordinates are CGCS2000; ``tree`` and ``code`` name the class,
    ``voice`` who speaks (seen by a patrol, told by a caller, sensed by a machine)."""

    tree: str
    code: str
    voice: str
    channel: str
    kind: str
    title: str
    text: str
    address: str
    division: str
    lon: float
    lat: float
    name: str
    phone: str
    anonymous: bool
    confidential: bool
    said: int  # which of the class's texts it is


@lru_cache(maxsize=1)
def book() -> dict[str, Any]:
    """The texts as data."""
    return tomllib.loads((resources.files("gangmu.demo") / "data" / "speech.toml").read_text("utf-8"))


def entry(tree: str, code: str) -> Mapping[str, Any]:
    """The row of a class."""
    return next(row for row in book()["matter"] if row["tree"] == tree and row["code"] == code)


def done_text(chance: Random, tree: str, code: str) -> str:
    """How it was put right, in the words of the department."""
    found = next((row for row in book()["matter"] if row["tree"] == tree and row["code"] == code), None)
    return chance.choice(found["done"]) if found else "已按规定处置完毕，现场恢复正常。"


def reason(chance: Random, verb: str) -> str:
    """Why somebody does a verb, as people write it."""
    words = book()["reason"]
    return chance.choice(words.get(verb, words["other"]))


class Talk:
    """An endless row of incidents."""

    def __init__(self, addresses: Sequence[Mapping[str, str]], seed: int) -> None:
        self.chance = Random(f"talk {seed}")
        self._addresses = addresses
        self._names = Names(seed * 7919 + 17)
        self._callers: list[tuple[str, str]] = []

    def incident(self, voice: str = "", hour: int = 10, within: str = "") -> Incident:
        """The next thing that happens at this hour. ``voice`` and ``within`` (a division) narrow the choice."""
        wanted = voice or self.chance.choices(("seen", "told", "sensed"), (46, 48, 6))[0]
        rows = [row for row in book()["matter"] if wanted in row]
        row = self.chance.choices(rows, [item["weight"] for item in rows])[0]
        places = [item for item in self._addresses if item["division"].startswith(within)]
        return self._report(row, wanted, self.chance.choice(places), hour)

    def again(self, first: Incident, hour: int = 10) -> Incident:
        """Somebody else reports the same matter in other words, some metres off: a planted duplicate."""
        row = entry(first.tree, first.code)
        where = next(item for item in self._addresses if item["address"] == first.address)
        other = self._report(row, first.voice, where, hour, but=first.said)
        along, up = geo.metres_per_degree(first.lat)
        off = 30.0 if first.voice == "told" else INSIDE_M
        lon = round(first.lon + self.chance.uniform(-off, off) / along, 6)
        lat = round(first.lat + self.chance.uniform(-off, off) / up, 6)
        values = {name: getattr(other, name) for name in Incident.__dataclass_fields__}
        return Incident(**{**values, "lon": lon, "lat": lat})

    def _report(
        self, row: Mapping[str, Any], voice: str, where: Mapping[str, str], hour: int, but: int = -1
    ) -> Incident:
        choices = [number for number in range(len(row[voice])) if number != but] or [0]
        said = self.chance.choice(choices)
        text = row[voice][said].format(at=self._at(where), when=self._when(hour))
        along, up = geo.metres_per_degree(float(where["lat"]))
        lon = round(float(where["lon"]) + self.chance.uniform(-INSIDE_M, INSIDE_M) / along, 6)
        lat = round(float(where["lat"]) + self.chance.uniform(-INSIDE_M, INSIDE_M) / up, 6)
        channel = _weighted(self.chance, CHANNELS[voice])
        name, phone, anonymous = self._caller(voice)
        return Incident(
            row["tree"], row["code"], voice, channel, _kind(row, voice, text), self._title(text), text,
            where["address"], where["division"], lon, lat, name, phone, anonymous,
            voice == "told" and self.chance.random() < 0.06, said,
        )  # fmt: skip

    def _at(self, where: Mapping[str, str]) -> str:
        if where["poi"]:
            return where["poi"] + self.chance.choice(_BESIDE_PLACE)
        return where["road"] + where["house_no"] + self.chance.choice(_BESIDE)

    def _when(self, hour: int) -> str:
        part = "morning" if 6 <= hour < 10 else "day" if 10 <= hour < 19 else "night"
        return str(self.chance.choice(book()["when"][part]))

    def _title(self, text: str) -> str:
        first = text.replace("！", "。").replace("？", "。").replace("，", "。").split("。")
        return next((part for part in first if len(part) >= 6), first[0])[:36]

    def _caller(self, voice: str) -> tuple[str, str, bool]:
        """Most callers are new; some call again."""
        if voice != "told":
            return "", "", False
        if self.chance.random() < 0.05:
            return "", "", True
        if self._callers and self.chance.random() < 0.3:
            return (*self.chance.choice(self._callers), False)
        self._callers.append((self._names.name(), self._names.phone()))
        return (*self._callers[-1], False)


def _kind(row: Mapping[str, Any], voice: str, text: str) -> str:
    if voice != "told":
        return "report"
    if "kind" in row:
        return str(row["kind"])
    return "enquiry" if any(word in text for word in _ASKING) else "help" if "什么时候" in text else "complaint"


def _weighted(chance: Random, table: Sequence[tuple[str, int]]) -> str:
    return chance.choices([name for name, _ in table], [weight for _, weight in table])[0]
