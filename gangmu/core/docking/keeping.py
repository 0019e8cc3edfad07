"""How long rows of other systems are kept as they came; who is erased is erased from them too."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.core.docking import file_store
from gangmu.core.docking import keeping_store as store
from gangmu.core.report import keeping as reporters_of
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit

PAGE = 500


def rows_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Rows that came before a time and are settled, as long as they can be read."""
    wanted = None if only is None else [Id(one) for one in only]
    found: list[Due] = []
    after: Id | None = None
    while len(found) < most:
        page = store.rows_before(unit, before, after, PAGE, wanted)
        if not page:
            break
        after = page[-1][0]
        readable = keeping.readable(unit, [row for row, _, _ in page])
        found += [Due(row, at, (event,) if event else ()) for row, at, event in page if row in readable]
    return found[:most]


def erase_rows(unit: Unit, items: Sequence[Due]) -> None:
    unit.erase_subjects([one.subject for one in items], "retention")
    file_store.forget_addresses(unit, [Id(one.subject) for one in items])


def rows_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    return dict.fromkeys(keeping.readable(unit, [one.subject for one in items]), "key")


def _copies(unit: Unit, reporters: Sequence[Due]) -> dict[str, list[Id]]:
    """The rows in which reporters came, by reporter."""
    reports = {
        report: who for who, report, _, _ in reporters_of.reports_of(unit, [Id(one.subject) for one in reporters])
    }
    found: dict[str, list[Id]] = {}
    for report, rows in store.rows_of_reports(unit, list(reports)).items():
        found.setdefault(str(reports[report]), []).extend(rows)
    return found


def erase_copies(unit: Unit, reporters: Sequence[Due]) -> None:
    unit.erase_subjects([row for rows in _copies(unit, reporters).values() for row in rows], "retention")


def copies_left(unit: Unit, reporters: Sequence[Due]) -> dict[str, str]:
    copies = _copies(unit, reporters)
    readable = keeping.readable(unit, [row for rows in copies.values() for row in rows])
    return {who: "docked row" for who, rows in copies.items() if readable & set(map(str, rows))}


keeping.keeps(Kind("docked_row", "erase_key", rows_due, erase_rows, rows_left))
keeping.also("reporter", erase_copies, copies_left)
