"""Free Chinese address text taken apart (GB/T 23705: 行政区划 + 基本区域限定物 + 局部点): pure rules, the city's names.

What cannot be placed stays in ``name``: nothing of the text is dropped.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

PROVINCES = (
    "黑龙江|内蒙古|北京|天津|上海|重庆|河北|山西|辽宁|吉林|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|"
    "青海|台湾|广西|西藏|宁夏|新疆|香港|澳门"
)
_NUM = r"[0-9０-９一二三四五六七八九十百零〇]+"
_HAN = r"[\u4e00-\u9fa5]"
_WORD = r"[\u4e00-\u9fa5A-Za-z0-9·]"
_ENDS_COMPOUND = (
    "小区|花园|家园|花苑|公寓|新村|山庄|别墅|大厦|广场|商城|大楼|工业园区|工业区|工业园|产业园|科技园|创业园|园区|开发区|"
    "公馆|名苑|佳苑|嘉苑|宿舍|市场|商场|商厦|大院|生活区|苑|庭|府|湾|园|城|坊|院|区"
)
_P = re.compile(rf"(?:中国)?(?:{PROVINCES})(?:省|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|(?=[^市路街]))")
_CITY = re.compile(rf"{_HAN}{{2,5}}?(?:市(?!场|区|政|民|里)|自治州|盟|地区)")
_COUNTY = re.compile(
    rf"{_HAN}{{1,6}}?(?:自治县|县(?!城|前|后|学)|旗|市(?!场|区|政|民)|(?<![小园片社院庄业发舍校])区(?!域|间))"
)
_TOWN = re.compile(rf"{_HAN}{{1,7}}?(?:街道办事处|街道办|街道|镇(?!政府|中学|小学)|乡(?!政府)|苏木)")
_COMMUNITY = re.compile(
    rf"{_HAN}{{1,8}}?(?:社区居委会|社区居民委员会|社区|居委会|村委会|村民委员会|(?<!新)村(?!镇|庄))"
)
_ROAD = re.compile(
    rf"{_WORD}{{1,10}}?(?:大道|大街|公路|高速|快速路|国道|省道|路(?!口|边|段)|街(?!道|心|区|坊)|(?<![国省街大通])道(?!口|班)|巷|弄(?!堂)|胡同)"
    rf"(?:{_NUM}巷|[东南西北中]段)?"
)
_GROUP = re.compile(rf"(?:第?{_NUM}(?:村民小组|组|社|队))")
_CROSS = re.compile(
    rf"(?:与|和|、|交|/)({_WORD}{{1,10}}?(?:大道|大街|路|街|道|巷))(?:交叉路口|交叉口|交汇处|交汇口|十字路口|路口|口|交口)?"
)
_NO = re.compile(rf"(?:第)?{_NUM}(?:[-—~之]{_NUM})*(?:号院|号|弄)(?!楼|幢|栋|座|门|[0-9]*单元)(?:附{_NUM}号|-\d+号?)?")
_BARE = re.compile(rf"{_NUM}(?:[-—~]{_NUM})?(?![0-9A-Za-z]|号?楼|幢|栋|座|单元|室|层|组|期|区|#|[-—])")
_ZONE = re.compile(
    rf"{_HAN}{{2,10}}?(?:经济技术开发区|经济开发区|开发区|工业园区|工业园|工业区|产业园|园区|新区|新村|小区|市场)(?={_HAN}{{1,6}}(?:路|街|大道|道|巷))"
)
_COMPOUND = re.compile(
    rf"{_WORD}{{1,14}}?(?:{_ENDS_COMPOUND})(?!{_HAN}{{0,2}}(?:路|街))(?:[东南西北中]区|[东南西北]苑|{_NUM}期|{_NUM}区)?"
)
_BUILDING = re.compile(
    rf"(?<![0-9A-Za-z])(?:[A-Za-z]?{_NUM}|[A-Za-z]|[东南西北]|{_NUM}-{_NUM})(?:号楼|幢|栋|座|#楼|号厂房|#)"
)
_UNIT = re.compile(rf"(?:{_NUM}|[甲乙丙丁东西中A-Za-z])单元")
_FLOOR = re.compile(rf"(?:地下|负|[Bb])?{_NUM}(?:楼|层|[Ff](?![A-Za-z]))")
_ROOM = re.compile(r"[A-Za-z]?\d{1,5}(?:[-、]\d{1,5})*[A-Za-z]?(?:室|房间|房|户|号房|号铺|号)?(?![0-9A-Za-z])")
_TRIPLE = re.compile(r"(?<![0-9A-Za-z-])([A-Za-z]?\d{1,3})[-—](\d{1,2})[-—](\d{2,5})(?:室|号)?$")
_PAIR = re.compile(r"(?<![0-9A-Za-z-])([A-Za-z]?\d{1,3})[-—](\d{3,5})(?:室|号)?$")
_LAST = re.compile(r"(?<![0-9A-Za-z-])[A-Za-z]?\d{2,5}(?:室|房间|房|户|号房|号铺)|(?<![0-9A-Za-z-])\d{3,4}$")
_ASIDE = re.compile(r"[（(【\[][^（()）】\]]*[)）】\]]")
_EDGE = " ,，.。;；:：、-—_/|·"


@dataclass(frozen=True, slots=True)
class AddressParts:
    """The parts of an address, each as written, empty where there is none. ``name`` is what a place is called, or what
    was not understood."""

    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    community: str = ""
    road: str = ""
    house_no: str = ""
    compound: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    name: str = ""

    def joined(self) -> str:
        """The standard text: from the largest to the smallest."""
        return "".join(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, slots=True)
class Names:
    """Names that a city knows: of divisions by level, of roads and of compounds. They are tried before the rules."""

    divisions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roads: frozenset[str] = frozenset()
    compounds: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, divisions: Iterable[tuple[str, str]], roads: Iterable[str] = (), compounds: Iterable[str] = ()
    ) -> "Names":
        """From (level, name) pairs; a name is known without its last word too, where two letters stay."""
        by: dict[str, set[str]] = {}
        for level, name in divisions:
            by.setdefault(level, set()).add(name)
            for end in ("街道办事处", "街道", "省", "市", "区", "县", "镇", "乡"):
                if name.endswith(end) and len(name) - len(end) >= 2:
                    by[level].add(name.removesuffix(end))
                    break
        return cls({level: frozenset(held) for level, held in by.items()}, frozenset(roads), frozenset(compounds))


NO_NAMES = Names()


def plain(text: str) -> str:
    """The text as it is compared: NFKC, no spaces, nothing in brackets."""
    folded = unicodedata.normalize("NFKC", text).replace("_", " ").replace("/", " ")
    return "".join(_ASIDE.sub("", folded).split()).strip(_EDGE)


def parse(text: str, names: Names = NO_NAMES) -> AddressParts:
    """Take an address apart, from the largest part to the smallest."""
    rest = plain(text)
    found: dict[str, str] = {}
    for part, pattern, level in (
        ("province", _P, "province"),
        ("city", _CITY, "city"),
        ("county", _COUNTY, "county"),
        ("town", _TOWN, "town"),
        ("community", _COMMUNITY, "community"),
    ):
        rest = _take(rest, part, found, pattern, names.divisions.get(level, frozenset()))
        for again in ("province", "city", "county"):  # 浙江省仙居县浙江省仙居县
            if found.get(again) and len(found[again]) > 2 and rest.startswith(found[again]):
                rest = rest[len(found[again]) :].lstrip(_EDGE)
    rest = _street(rest, found, names)
    rest = _inside(rest, found)
    return AddressParts(**found, name=rest.strip(_EDGE))


_LOWER = {
    "city": re.compile(r"[县镇乡路街村]"),
    "county": re.compile(r"[镇乡路街村]|市(?!$)"),
    "town": re.compile(r"[路村]|[市区县](?!$).{2,}"),
    "community": re.compile(r"[路街巷]"),
}
"""What a part may not hold: then a lower part was read with it, or the higher one was not seen."""


def _take(rest: str, part: str, found: dict[str, str], pattern: re.Pattern[str], known: frozenset[str]) -> str:
    """One part off the beginning: a known name, the longest, else what the rule reads."""
    held = _longest(rest, known)
    if held is None:
        match = pattern.match(rest)
        held = match.group() if match and not (part in _LOWER and _LOWER[part].search(match.group()[:-1])) else None
    if not held:
        return rest
    found[part] = held
    return rest[len(held) :].lstrip(_EDGE)


_GOES_ON = re.compile(
    r"[东南西北中]?[一二三四五六七八九十]?(?:大道|大街|路|街(?!道)|巷|弄|村|社区|小区|新村|园|城|大厦|广场)"
)
"""What follows a name that is part of another one: 张店 in 张店路."""


def _longest(rest: str, known: frozenset[str]) -> str | None:
    for length in range(min(len(rest), 16), 1, -1):
        if rest[:length] in known and not _GOES_ON.match(rest[length:]):
            return rest[:length]
    return None


def _street(rest: str, found: dict[str, str], names: Names) -> str:
    """Road and number, compound and number, in either order."""
    rest = _take(rest, "compound", found, _ZONE, frozenset())
    rest = _take(rest, "road", found, _ROAD, names.roads)
    if "road" in found:
        cross = _CROSS.match(rest)
        if cross:
            found["road"] += rest[: cross.end()]
            rest = rest[cross.end() :].lstrip(_EDGE)
    elif not _BUILDING.match(rest):
        rest = _take(rest, "road", found, _GROUP, frozenset())
    if not _BUILDING.match(rest):
        rest = _take(rest, "house_no", found, _NO, frozenset())
    if "road" in found and "house_no" not in found:
        rest = _take(rest, "house_no", found, _BARE, frozenset())
    if _BUILDING.match(rest) or _UNIT.match(rest) or _FLOOR.match(rest):
        return rest
    if "compound" in found:
        return rest
    return _take(rest, "compound", found, _COMPOUND, names.compounds)


def _inside(rest: str, found: dict[str, str]) -> str:
    """Building, unit, floor and room, also 11-4-970 and 3-602. What stands before them is the place's name."""
    if "house_no" not in found and not _BUILDING.match(rest):
        rest = _take(rest, "house_no", found, _NO, frozenset())
    named, rest = _before(rest)
    for pattern, parts in ((_TRIPLE, ("building", "unit", "room")), (_PAIR, ("building", "room"))):
        match = pattern.match(rest)
        if match and (named or "compound" in found or "house_no" in found):
            found.update(zip(parts, match.groups(), strict=True))
            return named
    for part, pattern in (("building", _BUILDING), ("unit", _UNIT), ("floor", _FLOOR), ("room", _ROOM)):
        rest = _take(rest, part, found, pattern, frozenset())
    return (named + rest).strip(_EDGE)


def _before(rest: str) -> tuple[str, str]:
    """The text before the first part of a building, and the rest from it on."""
    starts = [
        match.start()
        for pattern in (_BUILDING, _UNIT, _FLOOR, _LAST, _TRIPLE, _PAIR)
        for match in pattern.finditer(rest)
    ]
    start = min(starts, default=len(rest))
    return rest[:start].strip(_EDGE), rest[start:]


def slips(word: str) -> list[str]:
    """What a name is found by when one letter of it is wrong, missing, too many or out of place: itself and itself
    without each letter."""
    plain_word = word[:16]
    return sorted({plain_word, *(plain_word[:at] + plain_word[at + 1 :] for at in range(len(plain_word)))})


def is_near(one: str, other: str) -> bool:
    """At most one letter changed, left out, put in, or two neighbours swapped."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[at:], other[at:]
    if len(one) == len(other):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(one) > len(other) else left == right[1:]
