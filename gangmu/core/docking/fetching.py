"""Files of foreign orders (来件附件): fetched from where they lie, and hung onto the event as what came with it.

A link says from which hosts: its own address, and those of its setting ``file_hosts``. Nothing else is called, no
redirect is followed, and the link's token goes to its own address alone. What comes is taken in like an upload: by
size, by what it is, photos written anew. The network is asked between units, never inside one.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import unquote, urljoin, urlsplit

from gangmu.core.docking import alarms, file_store, link_store, model, visits
from gangmu.core.docking.errors import ForeignHost
from gangmu.core.docking.file_store import DockedFile
from gangmu.core.docking.model import Docked, Link
from gangmu.core.docking.settings import DockingSettings
from gangmu.core.event import proofs
from gangmu.core.event import service as event_service
from gangmu.core.event.uploads import FilesSettings, keep_file
from gangmu.kit import http, ids, settings
from gangmu.kit.actor import System
from gangmu.kit.errors import Busy, HouseError, Invalid, NoRoom, TooLarge
from gangmu.kit.http import BadAddress, IsCopy, NoAnswer, SaidNo
from gangmu.kit.ids import Id
from gangmu.kit.photo import BadPhoto, TooManyPixels, WrongFile
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.docking import FileFetched
from gangmu.sdk import exchange
from gangmu.sdk.exchange import ForeignOrder

FETCHER = System("docking.files")
KIND = "report"
MOST_FILES, MOST_NAMED = 20, 100
AT_ONCE = 20
_PORTS = {"http": 80, "https": 443}
_SAID: dict[type[HouseError], str] = {
    BadAddress: "bad_address", TooLarge: "too_large", WrongFile: "wrong_kind", BadPhoto: "damaged",
    TooManyPixels: "too_large", Invalid: "empty", ForeignHost: "foreign_host",
}  # fmt: skip
_STATUS = {401: "denied", 403: "denied", 404: "gone", 410: "gone", 413: "too_large"}


def named_in(unit: Unit, link: Link, orders: Sequence[tuple[ForeignOrder, Docked]]) -> None:
    """Remember the files that orders name: fetched soon, in a visit of their own."""
    rows = []
    for order, docked in orders:
        for n, one in enumerate(_different(order.files)[:MOST_NAMED]):
            beyond = n >= MOST_FILES
            rows.append(
                DockedFile(
                    id=ids.new("dfl"),
                    link=link.id,
                    order=docked.id,
                    number=docked.number,
                    name=one.name.replace("\0", "")[:200],
                    url=one.url.replace("\0", "")[:2000],
                    state="refused" if beyond else "waiting",
                    why="too_many" if beyond else "",
                    file=None,
                    tries=0,
                    next_at=unit.now,
                    made_at=unit.now,
                    settled_at=unit.now if beyond else None,
                )
            )
    file_store.add_files(unit, rows, link.source)


def _different(files: Sequence[exchange.Link]) -> list[exchange.Link]:
    return list({one.url: one for one in files if one.url}.values())


def fetch(link_id: Id) -> int:
    """Fetch what is due of a link, a file at a time. Returns how many were settled."""
    settled = 0
    with link_store.alone(link_id, "files") as mine:
        while mine:
            at = visits.look_up(link_id)
            with open_unit(FETCHER, "docking files") as unit:
                due = file_store.due_files(unit, link_id, AT_ONCE, seen_by=FETCHER)
            for one in due:
                settled += _fetch(at.link, at.given, one)
            if len(due) < AT_ONCE:
                break
    return settled


def _fetch(link: Link, given: Mapping[str, str], one: DockedFile) -> int:
    answer: http.Answer | None = None
    try:
        answer = _asked(given, one.url)
    except IsCopy:
        return 0
    except HouseError as refused:
        return _settle(link, one, refused)
    try:
        with open_unit(FETCHER, "docking files") as unit:
            _hang(unit, link, one, answer)
        return 1
    except HouseError as refused:
        return _settle(link, one, refused)


def _asked(given: Mapping[str, str], url: str) -> http.Answer:
    """The file from where it lies, if that is a place that the link allows."""
    base = given.get("address", "")
    whole = urljoin(base.rstrip("/") + "/", url) if base else url
    try:
        parts = urlsplit(whole)
        place = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise BadAddress(address=url[:200]) from error
    if parts.scheme not in _PORTS or not place[0] or parts.username is not None or parts.password is not None:
        raise BadAddress(address=url[:200])
    own = place == _place_of(base)
    if not own and place not in _hosts(given, parts.scheme):
        raise ForeignHost(host=place[0])
    headers = {"authorization": f"Bearer {given['token']}"} if own and given.get("token") else {}
    rules = settings.get(DockingSettings)
    most = settings.get(FilesSettings).most_mb * 1_000_000
    budget = http.Budget(seconds=rules.budget_s, timeout_s=rules.timeout_s, most_bytes=most)
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    with http.Client(f"{parts.scheme}://{parts.netloc}", headers, budget) as client:
        return client.get(path)


def _place_of(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _hosts(given: Mapping[str, str], scheme: str) -> set[tuple[str, int]]:
    """The hosts of the link's setting: ``files.example.org``, or with a port of its own."""
    found = set()
    for text in given.get("file_hosts", "").replace(",", " ").split():
        host, _, port = text.rpartition(":") if ":" in text else (text, "", "")
        if port and not port.isdigit():
            continue
        found.add((host.lower(), int(port) if port else _PORTS[scheme]))
    return found


