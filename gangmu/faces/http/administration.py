"""What administrators see of the house: dead letters, the journal, settings, the clock."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field

from gangmu.kit import clock, jobs, journal_search, settings
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import words
from gangmu.kit.unit import Unit
from gangmu.kit.web import PUBLIC, Edge, Listed, Paging, Routes, Schema

routes = Routes("administration")


class DeadLetter(Schema):
    """A job that has failed too often. No content: it may be personal."""

    id: Id
    name: str
    message: Id | None
    about: str
    attempts: int
    error: str
    made_at: datetime


class DeadLetters(Listed):
    items: list[DeadLetter]


class Entry(Schema):
    """A journal entry: number in the chain once sealed, who, why, what."""

    id: Id
    seq: int | None
    recorded_at: datetime
    actor: dict[str, Any]
    cause: str
    about: list[str]
    changes: list[dict[str, Any]]


class Entries(Listed):
    """``back_to``: how far back was looked, when there may be more."""

    items: list[Entry]
    back_to: datetime | None = None


class Standing(Schema):
    """How the journal stands: sealed entries and when, entries that wait for the sealer, whether table and signed head
    agree (null: the heads are elsewhere), and what the last walk over all of it found."""

    sealed: int
    sealed_at: datetime | None
    unsealed: int
    head: str
    heads_agree: bool | None
    verified_ok: bool | None
    verified_sealed: int | None
    verified_broken: dict[str, Any] | None
    verified_at: datetime | None


class Begun(Schema):
    """It has begun."""

    begun: bool = True


class SettingRow(Schema):
    name: str
    value: Any
    source: str
    default: Any
    about: str
    admin: bool


class SettingRows(Listed):
    items: list[SettingRow]


class SettingIn(Schema):
    """The new value; null goes back to file and default."""

    value: Any = Field(description="the new value; null goes back to file and default")


class Health(Schema):
    status: str
    time: datetime


@routes.get("/health", can=PUBLIC, answers=Health)
def health(at: Edge) -> Health:
    """健康检查 / Whether the house answers, its database included."""
    return Health(status="ok", time=clock.real_now())


@routes.get("/dead-letters", can="dead_letter.manage", answers=DeadLetters)
def list_dead_letters(at: Edge) -> DeadLetters:
    """死信 / Jobs that failed too often: type, id and error only."""
    return DeadLetters(items=[DeadLetter.model_validate(row._asdict()) for row in jobs.dead(at.unit)])


@routes.post("/dead-letters/{job_id}/rerun", can="dead_letter.manage", status=204, errors=[NotFound])
def rerun_dead_letter(job_id: Id, at: Edge) -> None:
    """重新执行 / Put a dead letter back to work."""
    jobs.rerun(at.unit, job_id)


@routes.get("/journal", can="audit.read", answers=Entries, errors=[Invalid])
def list_journal(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    about: Annotated[str, Query(max_length=80)] = "",
    who: Annotated[str, Query(max_length=80)] = "",
    table: Annotated[str, Query(max_length=60, pattern="^[a-z_0-9]*$")] = "",
    did: Annotated[str, Query(max_length=60, pattern="^[a-z_ ]*$")] = "",
    first: datetime | None = None,
    last: datetime | None = None,
) -> Entries:
    """审计日志 / The journal, newest first: of one thing, by who, table, what was done, and time."""
    for name, moment in (("first", first), ("last", last)):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(field=name, reason="needs an offset")
    asked = journal_search.Asked(about.strip(), who.strip(), table, did.strip(), first, last)
    found = journal_search.search(at.unit, asked, paging.page)
    items = []
    for entry in found.items:
        body = entry.body
        items.append(
            Entry(
                id=entry.id,
                seq=entry.seq,
                recorded_at=body["recorded_at"],
                actor=body["actor"],
                cause=body["cause"],
                about=body["about"],
                changes=body["changes"],
            )
        )
    return Entries(items=items, next=found.next, back_to=found.back_to)


@routes.get("/journal/state", can="audit.read", answers=Standing)
def journal_state(at: Edge) -> Standing:
    """日志状态 / How far the journal is sealed and signed, and what the last verification found."""
    found = journal_search.standing(at.unit)
    told = found.verified or {}
    return Standing(
        sealed=found.sealed,
        sealed_at=found.sealed_at,
        unsealed=found.unsealed,
        head=found.head,
        heads_agree=found.heads_agree,
        verified_ok=told.get("ok"),
        verified_sealed=told.get("sealed"),
        verified_broken=told.get("broken"),
        verified_at=found.verified_at,
    )


@routes.post("/journal/verify", can="audit.read", status=202, answers=Begun)
def verify_journal(at: Edge) -> Begun:
    """核验日志 / Walk the whole chain in the background; the state tells what was found."""
    at.unit.at(at.unit.now, "journal.verify", journal_search.VERIFIED)
    return Begun()


@jobs.timer("journal.verify")
def walk_journal(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """The walk that was asked for."""
    journal_search.verify(unit)


@routes.get("/settings", can="settings.manage", answers=SettingRows)
def list_settings(at: Edge) -> SettingRows:
    """设置 / Every setting with its source and default."""
    said = {} if at.lang == "en" else words(at.lang)  # a description is English by itself
    told = [{**row, "about": said.get(f"setting.{row['name']}", row["about"])} for row in settings.described()]
    return SettingRows(items=[SettingRow(**row) for row in told])


@routes.put("/settings/{name}", can="settings.manage", status=204, errors=[Invalid, NotFound])
def set_setting(name: str, body: SettingIn, at: Edge) -> None:
    """修改设置 / Set one setting, or give it back to file and default."""
    settings.put(at.unit, name, body.value)
