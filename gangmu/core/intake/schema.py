"""What imports look like over HTTP."""

from datetime import datetime
from typing import Any

from gangmu.core.intake.model import Batch, Incoming, RowError, Waiting
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.service import Mapped
from gangmu.kit.ids import Id
from gangmu.kit.text import t
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


class ChangedRow(Schema):
    """A row that came in again and says something else: its number in the file, its key, its cells as they may be
    shown."""

    row: int
    key: str
    cells: dict[str, Any]


class ChangedRows(Listed):
    items: list[ChangedRow]
