"""Drafts (草稿): an unfinished form is kept for its writer alone, sealed, until he sends or drops it."""

from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.dialects.postgresql import insert as pg_insert

from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.tables import draft
from gangmu.kit.web import Edge, Routes, Schema

routes = Routes("drafts")


class DraftIn(Schema):
    body: dict[str, Any] = Field(description="the form as the screen keeps it, at most 2 MB")


class DraftOut(Schema):
    body: dict[str, Any]
    kept_at: datetime


def _mine(at: Edge, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(draft.c.person == str(at.actor.person), draft.c.key == key[:80])


@routes.get("/drafts/{key}", can="draft.use", answers=DraftOut, errors=[NotFound])
def get_draft(key: str, at: Edge) -> DraftOut:
    """取草稿 / One's own draft under this key."""
    row = at.unit.one(sa.select(draft).where(_mine(at, key)))
    text = None if row is None else at.unit.unseal(f"draft:{at.actor.person}", row.body)
    if row is None or text is None:
        raise NotFound(what=key)
    return DraftOut(body=orjson.loads(text), kept_at=row.kept_at)


@routes.put("/drafts/{key}", can="draft.use", status=204, errors=[Invalid])
def keep_draft(key: str, body: DraftIn, at: Edge) -> None:
    """存草稿 / Keep a draft, over the one before."""
    try:
        text = orjson.dumps(body.body).decode()
    except TypeError as error:  # a number or a character that JSON cannot carry
        raise Invalid(field="body", reason="a value that cannot be kept") from error
    sealed = at.unit.seal(f"draft:{at.actor.person}", text)
    values = {"person": str(at.actor.person), "key": key[:80], "body": sealed, "kept_at": at.unit.now}
    adding = pg_insert(draft).values(values)
    changed = {"body": values["body"], "kept_at": values["kept_at"]}
    at.unit.run(adding.on_conflict_do_update(index_elements=["person", "key"], set_=changed))


@routes.delete("/drafts/{key}", can="draft.use", status=204)
def drop_draft(key: str, at: Edge) -> None:
    """弃草稿 / Drop a draft; dropping none is no error."""
    at.unit.run(sa.delete(draft).where(_mine(at, key)))
