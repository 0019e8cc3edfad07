"""Playing the script (历史回放): the past days of the invented city through the real use cases, on the virtual clock.

Every report is taken and every act done by the person whose post it is, at its own time; timers and messages run
between them. What the screens show afterwards is history like any other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from gangmu.base import access
from gangmu.base.calendar import service as calendars
from gangmu.core import event, flow, matter
from gangmu.core.event import ActArgs, Event
from gangmu.core.event import service as event_service
from gangmu.core.flow import Flow
from gangmu.core.flow.tables import SATISFACTION
from gangmu.core.report import Channel, Draft, Kind, ReporterDraft
from gangmu.demo import photo, speech
from gangmu.demo.duties import Duties, units_of
from gangmu.demo.people import FOUNDER, Settled
from gangmu.demo.roster import Roster
from gangmu.demo.script import ZONE, Deed, Script, Story, ways
from gangmu.demo.speech import Incident, Talk
from gangmu.demo.terrain import Terrain
from gangmu.demo.truth import Truth
from gangmu.kit import db, files, geo, virtual
from gangmu.kit import photo as photos
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit, open_unit

TREES = ("urban_event", "urban_component", "hotline")
CALENDAR = "cn"


@contextmanager
def virtually() -> Iterator[None]:
    """On the node's virtual clock, which the player puts from one time to the next and which stands in between. Taken
    off at the end: the city then lives in real time.

    Messages and timers wait for the node's workers, which carry them on when the desk is open: facts bring their own
    times, and a clock that has stopped tells nothing any more."""
    try:
        yield
    finally:
        virtual.take_off()


@contextmanager
def hurried() -> Iterator[None]:
    """Commits that do not wait for the disk, for as long as the city is founded: one that is broken off is founded anew
    in any case."""
    engine = db.current().engine

    def hurry(connection: Any, record: object) -> None:
        connection.autocommit = True
        connection.execute("SET synchronous_commit TO off")
        connection.autocommit = False

    engine.dispose()
    sa.event.listen(engine, "connect", hurry)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", hurry)
        engine.dispose()


def tell_past(
    land: Terrain, staff: Roster, settled: Settled, seed: int, count: int, now: datetime, truth: Truth
) -> int:
    """Make the script of the days before ``now`` and play it. How many acts the house refused."""
    talk = Talk(land.addresses, seed)
    with open_unit(FOUNDER, "read the catalogue") as unit:
        book = Book.read(unit)
        calendar = calendars.get_calendar(unit, FOUNDER, CALENDAR)
    home = next(seat.division for seat in staff.of("grid_worker") if seat.login)
    script = Script(
        talk, book.flows, book.limits, book.same_time, lambda local: calendar.is_working(local.date()), now, seed, home
    )
    stories = script.make(count)
    with hurried(), virtually():
        return Player(book, staff, settled, seed, now, truth).play(stories)


@dataclass(slots=True)
class Book:
    """What the player knows of the catalogue: classes and their filing conditions, and the flows."""

    classes: dict[tuple[str, str], matter.Matter] = field(default_factory=dict)
    conditions: dict[Id, list[matter.Condition]] = field(default_factory=dict)
    limits: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    same_time: set[tuple[str, str]] = field(default_factory=set)  # to be checked at the same time of day only

    @classmethod
    def read(cls, unit: Unit) -> "Book":
        book = cls()
        for name in ("urban_case", "hotline_order"):
            book.flows[name] = flow.current_flow(unit, FOUNDER, name)
        for row in speech.book()["matter"]:
            key = (row["tree"], row["code"])
            found = matter.find_class(unit, FOUNDER, *key)
            assert found is not None, key
            book.classes[key] = found
            book.conditions[found.id] = matter.conditions_for(unit, FOUNDER, found.id)
            lengths = [minutes_of(condition) for condition in book.conditions[found.id]]
            book.limits[key] = (min(lengths), max(lengths))
            if all(condition.same_time for condition in book.conditions[found.id]):
                book.same_time.add(key)
        return book


def minutes_of(condition: matter.Condition) -> float:
    """About how long a limit is, in minutes of the wall clock."""
    worth = {"um": 1, "m": 3, "u": 60, "h": 180, "ud": 1440, "d": 1440, "nd": 1440}
    return max(float(part.amount) * worth[part.unit] for part in condition.parts)


@dataclass(slots=True)
class _Cast:
    """Who plays in a story, once chosen."""

    event: Event | None = None
    report: Id | None = None
    reporter: Id | None = None
    by_who: dict[str, Id] = field(default_factory=dict)
    assistant: Id | None = None


class Player:
    """Plays stories in the order of their deeds."""

    def __init__(self, book: Book, staff: Roster, settled: Settled, seed: int, now: datetime, truth: Truth) -> None:
        self._book, self._staff, self._settled = book, staff, settled
        self._chance = Random(f"player {seed}")
        self._now, self._truth = now, truth
        self._casts: dict[int, _Cast] = {}
        self._actors: dict[Id, Actor] = {}
        self._pictures = 0
        self._posts: dict[tuple[str, Id], list[Id]] = {}
        for seat in staff.seats:
            self._posts.setdefault((seat.role, settled.orgs[seat.office]), []).append(settled.posts[seat.key])
        self._duties = Duties(staff, settled)
        self._city_orgs = list(dict.fromkeys(settled.orgs[seat.office] for seat in staff.of("dept_lead")))

    def play(self, stories: Sequence[Story]) -> int:
        """A story whose act is refused ends there, as it may in life. How many did."""
        acts: list[tuple[datetime, int, int, Deed | None]] = []
        for story in stories:
            acts.append((story.reported_at, story.number, 0, None))
            acts += [(deed.at, story.number, place, deed) for place, deed in enumerate(story.deeds, start=1)]
        told = {story.number: story for story in stories}
        ended: set[int] = set()
        for at, number, _, deed in sorted(acts, key=lambda act: act[:3]):
            story = told[number]
            virtual.put(min(at, self._now).astimezone(UTC), 0.0)
            cast = self._casts.setdefault(number, _Cast())
            if deed is None:
                self._report(story, cast)
            elif number not in ended and not self._do(story, cast, deed):
                ended.add(number)
        self._look_at_clocks()
        return len(ended)

    def _look_at_clocks(self) -> None:
        """What is near its deadline or late at the end of the script is so from the first look at a list on."""
        virtual.put(self._now.astimezone(UTC), 0.0)
        with open_unit(FOUNDER, "demo past") as unit:
            for cast in self._casts.values():
                if cast.event is not None:
                    event_service.refresh_clock(unit, cast.event.id)

    # --- reports -----------------------------------------------------------------------------------------

    def _report(self, story: Story, cast: _Cast) -> None:
        incident = story.incident
        taker = self._taker(incident)
        cast.reporter = taker.post
        twin = self._casts[story.twin].event if story.twin is not None else None
        with open_unit(taker, "demo past") as unit:
            shown = self._attached(unit, incident, unit.now)
            draft = self._draft(incident, unit.now, shown)
            join = twin if story.fate == "join" else None
            way = "hotline_order" if incident.voice == "told" else "urban_case"
            report, opened = event.take_report(unit, taker, draft, join=join.id if join else None, flow_id=way)
            cast.report, cast.event = report.id, opened
        self._truth.tell(report.id, incident, story.reported_at.isoformat())
        if opened is None and story.fate != "alarm":
            clerk = self._actor(self._choose(cast, "clerk"))
            with open_unit(clerk, "demo past") as unit:
                if story.fate == "dismissed":
                    event_service.dismiss_alarm(unit, clerk, report.id, speech.reason(self._chance, "dismiss"))
                    return
                _, cast.event = event_service.review_alarm(unit, clerk, report.id)
        elif twin is not None and story.fate in ("merge", "parted"):
            self._merge(story, cast, twin, part=story.fate == "parted")

    def _merge(self, story: Story, cast: _Cast, twin: Event, *, part: bool) -> None:
        clerk = self._actor(self._choose(cast, "clerk"))
        assert cast.event is not None and cast.report is not None
        with open_unit(clerk, "demo past") as unit:
            event_service.merge(unit, clerk, cast.event.id, twin.id, speech.reason(self._chance, "merge"))
        if part:
            with open_unit(clerk, "demo past") as unit:
                event_service.unmerge(unit, clerk, twin.id, [cast.report], speech.reason(self._chance, "unmerge"))

    def _taker(self, incident: Incident) -> Actor:
        """Who takes the report down: the patrol or grid worker himself, a call-taker, a clerk; a machine alone."""
        if incident.voice == "sensed":
            return System(f"demo.{incident.channel}")
        if incident.voice == "told":
            return self._actor(self._any("hotline_operator"))
        if incident.channel == "patrol":
            return self._actor(self._at("patrol", incident.division[:9]))
        if incident.channel == "grid":
            return self._actor(self._at("grid_worker", incident.division))
        return self._actor(self._any("clerk"))

    def _draft(self, incident: Incident, now: datetime, shown: Sequence[Id]) -> Draft:
        happened = now - timedelta(minutes=self._chance.uniform(2, 40))
        return Draft(
            channel=Channel(incident.channel), text=incident.text, kind=Kind(incident.kind), title=incident.title,
            happened_at=happened, address=incident.address, point=geo.point(incident.lon, incident.lat),
            division=division_full(incident.division), matter=self._book.classes[incident.tree, incident.code].id,
            reporter=ReporterDraft(incident.name, incident.phone, incident.anonymous, incident.confidential),
            consent=bool(incident.phone), want_reply=incident.voice == "told", attachments=tuple(shown),
        )  # fmt: skip

    def _attached(self, unit: Unit, incident: Incident, at: datetime) -> list[Id]:
        if incident.voice == "told":
            return []
        return [self._picture(unit, incident, at - timedelta(minutes=1), clean=False)]

    def _picture(self, unit: Unit, incident: Incident, at: datetime, *, clean: bool) -> Id:
        self._pictures += 1
        local = at.astimezone(ZONE)
        seed = f"{incident.address} {self._pictures}"
        taken = photo.shot(seed, local, clean=clean, caption=incident.division, lon=incident.lon, lat=incident.lat)
        kept = photos.read_photo(taken, ZONE)
        return files.put(unit, kept.content, f"{local:%m%d-%H%M%S}.jpg", "image/jpeg", **kept.facts()).id

    # --- acts --------------------------------------------------------------------------------------------

    def _do(self, story: Story, cast: _Cast, deed: Deed) -> bool:
        """Whether the house let it be done."""
        now = cast.event
        assert now is not None
        actor = self._actor(self._who(story, cast, deed, now))
        try:
            with open_unit(actor, "demo past") as unit:
                args = self._args(unit, story, cast, deed, now)
                cast.event = event.act(unit, actor, now.id, deed.verb, args)
        except HouseError as error:
            log.warning("demo story ended early", way=story.way, state=now.state, verb=deed.verb, error=str(error))
            return False
        return True

    def _args(self, unit: Unit, story: Story, cast: _Cast, deed: Deed, now: Event) -> ActArgs:
        verb = next(item for item in self._book.flows[now.flow].verbs if item.id == deed.verb)
        values: dict[str, object] = {}
        for need in verb.requires:
            kind, _, stage = need.partition(":")
            if stage == "before" and story.incident.voice != "told":
                continue  # the photo of the report is one
            if kind == "evidence":
                clean = stage != "before" and deed.verb != "check_fail"
                back = timedelta(seconds=20 if stage != "before" else 30)
                picture = self._picture(unit, story.incident, unit.now - back, clean=clean)
                values["evidence"] = (*values.get("evidence", ()), (picture, stage))  # type: ignore[misc]
            else:
                values |= self._one(unit, need, story, cast, deed, now)
        for name in ("outcome", "satisfaction"):
            if name in verb.takes:
                values |= self._one(unit, name, story, cast, deed, now)
        return ActArgs(**values)  # type: ignore[arg-type]

    def _one(self, unit: Unit, need: str, story: Story, cast: _Cast, deed: Deed, now: Event) -> dict[str, object]:
        """The value of one thing that a verb asks for."""
        if need == "reason":
            return {"reason": speech.reason(self._chance, deed.verb)}
        if need == "answer":
            return {"answer": speech.done_text(self._chance, story.incident.tree, story.incident.code)}
        if need == "outcome":
            return {"outcome": deed.given.get("outcome", "")}
        if need == "satisfaction":
            return {"satisfaction": deed.given.get("grade") or self._grade(deed)}
        if need == "until":
            return {"until": unit.now + timedelta(days=self._chance.randrange(9, 40))}
        if need == "filing_condition":
            return {"condition_id": self._condition(story, deed)}
        if need == "closing_condition":
            return {"closing_condition_id": self._closing(unit, now)}
        if need == "lead_org":
            return {"lead_org": self._lead(story.incident, deed.given.get("to", "right"))}
        if need == "assistants":
            cast.assistant = self._lead(story.incident, "other")
            return {"assistants": (cast.assistant,)}
        assert need == "handler" and now.lead_org is not None, need
        return {"handler_post": self._chance.choice(self._posts["handler", now.lead_org])}

    def _grade(self, deed: Deed) -> str:
        reached = deed.given.get("outcome") not in ("unreached", "not_wanted")
        return self._chance.choices(SATISFACTION[:3], (5, 4, 2))[0] if reached else ""

    def _condition(self, story: Story, deed: Deed) -> Id:
        """A filing condition whose limit suits the way that the story goes."""
        incident = story.incident
        rows = self._book.conditions[self._book.classes[incident.tree, incident.code].id]
        if incident.tree == "hotline":
            return rows[1 if deed.given.get("outcome") == "urgent" and len(rows) > 1 else 0].id
        own = sorted((row for row in rows if "@" not in row.limit and not row.same_time), key=minutes_of) or rows
        way = next((one for one in ways() if one.id == story.way), None)
        if way is not None and way.shortest:
            return own[-1].id
        return own[0].id if way is not None and way.is_short else self._chance.choice(own).id

    def _closing(self, unit: Unit, now: Event) -> Id | None:
        if now.condition is None:
            rows = self._book.conditions.get(now.matter, []) if now.matter else []
            return rows[0].closing[0].id if rows and rows[0].closing else None
        chosen = matter.get_condition(unit, FOUNDER, now.condition).closing
        return self._chance.choices(chosen, [4, *[1] * (len(chosen) - 1)])[0].id if chosen else None

    # --- who ---------------------------------------------------------------------------------------------

    def _lead(self, incident: Incident, which: str) -> Id:
        """The organisation whose duty it is, or another that has nothing to do with it."""
        right = self._right(incident)
        if which == "right":
            return right
        others = [one for one in self._city_orgs if one != right]
        offset = 1 if which == "third" else 0
        return others[(len(incident.text) * 2 + offset) % len(others)]

    def _right(self, incident: Incident) -> Id:
        rows = self._book.conditions[self._book.classes[incident.tree, incident.code].id]
        lead = self._duties.lead(incident.tree, incident.code, units_of(rows), incident.division)
        return self._settled.orgs[lead.key]

    def _who(self, story: Story, cast: _Cast, deed: Deed, now: Event) -> Id:
        if deed.who == "lead":
            return self._lead_post(now)
        if deed.who == "handler":
            if now.handler_post is not None:
                return now.handler_post
            assert now.lead_org is not None
            return self._chance.choice(self._posts["handler", now.lead_org])
        if deed.who == "holder":
            return now.holder_post or self._at("patrol", story.incident.division[:9])
        if deed.who == "assistant":
            assert cast.assistant is not None
            return self._posts["dept_lead", cast.assistant][0]
        if deed.who == "reporter":
            assert cast.reporter is not None
            return cast.reporter
        return self._choose(cast, deed.who)

    def _lead_post(self, now: Event) -> Id:
        org_id = now.lead_org or now.orgs[0]
        for role in ("dept_lead", "town_officer"):
            if (role, org_id) in self._posts:
                return self._chance.choice(self._posts[role, org_id])
        raise LookupError(org_id)

    def _choose(self, cast: _Cast, who: str) -> Id:
        """The post that plays a role of the centre in this story: the same all along."""
        if who not in cast.by_who:
            role = {"operator": "hotline_operator", "clerk2": "clerk"}.get(who, who)
            free = [post for post in self._all(role) if post not in cast.by_who.values()]
            cast.by_who[who] = self._chance.choice(free)
        return cast.by_who[who]

    def _all(self, role: str) -> list[Id]:
        return [self._settled.posts[seat.key] for seat in self._staff.of(role)]

    def _any(self, role: str) -> Id:
        return self._chance.choice(self._all(role))

    def _at(self, role: str, division: str) -> Id:
        return next(self._settled.posts[seat.key] for seat in self._staff.of(role) if seat.division == division)

    def _actor(self, post: Id | None) -> Actor:
        assert post is not None
        if post not in self._actors:
            with open_unit(FOUNDER, "demo past") as unit:
                self._actors[post] = access.actor_of_post(unit, post)
        return self._actors[post]
