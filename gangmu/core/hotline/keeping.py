"""How long callers and links to their recordings are kept."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.core.hotline import keeping_store as store
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit


def _ids(items: Sequence[Due]) -> list[Id]:
    return [Id(one.subject) for one in items]


def _only(only: Sequence[str] | None) -> list[Id] | None:
    return None if only is None else [Id(one) for one in only]


def recordings_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Links to recordings that came in before a time. The recording itself lies with the telephone system."""
    found = store.recordings_before(unit, before, most, _only(only))
    return [Due(call, at, (event,) if event else ()) for call, at, event in found]


def erase_recordings(unit: Unit, items: Sequence[Due]) -> None:
    store.drop_recordings(unit, _ids(items))


def recordings_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    return {str(one): "link" for one in store.recordings_there(unit, _ids(items))}


def callers_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Callers who have not called since a time."""
    found = store.callers_before(unit, before, most, _only(only))
    return [Due(caller, last, tuple(map(str, events))) for caller, last, events in found]


def erase_callers(unit: Unit, items: Sequence[Due]) -> None:
    unit.erase_subjects([one.subject for one in items], "retention")
    store.blank_callers(unit, _ids(items))


def callers_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    found = {str(one): "row" for one in store.callers_there(unit, _ids(items))}
    return found | dict.fromkeys(keeping.readable(unit, [one.subject for one in items]), "key")


keeping.keeps(Kind("recording", "delete", recordings_due, erase_recordings, recordings_left))
keeping.keeps(Kind("caller", "erase_key", callers_due, erase_callers, callers_left))
