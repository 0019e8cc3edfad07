"""Orders by callback: the other system posts orders and acts to us, and takes ours at its own address.

It bears the token of the link's application and, where the link has a secret, signs each call (HMAC-SM3). Each call is
answered row by row, after the rows are here.
"""

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
    Unsupported,
)


class Connector(Exchange):
    """Posted to; posts back."""

    def check(self, ask: Ask) -> Health:
        return Health(True, "waits for calls")

    def read(self, body: Any) -> Batch:
        listed = body.get("rows") if isinstance(body, Mapping) else body
        if not isinstance(listed, list):
            raise Unreadable("rows: a list is wanted")
        return Batch(tuple(rows.read(row) for row in listed), Cursor())

    def send(self, ask: Ask, acts: Sequence[OutAct]) -> tuple[Receipt, ...]:
        _reachable(ask)
        return _receipts(ask.post(_path(ask, "acts_path", "/acts"), {"acts": [rows.told(act) for act in acts]}).json)

    def receipt(self, ask: Ask, wanted: Sequence[str]) -> tuple[Receipt, ...]:
        _reachable(ask)
        return _receipts(ask.post(_path(ask, "receipts_path", "/receipts"), {"ids": list(wanted)}).json)

    def reconcile(self, ask: Ask, day: date) -> Account:
        _reachable(ask)
        told = ask.get(_path(ask, "account_path", "/account"), {"day": day.isoformat()}).json
        if not isinstance(told, dict) or not isinstance(told.get("rows"), list):
            raise Unreadable("account: rows are wanted")
        found = []
        for row in told["rows"]:
            due = row.get("due_at")
            found.append(AccountRow(str(row["number"]), row["standing"], datetime.fromisoformat(due) if due else None))
        return Account(day, tuple(found))


def _path(ask: Ask, name: str, usual: str) -> str:
    return ask.settings.get(name) or usual


def _reachable(ask: Ask) -> None:
    if not ask.settings.get("address"):
        raise Unsupported("send: the link has no address of theirs")


def _receipts(told: Any) -> tuple[Receipt, ...]:
    listed = told.get("receipts") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise Unreadable("receipts: a list is wanted")
    return tuple(one for one in map(rows.receipt_of, listed) if one is not None)
