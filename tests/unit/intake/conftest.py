"""What the tests of imports share: a table of the house's own shape and a way to run it through reader and mapper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gangmu.core.intake import profile as profiles
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Incoming, Known, RowError, Rules, header_score
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.readers import Limits, open_table

NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
HEADER = [
    "编号",
    "渠道",
    "类型",
    "标题",
    "内容",
    "发生时间",
    "地址",
    "经度",
    "纬度",
    "区划代码",
    "状态",
    "办结时间",
    "姓名",
    "电话",
]


def a_row(n: int = 1, **given: str) -> list[str]:
    """A plain row of the standard table; ``given`` by Chinese column name."""
    row = {
        "编号": f"T{n:06d}",
        "渠道": "热线",
        "类型": "投诉",
        "标题": f"第{n}号井盖缺失",
        "内容": f"人民路{n}号门前井盖缺失,夜间危险",
        "发生时间": f"2026-09-{1 + n % 15:02d} 08:{n % 60:02d}:00",
        "地址": f"人民路{n}号",
        "经度": f"{118.0 + n % 50 / 100:.6f}",
        "纬度": f"{36.8 + n % 40 / 100:.6f}",
        "区划代码": "370303",
        "状态": "办理中",
        "办结时间": "",
        "姓名": "王某某",
        "电话": "13900000000",
    }
    return [str(given.get(name, row[name])) for name in HEADER]


@dataclass
class Taken:
    """What became of a file."""

    good: list[Incoming]
    bad: list[list[RowError]]
    read: int
    columns: tuple[str, ...]
    notes: dict[str, str]

    def reasons(self) -> list[str]:
        return [error.reason for errors in self.bad for error in errors]


def take(
    path: Path, profile: Profile | str = "standard", *, limits: Limits | None = None, known: Known | None = None
) -> Taken:
    """Read and map a whole file."""
    plan = profiles.load(profile) if isinstance(profile, str) else profile
    with open_table(path, header_score(plan), limits or Limits(), encoding=plan.encoding) as table:
        mapper = Mapper(plan, table.columns, Rules(), known)
        good, bad, read = [], [], 0
        for raw in table.rows:
            read += 1
            found = mapper.map(raw, NOW)
            if isinstance(found, Incoming):
                good.append(found)
            else:
                bad.append(found)
        return Taken(good, bad, read, table.columns, table.notes)


def csv_bytes(rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as CSV, quoted where needed."""
    lines = []
    for row in rows:
        cells = [f'"{c.replace(chr(34), chr(34) * 2)}"' if set(c) & {delimiter, '"', "\n"} else c for c in row]
        lines.append(delimiter.join(cells))
    return ("\n".join(lines) + "\n").encode(encoding)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file and gives its path."""

    def writer(content: bytes | str | Sequence[Sequence[str]], name: str = "rows.csv") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content if isinstance(content, bytes) else csv_bytes(content))
        return path

    return writer
