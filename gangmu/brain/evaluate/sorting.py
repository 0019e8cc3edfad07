"""Many more lines than memory holds, in the order of their keys: sorted runs on disk, merged when they are read."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

Line = tuple[bytes, bytes]
MOST_BYTES = 64_000_000
MOST_RUNS = 64


class Sorted:
    """Lines by key; of one key in the order in which they came. Neither key nor value holds a tab or a new line."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes
        self._held: list[Line] = []
        self._size = self._made = 0
        self._runs: list[Path] = []

    def add(self, key: str, value: bytes) -> None:
        line = (key.encode(), value)
        self._held.append(line)
        self._size += len(line[0]) + len(value) + 100
        if self._size >= self._most:
            self._write(sorted(self._held, key=_key))
            self._held, self._size = [], 0

    def _write(self, lines: Iterable[Line]) -> None:
        if len(self._runs) >= MOST_RUNS:
            with ExitStack() as stack:
                merged = self._merged(stack)
                older, self._runs = self._runs, []
                self._write(merged)
            for path in older:
                path.unlink()
        path = self._folder / f"run-{id(self)}-{self._made}"
        self._made += 1
        with path.open("wb") as out:
            out.writelines(b"%s\t%s\n" % line for line in lines)
        self._runs.append(path)

    def _merged(self, stack: ExitStack) -> Iterator[Line]:
        files = [stack.enter_context(path.open("rb")) for path in self._runs]
        return heapq.merge(*(map(_read, file) for file in files), key=_key)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        with ExitStack() as stack:
            held = sorted(self._held, key=_key)
            for key, value in heapq.merge(self._merged(stack), held, key=_key):
                yield key.decode(), value


def _key(line: Line) -> bytes:
    return line[0]


def _read(raw: bytes) -> Line:
    key, _, value = raw.rstrip(b"\n").partition(b"\t")
    return key, value
