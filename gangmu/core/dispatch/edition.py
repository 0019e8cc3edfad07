"""Use cases of editions of the duty list (职责清单版本): gather changes, look at them, try them on last month's events,
release them from a day on, take a release back.

A row is never overwritten: what an edition changes ends on its day, and the next one begins. What was dispatched under
the old row keeps it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gangmu.base import access
from gangmu.base.org import service as org_service
from gangmu.core import event, matter
from gangmu.core.dispatch import edition_store, model, service, store, tryout
from gangmu.core.dispatch.edition_store import Change, Edition
from gangmu.core.dispatch.errors import DutyTaken, EditionEmpty, EditionSettled, EditionStale, PushedDown
from gangmu.core.dispatch.model import Duty, Obligation
from gangmu.core.dispatch.service import MANAGE, DutyDraft
from gangmu.core.dispatch.settings import DispatchSettings
from gangmu.core.dispatch.tryout import Asked, Lists, Trial
from gangmu.core.event import past as past_events
from gangmu.core.event.past import Shown
from gangmu.core.event.service import find_events
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import HouseError, Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

EVERYTHING = System("dispatch.tryout")
EXAMPLES = 5
SHOWN = 200
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """A change as it is looked at: the row in force, the row that it makes, whether it can be released (``why`` not),
    and the row whose duty it would push down to a town (``guard``)."""

    change: Change
    before: Duty | None
    after: Duty | None
    why: HouseError | None = None
    guard: PushedDown | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try-out found over a time, with examples that the asker may open, by shift."""

    found: Trial
    since: datetime
    until: datetime
    day: date
    examples: Mapping[tuple[Id | None, Id | None, Id | None], Sequence[Shown]]


# --- writing ------------------------------------------------------------------------------------------------


def get_edition(unit: Unit, actor: Actor, edition_id: Id) -> Edition:
    return edition_store.get(unit, edition_id, seen_by=actor)


def list_editions(unit: Unit, actor: Actor, at: Page, waiting: bool) -> Paged[Edition]:
    return edition_store.list_editions(unit, at, waiting, seen_by=actor)


def open_edition(
    unit: Unit, actor: Actor, title: str, valid_from: date, reason: str = "", reverts: Id | None = None
) -> Edition:
    """Begin to gather changes that hold from a day on."""
    if not title.strip():
        raise Invalid(field="title", reason="give it a name")
    new = Edition(
        id=ids.new("ded"),
        title=title.strip(),
        state="draft",
        valid_from=valid_from,
        reason=reason.strip(),
        made_by=actor.person,
        made_by_name=actor.name,
        made_at=unit.now,
        released_by_name="",
        released_at=None,
        reverts=reverts,
        reverted_by=None,
        tried=None,
    )
    edition_store.add(unit, new)
    return new


def change_edition(
    unit: Unit, actor: Actor, edition_id: Id, version: int, title: str, valid_from: date, reason: str
) -> Edition:
    was = _draft(unit, actor, edition_id, version)
    changed = replace(was, title=title.strip() or was.title, valid_from=valid_from, reason=reason.strip(), tried=None)
    edition_store.save(unit, changed, was)
    return replace(changed, version=was.version + (0 if changed == was else 1))


def put_change(
    unit: Unit, actor: Actor, edition_id: Id, version: int, do: str, draft: DutyDraft | None, row: Id | None = None
) -> Edition:
    """Put a row into the edition: one that begins (``add``), the next edition of one (``change``) or its end (``end``).
    It is checked as a row of the list is."""
    was = _draft(unit, actor, edition_id, version)
    before = store.get_duty(unit, row, seen_by=actor) if row is not None else None
    if do != "add" and before is None:
        raise Invalid(field="row", reason="which row changes or ends")
    if do != "end" and draft is None:
        raise Invalid(field="duty", reason="how the row shall be")
    if before is not None:
        access.require(actor, MANAGE, before.division)
    given = _draft_of(before) if draft is None or do == "end" else draft
    if before is not None:
        given = replace(
            given, tree=before.tree, code=before.code, division=before.division, level=before.level, valid_from=None
        )
    made = service.checked(unit, actor, replace(given, valid_from=was.valid_from, valid_to=None), row)
    change = _change_of(edition_id, do, made, before)
    edition_store.put_change(unit, change)
    edition_store.touch(unit, was)
    return replace(was, version=was.version + 1, tried=None)


