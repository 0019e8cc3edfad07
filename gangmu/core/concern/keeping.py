"""How long people whom a matter concerns are kept: from its end on."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.core.concern import keeping_store as store
from gangmu.core.event import keeping as events
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit

PAGE = 500


def people_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    if only is not None:
        return _over(unit, [Id(one) for one in keeping.readable(unit, only)], before)
    found: list[Due] = []
    after = ""
    while len(found) < most:
        page = keeping.readable_before(unit, "cpr", before, after, PAGE)
        if not page:
            break
        after = page[-1][0]
        found += _over(unit, [Id(one) for one, _ in page], before)
    return found[:most]


def _over(unit: Unit, people: list[Id], before: datetime) -> list[Due]:
    matters = store.events_of(unit, people) if people else {}
    ends = events.ends_of(unit, list(set(matters.values())))
    found = [(one, event, ends.get(event)) for one, event in sorted(matters.items())]
    return [Due(one, over, (event,)) for one, event, over in found if over is not None and over < before]


def erase_people(unit: Unit, items: Sequence[Due]) -> None:
    unit.erase_subjects([one.subject for one in items], "retention")
    store.blank(unit, [Id(one.subject) for one in items])


def people_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    found = {str(one): "row or search hash" for one in store.not_blank(unit, [Id(one.subject) for one in items])}
    return found | dict.fromkeys(keeping.readable(unit, [one.subject for one in items]), "key")


keeping.keeps(Kind("concerned_person", "erase_key", people_due, erase_people, people_left))
