"""The wall screen's figures put together: each with its time, its quality and what lies behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gangmu.base import access, org, places
from gangmu.base.access import Located
from gangmu.core import matter
from gangmu.core.board import model, service, store
from gangmu.core.board.model import Standing
from gangmu.core.board.schema import (
    Behind,
    Department,
    Door,
    Part,
    Quality,
    Reason,
    Source,
    Stage,
    Total,
    Trouble,
)
from gangmu.core.board.settings import BoardSettings
from gangmu.core.board.shipped import ways
from gangmu.core.board.store import Figure
from gangmu.core.docking import service as docking_service
from gangmu.core.event import Event
from gangmu.core.flow import service as flow_service
from gangmu.kit import clock, jobs, settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.text import t
from gangmu.kit.unit import Unit

MOST_LINKS = 50
DOORS: dict[Door, str] = {
    "event": "event.read",
    "alarm": "report.read",
    "docking": "docking.read",
    "dead_letters": "dead_letter.manage",
}


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to when everything is counted in."""

    as_of: datetime
    quality: Quality


def freshness(unit: Unit) -> Freshness:
    """Now, unless messages wait for longer than a figure may be late: then since when they do."""
    late_s = settings.get(BoardSettings).late_s
    waiting = jobs.backlog(unit, "board.")
    if waiting is not None and waiting.real_s > late_s:
        return Freshness(min(waiting.since, unit.now), "late")
    marked = store.marked_since(unit)
    behind_s = (clock.real_now() - marked).total_seconds() if marked else 0.0
    if behind_s > late_s:
        return Freshness(unit.now - timedelta(seconds=behind_s), "late")
    return Freshness(unit.now, "good")


class Figures:
    """All kept figures that an actor may see, read once."""

    def __init__(self, unit: Unit, actor: Actor) -> None:
        self.unit, self.actor = unit, actor
        self.rules = settings.get(BoardSettings)
        self.today: date = service.day_of(unit.now)
        self.week: date = self.today - timedelta(days=6)
        self.rows: Sequence[Figure] = store.list_figures(unit, self.today, self.week, seen_by=actor)
        self._sums: dict[tuple[str, str, date | None], int] = {}
        for row in self.rows:
            by = row.what, row.key, row.day
            self._sums[by] = self._sums.get(by, 0) + row.n

    def _sum(self, what: str, key: str, day: date | None) -> int:
        return self._sums.get((what, key, day), 0)

    def total(self) -> Total:
        by = dict.fromkeys(model.LATENESS, 0)
        for row in self.rows:
            if row.what == "stock":
                by[row.key.split("|")[1]] += row.n
        return Total(open=sum(by.values()), late=by["late"], near=by["near"], nowhere=self._sum("nowhere", "", None))

    def stages(self) -> list[Stage]:
        """The stages of the way and what went aside; of unknown stages only where something is."""
        shown = []
        for stage in (*ways().stages, model.OTHER, "void", "merged"):
            ends = stage in model.ENDS
            by = {name: self._sum("stock", f"{stage}|{name}", None) for name in model.LATENESS}
            came, went = self._sum("in", stage, self.today), self._sum("out", stage, self.today)
            if stage in ways().stages or any(by.values()) or came or went:
                stock = None if ends else sum(by.values())
                shown.append(
                    Stage(id=stage, stock=stock, late=by["late"], near=by["near"], came_in=came, went_out=went)
                )
        return shown

    def sources(self) -> list[Source]:
        """Every source that is watched or was ever heard, the silent ones first."""
        watched = self.rules.silent_minutes
        last = store.list_heard(self.unit, self.week, seen_by=self.actor)
        if watched.keys() - last.keys():  # not in a week: look further back
            kept = self.today - timedelta(days=self.rules.keep_days)
            last = store.list_heard(self.unit, kept, seen_by=self.actor)
        made = []
        for name in dict.fromkeys([*watched, *last]):
            rests = self.rules.rests_of(name)
            how = model.silence(last.get(name), watched.get(name), self.unit.now, rests, service.zone())
            today, alarms = self._sum("heard", name, self.today), self._sum("alarm", name, self.today)
            known: Quality = how  # type: ignore[assignment]
            made.append(
                Source(
                    id=name,
                    today=None if today == alarms == 0 and how in ("silent", "never", "resting") else today,
                    alarms=alarms,
                    last_at=last.get(name),
                    quality=known,
                    silent_minutes=watched.get(name),
                )
            )
        order = {"silent": 0, "good": 1, "resting": 2, "unwatched": 3, "never": 4}
        return sorted(made, key=lambda one: order[one.quality])

    def departments(self) -> list[Department]:
        sums: dict[Id, dict[tuple[str, str], int]] = {}
        for row in self.rows:
            if row.what != "verdict" or row.org is None or row.day is None:
                continue
            of = sums.setdefault(row.org, {})
            for span in ("week", "today") if row.day == self.today else ("week",):
                of[span, row.key] = of.get((span, row.key), 0) + row.n
        names = org.org_names(self.unit, set(sums))

        def part(of: Mapping[tuple[str, str], int], span: str) -> Part:
            made = model.part(of.get((span, "on_time"), 0), of.get((span, "late"), 0), self.rules.fewest)
            return Part(n=made.n, d=made.d, rate=made.rate, few=made.few)

        found = [
            Department(id=one, name=names.get(one, ""), today=part(of, "today"), week=part(of, "week"))
            for one, of in sums.items()
        ]
        found.sort(key=lambda one: (-(one.week.d - one.week.n), one.week.rate or 0, one.name))
        return [one for one in found if one.week.d > 0]

    def reasons(self) -> list[Reason]:
        weights = ways().weights
        found = [Reason(id=name, n=self._sum("why", name, None), weight=weight) for name, weight in weights.items()]
        return [one for one in found if one.n > 0]


