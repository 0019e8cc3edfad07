"""Obligations of what was played again: loaded together, told by nobody (they are over, or wait with their event)."""

from collections.abc import Sequence

from gangmu.core.dispatch import store
from gangmu.core.dispatch.model import Obligation
from gangmu.kit.unit import Unit


def load_obligations(unit: Unit, rows: Sequence[Obligation], source: str) -> None:
    store.add_obligations(unit, rows, source)
