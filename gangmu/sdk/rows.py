"""Orders and acts as plain rows (JSON objects, sheet lines) and back, for connectors.

``fields`` names where the other system keeps a value, when it is not under our own word: ``{"number": "orderNo",
"reporter_phone": "caller.tel"}`` (dots lead into objects). Times are RFC 3339 or ``YYYY-MM-DD HH:MM:SS`` in ``zone``.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.sdk.exchange import Bad, ForeignAct, ForeignOrder, Link, OutAct, Receipt, Step

ORDER_TEXTS = (
    "title", "kind", "class_code", "area", "unit", "state", "address", "datum", "reporter_name", "reporter_phone",
)  # fmt: skip
ORDER_TRUTHS = ("claims_clock", "anonymous", "confidential", "want_reply", "urgent")
ACT_TEXTS = ("text", "by", "satisfaction", "outcome", "state")
LONGEST_CODE = 120
YES = {"1", "true", "yes", "y", "是"}
NO = {"0", "false", "no", "n", "否", ""}


class _Wrong(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason = field, reason


def read(
    row: Any, fields: Mapping[str, str] | None = None, zone: str = "Asia/Shanghai"
) -> ForeignOrder | ForeignAct | Bad:
    """A row as an order, an act (it has a value under ``act``), or as what is wrong with it."""
    if not isinstance(row, Mapping):
        return Bad("", "row", "not an object", {"row": str(row)[:500]})
    reader = _Reader(row, fields or {}, zone)
    try:
        return reader.act() if reader.text("act") else reader.order()
    except _Wrong as wrong:
        return Bad(reader.text("message")[:LONGEST_CODE], wrong.field, wrong.reason, dict(row))


class _Reader:
    """One row, by our names."""

    def __init__(self, row: Mapping[str, Any], fields: Mapping[str, str], zone: str) -> None:
        self._row, self._fields, self._zone = row, fields, zone

    def value(self, name: str) -> Any:
        found: Any = self._row
        for part in self._fields.get(name, name).split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def text(self, name: str) -> str:
        value = self.value(name)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).replace("\0", "").strip()

    def must(self, name: str) -> str:
        text = self.text(name)
        if not text:
            raise _Wrong(name, "is missing")
        if len(text) > LONGEST_CODE:
            raise _Wrong(name, "is too long")
        return text

    def time(self, name: str, *, must: bool = False) -> datetime | None:
        value = self.value(name)
        if isinstance(value, datetime):
            moment = value
        else:
            text = self.text(name)
            if not text:
                if must:
                    raise _Wrong(name, "is missing")
                return None
            try:
                moment = datetime.fromisoformat(text.replace("/", "-").replace("Z", "+00:00"))
            except ValueError:
                raise _Wrong(name, f"{text[:40]!r} is not a time") from None
        if not 1990 <= moment.year <= 2150:
            raise _Wrong(name, f"the year {moment.year} is out of all reason")
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self._zone))

    def number(self, name: str) -> float | None:
        text = self.text(name)
        if not text:
            return None
        try:
            found = float(text)
        except ValueError:
            raise _Wrong(name, f"{text[:40]!r} is not a number") from None
        if found != found or abs(found) > 1e9:
            raise _Wrong(name, f"{text[:40]!r} is not a place")
        return found

    def truth(self, name: str, usual: bool) -> bool:
        value = self.value(name)
        if value is None or isinstance(value, bool):
            return usual if value is None else value
        text = self.text(name).lower()
        if text not in YES | NO:
            raise _Wrong(name, f"{text[:40]!r} is neither yes nor no")
        return text in YES if text else usual

    def seq(self) -> int:
        return int(self.number("seq") or 0)

    def order(self) -> ForeignOrder:
        at = self.time("at", must=True)
        assert at is not None
        texts = {name: self.text(name) for name in ORDER_TEXTS if self.text(name)}
        truths = {name: self.truth(name, name == "want_reply") for name in ORDER_TRUTHS}
        if not (self.text("text") or texts.get("title")):
            raise _Wrong("text", "is missing")
        number = self.must("number")
        return ForeignOrder(
            message=self.text("message")[:LONGEST_CODE] or f"order:{number}",
            number=number,
            at=at,
            text=self.text("text") or texts["title"],
            seq=self.seq(),
            started_at=self.time("started_at"),
            due_at=self.time("due_at"),
            lon=self.number("lon"),
            lat=self.number("lat"),
            files=tuple(_files(self.value("files"))),
            history=tuple(self._history()),
            **texts,
            **truths,
        )

    def act(self) -> ForeignAct:
        at = self.time("at", must=True)
        assert at is not None
        return ForeignAct(
            message=self.must("message"),
            number=self.must("number"),
            act=self.must("act"),
            at=at,
            seq=self.seq(),
            due_at=self.time("due_at"),
            **{name: self.text(name) for name in ACT_TEXTS},
        )

    def _history(self) -> list[Step]:
        told = []
        for item in self.value("history") or ():
            reader = _Reader(item, {}, self._zone) if isinstance(item, Mapping) else None
            at = reader.time("at") if reader else None
            if reader is None or at is None:
                raise _Wrong("history", "a step has at and what")
            told.append(Step(at, reader.text("what"), reader.text("by"), reader.text("text")))
        return told


def moment(text: str, zone: str = "Asia/Shanghai") -> datetime | None:
    """A time as people write it; None when it is none."""
    try:
        return _Reader({"at": text}, {}, zone).time("at")
    except _Wrong:
        return None


def with_history(order: ForeignOrder, steps: Sequence[Step]) -> ForeignOrder:
    """The order with what happened to it over there."""
    return replace(order, history=tuple(steps))


def _files(value: Any) -> list[Link]:
    if not isinstance(value, list | tuple):
        return []
    return [Link(str(item.get("name", ""))[:200], str(item.get("url", ""))[:1000]) for item in value if item]


def told(act: OutAct) -> dict[str, Any]:
    """An act of ours as a plain row; empty values are left out."""
    row = {
        "id": act.id,
        "number": act.number,
        "act": act.act,
        "at": act.at.isoformat(),
        "text": act.text,
        "outcome": act.outcome,
        "satisfaction": act.satisfaction,
        "state": act.state,
        "unit": act.unit,
        "by": act.by,
        "due_at": act.due_at.isoformat() if act.due_at else "",
        "files": [{"name": one.name, "mime": one.mime, "base64": b64encode(one.content).decode()} for one in act.files],
    }
    return {name: value for name, value in row.items() if value}


def receipt_of(row: Any) -> Receipt | None:
    """A receipt from a plain row; None when it is none."""
    if not isinstance(row, Mapping) or not row.get("id"):
        return None
    verdict = str(row.get("verdict", ""))
    if verdict not in ("taken", "refused", "later"):
        return None
    return Receipt(str(row["id"]), verdict, str(row.get("code", ""))[:60], str(row.get("text", ""))[:500])  # type: ignore[arg-type]