def drop_change(unit: Unit, actor: Actor, edition_id: Id, version: int, change_id: Id) -> Edition:
    was = _draft(unit, actor, edition_id, version)
    change = next(
        (one for one in edition_store.changes_of(unit, edition_id, seen_by=actor) if one.id == change_id), None
    )
    if change is None:
        raise NotFound(what=str(change_id))
    access.require(actor, MANAGE, change.division)
    edition_store.drop_change(unit, change)
    edition_store.touch(unit, was)
    return replace(was, version=was.version + 1, tried=None)


def drop_edition(unit: Unit, actor: Actor, edition_id: Id, version: int) -> Edition:
    was = _draft(unit, actor, edition_id, version)
    dropped = replace(was, state="dropped")
    edition_store.save(unit, dropped, was)
    return replace(dropped, version=was.version + 1)


def _draft(unit: Unit, actor: Actor, edition_id: Id, version: int) -> Edition:
    was = edition_store.get(unit, edition_id, seen_by=actor, lock=True)
    if was.state != "draft":
        raise EditionSettled(edition=str(edition_id), state=was.state)
    if was.version != version:
        raise StaleWrite(about=str(edition_id), version=was.version)
    return was


def _draft_of(row: Duty | None) -> DutyDraft:
    assert row is not None
    names = [name for name in DutyDraft.__dataclass_fields__ if name not in ("valid_from", "valid_to")]
    return DutyDraft(**{name: getattr(row, name) for name in names})


def _change_of(edition_id: Id, do: str, made: Duty, before: Duty | None) -> Change:
    names = [name for name in Change.__dataclass_fields__ if name in Duty.__dataclass_fields__ and name != "id"]
    return Change(
        id=ids.new("dch"),
        edition=edition_id,
        do=do,
        row=before.id if before else None,
        row_version=before.version if before else None,
        **{name: getattr(made, name) for name in names},
    )


# --- looking ------------------------------------------------------------------------------------------------


def look(unit: Unit, actor: Actor, edition: Edition) -> list[Looked]:
    """The changes with what was, what will be, and what stands in the way."""
    changes = edition_store.changes_of(unit, edition.id, seen_by=actor)
    rows = edition_store.find_duties(
        unit, [one for change in changes for one in (change.row, change.made) if one], seen_by=EVERYTHING
    )
    day = max(edition.valid_from, service.today(unit))
    holding = edition_store.list_holding(unit, day, seen_by=EVERYTHING) if changes else []
    taken = {row.key for row in holding if row.valid_to is None}
    levels = _levels(unit, {change.lead_org for change in changes})
    after_list = list_after(edition, changes, holding)
    looked = []
    for change in changes:
        before = rows.get(change.row) if change.row else None
        after = None if change.do == "end" else _row_of(edition, change)
        why = _stands_in_the_way(edition, change, before, taken) if edition.state == "draft" else None
        looked.append(Looked(change, before, after, why, _guard(after_list, after, day, levels)))
    return looked


def _guard(rows: Sequence[Duty], after: Duty | None, day: date, levels: Mapping[Id, str]) -> PushedDown | None:
    """Whether the row gives to a town what is a department's duty by the list as it will be."""
    if after is None or not after.code:
        return None
    ranked = model.matching(rows, after.tree, after.code, after.division, day)
    try:
        model.check_level(ranked, after.lead_org, levels.get(after.lead_org, ""))
    except PushedDown as pushed:
        return pushed
    return None


def _stands_in_the_way(
    edition: Edition, change: Change, before: Duty | None, taken: set[tuple[str, str, str, str]]
) -> HouseError | None:
    if change.do == "add":
        if change.key in taken:
            return DutyTaken(tree=change.tree, code=change.code, division=change.division, level=change.level)
        return None
    if before is None or before.valid_to is not None or before.version != change.row_version:
        return EditionStale(keys=f"{change.tree} {change.code} {change.division}", count=1)
    if edition.valid_from < before.valid_from:
        return Invalid(field="valid_from", reason=f"before the edition in force began ({before.valid_from})")
    return None


