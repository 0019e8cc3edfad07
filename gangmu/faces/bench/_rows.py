"""Invented events by the million as COPY's binary rows, made of parts that are prepared once.

A text is a road, a number, a thing, its trouble and two sentences. The grams of each part are known beforehand, so that
a row is put together and not worked out; ``Maker`` holds a sample against ``kit.text.bigrams``.
"""

import random
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from gangmu.core.event.model import FAR
from gangmu.kit import ids
from gangmu.kit.text import bigrams


def _listed(words: str) -> list[str]:
    return words.split()


THINGS = _listed(
    "井盖 路灯 树枝 垃圾 围挡 广告牌 护栏 路面 污水 噪音 渣土 车辆 电线 消防通道 摊位 水管 燃气 暖气 公厕 绿地"
)
TROUBLES = _listed(
    "破损 缺失 堆积 占道 不亮 倾倒 外溢 扰民 塌陷 堵塞 漏水 松动 乱停 脏乱 遮挡 锈蚀 歪斜 异味 积水 断裂"
)
ROADS = [f"{a}{b}{c}" for a in "东西南北中" for b in "园湖山河城新华光" for c in ("路", "街", "巷", "大道")]
ENDS = _listed("请尽快处理 影响居民出行 夜间存在安全隐患 多次反映未解决 希望派人查看 附近有学校 老人小孩经过危险")
STATES = (
    ("reported", "clerk"),
    ("accepted", "shift_leader"),
    ("to_dispatch", "dispatcher"),
    ("to_handle", "dept_lead"),
)
EVENT_COLUMNS = (
    "id, case_no, title, text, channel, kind, flow, flow_version, state, status, division, lon, lat, address, lead_org,"
    " orgs, holder_role, lateness, due_at, due_sort, reported_at, moved_at"
)
SIGNATURE, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
APART_S = 300
_TEXT, _UUID = 25, 2950
_NULL = struct.pack("!i", -1)
_INT, _TIME, _PLACE, _ARRAY = struct.Struct("!i"), struct.Struct("!iq"), struct.Struct("!idid"), struct.Struct("!5i")
_KEY = struct.pack("!i", 16)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000

Dims = tuple[str, str, str, str, ids.Id | None, str, bool, str]


@dataclass(frozen=True, slots=True)
class Batch:
    """Binary rows of ``event`` and ``event_search`` (without signature and trailer), the counts, the events' ids."""

    events: bytes
    words: bytes
    totals: dict[Dims, int]
    keys: list[bytes]


def text_of(chance: random.Random) -> tuple[str, str, str]:
    """Title, text and address of an invented matter."""
    road, number = chance.choice(ROADS), chance.randrange(1, 400)
    thing, trouble = chance.choice(THINGS), chance.choice(TROUBLES)
    address = f"{road}{number}号"
    return f"{thing}{trouble}", f"{address}附近{thing}{trouble}，{chance.choice(ENDS)}，{chance.choice(ENDS)}", address


