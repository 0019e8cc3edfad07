"""How long sessions (browser, last use) are kept."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.base.access import keeping_store as store
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit


def _ids(items: Sequence[Due]) -> list[Id]:
    return [Id(one.subject) for one in items]


def sessions_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Sessions not used since a time."""
    wanted = None if only is None else [Id(one) for one in only]
    return [Due(one, seen_at) for one, seen_at in store.sessions_before(unit, before, most, wanted)]


def erase_sessions(unit: Unit, items: Sequence[Due]) -> None:
    store.drop_sessions(unit, _ids(items))


def sessions_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    return {str(one): "row" for one in store.sessions_there(unit, _ids(items))}


keeping.keeps(Kind("session", "delete", sessions_due, erase_sessions, sessions_left))
