"""The only SQL of try-outs of the duty list: how far each is, and what it found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gangmu.kit import db
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, metadata, ref_col, text_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

duty_trial = sa.Table(
    "duty_trial",
    metadata,
    id_col("id", "dtt"),
    ref_col("edition", "ded", nullable=False),
    sa.Column("edition_version", sa.Integer, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting | running | done | failed
    text_col("phase"),
    sa.Column("done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.BigInteger, nullable=False, server_default="0"),
    ref_col("post", "pst"),
    text_col("asked_by_name"),
    when("asked_at", nullable=False),
    when("ended_at"),
    text_col("why"),
    json_col("found"),
    version_col(),
    sa.Index("ix_duty_trial_edition", "edition", "id"),
)


@dataclass(frozen=True, slots=True)
class DutyTrial:
    """A try-out: ``done`` of ``total`` in ``phase``; ``found`` when it is done, ``why`` when it failed. It counts as
    the edition stood at ``edition_version``."""

    id: Id
    edition: Id
    edition_version: int
    days: int
    state: str
    phase: str
    done: int
    total: int
    post: Id | None
    asked_by_name: str
    asked_at: datetime
    ended_at: datetime | None
    why: str
    found: Mapping[str, Any] | None
    version: int = 1


_trial = db.maker(DutyTrial)


def add_trial(unit: Unit, new: DutyTrial) -> None:
    unit.insert(duty_trial, db.values_of(new, duty_trial))


def get_trial(unit: Unit, trial_id: Id, *, seen_by: Actor) -> DutyTrial:
    row = unit.one(sa.select(duty_trial).where(duty_trial.c.id == trial_id)) if seen_by.may("duty.read") else None
    if row is None:
        raise NotFound(what=str(trial_id))
    return _trial(row)


def newest_trial(unit: Unit, edition: Id, *, seen_by: Actor) -> DutyTrial | None:
    """The last try-out of an edition that was asked for."""
    query = sa.select(duty_trial).where(duty_trial.c.edition == edition).order_by(duty_trial.c.id.desc()).limit(1)
    row = unit.one(query) if seen_by.may("duty.read") else None
    return None if row is None else _trial(row)


def progress(unit: Unit, trial_id: Id, phase: str, done: int, total: int) -> None:
    """How far it is; told to who watches, not to the journal."""
    changed = sa.update(duty_trial).where(duty_trial.c.id == trial_id, duty_trial.c.state.in_(["waiting", "running"]))
    unit.run(changed.values(state="running", phase=phase, done=done, total=total))


def end_trial(unit: Unit, was: DutyTrial, state: str, found: Mapping[str, Any] | None, why: str) -> None:
    ended = {"state": state, "found": dict(found) if found else None, "why": why, "ended_at": unit.now}
    unit.update(duty_trial, was.id, ended, was=was)
