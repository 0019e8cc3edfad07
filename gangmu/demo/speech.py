"""What people and machines of the invented city report (诉求文本), from a seed: texts, places, callers, planted
duplicates. Pure: a ``Talk`` of the same seed says the same things in the same order.
"""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    matter: str = ""  # what it truly is about: the same for all who tell it
    hotspot: str = ""  # and the wave of reports to which it belongs


@lru_cache(maxsize=1)
def book() -> dict[str, Any]:
    """The texts as data."""
    return tomllib.loads((resources.files("gangmu.demo") / "data" / "speech.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def phrases() -> dict[str, Any]:
    """What is said of the classes that the book does not have, and how people speak."""
    return tomllib.loads((resources.files("gangmu.demo") / "data" / "phrases.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def seldom() -> tuple[dict[str, Any], ...]:
    """Rows like those of the book for every other class of the catalogue."""
    text = (resources.files("gangmu.core.matter") / "data" / "classes.csv").read_text("utf-8-sig")
    listed = list(csv.DictReader(text.splitlines()))
    above = {(row["tree"], row["parent"]) for row in listed}
    known = {(row["tree"], row["code"]) for row in book()["matter"]}
    return tuple(
        _seldom(row["tree"], row["code"], row["title_zh"])
        for row in listed
        if (row["tree"], row["code"]) not in above | known
    )


def _seldom(tree: str, code: str, title: str) -> dict[str, Any]:
    said = phrases()
    if tree != "urban_component":
        voice = "told" if tree == "hotline" else "seen"
        return {"tree": tree, "code": code, "weight": 1, voice: said[tree][code], "done": said["done"][tree]}
    name = title.split("(")[0]
    kind = next(row for row in said["component"] if any(word in title for word in row["words"]))
    seen = [
        form.format(name=name, fault=fault, effect=kind["effects"][(number + turn) % len(kind["effects"])])
        for number, fault in enumerate(kind["faults"])
        for turn, form in enumerate(
            ("{{at}}{name}{fault}，{effect}。", "巡查发现{{at}}{name}{fault}，{effect}，需处置。")
        )
    ]
    done = [text.replace("{title}", name) for text in kind["done"]]
    return {"tree": tree, "code": code, "weight": 1, "seen": seen, "done": done}


def every() -> tuple[Mapping[str, Any], ...]:
    """A row for every class."""
    return (*book()["matter"], *seldom())


def entry(tree: str, code: str) -> Mapping[str, Any]:
    """The row of a class."""
    return next(row for row in every() if row["tree"] == tree and row["code"] == code)


def done_text(chance: Random, tree: str, code: str) -> str:
    """How it was put right, in the words of the department."""
    found = next((row for row in every() if row["tree"] == tree and row["code"] == code), None)
    return chance.choice(found["done"]) if found else "已按规定处置完毕，现场恢复正常。"


def reason(chance: Random, verb: str) -> str:
    """Why somebody does a verb, as people write it."""
    words = book()["reason"]
    return chance.choice(words.get(verb, words["other"]))


class Talk:
    """An endless row of incidents."""

    def __init__(self, addresses: Sequence[Mapping[str, str]], seed: int) -> None:
        self.chance = Random(f"talk {seed}")
        self.addresses = self._addresses = addresses
        self._names = Names(seed * 7919 + 17)
        self._callers: list[tuple[str, str]] = []
        self._seed, self._matters = seed, 0

    def incident(
        self,
        voice: str = "",
        hour: int = 10,
        within: str = "",
        louder: Mapping[tuple[str, str], float] | None = None,
        rare: float = 0.0,
    ) -> Incident:
        """The next thing that happens at this hour. ``voice`` and ``within`` (a division) narrow the choice, ``louder``
        says which classes are spoken of how much more, ``rare`` how often one that seldom comes up."""
        wanted = voice or self.chance.choices(("seen", "told", "sensed"), (46, 48, 6))[0]
        rows = [row for row in book()["matter"] if wanted in row]
        if rare and self.chance.random() < rare:
            rows = [row for row in seldom() if wanted in row] or rows
        more = louder or {}
        row = self.chance.choices(rows, [_weight(item, more) for item in rows])[0]
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
        return replace(other, lon=lon, lat=lat, matter=first.matter, hotspot=first.hotspot)

    def about(
        self, texts: Sequence[str], tree: str, code: str, where: Mapping[str, str], hour: int, *, matter: str = "",
        hotspot: str = "", caller: tuple[str, str] | None = None,
    ) -> Incident:  # fmt: skip
        """Somebody tells a matter in one of these texts at a place. ``caller`` is somebody who has called before."""
        row = {"tree": tree, "code": code, "told": list(texts)}
        told = self._report(row, "told", where, hour)
        if caller is not None:
            told = replace(told, name=caller[0], phone=caller[1], anonymous=False)
        return replace(told, matter=matter or told.matter, hotspot=hotspot)

    def near(self, where: Mapping[str, str], metres: float) -> list[Mapping[str, str]]:
        """The addresses around one."""
        here = (float(where["lon"]), float(where["lat"]))
        return [one for one in self._addresses if geo.distance_m(here, (float(one["lon"]), float(one["lat"]))) < metres]

    def anywhere(self, chance: Random) -> Mapping[str, str]:
        return chance.choice(self._addresses)

    def _report(
        self, row: Mapping[str, Any], voice: str, where: Mapping[str, str], hour: int, but: int = -1
    ) -> Incident:
        choices = [number for number in range(len(row[voice])) if number != but] or [0]
        said = self.chance.choice(choices)
        plain = row[voice][said].format(at=self._at(where), when=self._when(hour))
        text = self._spoken(plain) if voice == "told" else plain
        along, up = geo.metres_per_degree(float(where["lat"]))
        lon = round(float(where["lon"]) + self.chance.uniform(-INSIDE_M, INSIDE_M) / along, 6)
        lat = round(float(where["lat"]) + self.chance.uniform(-INSIDE_M, INSIDE_M) / up, 6)
        channel = _weighted(self.chance, CHANNELS[voice])
        name, phone, anonymous = self._caller(voice)
        self._matters += 1
        return Incident(
            row["tree"], row["code"], voice, channel, _kind(row, voice, text), self._title(plain), text,
            where["address"], where["division"], lon, lat, name, phone, anonymous,
            voice == "told" and self.chance.random() < 0.06, said,
            f"m{self._seed}-{self._matters}",
        )  # fmt: skip

    def _spoken(self, text: str) -> str:
        """As people say it and as it is typed down: a beginning, a mood at the end, now and then a slip of the keys."""
        said = phrases()["spoken"]
        if self.chance.random() < 0.4:
            text = self.chance.choice(said["open"]) + text
        if self.chance.random() < 0.5:
            text = text + self.chance.choice(said["close"])
        if self.chance.random() < 0.07:
            right, wrong = self.chance.choice([pair for pair in said["slips"] if pair[0] in text] or [("", "")])
            text = text.replace(right, wrong, 1) if right else text
        return text

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


def _weight(row: Mapping[str, Any], louder: Mapping[tuple[str, str], float]) -> float:
    return float(row["weight"]) * louder.get((row["tree"], row["code"]), 1.0)


def _kind(row: Mapping[str, Any], voice: str, text: str) -> str:
    if voice != "told":
        return "report"
    if "kind" in row:
        return str(row["kind"])
    return "enquiry" if any(word in text for word in _ASKING) else "help" if "什么时候" in text else "complaint"


def _weighted(chance: Random, table: Sequence[tuple[str, int]]) -> str:
    return chance.choices([name for name, _ in table], [weight for _, weight in table])[0]
