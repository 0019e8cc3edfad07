"""``gangmu bench soak``: operators at work for half an hour on a house as ``gangmu up`` runs it.

A city of its own with an operator a seat and a stock of events, its processes real. Each operator does one act every
six seconds over the public HTTP API, twenty reads a write, and holds a live stream. Afterwards: how long each kind
took since its operator was due to act and, told apart, since it was sent; what went wrong; and the memory of each
process at a tenth, half and the end of the time, with its slope over the second half.
"""

import asyncio
import os
import random
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gangmu import boot
from gangmu.base import access, org
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.care import processes
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.faces.bench import Args, Measured, percentile, private_folder, say
from gangmu.faces.bench._operators import Operators
from gangmu.faces.bench._rows import text_of
from gangmu.kit import clock
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit

COUNTY = "990101"
USUAL_OPERATORS, FULL_OPERATORS = 40, 200
USUAL_MINUTES, FULL_MINUTES = 0.5, 30.0
STOCK = 2000
STARTED_WITHIN_S, POINTS = 180.0, 60
MARKS = (0.1, 0.5, 1.0)
NOT_ACTS = ("sign in",)


@dataclass(slots=True)
class Watched:
    """Memory (MB, anonymous) and processor time (s) of the house's processes, point by point."""

    at: list[float] = field(default_factory=list)
    rss: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def note(self, at: float, processes: dict[str, list[int]]) -> None:
        self.at.append(at)
        for name, pids in processes.items():
            self.rss.setdefault(name, []).append(sum(map(_anonymous_mb, pids)))
            self.cpu.setdefault(name, []).append(sum(map(_cpu_s, pids)))

    def at_share(self, name: str, share: float) -> float:
        return round(self.rss[name][max(0, round(share * len(self.at)) - 1)], 1)

    def slope(self, name: str) -> float:
        """MB an hour over the second half, by least squares."""
        half = len(self.at) // 2
        xs, ys = self.at[half:], self.rss[name][half:]
        if len(xs) < 2:
            return 0.0
        x, y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((each - x) ** 2 for each in xs)
        return 3600 * sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else 0.0


def run(args: Args) -> Measured:
    """Found, start, let them work, count."""
    operators = args.operators or args.size(USUAL_OPERATORS, FULL_OPERATORS)
    minutes = args.minutes or (FULL_MINUTES if args.full else USUAL_MINUTES)
    names, password = [f"operator{n:03d}" for n in range(operators)], secrets.token_urlsafe(12) + "aA1!"
    with private_folder() as folder:
        folder.chmod(0o711)
        say(f"founding a city with {operators} operators")
        with boot.node(folder):
            _found(names, password)
        with processes.up(folder) as house:
            say(f"{operators} operators for {minutes:g} minutes at {house.address}")
            crew = Operators(house.address, names, password, COUNTY, args.seed or 1)
            watched, done = Watched(), threading.Event()
            watch = threading.Thread(target=_watch, args=(watched, folder, house.pid, minutes * 60, done), daemon=True)
            asyncio.run(crew.work(minutes * 60, watch.start))
            done.set()
            watch.join()
    return _measured(crew, watched, minutes)


