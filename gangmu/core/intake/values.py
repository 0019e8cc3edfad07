"""Cells as values: text, times, numbers, masks. Every function is pure and takes what a reader gives."""

import datetime as dt
import math
import re
from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_AUTO = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
    r"(?:[T\s]\s*|(?<=[日号]))?"
    r"(?:(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*(?:[:分]\s*(?:(\d{1,2})(?:\.\d{1,9})?\s*秒?)?)?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2})(\d{2})(\d{2})?)?")
_SERIAL_DAY = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock, its zone is the profile's
_SERIALS = (10_000, 90_000)
ERROR_CELLS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"})


def as_text(cell: Any) -> str:
    """A cell as text: trimmed; whole numbers without a point; times as ``2018-01-02 03:04:05``. The same value has
    the same text whatever kind of file it came in."""
    kind = type(cell)
    if kind is str:
        return str(cleaned(cell.strip()))
    if cell is None:
        return ""
    if kind is bool:
        return "true" if cell else "false"
    if kind is float:
        if math.isnan(cell):
            return ""
        return str(int(cell)) if abs(cell) < 1e15 and cell == int(cell) else repr(cell)
    if kind is dt.datetime:
        return str(cell.isoformat(" "))
    return str(cell)


def needs_cleaning(text: str) -> bool:
    """Whether the text holds characters that are not text: controls, marks of direction, a NUL."""
    return _CONTROL.search(text) is not None


def cleaned(text: str) -> str:
    """The text without controls and invisible marks of direction. A NUL stays: it makes the row wrong."""
    return _CONTROL.sub("", text).strip() if _CONTROL.search(text) else text


def wall_time(cell: Any, text: str, formats: Sequence[str]) -> tuple[dt.datetime, bool] | None:
    """A time and whether only its day is known; None when it is none. Without an offset in the cell the result is
    naive: a wall clock of the source's zone. Formats are ``auto`` (ISO 8601, 2018/1/2 3:04, 2018年1月2日3时4分,
    20180102, serial days of a workbook) or patterns of strptime, tried in order."""
    kind = type(cell)
    if kind is dt.datetime:
        return cell, cell.hour == cell.minute == cell.second == cell.microsecond == 0
    if kind is dt.date:
        return dt.datetime(cell.year, cell.month, cell.day), True  # noqa: DTZ001
    if kind in (int, float) and "auto" in formats and _SERIALS[0] < cell < _SERIALS[1]:
        return _SERIAL_DAY + dt.timedelta(seconds=round(cell * 86400)), cell == int(cell)
    for form in formats:
        found = _auto(text) if form == "auto" else _strptime(text, form)
        if found is not None:
            return found
    return None


def _auto(text: str) -> tuple[dt.datetime, bool] | None:
    if len(text) > 40:
        return None
    match = _AUTO.fullmatch(text)
    if match is None:
        match = _COMPACT.fullmatch(text)
        if match is None:
            return _serial_text(text)
    parts = [int(part) for part in match.groups()[:6] if part is not None]
    try:
        made = dt.datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001
        if match.re is _AUTO and match[7]:
            made = dt.datetime.fromisoformat(made.isoformat() + match[7].replace("Z", "+00:00"))
    except (ValueError, TypeError):
        return None
    return made, len(parts) <= 3 or not any(parts[3:])


def _serial_text(text: str) -> tuple[dt.datetime, bool] | None:
    """Serial days that a spreadsheet wrote into text."""
    if not re.fullmatch(r"\d{5}(\.\d{1,12})?", text) or not _SERIALS[0] < float(text) < _SERIALS[1]:
        return None
    return _SERIAL_DAY + dt.timedelta(seconds=round(float(text) * 86400)), "." not in text


def _strptime(text: str, form: str) -> tuple[dt.datetime, bool] | None:
    try:
        made = dt.datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return None
    return made, not any(mark in form for mark in ("%H", "%I", "%X", "%c", "%T"))


def to_utc(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant of a wall clock. An hour that a clock change skips or repeats is read as before the change."""
    return (wall.replace(tzinfo=zone) if wall.tzinfo is None else wall).astimezone(dt.UTC)


def number(cell: Any, text: str) -> float | None:
    """A finite number; None when it is none."""
    if type(cell) in (int, float):
        return float(cell) if math.isfinite(cell) else None
    if len(text) > 40 or "_" in text:
        return None
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


_MASKED = {
    "id_number": (re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])"), "[证件号]"),
    "phone": (
        re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"
                   r"|(?<!\d)\(?[2-9]\d{2}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)"),
        "[电话]",
    ),
    "email": (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"), "[邮箱]"),
    "plate": (
        re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
                   r"[A-HJ-NP-Z][·.]?[A-HJ-NP-Z0-9]{5,6}"),
        "[车牌]",
    ),
    "card": (re.compile(r"(?<!\d)\d{16,19}(?!\d)"), "[号码]"),
}  # fmt: skip
_SUSPECT = re.compile(r"\d{2}[-. )\d]{2}|@|[\u4e00-\u9fff][A-HJ-NP-Z][·.]?[A-HJ-NP-Z0-9]{5}")
_ORDER = ("id_number", "card", "phone", "email", "plate")


def masked(text: str, kinds: Collection[str] = _ORDER) -> str:
    """The text with numbers that lead to a person covered: phone, citizen id, e-mail, number plate, bank card."""
    if not _SUSPECT.search(text):
        return text
    for kind in _ORDER:
        if kind in kinds:
            pattern, cover = _MASKED[kind]
            text = pattern.sub(cover, text)
    return text


def clipped(text: str, most: int = 120) -> str:
    """A text short enough to show."""
    return text if len(text) <= most else text[: most - 1] + "…"
