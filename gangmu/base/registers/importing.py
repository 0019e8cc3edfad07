"""Components from a file: good rows go in, bad ones are told with row, field and reason; the same file again adds
nothing, a changed row makes an edition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from gangmu.base import access, places
from gangmu.base.places import founding
from gangmu.base.places import service as places_service
from gangmu.base.places.codes import full_code
from gangmu.base.places.errors import BadDivisionCode
from gangmu.base.places.model import Finding, Report
from gangmu.base.registers import model, service, store
from gangmu.base.registers.errors import BadComponentCode
from gangmu.base.registers.model import Accuracy, Component, Kind, State
from gangmu.kit import geo, ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

COLUMNS = (
    "code",
    "kind",
    "name",
    "division",
    "state",
    "authority",
    "owner",
    "maintainer",
    "first_on",
    "changed_on",
    "source",
    "accuracy",
    "lon",
    "lat",
    "road",
    "note",
    "material",
    "shape",
    "height_m",
    "on_blind_path",
)
"""What a file may tell; those of the 2014 national data set under their names there too."""

KNOWN_AS = {
    "objid": "code",
    "objname": "name",
    "deptname1": "authority",
    "deptname2": "owner",
    "deptname3": "maintainer",
    "objstate": "state",
    "ordate": "first_on",
    "chdate": "changed_on",
    "datasource": "source",
    "objpos": "road",
    "x": "lon",
    "y": "lat",
    "部件标识码": "code",
    "标识码": "code",
    "部件名称": "name",
    "名称": "name",
    "小类代码": "kind",
    "所属区划": "division",
    "区划代码": "division",
    "部件状态": "state",
    "状态": "state",
    "主管部门": "authority",
    "主管部门名称": "authority",
    "权属单位": "owner",
    "权属单位名称": "owner",
    "养护单位": "maintainer",
    "养护单位名称": "maintainer",
    "初始日期": "first_on",
    "普查日期": "first_on",
    "变更日期": "changed_on",
    "数据来源": "source",
    "精度": "accuracy",
    "经度": "lon",
    "纬度": "lat",
    "道路": "road",
    "位置": "road",
    "备注": "note",
    "材质": "material",
    "形状": "shape",
    "高度": "height_m",
    "盲道": "on_blind_path",
    "是否在盲道上": "on_blind_path",
}

STATES = {
    "": State.good,
    "完好": State.good,
    "破损": State.damaged,
    "损坏": State.damaged,
    "丢失": State.lost,
    "缺失": State.lost,
    "废弃": State.abandoned,
    "移位": State.moved,
    **{one.value: one for one in State},
}
_YES = {"是", "1", "true", "yes", "y", "√"}
_NO = {"否", "0", "false", "no", "n", "×"}


Outcome = Literal["added", "changed", "unchanged"]


class BadCell(ValueError):
    """A cell that cannot be taken in."""

    def __init__(self, field: str, reason: str, value: str = "") -> None:
        super().__init__(field)
        self.field, self.reason, self.value = field, reason, value


def column_of(heading: str) -> str:
    """The column that a heading means; empty when it means none."""
    plain = heading.strip().lower()
    return plain if plain in COLUMNS else KNOWN_AS.get(plain, "")


@dataclass(slots=True)
class Reader:
    """What rows are read against: classes, organisations and divisions as they stand."""

    kinds: Mapping[str, Kind]
    named: Mapping[str, Kind]
    orgs: Mapping[str, Id]
    divisions: frozenset[str]
    variant: str
    crs: str
    source: str
    today: date

    @classmethod
    def of(cls, unit: Unit, actor: Actor, crs: str, source: str) -> "Reader":
        kinds = {one.code: one for one in service.list_kinds(unit, actor) if one.is_sub}
        named: dict[str, Kind] = {}
        for one in kinds.values():
            named.setdefault(one.title_zh, one)
        divisions = frozenset(one.code for one in places.list_divisions(unit, actor))
        orgs = service.orgs_by_name(unit, actor)
        return cls(kinds, named, orgs, divisions, service.variant(), crs, source, founding.today(unit))

    def read(self, row: Mapping[str, Any]) -> Component:
        """A row as a component without id; ``BadCell`` with field and reason."""
        cells = {name: " ".join(str(row.get(name) if row.get(name) is not None else "").split()) for name in COLUMNS}
        code, kind, county = self._coded(cells)
        lon, lat, datum = self._place(cells)
        division = self._division(cells["division"], county, lon)
        for name in ("name", "road", "note", "source", "material", "shape"):
            if len(cells[name]) > 200:
                raise BadCell(name, "too_long", cells[name])
        one = Component(
            id=Id(""),
            code=code,
            kind=kind.code,
            name=cells["name"] or kind.title_zh,
            division=division,
            unit_grid="",
            state=self._choice("state", cells["state"], STATES),
            **self._owners(cells),
            first_on=_day("first_on", cells["first_on"], self.today),
            changed_on=_day("changed_on", cells["changed_on"], self.today),
            source=cells["source"] or self.source,
            accuracy=self._choice("accuracy", cells["accuracy"].upper(), {one.value: one for one in Accuracy}),
            lon=lon,
            lat=lat,
            datum=datum,
            road=cells["road"],
            note=cells["note"],
            material=cells["material"],
            shape=cells["shape"],
            height_m=_number("height_m", cells["height_m"], 0, 1000),
            on_blind_path=_truth("on_blind_path", cells["on_blind_path"]),
            photos=(),
            edition=1,
            void_reason="",
            voided_at=None,
            version=1,
        )
        unfit = model.unfit_extras(kind, {name: getattr(one, name) for name in model.EXTRAS})
        if unfit and not (unfit == ["on_blind_path"] and one.on_blind_path is False):
            raise BadCell(unfit[0], "not_of_class", cells[unfit[0]])
        return replace(one, on_blind_path=None) if unfit else one

    def _coded(self, cells: Mapping[str, str]) -> tuple[str, Kind, str]:
        if cells["code"]:
            try:
                parts = model.parse_code(cells["code"], self.variant)
            except BadComponentCode as wrong:
                raise BadCell("code", f"code_{wrong.params['reason']}", cells["code"]) from wrong
            if parts.kind not in self.kinds:
                raise BadCell("code", "unknown_class", cells["code"])
            return cells["code"].replace(" ", ""), self.kinds[parts.kind], parts.county
        kind = self.kinds.get(cells["kind"]) or self.named.get(cells["kind"])
        if kind is None:
            raise BadCell("kind", "unknown_class" if cells["kind"] else "missing", cells["kind"])
        return "", kind, ""

    def _division(self, given: str, county: str, lon: float | None) -> str:
        if given:
            try:
                code = full_code(given)
            except BadDivisionCode as wrong:
                raise BadCell("division", "bad_code", given) from wrong
            if code not in self.divisions or not code.startswith(county):
                raise BadCell("division", "unknown_division", given)
            return code
        if county:
            if county.ljust(12, "0") not in self.divisions:
                raise BadCell("code", "code_county", county)
            return county.ljust(12, "0")
        if lon is None:
            raise BadCell("division", "missing", "")
        return ""

    def _place(self, cells: Mapping[str, str]) -> tuple[float | None, float | None, str]:
        if not cells["lon"] and not cells["lat"]:
            return None, None, ""
        try:
            spot = geo.point(float(cells["lon"]), float(cells["lat"]), self.crs)
        except (ValueError, Invalid) as wrong:
            raise BadCell("lon", "not_degrees", f"{cells['lon']},{cells['lat']}") from wrong
        return spot.lon, spot.lat, spot.source.value

    def _owners(self, cells: Mapping[str, str]) -> dict[str, Any]:
        return {
            key: value
            for name in service.OWNERS
            for key, value in ((name, self.orgs.get(cells[name])), (f"{name}_name", cells[name][:120]))
        }

    def _choice(self, field: str, given: str, known: Mapping[str, Any]) -> str:
        if given not in known:
            raise BadCell(field, "unknown_word", given)
        return str(known[given].value)


def _day(field: str, text: str, today: date) -> date | None:
    if not text:
        return None
    plain = text[:10].replace("/", "-").replace(".", "-")
    try:
        parts = (
            [int(part) for part in plain.split("-")]
            if "-" in plain
            else [int(text[:4]), int(text[4:6]), int(text[6:8])]
        )
        day = date(*parts)
    except (ValueError, TypeError) as wrong:
        raise BadCell(field, "not_a_date", text) from wrong
    if day > today:
        raise BadCell(field, "in_future", text)
    return day


def _number(field: str, text: str, least: float, most: float) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as wrong:
        raise BadCell(field, "not_a_number", text) from wrong
    if not least <= value <= most:
        raise BadCell(field, "out_of_range", text)
    return value


def _truth(field: str, text: str) -> bool | None:
    plain = text.lower()
    if not plain:
        return None
    if plain not in _YES | _NO:
        raise BadCell(field, "unknown_word", text)
    return plain in _YES


def import_components(
    unit: Unit,
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    *,
    crs: str = "CGCS2000",
    source: str = "",
    first: int = 1,
) -> Report:
    """Take in rows (column by heading or its own name), numbered from ``first``."""
    reader = Reader.of(unit, actor, crs, source)
    findings: list[Finding] = []
    read: list[tuple[int, Component]] = []
    for number, row in enumerate(rows, start=first):
        try:
            read.append((number, reader.read(row)))
        except BadCell as bad:
            findings.append(Finding(number, bad.field, bad.reason, bad.value))
    taken = take(unit, actor, read, source or "components")
    return Report(
        len(rows),
        taken.added + taken.changed,
        taken.already,
        taken.changed,
        tuple(sorted([*findings, *taken.findings], key=lambda one: one.row)),
    )


@dataclass(slots=True)
class Taken:
    """What became of rows that could be read."""

    added: int = 0
    changed: int = 0
    already: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a row: in its place, with the component that it is about; or what is wrong with it."""

    outcome: Outcome
    row: Component
    was: Component | None
    wrong: Finding | None = None