def _hang(unit: Unit, link: Link, one: DockedFile, answer: http.Answer) -> None:
    """Kept, and hung onto the event that the order belongs to now."""
    was = file_store.get_file(unit, one.id, seen_by=FETCHER, lock=True)
    event_id = file_store.event_of_order(unit, one.order)
    if was.state != "waiting" or event_id is None:
        return
    said = answer.headers.get("content-type", "")
    named = one.name or unquote(urlsplit(one.url).path)
    source = {"source": link.name, "source_number": one.number}
    ref = keep_file(unit, io.BytesIO(answer.body), named, said, **source)
    event = event_service.get_event(unit, FETCHER, event_id)
    proofs.keep_evidence(unit, FETCHER, event, None, [(ref.id, KIND)])
    file_store.save_file(
        unit, was, state="fetched", why="", file=ref.id, tries=was.tries + 1, settled_at=unit.now
    )  # fmt: skip
    unit.tell(FileFetched(event_id, was.id, "fetched", event.division, list(event.orgs), unit.now))


def _settle(link: Link, one: DockedFile, refused: HouseError) -> int:
    """Not now, or never, and why."""
    rules = settings.get(DockingSettings)
    again = isinstance(refused, NoAnswer | Busy | NoRoom)
    with open_unit(FETCHER, "docking files") as unit:
        was = file_store.get_file(unit, one.id, seen_by=FETCHER, lock=True)
        if was.state != "waiting":
            return 0
        tries = was.tries + 1
        if again and tries < rules.tries:
            later = unit.now + max(model.pause_after(tries, rules.away_s), timedelta(seconds=1))
            file_store.save_file(unit, was, tries=tries, why=_why(refused), next_at=later)
            return 0
        state = "dead" if again else "refused"
        file_store.save_file(unit, was, state=state, why=_why(refused), tries=tries, settled_at=unit.now)
        if state == "dead":
            alarms.sound(unit, link, "files", file_store.count_dead(unit, link.id))
        event_id = file_store.event_of_order(unit, was.order)
        if event_id is not None:
            event = event_service.get_event(unit, FETCHER, event_id)
            unit.tell(FileFetched(event_id, was.id, state, event.division, list(event.orgs), unit.now))
    return 1


def _why(refused: HouseError) -> str:
    """A word of ours for what went wrong; what the other side wrote is not kept."""
    if isinstance(refused, SaidNo):
        if "too large" in str(refused.params.get("reason", "")):
            return "too_large"
        status = int(refused.params.get("status") or 0)
        return "moved" if 300 <= status < 400 else _STATUS.get(status, "denied")
    if isinstance(refused, NoAnswer):
        return "no_answer"
    if isinstance(refused, Busy | NoRoom):
        return "no_room"
    return _SAID.get(type(refused), "refused")


def again(unit: Unit, was: DockedFile) -> None:
    """Somebody wants it tried once more: the link may allow the host now, or the other side is back."""
    file_store.save_file(unit, was, state="waiting", why="", tries=0, next_at=unit.now, settled_at=None)
