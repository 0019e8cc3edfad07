"""How long files of an import and the rows that it could not take are kept."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.core.intake import keeping_store as store
from gangmu.kit import files, keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.unit import Unit

PAGE = 200


def imports_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Imports that ended before a time, as long as their file or bad rows are here."""
    wanted = None if only is None else [Id(one) for one in only]
    found: list[Due] = []
    after: Id | None = None
    while len(found) < most:
        page = store.batches_before(unit, before, after, PAGE, wanted)
        if not page:
            break
        after = page[-1][0]
        readable = keeping.readable(unit, [batch for batch, _, _ in page])
        there = files.get_many(unit, [file for _, _, file in page if file])
        for batch, ended_at, file in page:
            held = there.get(file) if file else None
            if batch in readable or held is not None:
                found.append(Due(batch, ended_at, (), held.digest if held else ""))
    return found[:most]


def erase_imports(unit: Unit, items: Sequence[Due]) -> None:
    unit.erase_subjects([one.subject for one in items], "retention")
    files.drop(unit, store.files_of(unit, [Id(one.subject) for one in items]).values())


def imports_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    batches = [Id(one.subject) for one in items]
    named = store.files_of(unit, batches)
    rows = files.get_many(unit, named.values())
    lying = files.unnamed_bytes(unit, {one.mark for one in items if one.mark})
    found = {one.subject: "bytes of the file" for one in items if one.mark in lying}
    found |= {str(batch): "row of the file" for batch, file in named.items() if file in rows}
    return found | dict.fromkeys(keeping.readable(unit, batches), "key")


keeping.keeps(Kind("import_file", "delete", imports_due, erase_imports, imports_left))
