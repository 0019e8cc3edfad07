"""``gangmu bench live``: how soon screens hear of an act, and whether each hears of all.

A real ``gangmu up`` (web and work processes, engine) serves so many streams of ``/api/live``, held open by another
process, while events are opened through the use cases. The clock runs from the writer's commit to the arrival at each
screen. First 300 screens, then 1,000 where 300 kept the goal.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gangmu import boot
from gangmu.base.access import applications
from gangmu.care import processes
from gangmu.core import event, report
from gangmu.faces.bench import Args, Measured, percentile, private_folder, say
from gangmu.faces.bench._city import COUNTY, settle_people
from gangmu.faces.bench._screens import Screens, sitting
from gangmu.kit import clock, descriptors
from gangmu.kit.actor import Actor, System
from gangmu.kit.unit import open_unit

FIRST, MORE = 300, 1000
GOAL_MS = 500
ACTS_A_S = 10
FIRST_S, USUAL_S, FULL_S = 4.0, 8.0, 600.0
TEXT = "路口井盖破损下沉，夜间行人容易绊倒，请尽快派人维修处理"


def run(args: Args) -> Measured:
    """Screens in two steps, or as many as asked for at once."""
    seconds = FULL_S if args.full else USUAL_S
    steps = [args.n] if args.n else [FIRST, MORE]
    descriptors.raise_limit()
    notes: dict[str, Any] = {}
    best: tuple[int, float | None, int, int] | None = None
    with private_folder() as folder:
        token, writer = _prepared(folder)
        with served(folder) as port, boot.node(folder):
            for number, screens in enumerate(steps):
                lasting = seconds if number == len(steps) - 1 else FIRST_S
                say(f"{screens} screens, {lasting:.0f} s")
                times, lost = _tried(port, token, writer, screens, lasting)
                p95 = percentile(times, 0.95)
                p50 = percentile(times, 0.5)
                notes[f"{screens}"] = {"p50_ms": p50, "p95_ms": p95, "lost": lost, "ticks": len(times)}
                kept = p95 is not None and p95 <= GOAL_MS and lost == 0
                if best is None or kept:
                    best = (screens, p95, lost, len(times))
                if not kept:
                    break
    assert best is not None
    screens, p95, lost, heard = best
    return Measured({"screens": screens, "p95_ms": p95, "lost": lost}, heard, notes=notes)


def _prepared(folder: Path) -> tuple[str, Actor]:
    """A county with people, and a token under which streams may be opened."""
    with boot.node(folder):
        people = settle_people()
        with open_unit(System("bench"), "token") as unit:
            centre = people.orgs["centre"]
            _, token = applications.open_application(unit, unit.actor, "bench", ("docking_app",), centre, COUNTY, ())
        return token, people.actor("clerk")


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The house as a city runs it; its port."""
    with processes.up(folder) as house:
        yield int(house.address.rpartition(":")[2])


def _tried(port: int, token: str, writer: Actor, screens: int, seconds: float) -> tuple[list[float], int]:
    """Times in ms from commit to screen, how many ticks were lost."""
    with sitting(Screens(port, token, screens)) as heard:
        return heard(_act(writer, seconds))


def _act(writer: Actor, seconds: float) -> dict[str, float]:
    """Open events at an even pace; when each was committed."""
    committed: dict[str, float] = {}
    began = clock.monotonic()
    while (passed := clock.monotonic() - began) < seconds:
        ahead = len(committed) / ACTS_A_S - passed
        if ahead > 0:
            threading.Event().wait(ahead)
        with open_unit(writer, "bench") as unit:
            draft = report.Draft(report.Channel.patrol, TEXT, division=COUNTY, address="某路一号")
            _, opened = event.take_report(unit, writer, draft)
        assert opened is not None
        committed[str(opened.id)] = clock.monotonic()
    return committed
