"""Cells as people leave them in Excel and WPS, brought into the form that a column has, or refused with a reason.

Trailing and full-width spaces, full-width digits, dates as text (2026年1月5日, 2026/1/5, 20260105) or as Excel's day
numbers, numbers as text and text as numbers are understood. What cannot be trusted is refused: a long number that
Excel has rounded, an error value, a formula that nobody has computed.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from gangmu.kit.sheet_kinds import BadRow, Column, SheetKind, choices_of, plain_head

_BLANKS = re.compile(r"[ \t\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ODD = re.compile(
    r"^\s|\s$|[\t\r\n\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]|  |_x000"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]"
)
_ROUNDED = re.compile(r"-?\d(?:\.\d+)?[eE]\+\d{2,3}")
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*[日号]?(?:[\sT].*)?")
_TIME = re.compile(r"(\d{1,2})[:时点](\d{1,2})分?(?::(\d{1,2})(?:\.\d+)?)?")
_MANY = re.compile(r"[;；、，,|\n]+")
_TRUTHS = {
    **dict.fromkeys(("yes", "y", "true", "t", "1", "是", "有", "对", "√", "✓", "✔"), "yes"),
    **dict.fromkeys(("no", "n", "false", "f", "0", "否", "无", "不", "×", "✗", "✘", "x"), "no"),
}
MOST_DIGITS = 10**15
_FIRST_DAY = date(1899, 12, 30)


def read_cell(kind: SheetKind, column: Column, cell: Any) -> str:
    """What a cell says in the form of its column; empty for an empty one. ``BadRow`` with the reason."""
    if cell is None or cell == "":
        return ""
    if type(cell) is str:
        said = cell
        if _ODD.search(cell):
            said = tidy(cell)
            if not said:
                return ""
            if _CONTROL.search(said):
                raise BadRow(column.id, "control_character")
        if said[0] == "#" and _ERROR.fullmatch(said):
            raise BadRow(column.id, "error_value", value=said)
        if "+" in said and _ROUNDED.fullmatch(said):
            raise BadRow(column.id, "digits_lost", value=said)
    else:
        said = cell
    if column.form == "text":
        plain = _text(column, said)
    else:
        plain = _FORMS[column.form](column, said)
    if column.choices:
        plain = _choice(kind, column, plain)
    elif column.many and plain:
        plain = ";".join(dict.fromkeys(part for one in _MANY.split(plain) if (part := one.strip())))
    if len(plain) > column.most:
        raise BadRow(column.id, "too_long", most=column.most)
    return plain


def tidy(text: str) -> str:
    """Without blanks around and of odd kinds, lines kept."""
    text = text.replace("_x000D_", "").replace("_x000d_", "").replace("\r\n", "\n").replace("\r", "\n")
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _text(column: Column, said: Any) -> str:
    if type(said) is str:
        return said
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, int | float):
        return _number(column, said)
    if isinstance(said, datetime):
        return said.strftime("%Y-%m-%d %H:%M") if said.time() != time() else said.date().isoformat()
    if isinstance(said, time):
        return said.strftime("%H:%M")
    if isinstance(said, timedelta):
        return _clock(column, said.total_seconds() / 60)
    return said.isoformat() if isinstance(said, date) else str(said)


def _number(column: Column, said: int | float) -> str:
    if not math.isfinite(said):
        raise BadRow(column.id, "not_a_number")
    if abs(said) >= MOST_DIGITS:
        raise BadRow(column.id, "digits_lost", value=f"{said:.5E}")
    return str(int(said)) if float(said).is_integer() else f"{said:.15g}"


def _code(column: Column, said: Any) -> str:
    """Letters and digits without blanks: 3 7０303.0 is 370303."""
    plain = "".join(unicodedata.normalize("NFKC", _text(column, said)).split()).removeprefix("'")
    return re.sub(r"(?<=\d)\.0+$", "", plain) if plain.replace(".", "", 1).isdigit() else plain


def _decimal(column: Column, said: Any) -> str:
    plain = _code(column, said).replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        raise BadRow(column.id, "not_a_number", value=plain[:60]) from None
    if not math.isfinite(value):
        raise BadRow(column.id, "not_a_number", value=plain[:60])
    return plain


def _whole(column: Column, said: Any) -> str:
    plain = _decimal(column, said)
    if not re.fullmatch(r"-?\d{1,15}(?:\.0*)?", plain):
        raise BadRow(column.id, "not_a_whole_number", value=plain[:60])
    return str(int(plain.split(".")[0]))


def _truth(column: Column, said: Any) -> str:
    plain = _code(column, said).lower()
    if plain not in _TRUTHS:
        raise BadRow(column.id, "neither_yes_nor_no", value=plain[:60])
    return _TRUTHS[plain]


def _date(column: Column, said: Any) -> str:
    if isinstance(said, datetime):
        return said.date().isoformat()
    if isinstance(said, date):
        return said.isoformat()
    plain = unicodedata.normalize("NFKC", _text(column, said)).strip()
    found = _DAY.fullmatch(plain) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
    if found:
        try:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        except ValueError:
            raise BadRow(column.id, "no_such_day", value=plain[:60]) from None
    if re.fullmatch(r"\d{5}(?:\.\d+)?", plain) and 20_000 <= float(plain) < 80_000:  # Excel counts days: 1954 to 2119
        return (_FIRST_DAY + timedelta(days=int(float(plain)))).isoformat()
    raise BadRow(column.id, "not_a_date", value=plain[:60])


def _moment(column: Column, said: Any) -> str:
    if isinstance(said, datetime):
        return said.strftime("%Y-%m-%d %H:%M")
    if isinstance(said, date):
        return f"{said.isoformat()} 00:00"
    plain = unicodedata.normalize("NFKC", _text(column, said)).strip()
    day, _, rest = plain.replace("T", " ").partition(" ")
    if not rest and (at := re.search(r"[日号]", plain)):
        day, rest = plain[: at.end()], plain[at.end() :]
    if not rest and re.fullmatch(r"\d{5}\.\d+", plain):
        return f"{_date(column, plain)} {_clock(column, float(plain) % 1 * 1440)}"
    return f"{_date(column, day)} {_time(column, rest) if rest.strip() else '00:00'}"


def _time(column: Column, said: Any) -> str:
    if isinstance(said, datetime | time):
        return said.strftime("%H:%M")
    if isinstance(said, timedelta):
        return _clock(column, said.total_seconds() / 60)
    plain = _code(column, said)
    found = _TIME.fullmatch(plain)
    if found:
        return _clock(column, int(found[1]) * 60 + int(found[2]) if int(found[2]) < 60 else -1)
    if re.fullmatch(r"0?\.\d+", plain):  # a part of the day
        return _clock(column, float(plain) * 1440)
    if re.fullmatch(r"\d{1,2}[时点]?整?", plain):
        return _clock(column, int(re.sub(r"\D", "", plain)) * 60)
    raise BadRow(column.id, "not_a_time", value=plain[:60])


def _clock(column: Column, minutes: float) -> str:
    whole = round(minutes)
    if not 0 <= whole <= 1440:
        raise BadRow(column.id, "not_a_time")
    return f"{whole // 60:02d}:{whole % 60:02d}"


def _choice(kind: SheetKind, column: Column, plain: str) -> str:
    """The ids of what was chosen."""
    known = choices_of(kind, column)
    found = []
    for part in _MANY.split(plain) if column.many else (plain,):
        if not (said := part.strip()):
            continue
        choice = known.get(plain_head(said) or said)
        if choice is None:
            shown = ", ".join(column.choices[:12])
            raise BadRow(column.id, "not_a_choice", value=said[:60], choices=shown)
        found.append(choice)
    return ";".join(dict.fromkeys(found))


_FORMS = {
    "code": _code,
    "whole": _whole,
    "decimal": _decimal,
    "truth": _truth,
    "date": _date,
    "moment": _moment,
    "time": _time,
}