def _measured(crew: Operators, watched: Watched, minutes: float) -> Measured:
    heard = crew.heard
    kinds = {kind: times for kind, times in heard.took.items() if kind not in NOT_ACTS}
    every = [ms for times in kinds.values() for ms in times]
    figures: dict[str, float | None] = {f"p{share}_ms": percentile(every, share / 100) for share in (50, 95, 99)}
    figures |= {"errors": sum(heard.wrong.values()), "acts": len(every)}
    slopes = {name: watched.slope(name) for name in watched.rss if name != "driver"}
    figures["memory_mb_per_hour"] = sum(slopes.values())
    figures |= {f"memory_mb_per_hour_{name}": slope for name, slope in slopes.items()}
    figures |= {f"p{share}_sent_ms": percentile(heard.sent, share / 100) for share in (50, 95, 99)}
    took = {
        kind: [len(times), *(round(percentile(times, share) or 0, 1) for share in (0.5, 0.95, 0.99))]
        for kind, times in sorted(heard.took.items())
    }
    memory = {
        name: [*(watched.at_share(name, share) for share in MARKS), round(watched.slope(name), 1)]
        for name in watched.rss
    }
    notes: dict[str, Any] = {
        "operators": len(crew.names),
        "minutes": minutes,
        "n_p50_p95_p99_ms": took,
        "memory_mb_at_10_50_100_percent_and_slope_per_hour": memory,
        "cpu_s": {name: round(used[-1] - used[0], 1) for name, used in watched.cpu.items()},
        "web_cpu_ms_an_act": round(1000 * (watched.cpu["web"][-1] - watched.cpu["web"][0]) / max(len(every), 1), 1),
        "most_kept_waiting_ms": round(heard.late_ms, 1),
        "streams_held": heard.streams,
        "ticks": heard.ticks,
        "load_after": round(os.getloadavg()[0], 2),
    }
    if heard.wrong:
        notes["errors"] = dict(heard.wrong.most_common(20))
    return Measured(figures, len(every), notes=notes)


# --- the house -------------------------------------------------------------------------------------------


def _found(names: list[str], password: str) -> None:
    """Operators at their seats and a stock of events."""
    with open_unit(System("soak"), "found") as unit:
        me = unit.actor
        centre = org.add_org(unit, me, "监督中心", OrgKind.supervision, OrgLevel.county, COUNTY, None)
        for number, name in enumerate(names):
            person = org.add_person(unit, me, f"坐席{number:03d}", "")
            post = org.add_post(unit, me, person.id, centre.id, "受理员", COUNTY)
            access.grant_roles(unit, me, post.id, ("clerk", "shift_leader") if number % 4 == 0 else ("clerk",))
            access.open_account(unit, me, person.id, name, password, must_change=False)
        take_reports(unit, me, list(_stock(unit.now)), "soak")


def _stock(now: datetime) -> Iterator[ForeignReport]:
    chance = random.Random(2)
    for number in range(STOCK):
        title, text, address = text_of(chance)
        at = now - timedelta(minutes=10 * (STOCK - number))
        yield ForeignReport(
            number=f"S{number:06d}",
            channel="patrol",
            kind="report",
            title=title,
            text=text,
            happened_at=at,
            received_at=at,
            division=COUNTY.ljust(12, "0"),
            address=address,
            reporter_name="来电人",
            reporter_phone=f"139{number:08d}",
            flow="urban_case",
            life="open" if number % 3 else "closed",
            closed_at=None if number % 3 else at + timedelta(hours=20),
            target_at=at + timedelta(days=20),
        )


# --- its processes ---------------------------------------------------------------------------------------


def _watch(watched: Watched, folder: Path, pid: int, seconds: float, done: threading.Event) -> None:
    began = clock.monotonic()
    while True:
        watched.note(clock.monotonic() - began, _processes(folder, pid))
        if done.wait(seconds / POINTS):
            break


def _processes(folder: Path, pid: int) -> dict[str, list[int]]:
    """The supervisor, its children by role, the database with all that serve its connections."""
    found: dict[str, list[int]] = {"driver": [os.getpid()], "up": [pid]}
    server = int((folder / "engine" / "postgres" / "postmaster.pid").read_text().split()[0])
    found["postgres"] = [server, *_children(server)]
    for child in _children(pid):
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"--role" in words:
            found.setdefault(words[words.index(b"--role") + 1].decode(), []).append(child)
    return found


def _children(pid: int) -> list[int]:
    return [int(each) for file in Path(f"/proc/{pid}/task").glob("*/children") for each in file.read_text().split()]


def _anonymous_mb(pid: int) -> float:
    """What a process has for itself; pages shared with others or with files are left out."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("RssAnon"))) / 1024
    except (OSError, StopIteration):
        return 0.0


def _cpu_s(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0