def _row_of(edition: Edition, change: Change) -> Duty:
    names = [name for name in DutyDraft.__dataclass_fields__ if name not in ("valid_from", "valid_to")]
    draft = DutyDraft(**{name: getattr(change, name) for name in names})
    return service.row_of(draft, change.division, edition.valid_from, change.row)


def list_after(edition: Edition, changes: Sequence[Change], holding: Sequence[Duty]) -> list[Duty]:
    if edition.state != "draft":
        return list(holding)
    ended = {change.row for change in changes if change.row is not None}
    return tryout.applied(holding, ended, [_row_of(edition, one) for one in changes if one.do != "end"])


def _levels(unit: Unit, orgs: set[Id]) -> dict[Id, str]:
    return {one.id: one.level.value for one in org_service.get_orgs(unit, EVERYTHING, orgs).values()}


# --- trying -------------------------------------------------------------------------------------------------


def examples_of(
    unit: Unit,
    actor: Actor,
    found: Trial,
    matters: Mapping[tuple[str, str], Sequence[Id]],
    since: datetime,
    until: datetime,
) -> dict[tuple[Id | None, Id | None, Id | None], Sequence[Shown]]:
    """A few events of each shift that the asker may open, read in one pass."""
    shifts = found.sorted_shifts()[:SHOWN]
    wanted = {
        (matter_id, place.division): None
        for shift in shifts
        for place in shift.where[:EXAMPLES]
        for matter_id in matters[place.tree, place.code]
    }
    rows = past_events.list_at(unit, actor, list(wanted), since, until, EXAMPLES)
    there: dict[tuple[Id, str], list[Shown]] = {}
    for row in rows:
        there.setdefault((row.matter, row.division), []).append(Shown(row.id, row.case_no, row.title))
    return {
        (shift.before, shift.after, shift.row.id if shift.row else None): [
            one
            for place in shift.where[:EXAMPLES]
            for matter_id in matters[place.tree, place.code]
            for one in there.get((matter_id, place.division), ())
        ][:EXAMPLES]
        for shift in shifts
    }


def lists(unit: Unit, day: date, now: datetime, rows: Sequence[Duty]) -> Lists:
    """A duty list laid out for asking, with the record and the level of every organisation in it."""
    since = now - timedelta(days=settings.get(DispatchSettings).past_days)
    past = edition_store.past_by_class(unit, since, now, seen_by=EVERYTHING)
    named = store.names(rows)
    orgs = org_service.get_orgs(unit, EVERYTHING, named)
    levels = {one.id: one.level.value for one in orgs.values()}
    closed = {org for org in named if org not in orgs or not orgs[org].active}
    return Lists(day, past, levels, closed).put(rows)


def asked_of(
    unit: Unit, actor: Actor, counted: Mapping[tuple[Id | None, str], int]
) -> tuple[list[Asked], dict[tuple[str, str], list[Id]], int]:
    """Events counted by edition of a class and division as questions: (class, division, how many); the editions of each
    class; those without one."""
    classes = matter.get_classes(unit, actor, {one for one, _ in counted if one})
    counts: dict[tuple[str, str, str], int] = {}
    editions: dict[tuple[str, str], dict[Id, None]] = {}
    unclassed = 0
    for (matter_id, division), n in counted.items():
        one = classes.get(matter_id) if matter_id else None
        if one is None or matter_id is None:
            unclassed += n
            continue
        key = (one.tree, one.code, division)
        counts[key] = counts.get(key, 0) + n
        editions.setdefault((one.tree, one.code), {})[matter_id] = None
    asked = [Asked(tree, code, division, n) for (tree, code, division), n in counts.items()]
    return asked, {key: list(found) for key, found in editions.items()}, unclassed


# --- releasing ----------------------------------------------------------------------------------------------


