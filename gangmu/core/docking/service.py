"""Use cases of links and their mappings, of rows that wait, and of rows that were refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from gangmu.base import access
from gangmu.base.access import applications
from gangmu.base.org import service as org_service
from gangmu.base.places import service as places_service
from gangmu.core.deadline.limit import parse_parts
from gangmu.core.docking import (
    account_store,
    alarms,
    connectors,
    fetching,
    file_store,
    inbound_store,
    link_store,
    mapping_store,
    model,
    order_store,
    outbound_store,
    sending,
    visits,
    waits,
)
from gangmu.core.docking.errors import BadMapping, LinkAsleep, NotRefused, NotWaiting
from gangmu.core.docking.file_store import DockedFile
from gangmu.core.docking.inbound_store import Waiting
from gangmu.core.docking.link_store import Pulse
from gangmu.core.docking.model import Docked, Link, Owner, Why
from gangmu.core.docking.outbound_store import Out
from gangmu.core.event import service as event_service
from gangmu.core.flow import service as flow_service
from gangmu.core.flow.tables import SATISFACTION
from gangmu.core.matter import service as matter_service
from gangmu.core.report.model import Kind
from gangmu.kit import ids
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Conflict, HouseError, Invalid, NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit

MANAGE, MAP, READ = "docking.manage", "docking.map", "docking.read"
ROLE = "docking_app"
KEEPER = System("docking")
SECRET = "\u2022" * 6
LONGEST_CODE = 120


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link as an administrator gives it."""

    name: str
    kind: str
    connector: str
    division: str
    org: Id
    settings: Mapping[str, str]
    flow: str = "docked_order"
    clock: str = Owner.foreign.value
    limit: str = "5d"
    sequence: str = "dense"
    every_s: int = 0
    silence_minutes: int = 30
    active: bool = True


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with how it is."""

    link: Link
    pulse: Pulse
    waiting: Mapping[str, int]
    out: Mapping[str, int]
    alarms: tuple[Any, ...]


# --- links -------------------------------------------------------------------------------------------------


def add_link(unit: Unit, actor: Actor, draft: LinkDraft) -> Link:
    """Open a link with an application of its own and the mappings that its connector proposes."""
    division = division_full(draft.division)
    access.require(actor, MANAGE, division)
    page = connectors.manifest(draft.connector)
    name = " ".join(draft.name.split())
    _checked(unit, draft, page)
    if link_store.find_link_named(unit, name, seen_by=KEEPER) is not None:
        raise Conflict(rule="uq_docking_link_name", name=name)
    app, _ = applications.open_application(unit, KEEPER, name, (ROLE,), draft.org, division)
    new = Link(
        id=ids.new("lnk"),
        name=app.name,
        kind=draft.kind,
        connector=draft.connector,
        division=division,
        org=draft.org,
        application=app.id,
        flow=draft.flow,
        clock=draft.clock,
        limit=draft.limit,
        sequence=draft.sequence,
        every_s=draft.every_s or page.every_s,
        silence_minutes=draft.silence_minutes,
        active=draft.active,
        made_at=unit.now,
    )
    link_store.add_link(unit, new, _sealed(unit, new.id, draft.settings))
    for kind, rows in page.suggest.items():
        for code, value in rows.items():
            _put(unit, KEEPER, new, kind, code, value, "proposed by the connector")
    return new


def change_link(unit: Unit, actor: Actor, link_id: Id, draft: LinkDraft, version: int) -> Link:
    """Change a link. Its name, connector and division stay: orders are known by it. Secrets left masked stay too."""
    was = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MANAGE, was.division)
    page = connectors.manifest(was.connector)
    kept = visits.given_of(unit, link_id)
    given = {key: kept.get(key, "") if value == SECRET else value for key, value in draft.settings.items()}
    _checked(unit, replace_settings(draft, given, was), page)
    changed = replace(
        was,
        kind=draft.kind,
        flow=draft.flow,
        clock=draft.clock,
        limit=draft.limit,
        sequence=draft.sequence,
        every_s=draft.every_s or page.every_s,
        silence_minutes=draft.silence_minutes,
        active=draft.active,
    )
    link_store.save_link(unit, changed, replace(was, version=version), _sealed(unit, link_id, given))
    link_store.set_pulse(unit, link_id, next_at=None, fails=0)
    return link_store.get_link(unit, link_id, seen_by=actor)


def replace_settings(draft: LinkDraft, given: Mapping[str, str], was: Link) -> LinkDraft:
    return replace(draft, settings=given, name=was.name, connector=was.connector, org=was.org)


def _checked(unit: Unit, draft: LinkDraft, page: connectors.Manifest) -> None:
    if draft.kind not in model.CHANNEL:
        raise Invalid(field="kind", reason=f"one of {', '.join(model.CHANNEL)}")
    for field, value, among in (
        ("clock", draft.clock, [one.value for one in Owner]),
        ("sequence", draft.sequence, [one.value for one in model.Counting]),
    ):
        if value not in among:
            raise Invalid(field=field, reason=f"one of {', '.join(among)}")
    parse_parts(draft.limit)
    flow_service.current_flow(unit, KEEPER, draft.flow)
    if not org_service.get_orgs(unit, KEEPER, [draft.org]):
        raise NotFound(what=str(draft.org))
    asked = {one.id: one for one in page.settings}
    for name, value in draft.settings.items():
        if name not in asked:
            raise Invalid(field=f"settings.{name}", reason=f"{page.id} has no such setting")
        if len(value) > 4000:
            raise Invalid(field=f"settings.{name}", reason="too long")
    for one in page.settings:
        if one.must and not draft.settings.get(one.id):
            raise Invalid(field=f"settings.{one.id}", reason="is wanted")


def _sealed(unit: Unit, link_id: Id, given: Mapping[str, str]) -> bytes:
    plain = orjson.dumps({key: value for key, value in given.items() if value}).decode()
    sealed = unit.seal(link_id, plain)
    assert sealed is not None
    return sealed


def shown_settings(unit: Unit, actor: Actor, link: Link) -> dict[str, str]:
    """Settings for a screen: secrets masked, and nothing for those who do not manage links."""
    if not actor.may(MANAGE):
        return {}
    secrets = {one.id for one in connectors.manifest(link.connector).settings if one.secret}
    return {key: SECRET if key in secrets else value for key, value in visits.given_of(unit, link.id).items()}


def get_link(unit: Unit, actor: Actor, link_id: Id) -> Link:
    return link_store.get_link(unit, link_id, seen_by=actor)


def find_link(unit: Unit, actor: Actor, name: str) -> Link:
    """By name or id, for commands."""
    found = link_store.find_link_named(unit, " ".join(name.split()), seen_by=actor)
    if found is not None:
        return found
    if name.startswith("lnk_"):
        return link_store.get_link(unit, ids.parse(name, "lnk"), seen_by=actor)
    raise NotFound(what=name)


def list_links(unit: Unit, actor: Actor, at: Page) -> Paged[LinkView]:
    """The links of an actor with how each is."""
    found = link_store.list_links(unit, at, seen_by=actor)
    return Paged(_viewed(unit, found.items), found.next)


def view_of(unit: Unit, actor: Actor, link_id: Id) -> LinkView:
    link = link_store.get_link(unit, link_id, seen_by=actor)
    return _viewed(unit, [(link, link_store.get_pulse(unit, link_id, seen_by=actor))])[0]


def _viewed(unit: Unit, found: Sequence[tuple[Link, Pulse]]) -> list[LinkView]:
    wanted = [link.id for link, _ in found]
    if not wanted:
        return []
    waiting, out = inbound_store.count_waiting(unit, wanted), outbound_store.count_out(unit, wanted)
    sounding = account_store.open_alarms(unit, wanted, seen_by=KEEPER)
    return [
        LinkView(
            link,
            pulse,
            {why: n for (one, why), n in waiting.items() if one == link.id},
            {state: n for (one, state), n in out.items() if one == link.id},
            tuple(alarm for alarm in sounding if alarm.link == link.id),
        )
        for link, pulse in found
    ]


# --- mappings ----------------------------------------------------------------------------------------------


def list_mappings(unit: Unit, actor: Actor, link_id: Id, kind: str = "") -> list[Any]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return mapping_store.list_mappings(unit, link_id, kind, seen_by=actor)


def put_mapping(unit: Unit, actor: Actor, link_id: Id, kind: str, code: str, value: str, note: str = "") -> str:
    """Map a code, or map it anew: the row before ends and stays. What waited for it is tried again. Returns added,
    changed or unchanged."""
    link = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MAP, link.division)
    done = _put(unit, actor, link, kind, code, value, note)
    if done != "unchanged":
        rerun_soon(unit, link, [Why.unmapped.value, Why.outside.value])
    return done


def _put(unit: Unit, actor: Actor, link: Link, kind: str, code: str, value: str, note: str) -> str:
    code, value = code.strip(), value.strip()
    _check_mapping(unit, link, kind, code, value)
    was = mapping_store.find_mapping(unit, link.id, kind, code, seen_by=KEEPER)
    if was is not None and was.value == value:
        return "unchanged"
    if was is not None:
        mapping_store.end_mapping(unit, was, unit.now)
    row = {"id": ids.new("lmp"), "link": link.id, "kind": kind, "code": code, "value": value, "note": note[:500]}
    mapping_store.add_mapping(unit, {**row, "valid_from": unit.now, "by_person": actor.person})
    return "added" if was is None else "changed"


def end_mapping(unit: Unit, actor: Actor, link_id: Id, kind: str, code: str) -> None:
    """A code means nothing any more: rows that bear it wait."""
    link = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MAP, link.division)
    was = mapping_store.find_mapping(unit, link_id, kind, code.strip(), seen_by=actor)
    if was is None:
        raise NotFound(what=f"{kind} {code}")
    mapping_store.end_mapping(unit, was, unit.now)


def _check_mapping(unit: Unit, link: Link, kind: str, code: str, value: str) -> None:
    """Both ends of a mapping: our side must be something that there is."""
    if kind not in model.MAPPED:
        raise Invalid(field="kind", reason=f"one of {', '.join(model.MAPPED)}")
    for field, text in (("code", code), ("value", value)):
        if not 1 <= len(text) <= LONGEST_CODE:
            raise Invalid(field=field, reason=f"has 1 to {LONGEST_CODE} characters")
    if value == model.IGNORED and kind in model.INBOUND:
        return
    ours = code if kind in model.OUTBOUND else value
    if not _is_ours(unit, link, kind, ours):
        raise BadMapping(kind=kind, value=ours)
    if kind == "standing" and value not in model.STANDINGS:
        raise BadMapping(kind=kind, value=value)


def _is_ours(unit: Unit, link: Link, kind: str, ours: str) -> bool:
    way = flow_service.current_flow(unit, KEEPER, link.flow)
    if kind == "class":
        tree, _, code = ours.partition(":")
        return bool(code) and matter_service.find_class(unit, KEEPER, tree, code) is not None
    if kind == "unit":
        return ours.startswith("org_") and bool(org_service.get_orgs(unit, KEEPER, [_org(ours)]))
    if kind == "area":
        return division_full(ours) == ours and (ours == link.division or _has_division(unit, ours))
    if kind == "kind":
        return ours in {one.value for one in Kind}
    if kind in ("state_in", "state_out", "standing"):
        return way.find_state(ours) is not None
    if kind in ("act_in", "act_out"):
        return way.find_verb(ours) is not None
    if kind == "grade":
        return ours in SATISFACTION
    return True


def _org(text: str) -> Id:
    try:
        return ids.parse(text, "org")
    except HouseError as error:
        raise BadMapping(kind="unit", value=text[:60]) from error


def _has_division(unit: Unit, code: str) -> bool:
    return code in places_service.division_names(unit, [code])


def rerun_soon(unit: Unit, link: Link, whys: Iterable[str]) -> None:
    """Let a worker try what waits once more."""
    unit.at(unit.now, "docking.rerun", link.id, "", whys=list(whys))


# --- rows that wait ----------------------------------------------------------------------------------------


def list_waiting(unit: Unit, actor: Actor, link_id: Id, at: Page, state: str = "waiting") -> Paged[Waiting]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return inbound_store.list_waiting(unit, link_id, at, state=state, seen_by=actor)


def rerun(unit: Unit, actor: Actor, link_id: Id) -> None:
    """Try everything that waits for somebody once more."""
    link = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MAP, link.division)
    rerun_soon(unit, link, [one.value for one in Why if one is not Why.unreadable])


def set_aside(unit: Unit, actor: Actor, wait_id: Id, note: str) -> Waiting:
    """A row is not to be taken, with the reason."""
    waiting = inbound_store.get_waiting(unit, wait_id, seen_by=actor)
    link = link_store.get_link(unit, waiting.link, seen_by=actor)
    access.require(actor, MAP, link.division)
    if waiting.state != "waiting":
        raise NotWaiting(state=waiting.state)
    waits.set_aside(unit, actor, link, waiting, note)
    return inbound_store.get_waiting(unit, wait_id, seen_by=actor)


# --- acts that travel back ---------------------------------------------------------------------------------


def list_out(unit: Unit, actor: Actor, link_id: Id, at: Page, state: str = "") -> Paged[Out]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return outbound_store.list_out(unit, link_id, at, state, seen_by=actor)


def settle_refused(unit: Unit, actor: Actor, out_id: Id, *, again: bool) -> Out:
    """Somebody has seen to a row that the other side refused: it is sent again, or it is settled otherwise."""
    row = outbound_store.get_out(unit, out_id, seen_by=actor)
    link = link_store.get_link(unit, row.link, seen_by=actor)
    access.require(actor, MAP, link.division)
    if row.state != "refused":
        raise NotRefused(state=row.state)
    if again:
        sending.resend(unit, link, row)
    else:
        sending.give_up(unit, link, row)
    return outbound_store.get_out(unit, out_id, seen_by=actor)


# --- orders and accounts -----------------------------------------------------------------------------------


def list_orders(unit: Unit, actor: Actor, link_id: Id, at: Page, number: str = "") -> Paged[Docked]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return order_store.list_docked(unit, link_id, at, number, seen_by=actor)


def of_event(unit: Unit, actor: Actor, event_id: Id) -> tuple[list[Docked], list[Out]]:
    """The foreign orders of an event and the acts that travelled for it, for whoever may see the event."""
    event_service.get_event(unit, actor, event_id)
    return order_store.docked_of(unit, [event_id], seen_by=KEEPER), outbound_store.out_of_event(
        unit, event_id, seen_by=KEEPER
    )


def files_of(unit: Unit, orders: Sequence[Docked]) -> list[DockedFile]:
    """The files that came with orders, for whoever was let see those."""
    return file_store.files_of(unit, [one.id for one in orders], seen_by=KEEPER)


def list_files(unit: Unit, actor: Actor, link_id: Id, at: Page, state: str = "") -> Paged[DockedFile]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return file_store.list_files(unit, link_id, at, state, seen_by=actor)


def fetch_again(unit: Unit, actor: Actor, file_id: Id) -> DockedFile:
    """Try a file once more that was refused or tried too often."""
    was = file_store.get_file(unit, file_id, seen_by=actor, lock=True)
    link = link_store.get_link(unit, was.link, seen_by=actor)
    access.require(actor, MAP, link.division)
    if was.state in ("refused", "dead"):
        fetching.again(unit, was)
        dead = file_store.count_dead(unit, link.id)
        if not dead:
            alarms.quiet(unit, link, "files")
    return file_store.get_file(unit, file_id, seen_by=actor)


def names_of(unit: Unit, links: Iterable[Id]) -> dict[Id, Link]:
    """Links by id, for what is shown of an event."""
    return {one: link_store.get_link(unit, one, seen_by=KEEPER) for one in dict.fromkeys(links)}


def list_accounts(unit: Unit, actor: Actor, link_id: Id, at: Page) -> Paged[Any]:
    link_store.get_link(unit, link_id, seen_by=actor)
    return account_store.list_accounts(unit, link_id, at, seen_by=actor)


def get_account(unit: Unit, actor: Actor, link_id: Id, day: date) -> Any:
    found = account_store.find_account(unit, link_id, day, seen_by=actor)
    if found is None:
        raise NotFound(what=f"account {day}")
    return found


# --- what is begun here and done by a worker ---------------------------------------------------------------


def visit_soon(unit: Unit, actor: Actor, link_id: Id) -> None:
    """Ask the other system now."""
    link = link_store.get_link(unit, link_id, seen_by=actor)
    if not link.active:
        raise LinkAsleep(link=link.name)
    link_store.set_pulse(unit, link_id, next_at=None)


def draw_soon(unit: Unit, actor: Actor, link_id: Id, day: date) -> None:
    """Let a worker draw up the account of a day."""
    link = link_store.get_link(unit, link_id, seen_by=actor)
    access.require(actor, MAP, link.division)
    if not link.active:
        raise LinkAsleep(link=link.name)
    unit.at(unit.now, "docking.draw_up", link_id, "", day=day.isoformat())
