"""Cases of a file played through a flow at their own times: every act decided by the flow, every clock run and judged
by the clocks' rules, mergers by the event's. What came of it is loaded a batch at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from gangmu.base.calendar import Almanac
from gangmu.base.calendar import service as calendar_service
from gangmu.core import flow
from gangmu.core.deadline import past as clocks
from gangmu.core.deadline.pinned import starting
from gangmu.core.deadline.service import Start
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.dispatch.model import Obligation, ObligationRole, ObligationState
from gangmu.core.dispatch.past import load_obligations
from gangmu.core.event import model as event_model
from gangmu.core.event.bulk import ForeignReport
from gangmu.core.event.errors import NotMergeable
from gangmu.core.event.played import PlayedAct, PlayedEvent, load_played
from gangmu.core.event.settings import EventSettings
from gangmu.core.flow import NotAllowed
from gangmu.core.flow import replay as flow_replay
from gangmu.core.flow.model import Acting, Flow, Step
from gangmu.core.flow.replay import Case, PastAct
from gangmu.core.intake.promises import Promise
from gangmu.core.replay.script import FLOW, Cue, Phase, cues
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known beforehand, by the source's number of a row: the rule that its clock runs on (None: the target that
    the row gives), the number of the case that it duplicates, the units that it is handed to; and when the records
    end."""

    promises: Mapping[str, Promise]
    mains: Mapping[str, str]
    units: Sequence[Id]
    until: datetime


@dataclass(slots=True)
class _Playing:
    """A case while it is played."""

    event: PlayedEvent
    event_id: Id
    case: Case
    running: dict[str, list[clocks.ClockRow]] = field(default_factory=dict)
    stopped: list[clocks.ClockRow] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    owed: list[Obligation] = field(default_factory=list)
    is_stuck: bool = False