def release(unit: Unit, actor: Actor, edition_id: Id, version: int, reason: str) -> Edition:
    """Let the changes hold from the edition's day on. ``EditionStale`` when rows have moved on meanwhile."""
    was = _draft(unit, actor, edition_id, version)
    why = reason.strip() or was.reason
    if not why:
        raise Invalid(field="reason", reason="say why the duty list changes")
    if was.valid_from < service.today(unit):
        raise Invalid(field="valid_from", reason="lies in the past")
    looked = look(unit, actor, was)
    if not looked:
        raise EditionEmpty(edition=str(edition_id))
    _all_possible(looked)
    for one in looked:
        access.require(actor, MANAGE, one.change.division)
    made: list[Duty] = []
    for one in looked:
        if one.before is not None:
            store.end_duty(unit, one.before, was.valid_from)
            service.tell_changed(unit, replace(one.before, valid_to=was.valid_from))
        if one.after is not None:
            made.append(one.after)
            edition_store.keep_made(unit, one.change, one.after.id)
    store.add_duties(unit, made, f"edition {was.id}")
    for row in made:
        service.tell_changed(unit, row)
    done = replace(was, state="released", reason=why, released_by_name=actor.name, released_at=unit.now)
    edition_store.save(unit, done, was)
    return replace(done, version=was.version + 1)


def _all_possible(looked: Sequence[Looked]) -> None:
    wrong = [one for one in looked if one.why is not None]
    if len(wrong) == 1 and wrong[0].why is not None:
        raise wrong[0].why
    if wrong:
        keys = [f"{one.change.tree} {one.change.code} {one.change.division}" for one in wrong[:20]]
        raise EditionStale(keys=", ".join(keys), count=len(wrong))


def roll_back(unit: Unit, actor: Actor, edition_id: Id, reason: str) -> Edition:
    """Take a released edition back by one that does the contrary, from today on (or from the day on which it would have
    begun). Rows that were changed since are told, and nothing is done."""
    was = edition_store.get(unit, edition_id, seen_by=actor, lock=True)
    if was.state != "released" or was.reverted_by is not None:
        raise EditionSettled(edition=str(edition_id), state="reverted" if was.reverted_by else was.state)
    if not reason.strip():
        raise Invalid(field="reason", reason="say what was wrong")
    day = max(service.today(unit), was.valid_from)
    back = open_edition(unit, actor, was.title, day, reason, reverts=was.id)
    changes = edition_store.changes_of(unit, edition_id, seen_by=actor)
    wanted = [one for change in changes for one in (change.row, change.made) if one]
    rows = edition_store.find_duties(unit, wanted, seen_by=EVERYTHING)
    edition_store.add_changes(unit, [_contrary(back, change, rows) for change in changes], f"contrary of {was.id}")
    released = release(unit, actor, back.id, back.version, reason)
    edition_store.save(unit, replace(was, reverted_by=back.id), was)
    return released


def _contrary(back: Edition, change: Change, rows: Mapping[Id, Duty]) -> Change:
    made = rows.get(change.made) if change.made else None
    before = rows.get(change.row) if change.row else None
    if change.do == "end":
        assert before is not None
        return _change_of(back.id, "add", before, None)
    if made is None or made.valid_to is not None:
        raise EditionStale(keys=f"{change.tree} {change.code} {change.division}", count=1)
    if change.do == "add":
        return _change_of(back.id, "end", made, made)
    assert before is not None
    return _change_of(back.id, "change", before, made)


# --- what an organisation owes ------------------------------------------------------------------------------


def list_obligations(
    unit: Unit, actor: Actor, org: Id | None, at: Page, open_only: bool
) -> Paged[tuple[Obligation, event.Event]]:
    """What was laid on an organisation (one's own unless named) across the events that the asker may see."""
    wanted = org or actor.org
    if wanted is None:
        raise Invalid(field="org", reason="which organisation")
    found = edition_store.list_of_org(unit, wanted, at, open_only, seen_by=actor)
    events = {one.id: one for one in find_events(unit, actor, {one.event for one in found.items})}
    return Paged([(one, events[one.event]) for one in found.items if one.event in events], found.next)
