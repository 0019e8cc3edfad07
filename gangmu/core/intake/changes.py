"""Rows that have changed at their source (来源有变): looked at against what the house holds, taken over or refused.

Nothing changes by itself when a file comes in again. Somebody sees what would become different, and decides; what the
source says once more after it was refused is not asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from gangmu.base import access
from gangmu.core.event import correcting
from gangmu.core.event.bulk import ForeignReport
from gangmu.core.event.correcting import CORRECT, Difference
from gangmu.core.intake import change_store, profile, store
from gangmu.core.intake.errors import AlreadyDecided, ChangeUnreadable, NotKept, UnknownChange
from gangmu.core.intake.mapping import Mapper
from gangmu.core.intake.model import Batch, ChangedRow, Incoming
from gangmu.core.intake.readers import Raw
from gangmu.core.intake.resolving import Resolver, known_codes
from gangmu.core.intake.service import RUN, foreign_of
from gangmu.core.intake.settings import IntakeSettings
from gangmu.kit import settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import HouseError, Invalid, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.savepoint import savepoint
from gangmu.kit.unit import Unit

ACCEPTED, REFUSED, WAITING = "accepted", "refused", "waiting"


@dataclass(frozen=True, slots=True)
class Looked:
    """A changed row with what would become different. ``trouble`` says why it cannot be taken over."""

    row: ChangedRow
    differences: Sequence[Difference] = field(default=())
    trouble: HouseError | None = None


class _Reader:
    """Turns the sealed rows of a batch into what the house would take in, by the batch's own profile."""

    def __init__(self, unit: Unit, actor: Actor, batch: Batch) -> None:
        self.batch = batch
        self.plan = profile.parse(batch.profile, batch.source)
        self.columns = [str(name) for name in batch.notes.get("columns", [])]
        rules = settings.get(IntakeSettings).rules()
        self.mapper = Mapper(self.plan, self.columns, rules, known_codes(unit, actor, self.plan))
        self.resolver = Resolver(self.plan)

    def said(self, unit: Unit, actor: Actor, row: ChangedRow) -> ForeignReport:
        text = unit.unseal(self.batch.id, row.raw)
        if text is None:
            raise NotKept(row=row.at)
        found = self.mapper.map(Raw(row.at, list(orjson.loads(text))), unit.now)
        if not isinstance(found, Incoming):
            raise ChangeUnreadable(row=row.at, field=found[0].field, reason=found[0].reason)
        spot = self.resolver.spots(unit, actor, [found])[0]
        return foreign_of(unit, actor, self.resolver, found, spot, found.number)


def list_changed(unit: Unit, actor: Actor, batch_id: Id, wanted: Page, state: str = "") -> Paged[Looked]:
    """Changed rows of a batch; those that wait with what would become different."""
    access.require(actor, RUN, "")
    batch = store.get_batch(unit, batch_id, seen_by=actor)
    found = change_store.list_changed(unit, wanted, batch_id, state, seen_by=actor)
    if not any(row.state == WAITING for row in found.items):
        return Paged([Looked(row) for row in found.items], found.next)
    reader = _Reader(unit, actor, batch)
    looked = [_look(unit, actor, reader, row) if row.state == WAITING else Looked(row) for row in found.items]
    unit.saw_personal(batch.id, ["import_change.raw"], "changed rows")
    return Paged(looked, found.next)


def _look(unit: Unit, actor: Actor, reader: _Reader, row: ChangedRow) -> Looked:
    """What a row would change: worked out and taken back, for a class or place nobody knew yet is not founded by
    looking."""
    try:
        with savepoint(unit, keep=False):
            said = reader.said(unit, actor, row)
            told = correcting.differences(unit, actor, row.event, row.report, said)
        reader.resolver.forget()
        return Looked(row, told)
    except HouseError as refused:
        reader.resolver.forget()
        return Looked(row, trouble=refused)


def decide_changes(
    unit: Unit, actor: Actor, batch_id: Id, wanted: Sequence[Id], *, accept: bool, reason: str
) -> list[Looked]:
    """Take rows over or refuse them, each for itself: one that cannot be taken over stays and says why, and keeps no
    other from it."""
    if not actor.may(CORRECT):
        raise Refused(action=CORRECT)
    batch = store.get_batch(unit, batch_id, seen_by=actor)
    said = " ".join(reason.split())[:500]
    if not accept and not said:
        raise Invalid(field="reason", reason="say why the source is not believed")
    store.lock_source(unit, batch.source)
    there = change_store.find_changed(unit, batch_id, wanted, seen_by=actor)
    reader = _Reader(unit, actor, batch) if accept else None
    done: list[Looked] = []
    for one in dict.fromkeys(wanted):
        row = there.get(one)
        if row is None:
            raise UnknownChange(change=str(one))
        done.append(_decide(unit, actor, reader, row, said))
    if reader is not None:
        unit.saw_personal(batch.id, ["import_change.raw"], "correction")
    return done


def _decide(unit: Unit, actor: Actor, reader: _Reader | None, row: ChangedRow, reason: str) -> Looked:
    try:
        with savepoint(unit):
            if row.state != WAITING:
                raise AlreadyDecided(row=row.at, state=row.state)
            told: Sequence[Difference] = ()
            if reader is not None:
                foreign = reader.said(unit, actor, row)
                told = correcting.correct(unit, actor, row.event, row.report, foreign, row.source, reason)
                change_store.now_known_as(unit, row)
            state = REFUSED if reader is None else ACCEPTED
            change_store.settle_change(unit, row, state, reason)
        return Looked(row.decided(state, reason, unit.now), told)
    except HouseError as refused:
        if reader is not None:
            reader.resolver.forget()
        return Looked(row, trouble=refused)