def foresee(unit: Unit, actor: Actor, read: Sequence[tuple[int, Component]]) -> dict[int, Foreseen]:
    """What would become of rows that could be read, by their number, without writing them."""
    findings: list[Finding] = []
    placed = _placed(unit, read, findings)
    rows = dict(read)
    told = {one.row: Foreseen("unchanged", rows[one.row], None, one) for one in findings}
    codes = [row.code for _, row in placed if row.code]
    there = store.find_coded(unit, codes, seen_by=actor)
    hidden = store.codes_taken(unit, codes) - set(there)
    seen: dict[str, bool] = {}
    for number, row in placed:
        was = there.get(row.code) if row.code else None
        if row.division not in seen:
            seen[row.division] = access.sees(actor, service.MANAGE, access.Located(row.division))
        if row.code in hidden or not seen[row.division]:
            told[number] = Foreseen("unchanged", row, was, Finding(number, "division", "not_yours", row.division))
        elif was is None:
            told[number] = Foreseen("added", row, None)
        else:
            now, wrong = _renewed(unit, was, row)
            finding = Finding(number, *wrong) if wrong else None
            told[number] = Foreseen("unchanged" if now is None else "changed", row, was, finding)
    return told


def write(unit: Unit, actor: Actor, wanted: Mapping[int, Foreseen], source: str) -> Taken:
    """Write rows as foreseen: new ones as a load, changed ones as editions."""
    done = Taken()
    findings: list[Finding] = []
    for number, one in wanted.items():
        if one.was is not None and one.wrong is None:
            _renew(unit, actor, number, one.was, one.row, source, done, findings)
    fresh = [one.row for one in wanted.values() if one.outcome == "added"]
    _add(unit, actor, fresh, source)
    done.added += len(fresh)
    done.findings = (*(one.wrong for one in wanted.values() if one.wrong is not None), *findings)
    return done


