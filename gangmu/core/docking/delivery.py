"""What comes without our asking: calls of the other system, and workbooks that somebody carries."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from gangmu.base import access
from gangmu.core.docking import connectors, link_store, outbound_store, sending, taking, visits
from gangmu.core.docking.errors import BadSignature, LinkAsleep
from gangmu.core.docking.model import Link
from gangmu.core.docking.rows import Taken
from gangmu.core.docking.settings import DockingSettings
from gangmu.kit import clock, ids, settings, sheets
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, TooLarge
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.sdk import signing

MAP = "docking.map"
PORTER = System("docking.delivery")
MOST_ROWS = 5000


def deliver(unit: Unit, actor: Actor, link_id: Id, body: Any, raw: bytes, head: Mapping[str, str]) -> Taken:
    """A call of the other system. It is answered row by row when the rows are here."""
    link = link_store.find_link_of_application(unit, link_id, actor.name, actor.org, seen_by=actor)
    if link is None:
        raise NotFound(what=str(link_id))
    _awake(link)
    secret = visits.given_of(unit, link_id).get("secret", "")
    if secret:
        _check_signature(unit, link, secret, raw, head)
    batch = connectors.call(link.connector, lambda made: made.read(body))
    if len(batch.rows) > MOST_ROWS:
        raise TooLarge(most=MOST_ROWS)
    told = taking.take(unit, link, batch.rows, "callback")
    visits.contact(unit, link)
    return told


def _awake(link: Link) -> None:
    if not link.active:
        raise LinkAsleep(link=link.name)


def _check_signature(unit: Unit, link: Link, secret: str, raw: bytes, head: Mapping[str, str]) -> None:
    """Signed by the secret, now, and once."""
    stamp, nonce = head.get(signing.STAMP, ""), head.get(signing.NONCE, "")
    window = timedelta(seconds=settings.get(DockingSettings).signature_window_s)
    if not stamp.isdigit() or len(stamp) > 12 or not 8 <= len(nonce) <= 80:
        raise BadSignature(reason="time stamp and nonce are wanted")
    now = clock.real_now()
    told = datetime.fromtimestamp(int(stamp), tz=now.tzinfo)
    if abs(now - told) > window:
        raise BadSignature(reason="out of the time window")
    if not signing.agrees(secret, stamp, nonce, raw, head.get(signing.SIGNATURE, "")):
        raise BadSignature(reason="the signature does not agree")
    if link_store.seen_nonce(unit, link.id, nonce, now - 2 * window, now):
        raise BadSignature(reason="this call was made before")


# --- workbooks ---------------------------------------------------------------------------------------------


def take_workbook(unit: Unit, actor: Actor, link_id: Id, content: bytes, *, takeover: bool) -> Taken:
    """Orders and acts of a workbook. ``takeover``: open orders are taken over as they stand, with their clocks."""
    link = _own(unit, actor, link_id)
    _awake(link)
    rows = _lines(link, content)
    batch = connectors.call(link.connector, lambda made: made.read(rows))
    told = taking.take(unit, link, batch.rows, "takeover" if takeover else "workbook", takeover=takeover)
    visits.contact(unit, link)
    return told


def _own(unit: Unit, actor: Actor, link_id: Id) -> Link:
    link = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MAP, link.division)
    return link


def _lines(link: Link, content: bytes) -> list[Mapping[str, str]]:
    most = settings.get(DockingSettings).file_mb
    if len(content) > most << 20:
        raise TooLarge(most=most << 20)
    known = connectors.connector(link.connector).headings
    if not known:
        known = ("number", "message")
    return [line.values for line in sheets.read(io.BytesIO(content), known)]


def export_workbook(unit: Unit, actor: Actor, link_id: Id) -> bytes:
    """Every act that has no receipt yet, as a workbook. Exporting again gives the same rows, until receipts come."""
    link = _own(unit, actor, link_id)
    rows = outbound_store.unsettled_out(unit, link_id, MOST_ROWS, seen_by=actor)
    acts = [sending.told(unit, row) for row in rows]
    sheet = connectors.call(link.connector, lambda made: made.export(acts))
    outbound_store.mark_sent(unit, [row.id for row in rows if row.state == "ready"])
    unit.note("export acts", link.id, rows=len(rows))
    return sheets.write(sheet.title, sheet.heads, sheet.rows)


def take_receipts(unit: Unit, actor: Actor, link_id: Id, content: bytes) -> int:
    """Receipts of a workbook, row by row."""
    link = _own(unit, actor, link_id)
    rows = _lines(link, content)
    receipts = connectors.call(link.connector, lambda made: made.read_receipts(rows))
    wanted = [one for one in receipts if one.id.startswith("dox_")]
    if not wanted:
        raise Invalid(field="file", reason="no row bears a receipt")
    settled = sending.settle(unit, link, [ids.parse(one.id, "dox") for one in wanted], wanted, asked=False)
    visits.contact(unit, link)
    return settled


def parsed(raw: bytes) -> Any:
    """The JSON of a call."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid(field="body", reason="not JSON") from error
