"""Orders by REST: a system that is asked for its orders and takes our acts, in JSON.

Four addresses and the names of the fields are settings, so that most hotlines and case systems need no code. The
usual ones are those of the simulated city (``gangmu simulate hotline``).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gangmu.sdk import rows
from gangmu.sdk.exchange import (
    Account,
    AccountRow,
    Ask,
    Batch,
    Cursor,
    Exchange,
    Health,
    OutAct,
    Receipt,
    Unreadable,
)


class Connector(Exchange):
    """Pulled by cursor, pushed in batches."""

    def check(self, ask: Ask) -> Health:
        _fields(ask)
        answer = ask.get(ask.settings.get("ping_path") or "/ping")
        return Health(answer.status == 200, str(answer.status))

    def receive(self, ask: Ask, since: Cursor) -> Batch:
        asked = {"after": since.value, "limit": ask.settings.get("page") or "500"}
        told = _object(ask.get(ask.settings.get("orders_path") or "/orders", asked).json, "orders")
        fields, zone = _fields(ask), ask.settings.get("zone") or "Asia/Shanghai"
        listed = told.get("rows")
        if not isinstance(listed, list) or "next" not in told:
            raise Unreadable("orders: rows and next are wanted")
        read = tuple(rows.read(row, fields, zone) for row in listed)
        return Batch(read, Cursor(str(told["next"])), bool(told.get("more")))

    def send(self, ask: Ask, acts: Sequence[OutAct]) -> tuple[Receipt, ...]:
        told = ask.post(ask.settings.get("acts_path") or "/acts", {"acts": [rows.told(act) for act in acts]}).json
        return _receipts(told)

    def receipt(self, ask: Ask, wanted: Sequence[str]) -> tuple[Receipt, ...]:
        return _receipts(ask.post(ask.settings.get("receipts_path") or "/receipts", {"ids": list(wanted)}).json)

    def reconcile(self, ask: Ask, day: date) -> Account:
        path = ask.settings.get("account_path") or "/account"
        told = _object(ask.get(path, {"day": day.isoformat()}).json, "account")
        found = []
        for row in told.get("rows") or ():
            due = row.get("due_at")
            standing = row.get("standing")
            if standing not in ("open", "answered", "returned") or not row.get("number"):
                raise Unreadable("account: a row has number and standing")
            found.append(AccountRow(str(row["number"]), standing, datetime.fromisoformat(due) if due else None))
        return Account(day, tuple(found))


def _fields(ask: Ask) -> Mapping[str, str]:
    text = ask.settings.get("fields") or "{}"
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"fields: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Unreadable("fields: an object of texts is wanted")
    return found


def _object(told: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise Unreadable(f"{what}: not a JSON object")
    return told


def _receipts(told: Any) -> tuple[Receipt, ...]:
    listed = _object(told, "receipts").get("receipts")
    if not isinstance(listed, list):
        raise Unreadable("receipts: a list is wanted")
    return tuple(one for one in map(rows.receipt_of, listed) if one is not None)
