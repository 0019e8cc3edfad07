"""The rota as a spreadsheet: a row a shift, out by month, in again beside what is there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from gangmu.base.org import PostOf
from gangmu.base.org import service as org_service
from gangmu.base.org.model import Org
from gangmu.base.roster import model, service, store
from gangmu.base.roster.errors import OnLeave, OnTwoShifts
from gangmu.base.roster.model import DutyKind, Made
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.unit import Unit

_REASONS = {OnLeave: ("person", "on_leave"), OnTwoShifts: ("person", "on_two_shifts"), Conflict: ("person", "twice")}


def rows(unit: Unit, actor: Actor, org: str = "", month: str = "") -> Iterator[Mapping[str, Any]]:
    """The shifts of a month (this one), of an organisation or of all that one sees."""
    zone = service.zone_of(unit)
    days = model.month_of(month or unit.now.astimezone(zone).strftime("%Y-%m"))
    first = datetime.combine(days[0], time(0), zone)
    last = datetime.combine(days[-1] + timedelta(days=1), time(0), zone)
    after: str | None = None
    while True:
        part = service.list_shifts(unit, actor, Page(200, after), first, last, Id(org) if org else None)
        names = org_service.org_names(unit, {one.org for one in part.items})
        for each in service.named(unit, part.items):
            starts, ends = each.shift.starts_at.astimezone(zone), each.shift.ends_at.astimezone(zone)
            yield {
                "org": names.get(each.shift.org, ""),
                "kind": each.shift.kind,
                "date": starts.date(),
                "slot": each.shift.slot,
                "starts": starts.strftime("%H:%M"),
                "ends": ends.strftime("%H:%M"),
                "person": each.post.person_name,
                "post": each.post.title,
                "comes": each.name if each.stands_in else "",
                "note": each.shift.note,
            }
        if part.next is None:
            return
        after = part.next


@dataclass(slots=True)
class TakeRota:
    """New shifts are added, those of the same post, kind and start get the end that the file says."""

    unit: Unit
    actor: Actor
    orgs: dict[str, list[Org]] = field(default_factory=dict)
    posts: dict[Id, list[PostOf]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in org_service.list_orgs(self.unit, self.actor):
            self.orgs.setdefault(one.name, []).append(one)

    def take(self, line: Line) -> Outcome:
        place = self._org(line)
        post = self._post(line, place)
        starts, ends = self._span(line)
        there = store.touching(
            self.unit, starts, starts + timedelta(minutes=1), seen_by=self.actor, posts=[post.id], kind=line["kind"]
        )
        was = next((one for one in there if one.starts_at == starts), None)
        if was is not None and was.ends_at == ends:
            return "unchanged"
        try:
            if was is not None:
                service.change_shift(
                    self.unit, self.actor, was.id, was.version, post.id, starts, ends, line["note"], Made.sheet
                )
                return "changed"
            service.add_shift(
                self.unit, self.actor, place.id, line["kind"], post.id, starts, ends, line["slot"], line["note"],
                Made.sheet,
            )  # fmt: skip
        except (OnLeave, OnTwoShifts, Conflict) as wrong:
            raise BadRow(*_REASONS[type(wrong)]) from wrong
        except (Refused, NotFound) as wrong:
            raise BadRow("org", "not_yours", value=line["org"]) from wrong
        return "added"

    def _org(self, line: Line) -> Org:
        found = [one for one in self.orgs.get(" ".join(line["org"].split()), []) if one.active]
        if len(found) != 1:
            raise BadRow("org", "unknown_org" if not found else "not_clear", value=line["org"])
        return found[0]

    def _post(self, line: Line, place: Org) -> PostOf:
        if place.id not in self.posts:
            self.posts[place.id] = org_service.list_posts(self.unit, self.actor, org=place.id)
        found = [
            one for one in self.posts[place.id] if one.person_name == line["person"] and line["post"] in ("", one.title)
        ]
        if not found:
            raise BadRow("person", "holds_no_post", value=line["person"])
        if len(found) > 1:
            raise BadRow("post", "not_clear", value=line["person"])
        return found[0]

    def _span(self, line: Line) -> tuple[datetime, datetime]:
        day = date.fromisoformat(line["date"])
        slot = model.Slot(line["slot"] or "-", line["starts"], line["ends"])
        try:
            return model.span_of(slot, day, service.zone_of(self.unit))
        except Invalid as wrong:
            raise BadRow("starts", "not_a_time", value=line["starts"]) from wrong

    def end(self) -> None:
        """Nothing is left to do."""


sheet_kind(
    SheetKind(
        id="rota",
        can_read="roster.read",
        can_write="roster.manage",
        order=20,
        columns=(
            Column("org", must=True, most=120, fill=True, width=28),
            Column("kind", must=True, choices=tuple(kind.value for kind in DutyKind)),
            Column("date", must=True, form="date"),
            Column("slot", most=40),
            Column("starts", must=True, form="time", width=10),
            Column("ends", must=True, form="time", width=10),
            Column("person", must=True, most=120, personal=True),
            Column("post", most=120, width=20),
            Column("comes", asked=False),
            Column("note", most=500, width=30),
        ),
        key=("org", "kind", "date", "starts", "person", "post"),
        asks=("org", "month"),
        rows=rows,
        start=lambda unit, actor, _: TakeRota(unit, actor),
    )
)
