"""``gangmu bench sizing``: what a city costs on this machine, for the table of the handbook.

A house of its own, written through to the disk, its processes running: matters taken in from a file (2,000;
``--full``: 100,000; ``--n``: another number), acts over HTTP by twenty clients at once, photos; then a backup, its
proof and a restore. Memory is each process' own share (PSS), so that what is shared is counted once.
"""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from PIL import Image

from gangmu import boot
from gangmu.care import backup, restore
from gangmu.core.intake import profile as profiles
from gangmu.core.intake import run as intake
from gangmu.faces.bench import Args, Measured, import_, private_folder, say
from gangmu.faces.chaos._clients import Clients
from gangmu.faces.chaos._house import CLERK, COUNTY, House, on, settle_clerk
from gangmu.kit import clock, files, journal, photo, settings
from gangmu.kit.actor import System
from gangmu.kit.engine import Engine, Options, started

USUAL, FULL = 2000, 100_000
CLIENTS, WORK_S, FULL_S = 20, 15.0, 60.0
PHOTOS = 4
PASSWORD = "Sizing-Net-2026"


def run(args: Args) -> Measured:
    """All of it, in the order in which a city meets it."""
    wanted = args.size(USUAL, FULL)
    figures: dict[str, float | None] = {}
    with private_folder() as folder:
        folder.chmod(0o711)
        data = folder / "city"
        data.mkdir(mode=0o711)
        with started(data, Options(ephemeral=True)) as running:
            figures |= _taken_in(data, folder, running, wanted, args)
            figures |= _worked_on(data, running, FULL_S if args.full else WORK_S)
            figures |= _photos(data)
            figures |= _kept(data, folder)
    notes = {"clients": CLIENTS, "photo": "4000 x 3000, made of shades and noise", "disk": "as the database counts it"}
    return Measured(figures, wanted, notes=notes)


def _taken_in(data: Path, folder: Path, running: Engine, wanted: int, args: Args) -> dict[str, float | None]:
    """Matters from a file of the standard table, each with a reporter, places, clocks, search words, history."""
    path, plan = import_.generated(folder, Args(n=wanted, seed=args.seed))
    with boot.node(data) as node:
        actor = System("bench")
        with node.unit(actor, "sizing") as unit:
            import_.found(unit)
        settle_clerk(PASSWORD)
        empty = _size(running)
        began = clock.monotonic()
        batch = intake.run_file(
            lambda: node.unit(actor, "sizing"), actor, intake.Source(path, plan, profiles.text_of(plan.name), None)
        )
        took = clock.monotonic() - began
    say(f"{batch.accepted:,} taken in")
    grown = _size(running) - empty
    return {
        "empty_house_mb": empty / 1e6,
        "imported_event_kb": grown / batch.accepted / 1000,
        "imported_per_s": batch.accepted / took,
    }


def _worked_on(data: Path, running: Engine, seconds: float) -> dict[str, float | None]:
    """Twenty clients report and act over HTTP against one web and one work process; memory before and meanwhile."""
    with _running(data, running) as house:
        pids = {name: process.pid for name, process in house.processes.items()}
        idle = {name: _pss(pid) for name, pid in pids.items()} | {"postgres": _of_postgres(running)}
        before, entries, chained = _size(running), _entries(running), _journal(running)
        spent = _cpu([*pids.values(), *_tree(running)])
        clients = Clients(house.address, CLERK, PASSWORD, COUNTY)
        clients.start(CLIENTS)
        _wait(lambda: len(clients.said) >= CLIENTS)
        began, first = clock.monotonic(), len(clients.said)
        while clock.monotonic() - began < seconds:
            time.sleep(0.2)
        took, said = clock.monotonic() - began, len(clients.said) - first
        busy = {name: _pss(pid) for name, pid in pids.items()} | {"postgres": _of_postgres(running)}
        clients.stop()
        spent = _cpu([*pids.values(), *_tree(running)]) - spent
        events = sum(one.verb == "report" for one in clients.said)
        grown, written = _size(running) - before, _entries(running) - entries
        per_entry = (_journal(running) - chained) / max(1, written) / 1000
    say(f"{said} acts in {took:.0f} s")
    told: dict[str, float | None] = {"acts_per_s": said / took, "acts_in_all": len(clients.said)}
    told |= {"event_with_3_acts_kb": grown / events / 1000, "entries_an_act": written / max(1, len(clients.said))}
    told |= {"journal_entry_kb": per_entry, "cpu_ms_an_act": spent * 1000 / max(1, len(clients.said))}
    for name in ("web0", "work0", "postgres"):
        told |= {f"{name.rstrip('0')}_idle_mb": idle[name] / 1e6, f"{name.rstrip('0')}_busy_mb": busy[name] / 1e6}
    return told