def troubles(unit: Unit, actor: Actor) -> list[Trouble]:
    """Links that are silent or otherwise wrong, and messages that nobody could work off."""
    found = [
        Trouble(kind=alarm.kind, name=view.link.name, n=alarm.count, since=alarm.since)
        for view in docking_service.list_links(unit, service.KEEPER, Page(MOST_LINKS)).items
        if access.sees(actor, "board.read", Located(view.link.division))
        for alarm in view.alarms
    ]
    dead = jobs.count_dead(unit)
    return [*found, *([Trouble(kind="dead_letters", name="", n=dead, since=None)] if dead else [])]


def opens(actor: Actor) -> list[Door]:
    """What the viewer may open at the desk from the wall; each thing then asks for its own rights. A screen's own key
    opens nothing there: nobody sits at it."""
    if actor.kind != "person":
        return []
    return [door for door, permission in DOORS.items() if actor.grants_of(permission)]


def place_of(unit: Unit, actor: Actor) -> str:
    """What the screen shows the figures of."""
    reach = next((one for one in actor.grants_of("board.read") if one.reach == "division"), None)
    code = reach.division if reach else ""
    return places.division_names(unit, {code}).get(code, "") if code else ""


def shown(
    unit: Unit,
    events: Sequence[Event],
    lang: str,
    standings: Mapping[Id, Standing],
) -> list[Behind]:
    """Events as a wall may show them: no title, no address, nothing that anybody wrote."""
    classes = matter.get_classes(unit, service.KEEPER, {one.matter for one in events if one.matter})
    areas = places.division_names(unit, {one.division for one in events})
    orgs = org.org_names(unit, {one.lead_org for one in events if one.lead_org})
    flows = {
        key: flow_service.get_flow(unit, service.KEEPER, *key)
        for key in {(one.flow, one.flow_version) for one in events}
    }
    rows = []
    for one in events:
        filed = classes.get(one.matter) if one.matter else None
        state = flows[one.flow, one.flow_version].find_state(one.state)
        stands = standings.get(one.id)
        rows.append(
            Behind(
                id=one.id,
                case_no=one.case_no,
                matter_title=(filed.title_en if lang == "en" else filed.title_zh)
                if filed
                else t("board.unclassified", lang),
                division_name=areas.get(one.division, ""),
                lead_org_name=orgs.get(one.lead_org, "") if one.lead_org else "",
                state_title=t("event.merged", lang)
                if one.status == "merged"
                else state.title.get("en" if lang == "en" else "zh", one.state)
                if state
                else one.state,
                stage=stands.stage if stands else ways().stage(one.flow, one.state, one.status),
                channel=one.channel,
                lateness=one.lateness if one.is_open else "",
                due_at=one.due_at if one.is_open else None,
                reported_at=one.reported_at,
                at=None,
                callers=one.caller_count,
                reasons=list(stands.reasons) if stands else [],
                score=stands.score if stands else 0,
            )
        )
    return rows


def of_standings(unit: Unit, found: Sequence[Standing], lang: str) -> list[Behind]:
    events = service.behind(unit, [one.event for one in found])
    return shown(unit, events, lang, {one.event: one for one in found})


def of_moves(unit: Unit, found: Sequence[tuple[Id, datetime]], lang: str, actor: Actor) -> list[Behind]:
    """As often as they were counted: an event that moved twice is listed twice, each time with its time."""
    events = service.behind(unit, [event for event, _ in found])
    stands = store.standings(unit, [one.id for one in events], seen_by=actor)
    rows = {row.id: row for row in shown(unit, events, lang, stands)}
    return [rows[event].model_copy(update={"at": at}) for event, at in found if event in rows]
