"""A city with very many events for the reading benchmarks: built once, kept by the tables' shape.

Texts are made of words of the trade; one event in twenty is open; divisions, departments and states are spread as in
a city of eight counties.
"""

import hashlib
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from gangmu import boot
from gangmu.core.event.model import FAR
from gangmu.faces.bench import say
from gangmu.faces.bench._city import People, settle_people
from gangmu.kit import clock, ids
from gangmu.kit.db import metadata
from gangmu.kit.text import bigrams
from gangmu.kit.unit import transaction

BATCH = 20_000
DEPARTMENTS = 40
THINGS = [
    "井盖",
    "路灯",
    "树枝",
    "垃圾",
    "围挡",
    "广告牌",
    "护栏",
    "路面",
    "污水",
    "噪音",
    "渣土",
    "车辆",
    "电线",
    "消防通道",
    "摊位",
    "水管",
    "燃气",
    "暖气",
    "公厕",
    "绿地",
]
TROUBLES = [
    "破损",
    "缺失",
    "堆积",
    "占道",
    "不亮",
    "倾倒",
    "外溢",
    "扰民",
    "塌陷",
    "堵塞",
    "漏水",
    "松动",
    "乱停",
    "脏乱",
    "遮挡",
    "锈蚀",
    "歪斜",
    "异味",
    "积水",
    "断裂",
]
ROADS = [f"{a}{b}{c}" for a in "东西南北中" for b in "园湖山河城新华光" for c in ("路", "街", "巷", "大道")]
ENDS = [
    "请尽快处理",
    "影响居民出行",
    "夜间存在安全隐患",
    "多次反映未解决",
    "希望派人查看",
    "附近有学校",
    "老人小孩经过危险",
]
STATES = (
    ("reported", "clerk"),
    ("accepted", "shift_leader"),
    ("to_dispatch", "dispatcher"),
    ("to_handle", "dept_lead"),
)


@contextmanager
def city(rows: int) -> Iterator[People]:
    """A node with so many events open in this process, from the cache or built now; its people."""
    boot.load_stages()
    folder = _cache() / f"events-{rows}-{_shape()}"
    done = folder / "done"
    with boot.node(folder) as node:
        if not done.exists():
            say(f"building {rows:,} events in {folder} (kept for the next run)")
            people = _build(node, rows)
            done.write_text(json.dumps({"orgs": people.orgs, "posts": people.posts}))
        kept = json.loads(done.read_text())
        yield People(*({name: ids.Id(value) for name, value in kept[part].items()} for part in ("orgs", "posts")))


def _cache() -> Path:
    base = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return base / "gangmu-bench"


def _shape() -> str:
    tables = [f"{t.name}({','.join(f'{c.name}:{c.type}' for c in t.columns)})" for t in metadata.sorted_tables]
    indexes = sorted(str(index.name) for table in metadata.sorted_tables for index in table.indexes)
    return hashlib.sha256("|".join([*tables, *indexes]).encode()).hexdigest()[:12]


def _build(node: boot.Node, rows: int) -> People:
    people = settle_people(DEPARTMENTS)
    chance = random.Random(20260918)
    departments = [org for name, org in people.orgs.items() if name.startswith("department")]
    with psycopg.connect(node.engine.uri_owner, autocommit=True) as owner:
        indexes = [row[0] for row in owner.execute(_INDEXES).fetchall()]
        for name, _ in [_named(line) for line in indexes]:
            owner.execute(f'DROP INDEX "{name}"')
        made = 0
        now = clock.now()
        while made < rows:
            batch = min(BATCH, rows - made)
            _load(chance, departments, now, batch, made, rows)
            made += batch
            say(f"  {made:,}")
        say("  indexes")
        owner.execute("SET maintenance_work_mem = '1GB'")
        for line in indexes:
            owner.execute(line)
        owner.execute("VACUUM ANALYZE event, event_search, event_count")
    return people


_INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename IN ('event', 'event_search') AND indexname NOT LIKE 'pk_%%'"


def _named(line: str) -> tuple[str, str]:
    return line.split(" INDEX ", 1)[1].split(" ON ", 1)[0], line


def text_of(chance: random.Random) -> tuple[str, str, str]:
    """Title, text and address of an invented matter."""
    road, number = chance.choice(ROADS), chance.randrange(1, 400)
    thing, trouble = chance.choice(THINGS), chance.choice(TROUBLES)
    address = f"{road}{number}号"
    return f"{thing}{trouble}", f"{address}附近{thing}{trouble}，{chance.choice(ENDS)}，{chance.choice(ENDS)}", address


def _load(chance: random.Random, departments: list[ids.Id], now: datetime, batch: int, made: int, rows: int) -> None:
    events, words, totals = [], [], {}
    for number in range(made, made + batch):
        title, text, address = text_of(chance)
        status = "open" if chance.random() < 0.05 else "closed"
        state, holder = chance.choice(STATES) if status == "open" else ("closed", "")
        county = chance.randrange(1, 9)
        division = f"99010{county}{chance.randrange(1, 9):03d}{chance.randrange(1, 20):03d}"
        reported = now - timedelta(minutes=5.0 * (rows - number))
        due = reported + timedelta(hours=chance.randrange(2, 400)) if status == "open" else None
        lead = chance.choice(departments) if state in ("to_handle", "closed") else None
        key = ids.new_uuid()
        late = "late" if due is not None and due < now else ""
        events.append(
            (
                key, f"{division[:6]}-{reported:%Y%m%d}-{number:08d}", title, text, "patrol", "report", "urban_case", 1,
                state, status, division, 118 + chance.random(), 36 + chance.random(), address,
                lead.uuid if lead else None, [lead.uuid] if lead else [], holder, late, due,
                due or FAR, reported, reported,
            )
        )  # fmt: skip
        words.append((key, reported, bigrams(f"{title} {text} {address}")))
        dims = (division, "urban_case", state, status, lead.uuid if lead else None, late, False, "patrol")
        totals[dims] = totals.get(dims, 0) + 1
    with transaction() as conn, conn.connection.cursor() as cursor:
        with cursor.copy(_COPY_EVENTS) as stream:
            for row in events:
                stream.write_row(row)
        with cursor.copy("COPY event_search (event, reported_at, grams) FROM STDIN") as stream:
            for row in words:
                stream.write_row(row)
        with cursor.copy(_COPY_COUNTS) as stream:
            for dims, n in totals.items():
                stream.write_row((*dims, n))


_COPY_EVENTS = (
    "COPY event (id, case_no, title, text, channel, kind, flow, flow_version, state, status, division, lon, lat,"
    " address, lead_org, orgs, holder_role, lateness, due_at, due_sort, reported_at, moved_at) FROM STDIN"
)
_COPY_COUNTS = "COPY event_count (division, flow, state, status, lead_org, lateness, supervised, channel, n) FROM STDIN"
