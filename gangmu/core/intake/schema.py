"""What imports look like over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from gangmu.core.event.correcting import Difference
from gangmu.core.intake.changes import Looked
from gangmu.core.intake.model import Batch, Incoming, RowError, Waiting
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.service import Mapped
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Listed, Schema


class ErrorOut(Schema):
    """What is wrong with one field of a row. ``message`` is in the asker's language, ``value`` clipped and masked."""

    field: str
    reason: str
    message: str
    value: str

    @classmethod
    def of(cls, field: str, reason: str, value: str, lang: str) -> "ErrorOut":
        return cls(field=field, reason=reason, message=t(f"intake.reason.{reason}", lang), value=value)


class BatchOut(Schema):
    """A batch and what became of its rows: ``read = accepted + quarantined + already``."""

    id: Id
    source: str
    file_name: str
    state: str
    why: str
    read: int
    accepted: int
    quarantined: int
    already: int
    changed: int
    flags: dict[str, int]
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchOut":
        names = [name for name in cls.model_fields if name != "flags"]
        return cls(flags=dict(batch.flags), **{name: getattr(batch, name) for name in names})


class Batches(Listed):
    items: list[BatchOut]


class WaitingOut(Schema):
    """A row in quarantine. ``cells`` by column, personal ones covered; ``kept``: it can be tried again."""

    id: Id
    batch: Id
    row: int
    errors: list[ErrorOut]
    cells: dict[str, str]
    kept: bool

    @classmethod
    def of(cls, one: Waiting, lang: str) -> "WaitingOut":
        errors = [ErrorOut.of(e["field"], e["reason"], e["value"], lang) for e in one.errors]
        kept = one.raw is not None
        return cls(id=one.id, batch=one.batch, row=one.at, errors=errors, cells=dict(one.cells), kept=kept)


class WaitingList(Listed):
    items: list[WaitingOut]


class PreviewRow(Schema):
    """A row as it would be taken, or why not. Names and phones of reporters are not shown."""

    row: int
    report: dict[str, Any] | None
    errors: list[ErrorOut]

    @classmethod
    def of(cls, one: Mapped, lang: str) -> "PreviewRow":
        if isinstance(one.found, Incoming):
            return cls(row=one.raw.at, report=shown(one.found), errors=[])
        return cls(row=one.raw.at, report=None, errors=[_error(error, lang) for error in one.found])


class ImportOut(Schema):
    """A preview (``rows``) or the batch that has begun (``batch``)."""

    profile: str
    format: str
    columns: list[str]
    unread: list[str]
    missing: list[str]
    rows: list[PreviewRow]
    batch: BatchOut | None


class ProfileOut(Schema):
    """A shipped profile."""

    name: str
    title: str
    source: str
    owner: str
    licence: str
    zone: str
    city: str | None

    @classmethod
    def of(cls, plan: Profile) -> "ProfileOut":
        city = plan.city.name if plan.city else None
        values = {name: getattr(plan, name) for name in ("name", "title", "source", "owner", "licence")}
        return cls(zone=plan.zone.key, city=city, **values)


class Profiles(Listed):
    items: list[ProfileOut]


_SHOWN = (
    "number", "channel", "kind", "title", "text", "happened_at", "address", "lon", "lat", "datum", "division", "places",
    "matter", "matter_path", "life", "outcome", "target_at", "closed_at", "department", "reply", "flags",
)  # fmt: skip


def shown(found: Incoming) -> dict[str, Any]:
    """A mapped row without its reporter."""
    return {name: _plain(getattr(found, name)) for name in _SHOWN}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _error(error: RowError, lang: str) -> ErrorOut:
    return ErrorOut.of(error.field, error.reason, error.value, lang)


class DifferenceOut(Schema):
    """One thing that the source says otherwise now. ``kept``: the event keeps what somebody here made of it, and the
    report alone is put right."""

    field: str
    title: str
    was: str
    now: str
    kept: bool

    @classmethod
    def of(cls, one: Difference, lang: str, names: Mapping[Any, str]) -> "DifferenceOut":
        title = t(f"intake.field.{one.field}", lang)
        return cls(
            field=one.field,
            title=title,
            was=_said(one, one.was, lang, names),
            now=_said(one, one.now, lang, names),
            kept=one.kept,
        )


def _said(one: Difference, value: Any, lang: str, names: Mapping[Any, str]) -> str:
    """A value as a person reads it: names for ids, personal data covered."""
    if one.field == "reporter":
        return "***"
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping):
        point = f" {value['lon']:.6f}, {value['lat']:.6f}" if value["lon"] is not None else ""
        return f"{names.get(value['division'], value['division'])}{point}"
    if isinstance(value, bool):
        return t(f"intake.said.{'yes' if value else 'no'}", lang)
    if isinstance(value, datetime):
        return value.isoformat()
    if one.field in ("life", "kind"):
        return t(f"intake.said.{value}", lang)
    return mask_personal(names.get(value, str(value)))[:500]


class ChangedRowOut(Schema):
    """A row that came in again and says something else: its number in the file, its key, its cells as they may be
    shown, the event that it became; while it waits, what would become different, or why it cannot be taken over."""

    id: Id
    row: int
    key: str
    cells: dict[str, Any]
    state: str
    event: Id
    reason: str
    decided_at: datetime | None
    differences: list[DifferenceOut]
    trouble: str
    trouble_code: str

    @classmethod
    def of(cls, one: Looked, lang: str, names: Mapping[Any, str]) -> "ChangedRowOut":
        row, bad = one.row, one.trouble
        return cls(
            id=row.id,
            row=row.at,
            key=row.key,
            cells=dict(row.cells),
            state=row.state,
            event=row.event,
            reason=row.reason,
            decided_at=row.decided_at,
            differences=[DifferenceOut.of(each, lang, names) for each in one.differences],
            trouble=t(bad.code, lang, **bad.params) if bad else "",
            trouble_code=bad.code if bad else "",
        )


class ChangedRows(Listed):
    items: list[ChangedRowOut]


class DecideIn(Schema):
    """Which changed rows to take over (``accept``) or to refuse, and why; refusing needs a reason."""

    changes: list[Id] = Field(min_length=1, max_length=200)
    accept: bool
    reason: str = Field(default="", max_length=500)


class DecidedOut(Schema):
    """What became of each row: those that could not be taken over still wait, with why."""

    items: list[ChangedRowOut]
    accepted: int
    refused: int
    left: int