@contextmanager
def _running(data: Path, running: Engine) -> Iterator[House]:
    with on(data, running) as house:
        for name in ("web0", "work0"):
            house.start(name)
        probe = Clients(house.address, CLERK, PASSWORD, COUNTY)
        probe.start(1)
        _wait(lambda: bool(probe.said) or bool(probe.wrong))
        probe.stop()
        yield house


def _photos(data: Path) -> dict[str, float | None]:
    """What a photo of twelve megapixels takes as it is kept."""
    with boot.node(data) as node, node.unit(System("bench"), "sizing") as unit:
        size = 0
        for n in range(PHOTOS):
            taken = photo.read_photo(_picture(n), ZoneInfo("Asia/Shanghai"), most_pixels=200_000_000, most_side=4096)
            size += files.put(unit, taken.content, "a.jpg", "image/jpeg").size
    return {"photo_mb": size / PHOTOS / 1e6}


def _picture(n: int) -> bytes:
    """Shades with the grain of a sensor; not a street, but as hard to pack as one."""
    shade = Image.linear_gradient("L").resize((4000, 3000)).rotate(37 * n)
    grain = Image.effect_noise((4000, 3000), 24)
    out = io.BytesIO()
    Image.merge("RGB", [Image.blend(shade, grain, share) for share in (0.2, 0.25, 0.3)]).save(out, "JPEG", quality=90)
    return out.getvalue()


def _kept(data: Path, folder: Path) -> dict[str, float | None]:
    """A backup, its proof, and a house made of it."""

    def tell(what: str, values: dict[str, object]) -> None:
        say(f"{what} {values}")

    with boot.node(data) as node:
        while journal.seal_tail(node.journal_folder):
            pass
    settings.read_file(folder / "none.toml")
    with backup.opened(data) as house:
        began = clock.monotonic()
        told = backup.take(house, folder / "backup.tar", None, tell)
        took = clock.monotonic() - began
    began = clock.monotonic()
    restore.verify(Path(told["file"]), tell, folder)
    proven = clock.monotonic() - began
    began = clock.monotonic()
    restore.restore(Path(told["file"]), folder / "new", tell, passphrase=None, keys_from=data / "keys", as_copy=True)
    restored = clock.monotonic() - began
    return {"backup_mb": told["size"] / 1e6, "backup_s": took, "verify_s": proven, "restore_s": restored}


def _size(running: Engine) -> int:
    with psycopg.connect(running.uri_owner, autocommit=True) as conn:
        row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def _entries(running: Engine) -> int:
    with psycopg.connect(running.uri_owner, autocommit=True) as conn:
        row = conn.execute("SELECT count(*) FROM journal_entry").fetchone()
        return int(row[0]) if row else 0


def _journal(running: Engine) -> int:
    """What the journal takes, seals and indexes in."""
    with psycopg.connect(running.uri_owner, autocommit=True) as conn:
        row = conn.execute(
            "SELECT pg_total_relation_size('journal_entry') + pg_total_relation_size('journal_seal')"
        ).fetchone()
        return int(row[0]) if row else 0


def _pss(pid: int) -> int:
    """The process' own share of memory, in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _of_postgres(running: Engine) -> int:
    """The server and all its children."""
    return sum(_pss(pid) for pid in _tree(running) if os.path.exists(f"/proc/{pid}"))


def _tree(running: Engine) -> list[int]:
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return [running.pid, *map(int, children)]


def _cpu(pids: list[int]) -> float:
    """Processor time of the processes, in seconds; of children that have ended, what their parent has waited for."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(map(int, fields[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def _wait(true: Callable[[], bool]) -> None:
    until = clock.monotonic() + 900
    while not true():
        if clock.monotonic() > until:
            raise TimeoutError("the house does not come round")
        time.sleep(0.1)
