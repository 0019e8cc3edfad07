"""Rows as a file gives them, for the plans of a replay."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gangmu.core.intake import profile as profiles
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Incoming, Rules
from gangmu.core.intake.readers.table import Raw
from gangmu.core.intake.service import Mapped
from gangmu.core.replay.service import Reading, Row, find_mains

COLUMNS = ("标题", "发生时间", "编号", "办结时间", "状态")


def an_incoming(number: str, came: datetime, ended: datetime | None, is_duplicate: bool, street: str) -> Row:
    mapper = Mapper(profiles.load("standard"), COLUMNS, Rules())
    life = "办理中" if ended is None else "已办结"
    raw = Raw(0, ["树", came.isoformat(), number, "" if ended is None else ended.isoformat(), life])
    found = mapper.map(raw, datetime(2026, 1, 1, tzinfo=UTC))
    assert isinstance(found, Incoming), found
    return Row(Mapped(raw, found), found, "tree", "", is_duplicate, (street,))


def a_reading(rows: Sequence[Row]) -> Reading:
    """Rows in the order of a file, with the main cases found."""
    mapper = Mapper(profiles.load("standard"), COLUMNS, Rules())
    placed = []
    for at, row in enumerate(rows):
        mapped = Mapped(Raw(at, row.mapped.raw.cells), row.found)
        placed.append(Row(mapped, row.found, row.group, row.verdict, row.is_duplicate, row.same))
    reading = Reading(placed, [], COLUMNS, mapper, {}, datetime(2026, 1, 1, tzinfo=UTC))
    reading.mains = find_mains(placed)
    return reading
