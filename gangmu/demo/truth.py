"""What is true behind the reports of the invented city (真值): which of them tell the same matter, its class,
and whether it belongs to a hotspot. Written beside the city for those who test finding it; no screen, no rule reads it.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gangmu.demo.speech import Incident

NAME = "truth.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """One report: ``matter`` is what it truly is about, ``duplicate_of`` the first report of that matter."""

    report: str
    matter: str
    tree: str
    code: str
    duplicate_of: str
    hotspot: str
    at: str
    address: str
    division: str
    lon: float
    lat: float
    text: str


class Truth:
    """The file of truths in a folder; without one nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / NAME if folder else None
        self._lock = threading.Lock()
        self._first: dict[str, str] = {}
        if self._file and self._file.exists():
            for row in rows(self._file):
                self._first.setdefault(row.matter, row.report)

    def tell(self, report: str, incident: Incident, at: str) -> None:
        """Keep the truth of a report."""
        if self._file is None:
            return
        with self._lock:
            first = self._first.setdefault(incident.matter, report)
            said: dict[str, Any] = {
                "report": report, "matter": incident.matter, "tree": incident.tree, "code": incident.code,
                "duplicate_of": "" if first == report else first, "hotspot": incident.hotspot, "at": at,
                "address": incident.address, "division": incident.division, "lon": incident.lon, "lat": incident.lat,
                "text": incident.text,
            }  # fmt: skip
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as opened:
                opened.write(json.dumps(said, ensure_ascii=False) + "\n")


def rows(file: Path) -> Iterator[Row]:
    """The truths of a file."""
    for line in file.read_text("utf-8").splitlines():
        yield Row(**json.loads(line))
