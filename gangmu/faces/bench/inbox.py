"""``gangmu bench inbox``: the lists of an inbox on very many events, as different people open them."""

import random
from itertools import cycle

from gangmu.core.event import Wanted, finding, list_events
from gangmu.faces.bench import Args, Measured, percentile
from gangmu.faces.bench._million import city
from gangmu.kit import clock
from gangmu.kit.page import Page
from gangmu.kit.unit import open_unit

USUAL, FULL = 1_000_000, 10_000_000
TRIES = 300
WHO = ("clerk", "dispatcher", "shift_leader", "dept_lead", "leader")


def run(args: Args) -> Measured:
    """First pages, following pages, states, late ones, a county, a department, the newest, and the counts."""
    rows = args.size(USUAL, FULL)
    chance = random.Random(args.seed or 7)
    times: dict[str, list[float]] = {}
    with city(rows) as people:
        actors = {who: people.actor(who) for who in WHO}
        for number, who in zip(range(TRIES), cycle(WHO), strict=False):
            name, wanted = chance.choice(_asked(actors[who].roles))
            with open_unit(actors[who], "bench") as unit:
                began = clock.monotonic()
                page = list_events(unit, actors[who], wanted, Page(50))
                times.setdefault(name, []).append((clock.monotonic() - began) * 1000)
                if page.next and number % 2:
                    began = clock.monotonic()
                    list_events(unit, actors[who], wanted, Page(50, page.next))
                    times.setdefault("next page", []).append((clock.monotonic() - began) * 1000)
                began = clock.monotonic()
                finding.counts(unit, actors[who])
                times.setdefault("counts", []).append((clock.monotonic() - began) * 1000)
    every = [ms for found in times.values() for ms in found]
    figures = {"p50_ms": percentile(every, 0.5), "p95_ms": percentile(every, 0.95), "p99_ms": percentile(every, 0.99)}
    notes = {f"p95 {name}": round(percentile(found, 0.95) or 0, 1) for name, found in times.items()}
    return Measured({**figures, "rows": rows}, len(every), notes=notes)


def _asked(roles: tuple[str, ...]) -> list[tuple[str, Wanted]]:
    return [
        ("open", Wanted()),
        ("todo", Wanted(holder_roles=roles)),
        ("late", Wanted(lateness=("late",))),
        ("state", Wanted(state=("accepted",))),
        ("county", Wanted(division="990103")),
        ("town", Wanted(division="990101002")),
        ("newest", Wanted(status=(), newest=True)),
        ("closed", Wanted(status=("closed",))),
    ]
