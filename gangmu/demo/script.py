"""What happened in the invented city before today (剧本): matters, who did what with them and when. Pure.

A script is made from a seed and the present time: finished matters of the past days, and matters at work that stand in
every state of both flows. ``past`` plays it through the real use cases.
"""

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from random import Random
from zoneinfo import ZoneInfo

from gangmu.core.flow import Flow
from gangmu.core.flow.model import ORIGIN, SAME, StateKind
from gangmu.demo.shape import figures
from gangmu.demo.speech import CHANNELS, Incident, Talk
from gangmu.demo.wave import Wave

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 6
OFFICE, FIELD = frozenset({"lead", "assistant", "leader", "supervisor", "evaluator"}), frozenset({"handler"})
_HOURS = (2, 1, 1, 1, 1, 2, 4, 9, 12, 12, 11, 9, 6, 5, 8, 10, 10, 9, 8, 7, 7, 6, 4, 3)
ANY_LIMIT = 3650 * 24 * 60.0
_UNIT = {"": 1, "h": 60, "d": 24 * 60}


@dataclass(frozen=True, slots=True)
class Step:
    """An act of a way before it has a time: minutes after the one before, least to most."""

    who: str
    verb: str
    least: float
    most: float
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way that a matter can go. Bounds are minutes of limit; ``channels`` and ``kinds`` empty: any."""

    id: str
    flow: str
    weight: int
    steps: tuple[Step, ...]
    channels: tuple[str, ...]
    kinds: tuple[str, ...]
    shortest: float
    longest: float

    @property
    def is_short(self) -> bool:
        """Whether the way is one of short limits only."""
        return self.longest < ANY_LIMIT


@dataclass(frozen=True, slots=True)
class Deed:
    """An act with its time."""

    at: datetime
    who: str
    verb: str
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Story:
    """A matter: what was reported when, what followed. ``twin`` is the number of the story that it repeats, ``fate``
    what became of the repetition: join, merge, parted, or "" (left to be found); of a machine's alarm: alarm (nobody
    has looked), dismissed."""

    number: int
    incident: Incident
    way: str
    reported_at: datetime
    deeds: tuple[Deed, ...]
    is_open: bool
    twin: int | None = None
    fate: str = ""


@lru_cache(maxsize=1)
def ways() -> tuple[Way, ...]:
    """The ways as data."""
    text = (resources.files("gangmu.demo") / "data" / "ways.toml").read_text("utf-8")
    return tuple(
        Way(
            row["id"], row["flow"], row["weight"], tuple(read_step(step) for step in row["steps"]),
            tuple(row.get("channels", ())), tuple(row.get("kinds", ())), minutes(row.get("least", "0")),
            minutes(row["most"]) if "most" in row else ANY_LIMIT,
        )
        for row in tomllib.loads(text)["way"]
    )  # fmt: skip


def read_step(text: str) -> Step:
    """``clerk accept 3-12 outcome=confirmed``"""
    who, verb, wait, *given = text.split()
    least, _, most = wait.partition("-")
    return Step(who, verb, minutes(least), minutes(most), dict(item.split("=", 1) for item in given))


def minutes(text: str) -> float:
    """3, 2h, 1d as minutes."""
    unit = text[-1] if text[-1] in "hd" else ""
    return float(text.removesuffix(unit)) * _UNIT[unit]


def states_along(way: Way, flow: Flow) -> list[str]:
    """The state before the first step and after each."""
    here, origin = flow.start, flow.start
    along = [here]
    for step in way.steps:
        verb = next(item for item in flow.verbs if item.id == step.verb)
        if flow.state(here).kind is not StateKind.side:
            origin = here
        here = {SAME: here, ORIGIN: origin}.get(verb.to, verb.to)
        along.append(here)
    return along


class Script:
    """Makes stories. ``limits`` are the shortest and longest limit of each class in minutes, ``same_time`` the classes
    that are checked at the same time of day only, ``is_working`` says whether a day (local) is a working day; ``home``
    is the division where people who try the demo walk: field tasks wait there."""

    def __init__(
        self,
        talk: Talk,
        flows: Mapping[str, Flow],
        limits: Mapping[tuple[str, str], tuple[float, float]],
        same_time: Collection[tuple[str, str]],
        is_working: Callable[[datetime], bool],
        now: datetime,
        seed: int,
        home: str = "",
    ) -> None:
        self._talk, self._flows, self._limits, self._same_time = talk, flows, limits, same_time
        self._is_working = is_working
        self._now, self._home = now, home
        self._chance = Random(f"script {seed}")
        self._stories: list[Story] = []

    def make(self, count: int) -> list[Story]:
        """``count`` stories and their planted twins: up to three fifths are over, the rest stand in every state."""
        least, usual = self._places_to_stand()
        standing = least + usual
        over = max(0, min(count * 3 // 5, count - len(least)))
        for _ in range(over):
            self._add(self._ended())
        for number in range(count - over):
            way, steps = standing[number % len(standing)]
            self._add(self._standing(way, steps))
        self._twins(max(3, count // 14))
        self._alarms(max(3, count // 24))
        self._hotspot(count // 12)
        return self._stories

    def _add(self, story: Story) -> None:
        self._stories.append(replace(story, number=len(self._stories)))

    # --- which way, how far ------------------------------------------------------------------------------

    def _places_to_stand(self) -> tuple[list[tuple[Way, int]], list[tuple[Way, int]]]:
        """Every state of an open matter once, some under supervision; and the usual ones by the weight of their way."""
        found: dict[tuple[str, str], list[tuple[Way, int]]] = {}
        for way in ways():
            for steps, state in enumerate(states_along(way, self._flows[way.flow])):
                if self._flows[way.flow].state(state).status == "open":
                    found.setdefault((way.flow, state), []).append((way, steps))
        each = [self._chance.choice(found[key]) for key in sorted(found)]
        watched = [
            (way, place + 1) for way in ways() for place, step in enumerate(way.steps) if step.verb == "supervise"
        ]
        usual = [way for way in ways() if way.weight >= 5 and len(way.steps) > 3]
        again = []
        for _ in range(120):
            way = self._chance.choices(usual, [one.weight for one in usual])[0]
            along = states_along(way, self._flows[way.flow])
            steps = self._chance.randrange(len(way.steps))
            if self._flows[way.flow].state(along[steps]).status == "open":
                again.append((way, steps))
        return watched + each, again

    def _ended(self) -> Story:
        way = self._chance.choices(ways(), [one.weight for one in ways()])[0]
        back = self._chance.uniform(0.02, 1) ** 1.4 * DAYS
        return self._story(way, len(way.steps), self._now - timedelta(days=back), False)

    def _standing(self, way: Way, steps: int) -> Story:
        state = states_along(way, self._flows[way.flow])[steps]
        centre = self._flows[way.flow].state(state).holder_of.value == "centre"
        if self._chance.random() < 0.22:
            rest = self._chance.uniform(35, 90) if centre else self._chance.uniform(200, 1500)
        else:
            rest = self._chance.uniform(0.5, 13) if centre else self._chance.uniform(4, 150)
        within = self._home if self._flows[way.flow].state(state).holder == "patrol" else ""
        return self._story(way, steps, self._now - timedelta(minutes=rest), True, within)

    def _story(self, way: Way, steps: int, last: datetime, is_open: bool, within: str = "") -> Story:
        """The story that begins as late as it can to have its last act done by ``last``."""
        is_checked = any(step.verb.startswith("check_") for step in way.steps[:steps])
        incident = self._incident(way, last, is_checked, within)
        waits = [self._chance.uniform(step.least, step.most) for step in way.steps[:steps]]
        early, late = last - timedelta(days=21), last
        for _ in range(24):
            middle = early + (late - early) / 2
            early, late = (middle, late) if self._end(way, waits, middle) <= last else (early, middle)
        while self._end(way, waits, early) > last:
            early -= timedelta(minutes=30)
        return Story(0, incident, way.id, early, self._timed(way, waits, early), is_open)

    def _end(self, way: Way, waits: Sequence[float], start: datetime) -> datetime:
        deeds = self._timed(way, waits, start)
        return deeds[-1].at if deeds else start

    def _timed(self, way: Way, waits: Sequence[float], start: datetime) -> tuple[Deed, ...]:
        at, deeds = start, []
        for step, wait in zip(way.steps, waits, strict=False):
            at = self._at_work(step.who, at + timedelta(minutes=wait))
            deeds.append(Deed(at, step.who, step.verb, step.given))
        return tuple(deeds)

    def _at_work(self, who: str, at: datetime) -> datetime:
        """The time, or the next at which who does it is at work."""
        opens, closes = (8, 18) if who in OFFICE else (7, 21) if who in FIELD else (0, 24)
        local = at.astimezone(ZONE)
        while not (opens <= local.hour < closes and (who not in OFFICE or self._is_working(local))):
            later = local if local.hour < opens else local + timedelta(days=1)
            local = later.replace(hour=opens, minute=5 + local.minute % 25)
        return local

    # --- what it is about --------------------------------------------------------------------------------

    def _incident(self, way: Way, at: datetime, is_checked: bool, within: str) -> Incident:
        """A report that can go this way."""
        hour = at.astimezone(ZONE).hour
        sensed = any(name in way.channels for name, _ in CHANNELS["sensed"])
        voice = "told" if way.flow == "hotline_order" else "sensed" if sensed else "seen"
        for _ in range(200):
            incident = self._talk.incident(voice, hour, within)
            least, most = self._limits.get((incident.tree, incident.code), (0.0, 0.0))
            fits = most >= way.shortest and least <= way.longest
            fits = fits and (not way.channels or incident.channel in way.channels)
            fits = fits and not (is_checked and (incident.tree, incident.code) in self._same_time)
            if fits and (not way.kinds or incident.kind in way.kinds) and (way.kinds or incident.kind != "praise"):
                return incident
        return incident

    def _twins(self, count: int) -> None:
        """Matters at work that somebody else reports once more."""
        open_ones = [story for story in self._stories if story.is_open and story.incident.voice != "sensed"]
        fates = ("join", "merge", "", "parted", "join", "")
        for number, story in enumerate(self._chance.sample(open_ones, min(count, len(open_ones)))):
            last = story.deeds[-1].at if story.deeds else story.reported_at
            at = last + (self._now - last) * self._chance.uniform(0.3, 0.6)
            again = self._talk.again(story.incident, at.astimezone(ZONE).hour)
            fate = fates[number % len(fates)]
            self._add(Story(0, again, "twin", at, (), True, story.number, fate))

    def _hotspot(self, count: int) -> None:
        """One matter of which a whole neighbourhood speaks since yesterday: planted, to be found."""
        wave = Wave(self._talk, figures()["scandal"], 0)
        times = sorted(self._now - timedelta(hours=self._chance.uniform(0.4, 20)) for _ in range(count))
        for at in times:
            self._add(Story(0, wave.incident(0, at.astimezone(ZONE).hour), "hotspot", at, (), True))

    def _alarms(self, count: int) -> None:
        """Alarms of machines of the last hours: one was looked at and was nothing, the rest wait for somebody."""
        for number in range(count):
            at = self._now - timedelta(minutes=self._chance.uniform(3, 170))
            incident = self._talk.incident("sensed", at.astimezone(ZONE).hour)
            self._add(Story(0, incident, "alarm", at, (), True, None, "dismissed" if number == 0 else "alarm"))


def busy(hour: int) -> float:
    """How much happens in an hour of the day, 1 at the busiest."""
    return _HOURS[hour] / max(_HOURS)