@dataclass(slots=True)
class Player:
    """Plays batch after batch. ``transitions`` counts the acts decided, mergers included; ``refused`` are cases that
    the flow did not let go on: number, verb, code."""

    plan: Plan
    by: str
    transitions: int = 0
    merged: int = 0
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    _fresh: Iterator[int] = field(default_factory=lambda: iter(()))
    _almanacs: dict[str, Almanac] = field(default_factory=dict)
    _rules: DeadlineSettings = field(default_factory=DeadlineSettings)
    _usual: str = ""

    def take(self, unit: Unit, actor: Actor, rows: Sequence[ForeignReport], source: str) -> list[tuple[str, str]]:
        """Play reports of the source, each an event of its own. (Report, event) uuids in the order of the rows."""
        way = flow.current_flow(unit, actor, FLOW)
        self._rules = settings.get(DeadlineSettings)
        self._usual = settings.get(EventSettings).calendar or self._rules.calendar
        cases = {row.number: self._opened(way, row) for row in rows}
        for case, cue in self._in_order(cases):
            if not case.is_stuck:
                self._try(unit, way, case, cue, cases)
        played = list(cases.values())
        for case in played:
            self._stand(unit, case)
        load_played(unit, actor, [case.event for case in played], source, self.by)
        load_obligations(unit, [one for case in played for one in case.owed], source)
        rest = [row for case in played for rows_of in case.running.values() for row in rows_of]
        every = [(row, self._almanac_of(unit, row.calendar)) for case in played for row in case.stopped]
        clocks.load(unit, [*every, *((row, self._almanac_of(unit, row.calendar)) for row in rest)], source)
        return [(case.event.report, case.event.id) for case in played]

    def _in_order(self, cases: Mapping[str, _Playing]) -> list[tuple[_Playing, Cue]]:
        """All acts of the batch by time; a duplicate is merged when it has come, and does nothing of its own."""
        found: list[tuple[datetime, Phase, int, _Playing, Cue]] = []
        for case in cases.values():
            row = case.event.row
            main = self.plan.mains.get(row.number)
            if main is not None and main in cases:
                found.append((row.received_at, Phase.merges, len(found), case, _MERGE))
                continue
            for cue in cues(row, self.plan.until):
                found.append((cue.at, cue.phase, len(found), case, cue))
        found.sort(key=lambda item: item[:3])
        return [(case, cue) for _, _, _, case, cue in found]

    # --- one act ---------------------------------------------------------------------------------------------

    def _opened(self, way: Flow, row: ForeignReport) -> _Playing:
        report, event, act, link = (self._new() for _ in range(4))
        state = way.state(way.start)
        told: dict[str, Any] = {"report": ids.of_number("rpt", int(report, 16)), "imported": True, **row.facts}
        if row.target_at:
            told["target_at"] = row.target_at.isoformat()
        opened = PlayedEvent(event, report, row, way.id, way.version, state, state.status.value)
        opened.acts.append(PlayedAct(act, "report", "step", "", state.id, None, "", "", told, row.received_at))
        opened.joined.append((link, report, "", "opened", row.received_at))
        return _Playing(opened, ids.of_number("evt", int(event, 16)), Case(way.start))

    def _try(self, unit: Unit, way: Flow, playing: _Playing, cue: Cue, cases: Mapping[str, _Playing]) -> None:
        """Do it, or let the case stand where the flow forbids to go on."""
        try:
            self._do(unit, way, playing, cue, cases)
        except (NotAllowed, NotMergeable) as error:
            playing.is_stuck = True
            self.refused.append((playing.event.row.number, cue.verb, error.code))

    def _do(self, unit: Unit, way: Flow, playing: _Playing, cue: Cue, cases: Mapping[str, _Playing]) -> None:
        if not playing.running and len(playing.event.acts) == 1:
            self._start(unit, playing, way.state(way.start).clocks, playing.event.row.received_at, way)
            self.transitions += 1
        if cue is _MERGE:
            self._merge(playing, cases[self.plan.mains[playing.event.row.number]])
            return
        lead = self._unit(playing.event.row, cue.hand)
        acting = Acting(None, None, playing.case.lead_org if cue.role == "dept_lead" else None, (), (cue.role,))
        args: dict[str, Any] = {**cue.args, "reason": cue.reason}
        if cue.verb == "dispatch":
            args["lead_org"] = lead
        done = PastAct(cue.verb, cue.at, acting, args, (), cue.role)
        before = playing.case.state
        step = flow_replay.act(way, playing.case, playing.event.row.channel, done, self._overdue(playing, cue.at))
        self._run_clocks(unit, way, playing, step, cue.at)
        self._keep(way, playing, cue, step, before, args, acting)
        self.transitions += 1

    def _keep(
        self, way: Flow, playing: _Playing, cue: Cue, step: Step, before: str, args: dict[str, Any], acting: Acting
    ) -> None:
        event, case = playing.event, playing.case
        act_id = self._new()
        kept = {key: value for key, value in args.items() if value and key != "reason"}
        org = None if acting.org is None else Id(acting.org)
        event.acts.append(
            PlayedAct(act_id, cue.verb, step.kind.value, before, step.to_state, org, cue.role, cue.reason, kept, cue.at)
        )
        event.state, event.status = way.state(step.to_state), step.status.value
        event.lead_org = None if case.lead_org is None else Id(case.lead_org)
        event.orgs = tuple(Id(org) for org in case.orgs)
        if "record_outcome" in step.effects or "record_satisfaction" in step.effects:
            event.outcome = str(args.get("outcome") or event.outcome)
        if not event.is_open:
            event.closed_at = event.closed_at or cue.at
        self._owe(playing, step, act_id, cue.at)

    def _owe(self, playing: _Playing, step: Step, act_id: str, at: datetime) -> None:
        """What the department owes: laid on it by the dispatch, off it when it gave the case back or was done."""
        ends = {"clear_lead_org": ObligationState.returned, "host_done": ObligationState.done}
        for effect, state in ends.items():
            if effect in step.effects and playing.owed and playing.owed[-1].is_open:
                done = at if state is ObligationState.done else None
                playing.owed[-1] = replace(playing.owed[-1], state=state.value, until=at, done_at=done)
        lead = playing.event.lead_org
        if "set_lead_org" in step.effects and lead is not None:
            playing.owed.append(
                Obligation(
                    id=ids.of_number("obl", int(self._new(), 16)),
                    event=playing.event_id,
                    org=lead,
                    role=ObligationRole.host.value,
                    state=ObligationState.open.value,
                    since=at,
                    until=None,
                    done_at=None,
                    act=ids.of_number("act", int(act_id, 16)),
                    duty_row=None,
                )
            )

    def _merge(self, playing: _Playing, main: _Playing) -> None:
        """One matter of two, as the event's own rule has it: the report goes over, the clocks stand aside."""
        event, into, at = playing.event, main.event, playing.event.row.received_at
        event_model.merge(_bare(event), _bare(into), at)  # raises where it may not be
        event.status, event.merged_into = event_model.Status.merged.value, into.id
        main_id, reports = main.event_id, [ids.of_number("rpt", int(event.report, 16))]
        own = {"into": main_id, "reports": reports}
        event.acts.append(
            PlayedAct(self._new(), "merge", "aside", event.state.id, event.state.id, None, "", _SAME, own, at)
        )
        told = {"from": playing.event_id, "reports": reports}
        into.acts.append(
            PlayedAct(self._new(), "take_in", "aside", into.state.id, into.state.id, None, "", _SAME, told, at)
        )
        flow_replay.note(main.case, PastAct("take_in", at, Acting()))
        into.joined.append((self._new(), event.report, event.id, "merged", at))
        into.reports += 1
        for stage, rows in playing.running.items():
            playing.running[stage] = [replace(row, bundled_into=main_id) for row in rows]
        self.transitions += 1
        self.merged += 1

    # --- clocks ----------------------------------------------------------------------------------------------

    def _run_clocks(self, unit: Unit, way: Flow, playing: _Playing, step: Step, at: datetime) -> None:
        for stage in step.stops:
            self._stop(unit, playing, stage, at, cancelled=stage in step.cancels)
        self._start(unit, playing, step.starts, at, way)
        if step.status.value != "open":
            for stage in list(playing.running):
                self._stop(unit, playing, stage, at, cancelled=False)

    def _start(self, unit: Unit, playing: _Playing, stages: Sequence[str], at: datetime, way: Flow) -> None:
        for name in stages:
            stage = way.find_stage(name)
            if stage is None or not stage.limit:
                continue
            asked = self._asked(unit, playing, name, stage.limit, at)
            if asked is not None:
                asked = replace(asked, is_window=stage.window)
                playing.running[name] = clocks.begin(asked, self._almanac_of(unit, asked.calendar), self._rules)

    def _asked(self, unit: Unit, playing: _Playing, stage: str, limit: str, at: datetime) -> Start | None:
        """A clock to be started: the flow's own limit; for the handling the rule of the source, else its target."""
        row = playing.event.row
        usual = self._usual
        if limit != "condition":
            return Start(playing.event_id, stage, limit, at, calendar=usual)
        rule = self.plan.promises.get(row.number)
        if rule is not None:
            calendar = rule.calendar or usual
            begun = rule.begin(at, self._almanac_of(unit, calendar).calendar)
            return Start(playing.event_id, stage, str(rule.limit), begun, calendar=calendar, meaning=rule.meaning)
        if row.target_at is None:
            return None
        return replace(starting(playing.event_id, stage, at, row.target_at), calendar=usual)

    def _stop(self, unit: Unit, playing: _Playing, stage: str, at: datetime, *, cancelled: bool) -> None:
        for row in playing.running.pop(stage, ()):
            ended = clocks.end(row, at, self._almanac_of(unit, row.calendar), cancelled=cancelled)
            playing.stopped.append(ended)
            if ended.overdue and not cancelled:
                playing.late.add(stage)

    def _overdue(self, playing: _Playing, at: datetime) -> frozenset[str]:
        running = {stage for stage, rows in playing.running.items() if any(r.due_at and at > r.due_at for r in rows)}
        return frozenset(playing.late | running)

    def _stand(self, unit: Unit, playing: _Playing) -> None:
        """Where an open case stands when the records end."""
        if not playing.event.is_open:
            return
        rows = [row for group in playing.running.values() for row in group if row.due_at is not None]
        if rows:
            first = min(rows, key=lambda row: (row.due_at, row.id))
            playing.event.due_at, playing.event.clock_started_at = first.due_at, first.started_at
            late = event_model.lateness_at(unit.now, first.due_at, first.warn_at)
            playing.event.lateness = late.value

    def _almanac_of(self, unit: Unit, name: str) -> Almanac:
        if name not in self._almanacs:
            self._almanacs[name] = calendar_service.almanac(unit, name)
        return self._almanacs[name]

    def _unit(self, row: ForeignReport, hand: int) -> Id:
        """Whom a case is given to: the department of the record, else one of the unnamed units in turn."""
        return row.lead_org if row.lead_org is not None else self.plan.units[hand % len(self.plan.units)]

    def _new(self) -> str:
        number = next(self._fresh, None)
        if number is None:
            self._fresh = iter(ids.new_many(_BLOCK))
            number = next(self._fresh)
        return f"{number:032x}"


_SAME = "duplicate"
_MERGE = Cue(datetime.min.replace(tzinfo=UTC), Phase.merges, "merge", "")


@dataclass(frozen=True, slots=True)
class _Bare:
    """What the rule of mergers asks of an event."""

    id: str
    is_open: bool
    status: str = ""
    merged_into: str | None = None
    moved_at: datetime | None = None


def _bare(event: PlayedEvent) -> Any:
    return _Bare(event.id, event.is_open)
