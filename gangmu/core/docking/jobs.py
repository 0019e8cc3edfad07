"""What docking does by itself: it follows events, visits links, tries again what waited, draws accounts up, and
misses who is silent.

Visits take time, so they run in threads of their own, one a link and direction; a worker only starts them.
"""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gangmu.core.docking import (
    account,
    account_store,
    alarms,
    connectors,
    fetching,
    file_store,
    inbound_store,
    link_store,
    order_store,
    outbound_store,
    sending,
    visits,
    waits,
)
from gangmu.core.docking.link_store import Pulse
from gangmu.core.docking.model import Link, Why
from gangmu.core.docking.settings import DockingSettings
from gangmu.kit import fence, jobs, settings
from gangmu.kit.actor import System
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.log import log
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.event import EventsMerged, EventsParted

CHORE = System("docking.chore")
_running: set[tuple[str, Id]] = set()
_lock = threading.Lock()


@jobs.on(EventsMerged, name="docking.merged")
def merged(unit: Unit, fact: EventsMerged) -> None:
    """The orders of a merged event follow it: what is done there from now on travels for them too."""
    told = sending.history_length(unit, Id(fact.into))
    order_store.follow(unit, Id(fact.event_id), Id(fact.into), [], told)


@jobs.on(EventsParted, name="docking.parted")
def parted(unit: Unit, fact: EventsParted) -> None:
    """Orders go with their reports."""
    told = sending.history_length(unit, Id(fact.parted))
    order_store.follow(unit, Id(fact.event_id), Id(fact.parted), [Id(one) for one in fact.reports], told)


@jobs.timer("docking.rerun")
def rerun(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """What waited is tried once more, a batch a job."""
    link = link_store.get_link(unit, Id(about), seen_by=CHORE)
    last, _ = waits.rerun(unit, link, Id(token) if token else None, payload["whys"])
    if last is not None:
        unit.at(unit.now, "docking.rerun", link.id, str(last), whys=payload["whys"])


@jobs.timer("docking.draw_up")
def draw_up_asked(unit: Unit, about: Id, token: str, payload: dict[str, Any]) -> None:
    """Somebody wants the account of a day: asked for in a visit of its own."""
    link = link_store.get_link(unit, Id(about), seen_by=CHORE)
    day = date.fromisoformat(payload["day"])
    if not _begin("account", link, lambda: draw_up(link.id, day)):
        unit.at(unit.now + timedelta(seconds=2), "docking.draw_up", link.id, "", day=payload["day"])


# --- chores ------------------------------------------------------------------------------------------------


@jobs.chore("docking.gather", every_s=0.5)
def gather() -> int:
    """Acts of docked events become rows."""
    looked = 0
    while True:
        with open_unit(CHORE, "chore") as unit:
            n = sending.gather(unit)
        looked += n
        if n < 500:
            return looked


@jobs.chore("docking.visit", every_s=0.5)
def visit_due() -> int:
    """Start the visits that are due."""
    with open_unit(CHORE, "chore") as unit:
        active = link_store.list_active(unit, seen_by=CHORE)
        pushing = outbound_store.links_to_push(unit) if active else set()
        now = unit.now
    begun = 0
    for link, pulse in active:
        if pulse.next_at is not None and pulse.next_at > now and (pulse.fails or link.id not in pushing):
            continue
        page = connectors.manifests().get(link.connector)
        if page is None:
            continue
        if page.pulls and (pulse.next_at is None or pulse.next_at <= now):
            begun += _begin("pull", link, lambda link=link: visits.pull(link.id))  # type: ignore[misc]
        if page.pushes and link.id in pushing:
            begun += _begin("push", link, lambda link=link: visits.push(link.id))  # type: ignore[misc]
    return begun


@jobs.chore("docking.files", every_s=1)
def fetch_due() -> int:
    """Start fetching the files of orders that are due."""
    with open_unit(CHORE, "chore") as unit:
        due = file_store.links_to_fetch(unit)
        active = {link.id: link for link, _ in link_store.list_active(unit, seen_by=CHORE)} if due else {}
    links = [active[one] for one in due if one in active]
    return sum(_begin("files", link, lambda link=link: fetching.fetch(link.id)) for link in links)  # type: ignore[misc]


def _begin(what: str, link: Link, work: Callable[[], object]) -> int:
    key = (what, link.id)
    with _lock:
        if key in _running or len(_running) >= settings.get(DockingSettings).visits_at_once:
            return 0
        _running.add(key)
    threading.Thread(target=_visit, args=(key, work), name=f"dock-{what}", daemon=True).start()
    return 1


def _visit(key: tuple[str, Id], work: Callable[[], object]) -> None:
    outcome = fence.run(f"docking {key[0]}", work)
    with _lock:
        _running.discard(key)
    if outcome.error is not None and not isinstance(outcome.error, HouseError):
        log.warning("visit failed", what=key[0], link=key[1], exc_info=outcome.error)


@jobs.chore("docking.watch", every_s=15)
def watch() -> int:
    """Who has been silent too long, and what waits too long for an earlier message."""
    with open_unit(CHORE, "chore") as unit:
        active = link_store.list_active(unit, seen_by=CHORE)
        for link, pulse in active:
            _watch(unit, link, pulse)
    return len(active)


def _watch(unit: Unit, link: Link, pulse: Pulse) -> None:
    heard = max(pulse.contact_at or link.made_at, link.made_at)
    if link.silence_minutes and unit.now - heard > timedelta(minutes=link.silence_minutes):
        alarms.sound(unit, link, "silent", int((unit.now - heard).total_seconds() // 60))
    longest = timedelta(hours=settings.get(DockingSettings).early_hours)
    early = inbound_store.list_ready(unit, link.id, [Why.early.value, Why.no_order.value], None, 1, seen_by=CHORE)
    if early and unit.now - early[0].since > longest:
        alarms.sound(unit, link, "stuck", 1)
    elif not early:
        alarms.quiet(unit, link, "stuck")


@jobs.chore("docking.account", every_s=300)
def accounts() -> int:
    """The account of the day before, once a day."""
    rules = settings.get(DockingSettings)
    with open_unit(CHORE, "chore") as unit:
        if unit.now.astimezone(ZoneInfo(str(account.zone_of_city()))).hour < rules.account_hour:
            return 0
        day = account.yesterday(unit)
        active = link_store.list_active(unit, seen_by=CHORE)
        due = [link for link, _ in active if account_store.find_account(unit, link.id, day, seen_by=CHORE) is None]
    return sum(_begin("account", link, lambda link=link: draw_up(link.id, day)) for link in due)  # type: ignore[misc]


def draw_up(link_id: Id, day: Any) -> Any:
    """Ask for their account and put ours beside it."""
    theirs = visits.reconcile(link_id, day)
    with open_unit(CHORE, "docking account") as unit:
        link = link_store.get_link(unit, link_id, seen_by=CHORE)
        return account.draw_up(unit, link, day, theirs)
