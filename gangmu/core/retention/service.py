"""Use cases of retention: rules, holds, drawing a list up, a second person's word, erasing, proving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from gangmu.base import access
from gangmu.base.org import service as org_service
from gangmu.core.event import keeping as event_keeping
from gangmu.core.event import service as event_service
from gangmu.core.retention import model, shipped, store
from gangmu.core.retention.errors import AlreadyOpen, HeldAlready
from gangmu.core.retention.model import Hold, Rule, Run
from gangmu.core.retention.settings import RetentionSettings
from gangmu.kit import clock, files, ids, keeping, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

KEEPER = System("retention")
PROOF, HOLD = "proof of deletion", "retention.hold"
LEAST_REASON = 2
BATCH = 500
ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rule would erase now, and how much of it is held."""

    rule: Rule
    due: int
    held: int
    more: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """The holds that keep a matter, by whom, and what the one who looks may know and do."""

    event: Id
    holds: Sequence[Hold]
    names: Mapping[Id, str]
    tells_why: bool
    may_hold: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found when a list was looked at again: ``left`` names what could still be read."""

    run: Run
    erased: Mapping[str, int]
    left: Mapping[str, str]
    digest_agrees: bool
    journal: Id | None

    @property
    def ok(self) -> bool:
        return not self.left and self.digest_agrees and self.journal is not None


def load_shipped(unit: Unit) -> None:
    """The shipped rules of kinds that the city has none for."""
    known = {one.kind for one in store.list_rules(unit, seen_by=KEEPER, past=True)}
    for one in shipped_rules(unit.now):
        if one.kind not in known:
            store.add_rule(unit, one)


def shipped_rules(now: datetime | None = None) -> list[Rule]:
    """The rules that travel with the house, as editions that begin now."""
    return [
        Rule(
            id=ids.new("rlr"),
            kind=row["kind"],
            keep_days=row["keep_days"],
            basis_zh=row["basis"]["zh"],
            basis_en=row["basis"]["en"],
            source="",
            verified=False,
            valid_from=now or clock.now(),
            valid_to=None,
            made_by=None,
        )
        for row in shipped.rules()
    ]


def list_rules(unit: Unit, actor: Actor, *, past: bool = False) -> list[Rule]:
    return store.list_rules(unit, seen_by=actor, past=past)


def set_rule(
    unit: Unit, actor: Actor, kind: str, keep_days: int, basis_zh: str, basis_en: str, source: str, *, verified: bool
) -> Rule:
    """A new edition of a kind's rule. Lists that were drawn up keep the one that they name."""
    if kind not in keeping.kinds():
        raise NotFound(what=kind)
    model.checked(keep_days, basis_zh, basis_en, source, verified=verified)
    for was in store.list_rules(unit, seen_by=actor):
        if was.kind == kind:
            store.end_rule(unit, was)
    new = Rule(
        id=ids.new("rlr"),
        kind=kind,
        keep_days=keep_days,
        basis_zh=basis_zh.strip(),
        basis_en=basis_en.strip(),
        source=source.strip(),
        verified=verified,
        valid_from=unit.now,
        valid_to=None,
        made_by=actor.person,
    )
    store.add_rule(unit, new)
    return new


# --- holds -------------------------------------------------------------------------------------------------


def put_hold(unit: Unit, actor: Actor, event_id: Id, reason: str) -> Hold:
    """Keep everything of a matter until the hold ends."""
    event = event_service.get_event(unit, actor, event_id)
    access.require(actor, HOLD, event.division, orgs=event.orgs, people=event.people)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid(field="reason", reason="say why it is kept")
    store.keep_still(unit)
    if store.holds_on(unit, [event.id], seen_by=KEEPER):
        raise HeldAlready(about=str(event.id))
    new = Hold(ids.new("rth"), event.id, event.case_no, reason.strip()[:500], unit.now, actor.person, None, None)
    store.add_hold(unit, new)
    return new


def end_hold(unit: Unit, actor: Actor, hold_id: Id) -> Hold:
    was = store.get_hold(unit, hold_id, seen_by=actor)
    if was.ended_at is not None:
        raise NotFound(what=str(hold_id))
    event = event_service.get_event(unit, actor, was.event)
    access.require(actor, HOLD, event.division, orgs=event.orgs, people=event.people)
    model.check_may_lift(was, actor.person, by_second=settings.get(RetentionSettings).second_lifts)
    ended = replace(was, ended_at=unit.now, ended_by=actor.person)
    store.save_hold(unit, ended, was)
    return ended


