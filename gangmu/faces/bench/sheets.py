"""``gangmu bench sheets``: a spreadsheet of components as surveyors send it, previewed and taken in, all the way.

Reading with titles, odd blanks, dates as text and bad rows; the preview of every row; the import in batches, written
through, with editions and journal. ``peak_mb`` is the most memory that the process has ever held.
"""

import random
import resource
import time
from pathlib import Path
from typing import Any

from gangmu import boot
from gangmu.base import access, org, places
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.registers import service as registers
from gangmu.base.sheet import service
from gangmu.faces.bench import Args, Measured, private_folder, say
from gangmu.kit import jobs
from gangmu.kit.actor import Actor, System
from gangmu.kit.sheet_kinds import find_kind
from gangmu.kit.sheet_writing import Sheet, write_book
from gangmu.kit.unit import Unit, open_unit

USUAL, FULL, SEED = 20_000, 100_000, 20260918
CITY, COUNTY = "9990", "999001"
FIGURES = ("preview_s", "import_s", "again_s", "peak_mb")


def run(args: Args) -> Measured:
    """Run it: 20,000 rows, ``args.full`` for 100,000, ``args.n`` for another number."""
    count = args.size(USUAL, FULL)
    with private_folder() as folder, boot.node(folder / "data"):
        with open_unit(System("bench"), "found") as unit:
            actor = _founded(unit)
            classes = [one.code for one in registers.list_kinds(unit, unit.actor) if one.is_sub][:40]
        say(f"{count:,} rows are being made")
        bad = _generated(folder / "components.xlsx", count, classes, args.seed or SEED)
        took: dict[str, float] = {}
        busy = time.process_time()
        for step in ("import_s", "again_s"):
            with (folder / "components.xlsx").open("rb") as file:
                tick = time.perf_counter()
                with open_unit(actor, "bench") as unit:
                    told, _ = service.preview(unit, actor, "components", file, "components.xlsx")
                took.setdefault("preview_s", time.perf_counter() - tick)
            say(f"previewed: {told.added:,} new, {told.unchanged:,} known, {told.bad:,} bad")
            tick = time.perf_counter()
            with open_unit(actor, "bench") as unit:
                service.start_previewed(unit, actor, told.id)
            jobs.settle()
            took[step] = time.perf_counter() - tick
            took.setdefault("cpu_s", time.process_time() - busy)
            with open_unit(actor, "bench") as unit:
                done = service.get_import(unit, actor, told.id)
            wanted = (count - bad, 0) if step == "import_s" else (0, count - bad)
            if done.state != "done" or (done.added, done.unchanged, done.bad) != (*wanted, bad):
                notes = {"state": done.state, "added": done.added, "unchanged": done.unchanged, "bad": done.bad}
                return Measured(dict.fromkeys(FIGURES), count, why="the balance does not hold", notes=notes)
    figures: dict[str, Any] = {name: round(took[name], 2) for name in FIGURES[:3]}
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return Measured(figures, count, notes={"bad": bad, "columns": 10, "cpu_s": round(took["cpu_s"], 2)})


def _founded(unit: Unit) -> Actor:
    """A city of four counties without outlines, and the steward who takes the file in."""
    rows = [{"code": f"{CITY}0{n}", "name": f"测试{n}区"} for n in range(1, 5)]
    places.found_city(unit, unit.actor, CITY, rows, name="测试市", source="bench")
    place = org.add_org(unit, unit.actor, "测试市政府", OrgKind.government, OrgLevel.city, f"{CITY}00")
    person = org.add_person(unit, unit.actor, "测试员")
    post = org.add_post(unit, unit.actor, person.id, place.id, "数据管理员", f"{CITY}00000000")
    access.grant_roles(unit, unit.actor, post.id, ("data_steward",))
    return access.actor_of_post(unit, post.id)


def _generated(path: Path, count: int, classes: list[str], seed: int) -> int:
    """The file; of a hundred rows one is bad. How many are."""
    chance = random.Random(seed)
    kind = find_kind("components")
    assert kind is not None
    names = ("code", "name", "state", "authority", "owner", "maintainer", "first_on", "accuracy", "road", "note")
    heads = [kind.head(kind.by_id[name], "zh-CN") for name in names]
    states = [kind.choice(kind.by_id["state"], one, "zh-CN") for one in ("good", "damaged")]
    bad = 0

    def rows() -> Any:
        nonlocal bad
        yield ["某区城市部件普查成果表"]
        yield heads
        for n in range(count):
            code = f"{COUNTY}{classes[n % len(classes)]}{n // len(classes) + 1:06d}"
            is_bad = n % 100 == 50
            bad += is_bad
            day = chance.choice(("2024年3月5日", "2024/3/5", "20240305", 45356))
            owner = f"权属单位{n % 300}"
            road = f"测试路{chance.randint(1, 400)}号　"
            yield [
                code,
                f"部件{n} ",
                "?" if is_bad else states[n % 2],
                "城管局",
                owner,
                owner,
                day,
                "A",
                road,
                f"备注{n}",
            ]

    with path.open("wb") as out:
        write_book(out, [Sheet("部件", (), rows())])
    return bad
