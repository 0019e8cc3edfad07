"""Mapping: one row of a foreign table as a report of ours, or the reasons why it cannot be one.

``Mapper`` is compiled once for a profile and a header and then maps row after row. It never raises for a row: what
is wrong comes back as ``RowError``s, each with field, reason and the value (clipped and masked). What is odd but
does not make the row wrong comes back as flags on the report: the row is kept and the oddness shown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from gangmu.core.intake.model import Incoming, Known, RowError, Rules, positions
from gangmu.core.intake.profile import CODED, TIMES, Level, Profile, Rule
from gangmu.core.intake.readers.table import Raw
from gangmu.core.intake.values import (
    ERROR_CELLS,
    as_text,
    cleaned,
    clipped,
    masked,
    needs_cleaning,
    number,
    to_utc,
    wall_time,
)

TITLE_CHARS = 200
SHORT_CHARS = 500
NUMBER_CHARS = 120
_SEPARATOR = "\x1f"
_OLDEST_YEAR, _LAST_YEAR = 1900, 2200
_LENGTHS = {
    "title": TITLE_CHARS, "address": SHORT_CHARS, "department": SHORT_CHARS, "outcome": SHORT_CHARS,
    "number": NUMBER_CHARS, "reporter_name": 80, "reporter_phone": 40, "matter": 80,
}  # fmt: skip


def _within(bounds: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    return bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3]


@dataclass(slots=True)
class _Trouble:
    """Errors and flags of the row in hand."""

    at: int = 0
    errors: list[RowError] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


Read = Callable[[Sequence[str]], str]
Fill = Callable[[Sequence[str], _Trouble], str]


class Mapper:
    """Maps rows of one file. ``missing`` are required fields whose columns the file lacks; ``unread`` its columns
    that the profile does not use."""

    def __init__(self, profile: Profile, columns: Sequence[str], rules: Rules, known: Known | None = None) -> None:
        self.profile = profile
        self.rules = rules
        self.known = known or Known()
        where = positions(profile, columns)
        self.columns = tuple(columns)
        wanted = sorted({where[name] for name in profile.columns if name in where})
        self._spots = wanted
        slot = {spot: n for n, spot in enumerate(wanted)}
        self._slot = {name: slot[spot] for name, spot in where.items() if spot in slot}
        self.unread = tuple(name for n, name in enumerate(columns) if name and n not in slot)
        self.missing = tuple(sorted(f for f in profile.rules if self._lacks(profile.rules[f])))
        told = {name: rule for name, rule in profile.rules.items() if name not in TIMES}
        self._constants = {name: rule.default for name, rule in told.items() if self._is_constant(rule)}
        self._fills = [(name, self._filler(name, rule)) for name, rule in told.items() if name not in self._constants]
        self._has_point = "lon" in profile.rules and "lat" in profile.rules
        self._times = {name: self._slots(profile.rules[name].columns) for name in TIMES if name in profile.rules}
        self._identity = [self._slot[name] for name in profile.identity if name in self._slot]
        self._identity_whole = len(self._identity) == len(profile.identity)
        self._personal = {self._slot[name] for name in profile.personal_columns if name in self._slot}
        self._covered = {where[name] for name in profile.personal_columns if name in where}
        self._matter = [self._slot[name] for name in profile.tree.columns if name in self._slot] if profile.tree else []
        self._levels = [(level, self._slots(level.columns)) for level in profile.levels]

    def _lacks(self, rule: Rule) -> bool:
        return rule.required and bool(rule.named) and not any(name in self._slot for name in rule.named)

    def _is_constant(self, rule: Rule) -> bool:
        """Whether the file has none of the columns and the rule asks for none."""
        return not any(name in self._slot for name in rule.named) and not (rule.required and not rule.default)

    def _slots(self, names: Sequence[str]) -> list[int]:
        return [self._slot[name] for name in names if name in self._slot]

    # --- one row -------------------------------------------------------------------------------------

    def map(self, raw: Raw, now: datetime) -> Incoming | list[RowError]:
        """The row as a report, or everything that is wrong with it."""
        if raw.fault is not None:
            shown = masked(clipped(raw.fault.shown)) if not self._personal else ""
            return [RowError(raw.at, "", raw.fault.reason, shown)]
        cells = [raw.cells[spot] for spot in self._spots]
        texts = [cell.strip() if type(cell) is str else as_text(cell) for cell in cells]
        joined = "\n".join(texts)
        if needs_cleaning(joined):
            texts = [cleaned(text) for text in texts]
        if self.profile.blanks:
            texts = ["" if text in self.profile.blanks else text for text in texts]
        trouble = _Trouble(raw.at)
        joined = _SEPARATOR.join(texts)
        if "#" in joined:
            self._error_cells(texts, trouble)
        if "\x00" in joined:
            trouble.errors.append(RowError(raw.at, "", "nul_byte"))
        found = self._incoming(cells, texts, joined, now, trouble)
        return trouble.errors if trouble.errors or found is None else found

    def _incoming(
        self, cells: Sequence[Any], texts: Sequence[str], joined: str, now: datetime, trouble: _Trouble
    ) -> Incoming | None:
        key = self._key(cells, texts, joined, trouble)
        values = self._constants.copy()
        for name, fill in self._fills:
            values[name] = fill(texts, trouble)
        times = {name: self._time(name, cells, texts, now, trouble) for name in self._times}
        happened = times.get("happened_at")
        if happened is None:
            if not any(error.field == "happened_at" for error in trouble.errors):
                self._bad("happened_at", "missing", "", trouble)
            return None
        if happened[1]:
            trouble.flags.append("day_only")
        life = values.get("life") or "open"
        closed = self._closing(life, happened, times.get("closed_at"), trouble)
        target = times.get("target_at")
        if target is not None and target[0] < happened[0]:
            trouble.flags.append("target_before_start")
            target = None
        replied = times.get("replied_at")
        received = times.get("received_at")
        lon, lat = self._point(values, trouble) if self._has_point else (None, None)
        title, text = self._words(values, trouble)
        division = self._division(values.get("division", ""), trouble)
        if trouble.errors:
            return None
        return Incoming(
            at=trouble.at,
            key=key,
            digest=blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).digest(),
            number=values.get("number", ""),
            channel=values.get("channel") or "bulk",
            kind=values.get("kind") or "report",
            title=title,
            text=text,
            happened_at=happened[0],
            received_at=received[0] if received else happened[0],
            address=values.get("address", ""),
            lon=lon,
            lat=lat,
            datum=values.get("datum") or self.profile.crs,
            division=division,
            places=self._places(texts) if not division else (),
            matter=self._matter_code(values.get("matter", ""), trouble),
            matter_path=self._matter_path(texts),
            life=life,
            outcome=values.get("outcome", ""),
            target_at=target[0] if target else None,
            closed_at=closed,
            department=values.get("department", ""),
            transfers=int(values["transfers"]) if values.get("transfers") else None,
            reply=masked(values.get("reply", ""), self.profile.masks),
            replied_at=replied[0] if replied else None,
            satisfaction=values.get("satisfaction", ""),
            anonymous=values.get("anonymous") == "yes",
            confidential=values.get("confidential") == "yes",
            want_reply=values.get("want_reply") == "yes",
            urgent=values.get("urgent") == "yes",
            reporter_name=values.get("reporter_name", ""),
            reporter_phone=values.get("reporter_phone", ""),
            flags=tuple(trouble.flags),
        )

    # --- fields --------------------------------------------------------------------------------------

    def _reader(self, name: str, rule: Rule) -> Read:
        slots = self._slots(rule.columns)
        if rule.if_any:
            given, else_ = rule.if_any, rule.default
            return lambda texts: given if any(texts[slot] for slot in slots) else else_
        if rule.template:
            return self._template(rule.template)
        if len(slots) == 1:
            return itemgetter(slots[0])
        if len(slots) == 2:
            first, second = slots
            return lambda texts: texts[first] or texts[second]
        return lambda texts: next((texts[slot] for slot in slots if texts[slot]), "")

    def _template(self, template: str) -> Read:
        """Parts in ``{column}``; a part between ``[`` and ``]`` is left out when its columns are blank."""
        parts: list[tuple[str, list[int]]] = []
        for piece in re.findall(r"\[[^\[\]]*\]|[^\[\]]+", template):
            inner = piece[1:-1] if piece.startswith("[") else piece
            names = re.findall(r"\{([^{}]+)\}", inner)
            marked = re.sub(r"\{[^{}]+\}", "\x00", inner)
            slots = [self._slot.get(name, -1) for name in names]
            parts.append((("?" if piece.startswith("[") else "!") + marked, slots))

        def read(texts: Sequence[str]) -> str:
            made: list[str] = []
            for marked, slots in parts:
                values = [texts[slot] if slot >= 0 else "" for slot in slots]
                if marked[0] == "?" and not all(values):
                    continue
                bits = marked[1:].split("\x00")
                made.append(bits[0])
                for value, bit in zip(values, bits[1:], strict=True):
                    made.append(value + bit)
            return "".join(made).strip()

        return read

    def _filler(self, name: str, rule: Rule) -> Fill:
        """How a field is filled, made once: most are a column as it stands."""
        read = self._reader(name, rule)
        most = _LENGTHS.get(name, self.rules.text_chars)
        if rule.if_any:
            return lambda texts, trouble: read(texts)
        is_coded = bool(rule.codes or rule.patterns or name in CODED)

        def fill(texts: Sequence[str], trouble: _Trouble) -> str:
            text = read(texts)
            if not text:
                if rule.required and not rule.default:
                    self._bad(name, "missing_column" if name in self.missing else "missing", "", trouble)
                return rule.default
            if is_coded:
                return rule.codes.get(text) or self._coded(name, rule, text, trouble)
            if len(text) > most:
                self._bad(name, "too_long", text, trouble)
            return self._count(name, text, trouble) if name == "transfers" else text

        return fill

    def _count(self, name: str, text: str, trouble: _Trouble) -> str:
        found = number(None, text)
        if found is None or not 0 <= found <= 10_000 or found != int(found):
            self._bad(name, "bad_number", text, trouble)
            return ""
        return str(int(found))

    def _coded(self, name: str, rule: Rule, text: str, trouble: _Trouble) -> str:
        found = None
        if rule.patterns:
            found = next((made for pattern, made in rule.patterns if pattern.search(text)), None)
        if found is None and name in CODED and text in CODED[name]:
            found = text
        if found is None and rule.otherwise is not None:
            if rule.codes:
                trouble.flags.append(f"unlisted_{name}")
            found = rule.otherwise
        if found is None:
            self._bad(name, "unknown_code", text, trouble)
            return ""
        return found

    def _time(
        self, name: str, cells: Sequence[Any], texts: Sequence[str], now: datetime, trouble: _Trouble
    ) -> tuple[datetime, bool] | None:
        rule = self.profile.rules[name]
        slot = next((slot for slot in self._times[name] if texts[slot]), None)
        if slot is None:
            if rule.required:
                self._bad(name, "missing_column" if name in self.missing else "missing", "", trouble)
            return None
        found = wall_time(cells[slot], texts[slot], self.profile.dates)
        if found is None or not _OLDEST_YEAR <= found[0].year < _LAST_YEAR:
            self._bad(name, "bad_time" if found is None else "time_too_old", texts[slot], trouble)
            return None
        wall, day_only = found
        if rule.plus_days:
            days = number(None, texts[self._slot[rule.plus_days]]) if rule.plus_days in self._slot else None
            if days is None or not 0 <= days <= 36_600:
                return None
            wall += timedelta(days=days)
        instant = to_utc(wall, self.profile.zone)
        if name != "target_at" and instant > now + self.rules.future_slack:
            self._bad(name, "time_in_future", texts[slot], trouble)
            return None
        if self.rules.oldest is not None and instant < self.rules.oldest:
            self._bad(name, "time_too_old", texts[slot], trouble)
            return None
        return instant, day_only

    def _closing(
        self, life: str, start: tuple[datetime, bool], closed: tuple[datetime, bool] | None, trouble: _Trouble
    ) -> datetime | None:
        """When a closed report was closed. A closing that is a bare day may be the day of the start; a second or
        two before the start is the difference of two clocks; more than that is wrong."""
        if life == "open":
            if closed is not None:
                trouble.flags.append("open_with_end")
            return None
        if closed is None:
            trouble.flags.append("end_unknown")
            return None
        early = start[0] - closed[0]
        if early <= timedelta(0):
            return closed[0]
        if closed[1] and early < timedelta(days=1):
            trouble.flags.append("end_day_only")
            return start[0]
        if early <= timedelta(seconds=self.profile.skew_s):
            trouble.flags.append("clock_skew")
            return start[0]
        self._bad("closed_at", "closed_before_start", closed[0].isoformat(" "), trouble)
        return None

    def _point(self, given: Mapping[str, str], trouble: _Trouble) -> tuple[float | None, float | None]:
        if not given["lon"] or not given["lat"]:
            if given["lon"] or given["lat"]:
                trouble.flags.append("half_point")
            return None, None
        lon, lat = number(None, given["lon"]), number(None, given["lat"])
        for name, value in (("lon", lon), ("lat", lat)):
            if value is None:
                self._bad(name, "bad_number", given[name], trouble)
        if lon is None or lat is None:
            return None, None
        if lon == 0 and lat == 0:
            trouble.flags.append("no_point")
            return None, None
        if abs(lon) > 180 or abs(lat) > 90:
            swapped = abs(lon) <= 90 and abs(lat) <= 180
            self._bad("lon" if abs(lon) > 180 else "lat", "point_swapped" if swapped else "point_off_globe",
                      f"{given['lon']}, {given['lat']}", trouble)  # fmt: skip
            return None, None
        bounds = self.profile.bounds
        if bounds is not None and not _within(bounds, lon, lat):
            if _within(bounds, lat, lon):
                self._bad("lon", "point_swapped", f"{given['lon']}, {given['lat']}", trouble)
                return None, None
            trouble.flags.append("outside_city")
        return lon, lat

    def _words(self, values: Mapping[str, str], trouble: _Trouble) -> tuple[str, str]:
        title, text = values.get("title", ""), values.get("text", "")
        if self.profile.masks:
            title, text = masked(title, self.profile.masks), masked(text, self.profile.masks)
        if not title and text:
            title = clipped(" ".join(text.split()), 40)
        return " ".join(title.split()), text or title

    def _division(self, code: str, trouble: _Trouble) -> str:
        if not code:
            return ""
        if not re.fullmatch(r"\d{4}|\d{6}|\d{9}|\d{12}", code):
            self._bad("division", "bad_division", code, trouble)
            return ""
        full = code.ljust(12, "0")
        if self.known.divisions is not None and full not in self.known.divisions:
            self._bad("division", "unknown_division", code, trouble)
            return ""
        return full

    def _places(self, texts: Sequence[str]) -> tuple[str, ...]:
        named: list[str] = []
        for level, slots in self._levels:
            name = self._place(level, slots, texts)
            if not name:
                break
            named.append(name)
        return tuple(named)

    def _place(self, level: Level, slots: Sequence[int], texts: Sequence[str]) -> str:
        for slot in slots:
            value = texts[slot]
            if value and level.pattern is not None:
                hit = level.pattern.search(value)
                value = (hit[1] if level.pattern.groups else hit[0]) if hit else ""
            value = level.same.get(value, value)
            if value in level.whole:
                return ""
            if value:
                return clipped(level.name.replace("{value}", value), 60)
        return ""

    def _matter_code(self, code: str, trouble: _Trouble) -> str:
        if code and self.known.matters is not None and code not in self.known.matters:
            self._bad("matter", "unknown_code", code, trouble)
        return code

    def _matter_path(self, texts: Sequence[str]) -> tuple[str, ...]:
        tree = self.profile.tree
        if tree is None:
            return ()
        path: list[str] = []
        for slot in self._matter:
            if not texts[slot]:
                break
            path.append(clipped(tree.names.get(texts[slot], texts[slot]), 80))
        return tuple(path) or tree.default

    def _key(self, cells: Sequence[Any], texts: Sequence[str], joined: str, trouble: _Trouble) -> str:
        """What the row is known by for good: its identity columns, or its content."""
        profile = self.profile
        if profile.identity and not self._identity_whole and not profile.identity_or_content:
            self._bad("identity", "missing_column", ", ".join(profile.identity), trouble)
            return ""
        parts = [texts[slot] for slot in self._identity] if self._identity_whole else []
        for slot in self._identity:
            if type(cells[slot]) is float and abs(cells[slot]) >= 1e15:
                self._bad("identity", "number_precision", texts[slot], trouble)
        if parts and all(parts):
            if len(parts) == 1 and len(parts[0]) <= NUMBER_CHARS:
                return parts[0]
            return "#" + blake2b(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if profile.identity and not profile.identity_or_content:
            self._bad("identity", "missing", ", ".join(profile.identity), trouble)
            return ""
        return "=" + blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _error_cells(self, texts: Sequence[str], trouble: _Trouble) -> None:
        for name, slot in self._slot.items():
            if texts[slot] in ERROR_CELLS:
                trouble.errors.append(RowError(trouble.at, name, "error_cell", texts[slot]))

    def _bad(self, name: str, reason: str, value: str, trouble: _Trouble) -> None:
        rule = self.profile.rules.get(name)
        personal = rule is not None and any(self._slot.get(column) in self._personal for column in rule.named)
        shown = "***" if personal and value else masked(clipped(value))
        trouble.errors.append(RowError(trouble.at, name, reason, shown))

    # --- what quarantine keeps -----------------------------------------------------------------------

    def shown_cells(self, raw: Raw, most: int = 200) -> dict[str, str]:
        """The row as quarantine shows it: by column, clipped, personal columns covered, numbers of people masked."""
        if raw.fault is not None and not raw.cells:
            return {} if self._personal else {"": masked(clipped(raw.fault.shown, most))}
        shown: dict[str, str] = {}
        for n, name in enumerate(self.columns[: len(raw.cells)]):
            text = clipped(as_text(raw.cells[n]).replace("\x00", "␀"), most)
            shown[name or f"#{n + 1}"] = "***" if text and n in self._covered else masked(text)
        return shown
