"""Codes of divisions and grids: what the digits mean, which lies in which, which comes next.

Division codes follow GB/T 2260 and the statistics bureau's list: 2 province, 2 city, 2 county, 3 town, 3 community.
A unit grid (单元网格) carries 15 digits, its community and a sequence (GB/T 30428.1); a responsibility grid (责任网格)
its town, a kind letter and a sequence.
"""

from collections.abc import Iterable
from enum import StrEnum

from gangmu.base.places.errors import BadDivisionCode, GridCodesSpent

MOST_SEQUENCE = 999
MOST_DUTY_SEQUENCE = 9999
_DIGITS = frozenset("0123456789")


class Level(StrEnum):
    province = "province"  # 省
    city = "city"  # 地级市
    county = "county"  # 县区
    town = "town"  # 镇街
    community = "community"  # 社区、村


WIDTHS = {Level.province: 2, Level.city: 4, Level.county: 6, Level.town: 9, Level.community: 12}
LEVELS = tuple(Level)
_WORDS = {
    "province": Level.province,
    "省": Level.province,
    "省级": Level.province,
    "city": Level.city,
    "prefecture": Level.city,
    "市": Level.city,
    "地级": Level.city,
    "市级": Level.city,
    "county": Level.county,
    "district": Level.county,
    "area": Level.county,
    "县": Level.county,
    "区": Level.county,
    "县级": Level.county,
    "区县": Level.county,
    "town": Level.town,
    "township": Level.town,
    "street": Level.town,
    "镇": Level.town,
    "街道": Level.town,
    "乡": Level.town,
    "镇街": Level.town,
    "乡镇": Level.town,
    "乡级": Level.town,
    "community": Level.community,
    "village": Level.community,
    "社区": Level.community,
    "村": Level.community,
    "村级": Level.community,
    "居委会": Level.community,
}


DUTY_KINDS = {
    "G": "general",
    "Z": "governance",
    "C": "appearance",
    "Y": "emergency",
    "S": "market",
    "H": "environment",
}
"""Kind letters of responsibility-grid codes; G is a grid on which all duties are merged."""


def full_code(code: str) -> str:
    """The 12 digits of a division given by 2, 4, 6, 9 or 12: `3703` and `370300` are both `370300000000`.
    Raises `BadDivisionCode`."""
    digits = code.strip()
    if len(digits) not in (2, 4, 6, 9, 12) or not _DIGITS.issuperset(digits) or digits.startswith("00"):
        raise BadDivisionCode(code)
    return digits.ljust(12, "0")


def level_of(code: str) -> Level:
    """The level that a code stands for: that of its last part that is not zero."""
    digits = full_code(code)
    for level in reversed(LEVELS[1:]):
        if int(digits[WIDTHS[LEVELS[LEVELS.index(level) - 1]] : WIDTHS[level]]):
            return level
    return Level.province


def short_code(code: str) -> str:
    """The digits that count: `370303000000` is `370303`. Every division inside begins with them."""
    return full_code(code)[: WIDTHS[level_of(code)]]


def is_inside(code: str, outer: str) -> bool:
    """Whether a division, or a unit grid of 15 digits, lies in another or is it."""
    return code.startswith(short_code(outer))


def parent_of(code: str) -> str:
    """The 12 digits of the division just above; empty above a province. A town right under a city (its county part
    is 00, as in 441900003) has the city above it."""
    digits, level = full_code(code), level_of(code)
    if level is Level.province:
        return ""
    return digits[: WIDTHS[LEVELS[LEVELS.index(level) - 1]]].ljust(12, "0")


def ancestors_of(code: str) -> dict[Level, str]:
    """The 12 digits of the division at its own level and each above, by level; levels passed over are left out."""
    digits, own = full_code(code), level_of(code)
    found: dict[Level, str] = {}
    for level in LEVELS[: LEVELS.index(own) + 1]:
        cut = digits[: WIDTHS[level]].ljust(12, "0")
        if level_of(cut) is level:
            found[level] = cut
    return found


def level_named(word: str) -> Level | None:
    """The level that lists call by this word, Chinese or English; None for a word that no list uses."""
    return _WORDS.get(word.strip().lower())


def is_unit_code(code: str) -> bool:
    """Whether the text is a unit-grid code: 15 digits whose first 12 are a community and whose sequence is not 000."""
    if len(code) != 15 or not _DIGITS.issuperset(code) or code.startswith("00"):
        return False
    return level_of(code[:12]) is Level.community and code[12:] != "000"


def next_unit_code(community: str, used: Iterable[str]) -> str:
    """The code of the next unit grid of a community: one above the highest ever used, voided ones included.
    Raises `GridCodesSpent` after 999."""
    area = full_code(community)
    highest = max((int(code[12:]) for code in used if code.startswith(area)), default=0)
    if highest >= MOST_SEQUENCE:
        raise GridCodesSpent(area)
    return f"{area}{highest + 1:03d}"


def is_duty_code(code: str) -> bool:
    """Whether the text is a responsibility-grid code: a town's 9 digits, a kind letter, 4 digits that are not 0000."""
    if len(code) != 14 or not _DIGITS.issuperset(code[:9] + code[10:]) or code[9] not in DUTY_KINDS:
        return False
    return not code.startswith("00") and level_of(code[:9]) is Level.town and code[10:] != "0000"


def next_duty_code(town: str, kind: str, used: Iterable[str]) -> str:
    """The code of the next responsibility grid of a town and kind; codes are never given twice.
    Raises `GridCodesSpent` after 9,999."""
    start = short_code(town) + kind
    highest = max((int(code[10:]) for code in used if code.startswith(start)), default=0)
    if highest >= MOST_DUTY_SEQUENCE:
        raise GridCodesSpent(start)
    return f"{start}{highest + 1:04d}"