def list_holds(unit: Unit, actor: Actor, wanted: Page) -> Paged[Hold]:
    return store.list_holds(unit, wanted, seen_by=actor)


def may_lift(actor: Actor, hold: Hold) -> bool:
    """Whether a button makes sense; the act itself looks at the event too."""
    by_second = settings.get(RetentionSettings).second_lifts
    return actor.may(HOLD) and model.may_lift(hold, actor.person, by_second=by_second)


def holds_of(unit: Unit, actor: Actor, event_id: Id) -> Kept:
    """What keeps this matter: holds on it, on what it went into, on what came into it. Why is told to those alone who
    may put holds or read what is due."""
    event = event_service.get_event(unit, actor, event_id)
    held = store.held(unit)
    chains = event_keeping.chains_of(unit, sorted(held | {event.id}))
    mine = chains.get(event.id, {event.id})
    reaching = [one for one in held if mine & (chains.get(one, set()) | {one})]
    holds = store.holds_on(unit, reaching, seen_by=KEEPER) if reaching else []
    where = access.Located(event.division, event.orgs, event.people)
    may_hold = access.sees(actor, HOLD, where)
    return Kept(
        event.id,
        holds,
        org_service.person_names(unit, {one.made_by for one in holds if one.made_by}),
        tells_why=may_hold or actor.may("retention.read"),
        may_hold=may_hold and all(one.event != event.id for one in holds),
    )


# --- what is due -------------------------------------------------------------------------------------------


def forecast(unit: Unit, actor: Actor) -> list[Forecast]:
    """What each rule would erase now; nothing is done."""
    most = settings.get(RetentionSettings).most
    found = []
    for rule in store.list_rules(unit, seen_by=actor):
        if rule.kind in keeping.kinds():
            due = keeping.kinds()[rule.kind].due(unit, rule.before(unit.now), most, None)
            free = _free(unit, due)
            found.append(Forecast(rule, len(free), len(due) - len(free), len(due) >= most))
    return found


def _free(unit: Unit, due: list[Due]) -> list[Due]:
    """Those that no hold keeps. A hold reaches what was merged: reports move, evidence and people stay where they were,
    so one on either side keeps both."""
    held = store.held(unit)
    if not held or not due:
        return due
    chains = event_keeping.chains_of(unit, sorted(held | {Id(thing) for one in due for thing in one.things}))
    reached = held.union(*[chains.get(event, set()) for event in held])
    kept = {event for event, chain in chains.items() if chain & reached}
    return [one for one in due if not kept & {Id(thing) for thing in one.things}]


def propose(unit: Unit, actor: Actor) -> Run:
    """Draw up the list of what is due; nothing is erased. ``AlreadyOpen`` while one waits or is being worked off."""
    waiting = store.find_open(unit, seen_by=KEEPER)
    if waiting is not None:
        raise AlreadyOpen(about=str(waiting.id))
    most, kinds = settings.get(RetentionSettings).most, keeping.kinds()
    new = Run(ids.new("rtr"), "proposed", unit.now, actor.person, {}, {}, None, None, None, {}, "", "")
    counts, rules, lists = {}, {}, {}
    for rule in store.list_rules(unit, seen_by=KEEPER):
        if rule.kind in kinds:
            lists[rule.kind] = _free(unit, kinds[rule.kind].due(unit, rule.before(unit.now), most, None))
            counts[rule.kind], rules[rule.kind] = len(lists[rule.kind]), str(rule.id)
    new = replace(new, counts=counts, rules=rules)
    store.add_run(unit, new)
    for kind, due in lists.items():
        store.add_items(unit, new.id, kind, due)
    if not settings.get(RetentionSettings).confirm:
        _begin(unit, new, None)
    return store.get_run(unit, new.id, seen_by=actor)


def confirm(unit: Unit, actor: Actor, run_id: Id) -> Run:
    """A second person's word: what is on the list is erased now."""
    was = store.get_run(unit, run_id, seen_by=actor, lock=True)
    model.may_decide(was, actor.person)
    _begin(unit, was, actor.person)
    return store.get_run(unit, run_id, seen_by=actor)