class Maker:
    """Makes batches. ``open_share`` of the events are open; the newest was reported right before ``now``."""

    def __init__(self, departments: Sequence[ids.Id], now: datetime, rows: int, open_share: float, seed: int) -> None:
        self.departments, self.rows, self.open_share = list(departments), rows, open_share
        self._now, self._dice = micros(now), np.random.default_rng(seed)
        self._leads = [_lead(one.uuid.bytes) for one in self.departments]
        self._no_lead = _NULL + field(struct.pack("!3i", 0, 0, _UUID))
        self._far = moment(micros(FAR))
        self._fixed = said("patrol") + said("report") + said("urban_case") + struct.pack("!ii", 4, 1)
        self._where = {state: said(state) + said("open") for state, _ in STATES} | {
            "closed": said("closed") + said("closed")
        }
        _check()

    def batch(self, first: int, count: int, *, words: bool = True) -> Batch:
        """Rows ``first`` to ``first + count``; without ``words`` nobody can search for them."""
        events, grams_of, keys = [], [], [number.to_bytes(16, "big") for number in ids.new_many(count)]
        totals: Counter[tuple[str, str, bool, int]] = Counter()
        for n, key, drawn in zip(range(first, first + count), keys, self._draw(count), strict=True):
            road, number, thing, trouble, one, two, is_open, state, county, town, grid, lead, hours, x, y = drawn
            name, holder = STATES[state] if is_open else ("closed", "")
            lead = lead if name in ("to_handle", "closed") else -1
            reported = self._now - APART_S * 1_000_000 * (self.rows - n)
            due = reported + hours * _HOUR_US
            is_late = bool(is_open and due < self._now)
            division = f"99010{county}{town:03d}{grid:03d}"
            place, when = _place(road, number), moment(reported)
            title, tail, grams = _matter(thing, trouble, one, two)
            address = said(place)
            text = place.encode() + tail
            events.append(
                b"\x00\x16" + _KEY + key + said(f"{division[:6]}-{n:012d}") + title + _INT.pack(len(text)) + text
                + self._fixed + self._where[name] + said(division) + _PLACE.pack(8, 118 + x, 8, 36 + y) + address
                + (self._leads[lead] if lead >= 0 else self._no_lead) + said(holder) + said("late" if is_late else "")
                + (moment(due) * 2 if is_open else _NULL + self._far) + when * 2
            )  # fmt: skip
            if words:
                found = grams + _road_grams(road) + _number_gram(number)
                size, packed = len(found), b"".join(found)
                grams_of.append(
                    b"\x00\x03"
                    + _KEY
                    + key
                    + when
                    + _INT.pack(len(packed) + 20)
                    + _ARRAY.pack(1, 0, _TEXT, size, 1)
                    + packed
                )
            totals[division, name, is_late, lead] += 1
        return Batch(b"".join(events), b"".join(grams_of), self._dims(totals), keys)

    def _draw(self, count: int) -> "zip[tuple[Any, ...]]":
        within = [(0, len(ROADS)), (1, 400), (0, len(THINGS)), (0, len(TROUBLES)), (0, len(ENDS)), (0, len(ENDS))]
        drawn: list[Any] = [self._dice.integers(low, high, size=count) for low, high in within]
        drawn.append(self._dice.random(count) < self.open_share)
        within = [(0, len(STATES)), (1, 9), (1, 9), (1, 20), (0, len(self._leads)), (2, 400)]
        drawn += [self._dice.integers(low, high, size=count) for low, high in within]
        drawn += [self._dice.random(count), self._dice.random(count)]
        return zip(*(column.tolist() for column in drawn), strict=True)

    def _dims(self, totals: Counter[tuple[str, str, bool, int]]) -> dict[Dims, int]:
        found: dict[Dims, int] = {}
        for (division, state, is_late, lead), n in totals.items():
            status = "closed" if state == "closed" else "open"
            org = self.departments[lead] if lead >= 0 else None
            found[division, "urban_case", state, status, org, "late" if is_late else "", False, "patrol"] = n
        return found


def micros(when: datetime) -> int:
    """A time as PostgreSQL keeps it."""
    span = when - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def moment(value: int) -> bytes:
    """A timestamptz field."""
    return _TIME.pack(8, value)


def field(value: bytes) -> bytes:
    return _INT.pack(len(value)) + value


@lru_cache(maxsize=100_000)
def said(text: str) -> bytes:
    """A text field."""
    return field(text.encode())


def _lead(key: bytes) -> bytes:
    """``lead_org`` and ``orgs``."""
    return _KEY + key + field(_ARRAY.pack(1, 0, _UUID, 1, 1) + _KEY + key)


@lru_cache(maxsize=100_000)
def _place(road: int, number: int) -> str:
    return f"{ROADS[road]}{number}号"


@lru_cache(maxsize=50_000)
def _matter(thing: int, trouble: int, one: int, two: int) -> tuple[bytes, bytes, list[bytes]]:
    """The title's field, the text after its address, and the grams of what stands behind the number."""
    name = THINGS[thing] + TROUBLES[trouble]
    tail = f"附近{name}，{ENDS[one]}，{ENDS[two]}"
    return said(name), tail.encode(), [said(gram) for gram in bigrams(f"号{tail} {name} 号")]


@lru_cache(maxsize=1000)
def _road_grams(road: int) -> list[bytes]:
    return [said(gram) for gram in bigrams(ROADS[road])]


@lru_cache(maxsize=1000)
def _number_gram(number: int) -> list[bytes]:
    return [said(str(number))]


def _check() -> None:
    """The parts make what a text's own grams are, each once."""
    chance = random.Random(5)
    for _ in range(50):
        road, number, thing, trouble, one, two = (
            chance.randrange(most) for most in (len(ROADS), 400, len(THINGS), len(TROUBLES), len(ENDS), len(ENDS))
        )
        place = _place(road, number)
        title, tail, grams = _matter(thing, trouble, one, two)
        whole = bigrams(f"{title[4:].decode()} {place}{tail.decode()} {place}")
        assert sorted(grams + _road_grams(road) + _number_gram(number)) == sorted(map(said, whole)), whole
