"""``gangmu bench import``: rows a second from a file to events on the desk, all the way.

Reading, mapping, checks, keys, places, sealed reporters, case numbers, history, search words and counts, in
transactions that are written through. The file is a generated CSV of the standard table; ``--data`` takes a real one
(a set's folder or one of its files) and finds its profile.
"""

import csv
import random
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gangmu import boot
from gangmu.base import places
from gangmu.core.intake import profile as profiles
from gangmu.core.intake import run as intake
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.readers import SUFFIXES
from gangmu.faces.bench import Args, Measured, private_folder, say
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid
from gangmu.kit.unit import Unit

USUAL, FULL, SEED = 20_000, 100_000, 20260918
CITY = "9990"
HEADER = (
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
    "承办单位",
    "姓名",
    "电话",
)
_WHAT = (
    "井盖缺失",
    "路灯不亮",
    "垃圾堆积",
    "占道经营",
    "噪声扰民",
    "道路破损",
    "积水",
    "树枝折断",
    "乱停车",
    "违规广告",
)
_ROADS = ("人民路", "建设路", "和平街", "柳泉路", "中心路", "新村路", "共青团路", "金晶大道", "华光路", "北京路")
_MORE = (
    "夜间行人多,存在安全隐患,请尽快处理。",
    "多次反映未解决,希望给予答复。",
    "附近居民意见较大。",
    "影响通行,建议设置警示标志。",
)
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def run(args: Args) -> Measured:
    """Run it: 20,000 rows, ``args.full`` for 100,000, ``args.n`` for another number."""
    with private_folder() as folder:
        wanted = _given(args.data) if args.data else [generated(folder, args)]
        with boot.node(folder / "data") as node:
            actor = System("bench")

            def open_unit() -> AbstractContextManager[Unit]:
                return node.unit(actor, "gangmu bench import")

            if not args.data:
                with open_unit() as unit:
                    found(unit)
            counts = dict.fromkeys(("read", "accepted", "quarantined", "already"), 0)
            took = 0.0
            for path, plan in wanted:
                say(f"{path.name} as {plan.name}")
                tick = time.perf_counter()
                source = intake.Source(path, plan, profiles.text_of(plan.name), args.n if args.data else None)
                batch = intake.run_file(open_unit, actor, source)
                took += time.perf_counter() - tick
                for key in counts:
                    counts[key] += getattr(batch, key)
    if counts["read"] != counts["accepted"] + counts["quarantined"] + counts["already"]:
        return Measured({"rows_per_s": None}, counts["read"], why="the balance does not hold", notes=counts)
    figure = round(counts["read"] / took) if took and counts["read"] else None
    return Measured({"rows_per_s": figure}, counts["read"], notes=counts)


def _given(data: Path) -> list[tuple[Path, Profile]]:
    """The files that are tables of a shipped profile, all of one profile."""
    paths = [data] if data.is_file() else sorted(p for p in data.iterdir() if p.suffix.lower() in SUFFIXES)
    found = [(path, plan) for path in paths if (plan := intake.guess_profile(path)) is not None]
    if not found:
        raise Invalid(field="data", reason=f"{data} holds no table of a shipped profile")
    return [pair for pair in found if pair[1].name == found[0][1].name]


def found(unit: Unit) -> None:
    """A city of four counties without outlines."""
    rows = [{"code": f"{CITY}0{n}", "name": f"测试{n}区"} for n in range(1, 5)]
    places.found_city(unit, unit.actor, CITY, rows, name="测试市", source="bench")


def generated(folder: Path, args: Args) -> tuple[Path, Profile]:
    """A file of the standard table: one row of a hundred is bad, one of fifty stands there twice."""
    chance = random.Random(args.seed or SEED)
    path = folder / "generated.csv"
    count = args.size(USUAL, FULL)
    say(f"{count:,} rows are being made")
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for n in range(count):
            writer.writerow(_row(chance, n - 1 if n % 50 == 49 else n, is_bad=n % 100 == 50))
    return path, profiles.load("standard")


def _row(chance: random.Random, n: int, *, is_bad: bool) -> list[str]:
    what, road = chance.choice(_WHAT), chance.choice(_ROADS)
    number = chance.randint(1, 400)
    start = _FIRST + timedelta(minutes=n % 300_000)
    is_closed = chance.random() < 0.7
    end = start + timedelta(hours=chance.randint(1, 200))
    return [
        f"G{n:09d}",
        chance.choice(("热线", "微信", "采集员", "网格员")),
        chance.choice(("投诉", "求助", "咨询", "举报")),
        f"{road}{what}",
        f"{road}{number}号附近{what},{chance.choice(_MORE)}",
        "昨天" if is_bad else f"{start:%Y-%m-%d %H:%M:%S}",
        f"{road}{number}号",
        f"{chance.uniform(117.8, 118.3):.6f}",
        f"{chance.uniform(36.6, 37.0):.6f}",
        f"{CITY}0{chance.randint(1, 4)}",
        "已办结" if is_closed else "办理中",
        f"{end:%Y-%m-%d %H:%M:%S}" if is_closed else "",
        "城市管理局",
        f"{chance.choice(_SURNAMES)}某",
        f"139{chance.randint(0, 99_999_999):08d}",
    ]