def refuse(unit: Unit, actor: Actor, run_id: Id, note: str) -> Run:
    """Nothing of the list is erased; the next one is drawn up another night."""
    was = store.get_run(unit, run_id, seen_by=actor, lock=True)
    model.may_decide(was, actor.person)
    decided = replace(was, state="refused", confirmed_by=actor.person, confirmed_at=unit.now, note=note.strip()[:500])
    store.save_run(unit, decided, was)
    return store.get_run(unit, run_id, seen_by=actor)


def _begin(unit: Unit, was: Run, person: Id | None) -> None:
    store.save_run(unit, replace(was, state="confirmed", confirmed_by=person, confirmed_at=unit.now), was)
    unit.at(unit.now, "retention.erase", was.id)


def erase_some(unit: Unit, run_id: Id) -> list[str]:
    """Erase the next of a confirmed list that are still due and not held; at its end the proof is written. Returns the
    digests of files whose bytes may go after the commit."""
    run = store.get_run(unit, run_id, seen_by=KEEPER, lock=True)
    if run.state != "confirmed":
        return []
    store.take_alone(unit)
    waiting = store.items_of(unit, run_id, "due", BATCH, seen_by=KEEPER)
    if not waiting:
        _finish(unit, run)
        return []
    kind_id = waiting[0][0]
    items = [one for kind, one in waiting if kind == kind_id]
    kind = keeping.kinds()[kind_id]
    rule = next(one for one in store.list_rules(unit, seen_by=KEEPER, past=True) if str(one.id) == run.rules[kind_id])
    still = {one.subject: one for one in kind.due(unit, rule.before(run.made_at), ALL, [one.subject for one in items])}
    free = {str(one.subject) for one in _free(unit, list(still.values()))}
    erased = [one for one in items if str(one.subject) in free]
    keeping.erase(unit, kind, erased)
    store.mark_items(unit, run_id, kind_id, [one.subject for one in erased], "erased")
    store.mark_items(unit, run_id, kind_id, [one.subject for one in items if str(one.subject) not in free], "kept")
    unit.at(unit.now, "retention.erase", run_id, str(ids.new("job")))
    return sorted({one.mark for one in erased if one.mark})


def _finish(unit: Unit, run: Run) -> None:
    erased = store.items_of(unit, run.id, "erased", ALL, seen_by=KEEPER)
    counts = store.count_items(unit, run.id, "erased")
    digest = model.digest_of((kind, one.subject) for kind, one in erased)
    done = replace(run, state="done", done_at=unit.now, erased=counts, digest=digest)
    store.save_run(unit, done, run)
    kept = store.count_items(unit, run.id, "kept")
    unit.note(PROOF, run.id, erased=counts, kept=kept, rules=run.rules, sha256=digest)


def list_runs(unit: Unit, actor: Actor, wanted: Page) -> Paged[Run]:
    return store.list_runs(unit, wanted, seen_by=actor)


def prove(unit: Unit, actor: Actor, run_id: Id) -> Proof:
    """Look again at everything that a list has erased: keys, rows, hashes, files, copies; and at its proof in the
    journal."""
    run = store.get_run(unit, run_id, seen_by=actor)
    erased = store.items_of(unit, run_id, "erased", ALL, seen_by=KEEPER)
    left: dict[str, str] = {}
    for kind_id, kind in keeping.kinds().items():
        items = [one for name, one in erased if name == kind_id]
        for start in range(0, len(items), BATCH):
            left |= keeping.left(unit, kind, items[start : start + BATCH])
    digest = model.digest_of((kind, one.subject) for kind, one in erased)
    unit.note("prove deletion", run_id, left=len(left))
    return Proof(
        run,
        store.count_items(unit, run_id, "erased"),
        left,
        run.state == "done" and digest == run.digest,
        _journaled(unit, run, digest),
    )


def _journaled(unit: Unit, run: Run, digest: str) -> Id | None:
    """The journal entry that bears the proof, if it says the same."""
    for row in store.proofs_of(unit, run.id, seen_by=KEEPER):
        body: dict[str, Any] = orjson.loads(bytes(row.body))
        for change in body["changes"]:
            same = change.get("sha256") == digest and change.get("erased") == dict(run.erased)
            if change["do"] == PROOF and change["about"] == run.id and same:
                return Id(row.id)
    return None


def drop_bytes(digests: list[str]) -> list[str]:
    """After the commit: bytes that no row names any more go."""
    return files.drop_bytes(digests)


def lying(unit: Unit, digests: list[str]) -> set[str]:
    """Those whose bytes lie here though no row names them."""
    return files.unnamed_bytes(unit, digests)
