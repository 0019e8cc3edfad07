"""The house that doctor looks at: what every check may ask. Nothing in it is changed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from gangmu.kit.watching import CareSettings


@dataclass(frozen=True, slots=True)
class Patient:
    """``now`` is the city's time, ``real_now`` the machine's; ``tables`` those that are there: the house may be older
    than this version. ``is_up``: processes of it are at work, so that nothing should wait."""

    folder: Path
    conn: psycopg.Connection[Any]
    rules: CareSettings
    now: datetime
    real_now: datetime
    tables: frozenset[str]
    port: int
    is_up: bool

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.conn.execute(query.encode(), values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        found = self.rows(query, *values)
        return found[0][0] if found else None
