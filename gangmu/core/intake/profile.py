"""A profile (导入方案): how one source's table is read as reports. Data in TOML, checked when it is loaded.

Comes in: a TOML table. Goes out: a frozen ``Profile``, or ``BadProfile`` naming the place. The keys are described
in ``docs/how-to/import.md``; the shipped ones lie in ``profiles/``.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gangmu.base.calendar import Calendar
from gangmu.core.intake.errors import BadProfile, UnknownProfile
from gangmu.core.intake.promises import (
    Duplicates,
    Promise,
    Verdict,
    read_calendar,
    read_duplicates,
    read_promises,
    read_verdict,
)
from gangmu.kit.errors import Invalid
from gangmu.kit.geo import Crs, crs_of

T = TypeVar("T")
CHANNELS = frozenset({"hotline12345", "patrol", "grid", "citizen", "transfer", "upper", "sensor", "ai", "bulk"})
KINDS = frozenset({"enquiry", "help", "complaint", "report", "suggestion", "praise"})
LIVES = frozenset({"open", "closed", "void"})
TRUTHS = frozenset({"yes", "no"})
SATISFACTIONS = frozenset({"very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied"})
MASKS = frozenset({"phone", "id_number", "email", "plate", "card"})

CODED: Mapping[str, frozenset[str]] = {
    "channel": CHANNELS,
    "kind": KINDS,
    "life": LIVES,
    "anonymous": TRUTHS,
    "confidential": TRUTHS,
    "want_reply": TRUTHS,
    "urgent": TRUTHS,
    "satisfaction": SATISFACTIONS,
    "datum": frozenset(Crs),
}
TIMES = ("happened_at", "received_at", "target_at", "closed_at", "replied_at")
NUMBERS = ("lon", "lat", "transfers")
TEXTS = (
    "number",
    "title",
    "text",
    "address",
    "department",
    "reply",
    "outcome",
    "reporter_name",
    "reporter_phone",
    "division",
    "matter",
)
FIELDS = (*TEXTS, *CODED, *TIMES, *NUMBERS)
PERSONAL = ("reporter_name", "reporter_phone")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is filled. The first of ``columns`` that has a value gives it; ``template`` puts several
    together; ``codes`` and ``patterns`` turn it into one of ours; ``otherwise`` is for values nobody has listed
    (without it such a row is bad); ``default`` is for blanks; ``if_any`` is the value when any column has one."""

    columns: tuple[str, ...] = ()
    template: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    default: str = ""
    otherwise: str | None = None
    if_any: str = ""
    required: bool = False
    plus_days: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that the rule reads."""
        days = (self.plus_days,) if self.plus_days else ()
        return (*self.columns, *_in_template(self.template), *days)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of divisions read from a column: a value, or what a pattern finds in it, is a name; ``codes`` gives
    those known beforehand, others are founded under the city as they come; ``same`` folds spellings; ``whole`` are
    values that mean the whole city."""

    columns: tuple[str, ...]
    pattern: re.Pattern[str] | None = None
    name: str = "{value}"
    same: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class City:
    """The city that a foreign set founds: a code outside the national list, or a real one."""

    code: str
    name: str
    divisions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """The matter tree that the set's own types make: one class a value, one level a column."""

    tree: str
    title: str
    columns: tuple[str, ...]
    default: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that is known about a source. ``identity`` are the columns that name a row for good; without them
    a row is known by its content."""

    name: str
    title: str
    source: str
    owner: str
    licence: str
    zone: ZoneInfo
    crs: Crs
    rules: Mapping[str, Rule]
    identity: tuple[str, ...] = ()
    identity_or_content: bool = False
    same_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blanks: frozenset[str] = frozenset()
    dates: tuple[str, ...] = ("auto",)
    bounds: tuple[float, float, float, float] | None = None
    skew_s: int = 0
    masks: frozenset[str] = frozenset()
    encoding: str = ""
    flow: str = "hotline_order"
    city: City | None = None
    levels: tuple[Level, ...] = ()
    tree: Tree | None = None
    calendar: Calendar | None = None
    promises: tuple[Promise, ...] = ()
    duplicates: Duplicates | None = None
    verdict: Verdict | None = None
    departments: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the profile reads, by its own name."""
        named = {name for rule in self.rules.values() for name in rule.named} | set(self.identity)
        named.update(name for level in self.levels for name in level.columns)
        named.update(name for promise in self.promises for name in promise.when)
        if self.verdict is not None:
            named.add(self.verdict.column)
        if self.duplicates is not None:
            named.update((self.duplicates.column, *self.duplicates.same))
        return frozenset(named | set(self.tree.columns if self.tree else ()))

    @property
    def personal_columns(self) -> frozenset[str]:
        """Columns that hold a person's name or number and are never shown."""
        return frozenset(name for f in PERSONAL if f in self.rules for name in self.rules[f].named)

    def needed(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns of which a file must have at least one each: the required fields'."""
        groups = [rule.named for rule in self.rules.values() if rule.required and rule.named]
        return tuple(groups)


def folded(name: str) -> str:
    """A column name as names are compared: case, blanks, full-width forms, underscores and hyphens do not matter."""
    plain = name.replace("\ufeff", "").translate(_WIDE).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def shipped() -> list[str]:
    """Names of the profiles that come with the house."""
    folder = resources.files("gangmu.core.intake") / "profiles"
    return sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml"))


def text_of(name: str) -> str:
    """A profile as it is written: shipped, or a file's. It is kept with what it brought in."""
    if name in shipped():
        return (resources.files("gangmu.core.intake") / "profiles" / f"{name}.toml").read_text("utf-8")
    return Path(name).read_text("utf-8")


def load(name: str, *, files: bool = True) -> Profile:
    """A shipped profile by name, or one of a TOML file by its path (never by ``files=False``: what comes in over
    the network names no files). Raises ``UnknownProfile``, ``BadProfile``."""
    if re.fullmatch(r"[a-z0-9_]{1,40}", name) and name in shipped():
        return parse(text_of(name), name)
    path = Path(name)
    if not files or not path.is_file():
        raise UnknownProfile(name=name[:120], known=", ".join(shipped()))
    try:
        return parse(text_of(name), path.stem)
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(name=name, reason=str(error)) from error


def parse(text: str, name: str = "profile") -> Profile:
    """A profile from TOML. Raises ``BadProfile`` with the place and what is wrong there."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(name=name, reason=str(error)) from error
    try:
        return _profile(table, name)
    except _Wrong as wrong:
        raise BadProfile(name=name, reason=str(wrong)) from wrong


class _Wrong(ValueError):
    """What is wrong at which place of a profile."""


_KEYS = {
    "name": str, "title": str, "source": str, "owner": str, "licence": str, "note": str, "zone": str, "crs": str,
    "encoding": str, "flow": str, "identity": list, "identity_or_content": bool, "blanks": list, "dates": list,
    "bounds": list, "skew_s": int, "mask": list, "same_columns": dict, "city": dict, "division": list,
    "matter": dict, "calendar": dict, "departments": dict, "fields": dict, "deadline": list, "duplicates": dict,
    "verdict": dict,
}  # fmt: skip


def _profile(table: Mapping[str, Any], name: str) -> Profile:
    _only(table, _KEYS, "")
    for key in ("name", "source", "zone", "fields"):
        if key not in table:
            raise _Wrong(f"{key} is missing")
    called = table["name"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", called):
        raise _Wrong("name: small letters, digits, _ and - only, at most 40")
    rules = {key: _rule(key, value) for key, value in table["fields"].items()}
    for needed in ("title", "text", "happened_at"):
        if needed not in rules:
            raise _Wrong(f"fields.{needed} is missing")
    spellings = table.get("same_columns", {})
    found = Profile(
        name=called,
        title=table.get("title", called),
        source=table["source"],
        owner=table.get("owner", ""),
        licence=table.get("licence", ""),
        note=table.get("note", ""),
        zone=_zone(table["zone"]),
        crs=_crs(table.get("crs", "CGCS2000")),
        rules=rules,
        identity=_texts(table.get("identity", []), "identity"),
        identity_or_content=table.get("identity_or_content", False),
        same_columns={key: _texts(value, f"same_columns.{key}") for key, value in spellings.items()},
        blanks=frozenset(_texts(table.get("blanks", []), "blanks")),
        dates=_texts(table.get("dates", ["auto"]), "dates"),
        bounds=_bounds(table.get("bounds")),
        skew_s=table.get("skew_s", 0),
        masks=_among(table.get("mask", []), MASKS, "mask"),
        encoding=table.get("encoding", ""),
        flow=table.get("flow", "hotline_order"),
        city=_city(table.get("city")),
        levels=tuple(_level(value, n) for n, value in enumerate(table.get("division", []))),
        tree=_tree(table.get("matter")),
        calendar=_said(
            read_calendar,
            table.get("calendar"),
            zone=str(table["zone"]),
            title=str(table.get("title", "")),
            region=_region(table.get("city")),
            source=str(table["source"]),
        ),
        promises=_said(read_promises, table.get("deadline", [])),
        duplicates=_said(read_duplicates, table.get("duplicates")),
        verdict=_said(read_verdict, table.get("verdict")),
        departments=_strings(table.get("departments", {}), "departments"),
    )
    if len(found.levels) > 2:
        raise _Wrong("division: at most two levels, county and town")
    return found


def _rule(key: str, value: Any) -> Rule:
    place = f"fields.{key}"
    if key not in FIELDS:
        raise _Wrong(f"{place}: no such field; there are {', '.join(FIELDS)}")
    if isinstance(value, str):
        return Rule(columns=(value,))
    allowed = {
        "from": object, "template": str, "codes": dict, "patterns": list, "default": str, "otherwise": str,
        "if_any": str, "required": bool, "plus_days": str,
    }  # fmt: skip
    _only(value, allowed, place)
    columns = value.get("from", [])
    rule = Rule(
        columns=(columns,) if isinstance(columns, str) else _texts(columns, f"{place}.from"),
        template=value.get("template", ""),
        codes=_strings(value.get("codes", {}), f"{place}.codes"),
        patterns=tuple(_pattern(item, f"{place}.patterns") for item in value.get("patterns", [])),
        default=value.get("default", ""),
        otherwise=value.get("otherwise"),
        if_any=value.get("if_any", ""),
        required=value.get("required", False),
        plus_days=value.get("plus_days", ""),
    )
    if key in CODED:
        given = [*rule.codes.values(), *(made for _, made in rule.patterns), rule.default, rule.if_any, rule.otherwise]
        for code in given:
            if code and code not in CODED[key]:
                raise _Wrong(f"{place}: {code!r} is none of {', '.join(sorted(CODED[key]))}")
    if not rule.named and not rule.default:
        raise _Wrong(f"{place}: from, template or default is needed")
    return rule


def _pattern(item: Any, place: str) -> tuple[re.Pattern[str], str]:
    if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
        raise _Wrong(f"{place}: pairs of a pattern and a value")
    return _compiled(item[0], place), item[1]


def _compiled(pattern: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise _Wrong(f"{place}: {pattern!r} is no pattern: {error}") from error


def _level(value: Any, at: int) -> Level:
    place = f"division[{at}]"
    _only(value, {"from": object, "pattern": str, "name": str, "same": dict, "codes": dict, "whole": list}, place)
    columns = value.get("from", [])
    codes = _strings(value.get("codes", {}), f"{place}.codes")
    for code in codes.values():
        if not re.fullmatch(r"\d{4}|\d{6}|\d{9}|\d{12}", code):
            raise _Wrong(f"{place}.codes: {code!r} has not 4, 6, 9 or 12 digits")
    pattern = value.get("pattern")
    return Level(
        columns=(columns,) if isinstance(columns, str) else _texts(columns, f"{place}.from"),
        pattern=None if pattern is None else _compiled(pattern, f"{place}.pattern"),
        name=value.get("name", "{value}"),
        same=_strings(value.get("same", {}), f"{place}.same"),
        codes=codes,
        whole=frozenset(_texts(value.get("whole", []), f"{place}.whole")),
    )


def _city(value: Any) -> City | None:
    if value is None:
        return None
    _only(value, {"code": str, "name": str, "divisions": dict}, "city")
    if not re.fullmatch(r"\d{4}(00)?", value.get("code", "")):
        raise _Wrong("city.code: four digits, a city's")
    divisions = _strings(value.get("divisions", {}), "city.divisions")
    return City(value["code"][:4], value.get("name", value["code"]), divisions)


def _tree(value: Any) -> Tree | None:
    if value is None:
        return None
    _only(value, {"tree": str, "title": str, "from": list, "default": list, "names": dict}, "matter")
    if not re.fullmatch(r"[a-z0-9_]{1,40}", value.get("tree", "")):
        raise _Wrong("matter.tree: small letters, digits and _ only")
    columns = _texts(value.get("from", []), "matter.from")
    default = _texts(value.get("default", []), "matter.default")
    names = _strings(value.get("names", {}), "matter.names")
    return Tree(value["tree"], value.get("title", value["tree"]), columns, default, names)


def _said(read: Callable[..., T], *given: Any, **more: Any) -> T:
    """What a reader of another file makes of a part of the profile; its complaint is this one's."""
    try:
        return read(*given, **more)
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _region(city: Any) -> str:
    return str(city.get("name", "")) if isinstance(city, dict) else ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Wrong(f"zone: {name!r} is no time zone") from error


def _crs(name: str) -> Crs:
    try:
        return crs_of(name)
    except Invalid as error:
        raise _Wrong(f"crs: {name!r} is no datum") from error


def _bounds(value: Any) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    if len(value) != 4 or not all(isinstance(part, int | float) for part in value):
        raise _Wrong("bounds: west, south, east, north")
    west, south, east, north = (float(part) for part in value)
    if west >= east or south >= north:
        raise _Wrong("bounds: west before east, south before north")
    return west, south, east, north


def _only(table: Any, allowed: Mapping[str, Any], place: str) -> None:
    if not isinstance(table, dict):
        raise _Wrong(f"{place}: a table is needed")
    for key, value in table.items():
        where = f"{place}.{key}" if place else key
        if key not in allowed:
            raise _Wrong(f"{where}: no such key; there are {', '.join(allowed)}")
        if not isinstance(value, allowed[key]) or (allowed[key] is int and isinstance(value, bool)):
            raise _Wrong(f"{where}: {allowed[key].__name__} is needed")


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise _Wrong(f"{place}: a list of texts is needed")
    return tuple(value)


def _strings(value: Any, place: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise _Wrong(f"{place}: a table of texts is needed")
    return dict(value)


def _among(value: Any, known: Iterable[str], place: str) -> frozenset[str]:
    given = frozenset(_texts(value, place))
    for item in given - frozenset(known):
        raise _Wrong(f"{place}: {item!r} is none of {', '.join(sorted(known))}")
    return given


def _in_template(template: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\{([^{}]+)\}", template))
