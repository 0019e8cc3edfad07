"""``gangmu bench search``: words of 2, 4 and 10 characters looked for in very many events."""

import random

from gangmu.core.event import finding
from gangmu.faces.bench import Args, Measured, percentile
from gangmu.faces.bench._million import city
from gangmu.faces.bench._rows import ROADS, THINGS, TROUBLES, text_of
from gangmu.kit import clock
from gangmu.kit.unit import open_unit

USUAL, FULL = 1_000_000, 10_000_000
TRIES = 60


def run(args: Args) -> Measured:
    """Common and rare queries of each length, by somebody of one county and by somebody of the whole city."""
    rows = args.size(USUAL, FULL)
    chance = random.Random(args.seed or 11)
    figures: dict[str, float | None] = {}
    found_in_all = 0
    with city(rows) as people:
        actors = [people.actor("clerk"), people.actor("leader")]
        for length in (2, 4, 10):
            times = []
            for number in range(TRIES):
                q = _query(chance, length)
                actor = actors[number % len(actors)]
                with open_unit(actor, "bench") as unit:
                    began = clock.monotonic()
                    found = finding.search(unit, actor, q, 30)
                    times.append((clock.monotonic() - began) * 1000)
                found_in_all += len(found)
            figures[f"p95_ms_{length}"] = percentile(times, 0.95)
    return Measured({**figures, "rows": rows}, TRIES * 3, notes={"found": found_in_all})


def _query(chance: random.Random, length: int) -> str:
    if length == 2:
        return chance.choice([*THINGS, *TROUBLES])[:2]
    if length == 4:
        return chance.choice(THINGS)[:2] + chance.choice(TROUBLES)[:2]
    text = text_of(chance)[1]
    start = chance.choice([0, text.index("附近") + 2])
    return (text[start:] if start else chance.choice(ROADS) + text)[:10]