def take(unit: Unit, actor: Actor, read: Sequence[tuple[int, Component]], source: str) -> Taken:
    """Take in rows that could be read; of rows with one code the first counts."""
    seen: set[str] = set()
    again: list[Finding] = []
    first: list[tuple[int, Component]] = []
    for number, one in read:
        if one.code and one.code in seen:
            again.append(Finding(number, "code", "repeated", one.code))
            continue
        seen.add(one.code)
        first.append((number, one))
    done = write(unit, actor, foresee(unit, actor, first), source)
    done.findings = tuple(sorted((*done.findings, *again), key=lambda one: one.row))
    return done


def _placed(unit: Unit, read: Sequence[tuple[int, Component]], findings: list[Finding]) -> list[tuple[int, Component]]:
    """Unit grid and division of all at once."""
    spots = [(index, one.lon, one.lat) for index, (_, one) in enumerate(read) if one.lon is not None]
    found: dict[int, tuple[str, str]] = {}
    bounded = False
    if spots:
        told = places_service.attribute_many(unit, np.array([s[1] for s in spots]), np.array([s[2] for s in spots]))
        found = {spots[i][0]: (str(told.division[i]), str(told.unit_grid[i])) for i in range(len(spots))}
    bounded = bool(places_service.current_atlas(unit).sizes())
    placed = []
    for index, (number, one) in enumerate(read):
        division, grid = found.get(index, ("", ""))
        county = one.code[: model.COUNTY]
        if division and county and not division.startswith(county):
            findings.append(Finding(number, "lon", "outside_county", f"{one.lon},{one.lat}"))
            continue
        if one.lon is not None and not division and (bounded or not one.division):
            findings.append(Finding(number, "lon", "outside_city", f"{one.lon},{one.lat}"))
            continue
        placed.append((number, replace(one, division=division or one.division, unit_grid=grid)))
    return placed


