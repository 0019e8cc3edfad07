"""Organisations, people and posts as spreadsheets: a centre brings its own lists in an afternoon.

People are told apart by their name; where several have one, by the id that an export gives. Phones come out masked
unless the asker may read them, and then the export is journaled as a read of each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.base.org import model, service, store
from gangmu.base.org.model import Org, OrgKind, OrgLevel, Person, Post
from gangmu.kit.actor import Actor
from gangmu.kit.errors import BadId, Invalid
from gangmu.kit.ids import parse
from gangmu.kit.page import Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.text import mask_phone
from gangmu.kit.unit import Unit

ZONE = ZoneInfo("Asia/Shanghai")
PHONES = "person.phone"


def org_rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """All organisations, those above before those below."""
    found = service.list_orgs(unit, actor)
    names = {one.id: one.name for one in found}
    for one in sorted(found, key=lambda each: each.path.count("/")):
        yield {
            "name": one.name,
            "kind": one.kind.value,
            "level": one.level.value,
            "division": one.division,
            "parent": names.get(one.parent, "") if one.parent else "",
            "duties": one.duties,
            "active": one.active,
        }


def _people(unit: Unit, actor: Actor) -> Iterator[Person]:
    after: str | None = None
    while True:
        part = service.list_people(unit, actor, Page(200, after))
        yield from part.items
        if part.next is None:
            return
        after = part.next


def person_rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """All people."""
    clear = actor.may(PHONES)
    for one in _people(unit, actor):
        phone = unit.unseal(one.id, one.phone) or "" if one.phone else ""
        if phone and clear:
            unit.saw_personal(str(one.id), ["person.phone"], "export")
        shown = phone if clear else mask_phone(phone)
        yield {"name": one.name, "phone": shown, "active": one.active, "person_id": str(one.id)}


def post_rows(unit: Unit, actor: Actor, org: str = "") -> Iterator[Mapping[str, Any]]:
    """The posts held now."""
    for place in service.list_orgs(unit, actor):
        if org not in ("", str(place.id)):
            continue
        for one in service.list_posts(unit, actor, org=place.id):
            held = store.get_post(unit, one.id, seen_by=actor)
            yield {
                "person": one.person_name,
                "person_id": str(one.person),
                "org": one.org_name,
                "post": one.title,
                "division": one.division,
                "roles": list(one.roles),
                "valid_from": held.valid_from.astimezone(ZONE).date() if held.valid_from else None,
                "valid_to": held.valid_to.astimezone(ZONE).date() if held.valid_to else None,
            }


# --- taking in -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Names:
    """Finds organisations and people by their names."""

    unit: Unit
    actor: Actor
    orgs: dict[str, list[Org]] = field(default_factory=dict)
    people: dict[str, list[Person]] = field(default_factory=dict)

    def learn_orgs(self) -> None:
        for one in service.list_orgs(self.unit, self.actor):
            self.orgs.setdefault(one.name, []).append(one)

    def learn_people(self) -> None:
        for one in _people(self.unit, self.actor):
            self.people.setdefault(one.name, []).append(one)

    def org(self, column: str, name: str, division: str = "") -> Org:
        found = self.orgs.get(" ".join(name.split()), [])
        near = [one for one in found if one.division == division] or found
        if not near:
            raise BadRow(column, "unknown_org", value=name)
        if len(near) > 1:
            raise BadRow(column, "not_clear", value=name)
        return near[0]

    def person(self, line: Line, column: str) -> Person | None:
        if line["person_id"]:
            try:
                return service.get_person(self.unit, self.actor, parse(line["person_id"]))
            except BadId as wrong:
                raise BadRow("person_id", "unknown_person", value=line["person_id"]) from wrong
        found = [one for one in self.people.get(" ".join(line[column].split()), []) if one.active]
        if len(found) > 1:
            raise BadRow(column, "not_clear", value=line[column])
        return found[0] if found else None


@dataclass(slots=True)
class TakeOrgs:
    """New organisations are founded, differing ones changed, those marked as over are ended."""

    unit: Unit
    actor: Actor
    names: _Names

    def take(self, line: Line) -> Outcome:
        kind, level = OrgKind(line["kind"]), OrgLevel(line["level"])
        try:
            division = model.checked_division(line["division"])
        except Invalid as wrong:
            raise BadRow("division", "bad_division", value=line["division"]) from wrong
        name = " ".join(line["name"].split())
        parent = self.names.org("parent", line["parent"], division).id if line["parent"] else None
        was = next((one for one in self.names.orgs.get(name, []) if one.division == division), None)
        active = line.is_true("active") if line["active"] else True
        if was is None:
            new = service.add_org(self.unit, self.actor, name, kind, level, division, parent, line["duties"])
            self.names.orgs.setdefault(name, []).append(new)
            return "added"
        duties = line["duties"] if line.has("duties") else was.duties
        above = parent if line.has("parent") else was.parent
        same = (kind, level, above, duties, active) == (was.kind, was.level, was.parent, was.duties, was.active)
        if same:
            return "unchanged"
        now = service.change_org(
            self.unit, self.actor, was.id, name=name, kind=kind, level=level, parent=above, duties=duties, active=active
        )
        self.names.orgs[name] = [now if one.id == was.id else one for one in self.names.orgs[name]]
        return "changed" if active else "ended"

    def end(self) -> None:
        """Nothing is left to do."""


@dataclass(slots=True)
class TakePeople:
    """New people are taken on, phones corrected, those marked as gone are let go."""

    unit: Unit
    actor: Actor
    names: _Names

    def take(self, line: Line) -> Outcome:
        was = self.names.person(line, "name")
        phone = "".join(line["phone"].split())
        if phone and "*" not in phone and not phone.strip("+").replace("-", "").isdigit():
            raise BadRow("phone", "not_a_phone")
        typed = phone if phone and "*" not in phone else None
        active = line.is_true("active") if line["active"] else True
        if was is None:
            new = service.add_person(self.unit, self.actor, line["name"], typed or "")
            self.names.people.setdefault(new.name, []).append(new)
            return "added"
        known = self.unit.unseal(was.id, was.phone) if was.phone else None
        if typed in (None, known) and active == was.active and line["name"] == was.name:
            return "unchanged"
        service.change_person(self.unit, self.actor, was.id, name=line["name"], phone=typed, active=active)
        return "changed" if active else "ended"

    def end(self) -> None:
        """Nothing is left to do."""


@dataclass(slots=True)
class TakePosts:
    """New posts are opened (without roles: the security administrator grants these), dates and divisions changed."""

    unit: Unit
    actor: Actor
    names: _Names

    def take(self, line: Line) -> Outcome:
        person = self.names.person(line, "person")
        if person is None:
            raise BadRow("person", "unknown_person", value=line["person"])
        place = self.names.org("org", line["org"])
        first, last = _moment(line["valid_from"]), _moment(line["valid_to"])
        if first and last and last <= first:
            raise BadRow("valid_to", "before_start")
        held = service.list_posts(self.unit, self.actor, person.id, place.id)
        one = next((post for post in held if post.title == line["post"]), None)
        if one is None:
            if last and last <= self.unit.now:
                return "unchanged"
            self._add(line, person, place, first, last)
            return "added"
        was = store.get_post(self.unit, one.id, seen_by=self.actor)
        if last is not None and last <= self.unit.now:
            service.end_post(self.unit, self.actor, was.id)
            return "ended"
        return self._change(line, was, last)

    def _add(self, line: Line, person: Person, place: Org, first: datetime | None, last: datetime | None) -> None:
        try:
            service.add_post(
                self.unit, self.actor, person.id, place.id, line["post"], line["division"], (), first, last
            )
        except Invalid as wrong:
            raise BadRow("division", "bad_division", value=line["division"]) from wrong

    def _change(self, line: Line, was: Post, last: datetime | None) -> Outcome:
        division = model.checked_division(line["division"]) if line["division"] else was.division
        same_end = last == was.valid_to or (last is None and not line.has("valid_to"))
        if division == was.division and same_end:
            return "unchanged"
        if division != was.division:
            was = service.change_post(self.unit, self.actor, was.id, title=was.title, division=division, active=True)
        if last is not None and not same_end:
            service.end_post(self.unit, self.actor, was.id, last)
        return "changed"

    def end(self) -> None:
        """Nothing is left to do."""


def _moment(text: str) -> datetime | None:
    """The first moment of a day of the city."""
    return datetime.combine(date.fromisoformat(text), time(0), ZONE) if text else None


def _start(taker: Any, *, orgs: bool, people: bool) -> Any:
    def start(unit: Unit, actor: Actor, _: bool) -> Any:
        names = _Names(unit, actor)
        if orgs:
            names.learn_orgs()
        if people:
            names.learn_people()
        return taker(unit, actor, names)

    return start


_ID = Column("person_id", form="code", most=40, width=34)

sheet_kind(
    SheetKind(
        id="orgs",
        can_read="org.read",
        can_write="org.manage",
        order=10,
        columns=(
            Column("name", must=True, most=120, width=28),
            Column("kind", must=True, choices=tuple(kind.value for kind in OrgKind)),
            Column("level", must=True, choices=tuple(level.value for level in OrgLevel)),
            Column("division", must=True, form="code", most=12),
            Column("parent", most=120, width=28),
            Column("duties", most=2000, width=40),
            Column("active", form="truth", width=10),
        ),
        key=("name", "division"),
        rows=org_rows,
        start=_start(TakeOrgs, orgs=True, people=False),
    )
)
sheet_kind(
    SheetKind(
        id="people",
        can_read="org.read",
        can_write="org.manage",
        order=11,
        columns=(
            Column("name", must=True, most=120, personal=True),
            Column("phone", form="code", most=30, personal=True),
            Column("active", form="truth", width=10),
            _ID,
        ),
        rows=person_rows,
        start=_start(TakePeople, orgs=False, people=True),
    )
)
sheet_kind(
    SheetKind(
        id="posts",
        can_read="org.read",
        can_write="org.manage",
        order=12,
        columns=(
            Column("person", must=True, most=120, personal=True),
            Column("org", must=True, most=120, fill=True, width=28),
            Column("post", must=True, most=120, width=20),
            Column("division", form="code", most=12),
            Column("valid_from", form="date"),
            Column("valid_to", form="date"),
            Column("roles", many=True, asked=False, width=30),
            _ID,
        ),
        key=("person_id", "person", "org", "post"),
        asks=("org",),
        rows=post_rows,
        start=_start(TakePosts, orgs=True, people=True),
    )
)
