"""How long phones and reasons of leave of staff are kept. Names stay: the history of matters says who did what."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.base.org import keeping_store as store
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit


def staff_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    wanted = None if only is None else [Id(one) for one in only]
    return [Due(one, last) for one, last in store.left_before(unit, before, most, wanted)]


def erase_staff(unit: Unit, items: Sequence[Due]) -> None:
    unit.erase_subjects([one.subject for one in items], "retention")
    store.blank(unit, [Id(one.subject) for one in items])


def staff_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    found = {str(one): "row" for one in store.not_blank(unit, [Id(one.subject) for one in items])}
    return found | dict.fromkeys(keeping.readable(unit, [one.subject for one in items]), "key")


keeping.keeps(Kind("staff_phone", "erase_key", staff_due, erase_staff, staff_left))
