"""What administrators see of the house: dead letters, the journal, settings, the clock."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field

from gangmu.kit import clock, jobs, journal, settings
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.ids import Id
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
    items: list[Entry]


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
    at: Edge, paging: Annotated[Paging, Depends()], about: Annotated[str, Query(max_length=80)] = ""
) -> Entries:
    """审计日志 / The journal, newest first, of one thing or all."""
    found = journal.entries(at.unit, paging.page, about)
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
    return Entries(items=items, next=found.next)


@routes.get("/settings", can="settings.manage", answers=SettingRows)
def list_settings(at: Edge) -> SettingRows:
    """设置 / Every setting with its source and default."""
    return SettingRows(items=[SettingRow(**row) for row in settings.described()])


@routes.put("/settings/{name}", can="settings.manage", status=204, errors=[Invalid, NotFound])
def set_setting(name: str, body: SettingIn, at: Edge) -> None:
    """修改设置 / Set one setting, or give it back to file and default."""
    settings.put(at.unit, name, body.value)
