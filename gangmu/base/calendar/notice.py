"""The yearly notice of the State Council (国务院办公厅关于部分节假日安排的通知), read from its own words.

Pasted text goes in, days off and swapped working days come out, with what could not be read or does not agree
with itself: a weekday that the date is not, a count of days that the span has not. A person looks at the result before
it becomes a calendar. Plain lines such as ``2027-01-01..2027-01-03 放假`` are read too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

_WIDE = str.maketrans("０１２３４５６７８９：（）～－—–", "0123456789:()~---")
_NAME = re.compile(r"^\s*(?:[一二三四五六七八九十]+、|\d+[.、])\s*([^:\d]{1,20}?)\s*:")
_TOKEN = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日"
    r"|(?P<to>至|到|~|\.\.|-)"
    r"|(?P<weekday>[周星]期?[一二三四五六日天])"
    r"|(?P<count>共\s*(?P<n>\d+)\s*天)"
    r"|(?P<off>放假|休息)"
    r"|(?P<work>上班|补班)"
)
_WEEKDAYS = {word: number for number, word in enumerate("一二三四五六日")} | {"天": 6}


@dataclass(frozen=True, slots=True)
class Off:
    """Days off in a row, both ends included."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a person should look at: a locale key ``calendar.notice.<code>`` and the words it is about."""

    code: str
    text: str


@dataclass(slots=True)
class Notice:
    """What was read of a notice."""

    year: int
    off: list[Off] = field(default_factory=list)
    work: list[date] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """Where the reading of one sentence stands: dates seen since the last word that says what they are."""

    name: str
    year: int
    month: int | None = None
    spans: list[tuple[date, date]] = field(default_factory=list)
    joins: bool = False
    last_off: Off | None = None


def read(text: str, year: int) -> Notice:
    """Read a notice of a year."""
    notice, name = Notice(year), ""
    for line in text.translate(_WIDE).splitlines():
        named = _NAME.match(line)
        if named is not None:
            name, line = named[1].strip(), line[named.end() :]
        for sentence in re.split(r"[。;；]", line):
            if sentence.strip():
                _sentence(notice, sentence, _Reading(name, year))
    notice.work = sorted(dict.fromkeys(notice.work))
    notice.off.sort(key=lambda one: one.first)
    both = {day for day in notice.work if any(one.first <= day <= one.last for one in notice.off)}
    notice.doubts += [Doubt("both", day.isoformat()) for day in sorted(both)]
    return notice


def _sentence(notice: Notice, sentence: str, at: _Reading) -> None:
    for token in _TOKEN.finditer(sentence):
        kind = token.lastgroup if token.lastgroup not in ("n", "day", "month", "year") else "day"
        if token["count"]:
            kind = "count"
        if kind in ("iso", "day"):
            _date(notice, at, token, sentence)
        elif kind == "to":
            at.joins = bool(at.spans)
        elif kind == "weekday" and at.spans:
            day = at.spans[-1][1]
            if _WEEKDAYS[token["weekday"][-1]] != day.weekday():
                notice.doubts.append(Doubt("weekday", f"{day.isoformat()} {token['weekday']}"))
        elif kind == "count" and at.last_off is not None and int(token["n"]) != at.last_off.days:
            notice.doubts.append(Doubt("count", sentence.strip()))
        elif kind == "off":
            for first, last in at.spans:
                at.last_off = Off(at.name, first, last)
                notice.off.append(at.last_off)
            at.spans = []
        elif kind == "work":
            notice.work += [day for first, last in at.spans for day in _days(first, last)]
            at.spans = []
    if at.spans:
        notice.doubts.append(Doubt("unread", sentence.strip()))


def _date(notice: Notice, at: _Reading, token: "re.Match[str]", sentence: str) -> None:
    try:
        if token["iso"]:
            day = date.fromisoformat(token["iso"])
        else:
            at.month = int(token["month"]) if token["month"] else at.month
            if at.month is None:
                raise ValueError
            at.year = int(token["year"]) if token["year"] else at.year
            day = date(at.year, at.month, int(token["day"]))
    except ValueError:
        notice.doubts.append(Doubt("unread", sentence.strip()))
        return
    if at.joins and at.spans:
        first = at.spans[-1][0]
        if day < first:
            day = day.replace(year=day.year + 1)
        if (day - first).days > 60:
            notice.doubts.append(Doubt("unread", sentence.strip()))
        else:
            at.spans[-1] = (first, day)
    else:
        at.spans.append((day, day))
    at.joins = False


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
