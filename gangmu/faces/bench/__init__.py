"""Benchmarks 测速: one file a benchmark, ``run(args) -> Measured``, figures never invented.

Comes in: ``Args`` (full size or not, a folder of records). Goes out: one JSON object with the figures, what they
cost, how busy the machine was, and a peer measured in the same run.
"""

import importlib
import os
import platform
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gangmu.kit import clock
from gangmu.kit.errors import Invalid

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Args:
    """``data`` and ``train``: a set's folder or one of its files; ``n`` overrides the size; ``minutes`` and
    ``operators`` are how long a soak lasts and how many are at work."""

    full: bool = False
    data: Path | None = None
    train: Path | None = None
    n: int | None = None
    seed: int | None = None
    minutes: float | None = None
    operators: int | None = None

    def size(self, usual: int, full: int) -> int:
        """How many rows to work on."""
        return self.n or (full if self.full else usual)


@dataclass(slots=True)
class Measured:
    """What a benchmark found. A figure that could not be measured is ``None`` and ``why`` says why."""

    figures: Mapping[str, float | None]
    n: int
    peer: Mapping[str, Any] | None = None
    why: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)


def names() -> list[str]:
    """The benchmarks that are here: ``event_write.py`` is ``event-write``."""
    found = (file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    return sorted(name.rstrip("_").replace("_", "-") for name in found)


def run(name: str, args: Args) -> dict[str, Any]:
    """Run one and put its figures into the envelope that all share."""
    if name not in names():
        raise Invalid(field=name, reason=f"no such benchmark; there are {', '.join(names())}")
    module = name.replace("-", "_")
    if not (HERE / f"{module}.py").exists():
        module += "_"
    bench = importlib.import_module(f"gangmu.faces.bench.{module}")
    load, cpu, wall = os.getloadavg()[0], _cpu_s(), clock.monotonic()
    found = bench.run(args)
    measured = found if isinstance(found, Measured) else _measured(found)
    told = {
        "name": name,
        "figures": {key: _plain(value) for key, value in measured.figures.items()},
        "n": measured.n,
        "cpu_s": round(_cpu_s() - cpu, 3),
        "wall_s": round(clock.monotonic() - wall, 3),
        "load": round(load, 2),
        "machine": machine(),
        "peer": dict(measured.peer) if measured.peer else None,
    }
    if measured.why:
        told["why"] = measured.why
    if measured.notes:
        told["notes"] = measured.notes
    return told


def _measured(told: Mapping[str, Any]) -> Measured:
    return Measured(**{key: value for key, value in told.items() if key in Measured.__slots__})


def say(line: str) -> None:
    """Progress, on stderr."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A data folder of its own, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gangmu-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def percentile(values: list[float], share: float) -> float | None:
    """The value that ``share`` of the values do not exceed (nearest rank); none of none."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.5) - 1))]


def machine() -> str:
    """Processor, cores and memory, without the machine's name."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**30
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}"


def _cpu_s() -> float:
    """Of this process and of all its children that have ended, servers included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _plain(value: float | None) -> float | None:
    return value if value is None or isinstance(value, int) else round(float(value), 4)