def _renew(
    unit: Unit,
    actor: Actor,
    number: int,
    was: Component,
    row: Component,
    source: str,
    done: Taken,
    findings: list[Finding],
) -> None:
    """A row about a component that is there: an edition if anything differs. What a file leaves empty stays."""
    now, wrong = _renewed(unit, was, row)
    if wrong is not None:
        findings.append(Finding(number, *wrong))
    elif now is None:
        done.already += 1
    else:
        changed = model.changes_between(was, now)
        store.save(unit, now, was)
        store.add_edition(unit, service.edition_of(unit, actor, now, now.changed_on or now.first_on, source, changed))
        done.changed += 1


def _renewed(unit: Unit, was: Component, row: Component) -> tuple[Component | None, tuple[str, str, str] | None]:
    """The next edition that a row makes of a component, None when nothing differs; or what is wrong with it: field,
    reason, value. What a file leaves empty stays."""
    if was.is_void:
        return None, ("code", "voided", row.code)
    said = {name: getattr(row, name) for name in model.SURVEYED if name != "source"}
    told = {name: value for name, value in said.items() if value not in (None, "", ())}
    if told.get("datum") and (row.lon, row.lat) == (was.lon, was.lat):
        told.pop("datum")
    now = replace(was, **told)
    if not model.changes_between(was, now):
        return None, None
    day = row.changed_on or founding.today(unit)
    latest = was.changed_on or was.first_on
    if latest is not None and day < latest:
        return None, ("changed_on", "before_last", str(day))
    return replace(now, edition=was.edition + 1, changed_on=day), None


def _add(unit: Unit, actor: Actor, fresh: Sequence[Component], source: str) -> None:
    if not fresh:
        return
    last: dict[str, int] = {}
    for one in fresh:
        if one.code:
            parts = model.parse_code(one.code, service.variant())
            key = parts.county + parts.kind
            last[key] = max(last.get(key, 0), parts.serial)
    store.keep_serials(unit, last)
    numbers = _serials(unit, [one for one in fresh if not one.code])
    made = []
    for one in fresh:
        code = one.code or next(numbers[one.division[: model.COUNTY] + one.kind])
        made.append(replace(one, id=ids.new("cmp"), code=code, first_on=one.first_on or founding.today(unit)))
    store.add_many(unit, made, source)
    editions = [
        service.edition_of(unit, actor, one, one.changed_on or one.first_on or founding.today(unit), source, {})
        for one in made
    ]
    store.add_editions(unit, editions, source)


def _serials(unit: Unit, bare: Sequence[Component]) -> dict[str, Iterator[str]]:
    """Codes for those that came without, one block a county and class."""
    counts: dict[str, int] = {}
    for one in bare:
        counts[one.division[: model.COUNTY] + one.kind] = counts.get(one.division[: model.COUNTY] + one.kind, 0) + 1
    made: dict[str, Iterator[str]] = {}
    for prefix, count in sorted(counts.items()):
        start = store.take_serials(unit, prefix, count)
        made[prefix] = iter([service.code_of(prefix, serial) for serial in range(start, start + count)])
    return made
