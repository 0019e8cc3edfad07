"""Imports of spreadsheets as facts: how far one is, and what became of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gangmu.kit.ids import Id


class State(StrEnum):
    previewed = "previewed"  # 已预览
    running = "running"  # 导入中
    done = "done"  # 已完成
    broken = "broken"  # 中断
    cancelled = "cancelled"  # 已取消


@dataclass(frozen=True, slots=True)
class Import:
    """A spreadsheet handed in: ``taken`` of ``total`` rows have been gone through."""

    id: Id
    kind: str
    file: Id | None
    file_name: str
    digest: str
    state: str
    why: str
    person: Id | None
    post: Id | None
    total: int
    taken: int
    added: int
    changed: int
    unchanged: int
    ended: int
    bad: int
    notes: Mapping[str, Any]
    handout: bool
    made_at: datetime
    ended_at: datetime | None
    version: int = 1


@dataclass(slots=True)
class Counts:
    """What became of rows."""

    taken: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    bad: int = 0

    def add(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


@dataclass(frozen=True, slots=True)
class RowError:
    """A bad row: its number in the file, what is wrong, and its cells by column id for whoever mends it."""

    row: int
    errors: tuple[Mapping[str, Any], ...]
    cells: Mapping[str, str] = field(default_factory=dict)
