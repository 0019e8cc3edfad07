"""Drawing events by lot: for who audits cases."""

from datetime import datetime

from gangmu.core.event import sampling_store
from gangmu.core.event.sampling_store import Lot
from gangmu.kit.actor import Actor
from gangmu.kit.text import division_prefix
from gangmu.kit.unit import Unit


def draw(unit: Unit, actor: Actor, seed: str, since: datetime, until: datetime, division: str, n: int) -> Lot:
    """Events of a division that were reported in a time and that one may see, by lot."""
    prefix = division_prefix(division)
    within = (prefix.ljust(12, "0"), prefix.ljust(12, "9")) if prefix else None
    return sampling_store.draw(unit, seed, since, until, within, n, seen_by=actor)
