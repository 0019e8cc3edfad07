"""Figures for Prometheus: what this process has done, gathered over all processes of a data folder.

Each process counts for itself and writes its figures into ``run/`` of the data folder every few seconds; who is asked
tells those whose process still lives, each under its own ``pid``: a sum over processes would fall when one of them
ends, which Prometheus takes for a new beginning. No label ever holds anything of a person, a matter or an address.
"""

import os
import re
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from gangmu.kit import clock, fence

disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
EVERY_S = 5.0
STALE_S = 60.0  # a number may by now be that of another program
_FILE = re.compile(r"metrics-([a-z]+)-(\d+)\.prom")
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)
_began = clock.real_now().timestamp()

requests = Counter("gangmu_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry)
request_seconds = Histogram(
    "gangmu_http_request_seconds", "How long answers took; streams are not counted.", ["route"],
    buckets=_BUCKETS, registry=registry,
)  # fmt: skip
jobs_run = Counter("gangmu_jobs_run", "Jobs and timers run, by outcome.", ["name", "outcome"], registry=registry)
relayed = Counter("gangmu_messages_relayed", "Messages taken from the outbox.", registry=registry)
sealed = Counter("gangmu_journal_sealed", "Journal entries numbered and chained.", registry=registry)


class _Process(Collector):
    """What the process itself costs."""

    def collect(self) -> Iterator[Metric]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        yield _gauge("gangmu_process_resident_bytes", "Memory in use.", _resident())
        yield _gauge("gangmu_process_cpu_seconds", "Processor time used.", used.ru_utime + used.ru_stime)
        yield _gauge("gangmu_process_started_seconds", "When it was started, Unix time.", _began)
        yield _gauge("gangmu_processes", "Processes that are running.", 1)


def _gauge(name: str, about: str, value: float) -> Metric:
    made = Metric(name, about, "gauge")
    made.add_sample(name, {}, value)
    return made


def _resident() -> int:
    """Resident memory of this process, in bytes."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


registry.register(_Process())


class Publisher:
    """Writes this process' figures beside those of the others until ``close``."""

    def __init__(self, folder: Path, role: str) -> None:
        self._path = folder / "run" / f"metrics-{role}-{os.getpid()}.prom"
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._write_on, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _write_on(self) -> None:
        while True:
            fence.run("metrics", self.write)
            if self._closing.wait(EVERY_S):
                return

    def write(self) -> None:
        with self._lock:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(generate_latest(registry))
            fresh.replace(self._path)


class Together(Collector):
    """The figures of every live process of a data folder, this one's as they are now."""

    def __init__(self, folder: Path | None, role: str) -> None:
        self._folder, self._role = folder, role

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for role, pid, text in self._texts():
            for family in text_string_to_metric_families(text):
                one = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    one.add_sample(sample.name, {**sample.labels, "process": role, "pid": pid}, sample.value)
        yield from families.values()

    def _texts(self) -> Iterator[tuple[str, str, str]]:
        yield self._role, str(os.getpid()), generate_latest(registry).decode()
        for path in sorted((self._folder / "run").glob("metrics-*.prom")) if self._folder else ():
            named = _FILE.fullmatch(path.name)
            if named is None or int(named[2]) == os.getpid():
                continue
            try:
                is_dead = not Path(f"/proc/{named[2]}").exists()
                if is_dead or clock.real_now().timestamp() - path.stat().st_mtime > STALE_S:
                    path.unlink(missing_ok=True)
                    continue
                yield named[1], named[2], path.read_text("utf-8")
            except FileNotFoundError:
                continue  # it has just ended


_folder: Path | None = None
_role = "web"


def use(folder: Path | None, role: str = "web") -> None:
    """Where the others of this house write theirs, and what this process is."""
    global _folder, _role
    _folder, _role = folder, role


def together() -> Together:
    return Together(_folder, _role)
