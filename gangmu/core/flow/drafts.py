"""Use cases of drafts: several people write, one proposes, another publishes; and going back to a former version.

A draft may be broken while it is written; what is published has passed the model check. Running events keep the
version that they began under, whatever is published or taken back.
"""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gangmu.base import access
from gangmu.core.flow import draft_store, service, store
from gangmu.core.flow.difference import Difference, compare
from gangmu.core.flow.draft_store import Draft
from gangmu.core.flow.errors import BaseMovedOn, DraftSettled, FlowNotPublishable, NotProposed, SecondPerson
from gangmu.core.flow.model import Flow
from gangmu.core.flow.settings import FlowSettings
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict, Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

CONFIRM = "flow.confirm"
MOST_TOLD = 100


def get_draft(unit: Unit, actor: Actor, draft_id: Id) -> Draft:
    return draft_store.get(unit, draft_id, seen_by=actor)


def list_drafts(unit: Unit, actor: Actor, at: Page, flow: str = "", waiting: bool = True) -> Paged[Draft]:
    return draft_store.list_drafts(unit, at, flow, waiting, seen_by=actor)


def open_draft(
    unit: Unit,
    actor: Actor,
    flow: str,
    base: int | None = None,
    definition: Mapping[str, Any] | None = None,
    title: str = "",
) -> Draft:
    """Begin a draft from a version (the current one unless said), or from a definition that comes from elsewhere."""
    current = store.find_current_number(unit, flow, seen_by=actor)
    number = base if base is not None else current
    if definition is None:
        if number is None:
            raise NotFound(what=f"flow {flow}")
        definition = service.get_version(unit, actor, flow, number).definition
    made = Draft(
        id=ids.new("fdr"),
        flow=flow,
        base=number,
        title=title.strip(),
        definition=copy.deepcopy(dict(definition)),
        note="",
        remark="",
        state="open",
        made_by=actor.person,
        made_by_name=actor.name,
        made_at=unit.now,
        editors=(actor.person,) if actor.person else (),
        changed_by_name=actor.name,
        changed_at=unit.now,
        proposed_by=None,
        proposed_by_name="",
        proposed_at=None,
        published=None,
        tried=None,
    )
    draft_store.add(unit, made)
    return made


def save_draft(
    unit: Unit,
    actor: Actor,
    draft_id: Id,
    version: int,
    *,
    definition: Mapping[str, Any],
    title: str = "",
    note: str = "",
    base: int | None = None,
) -> Draft:
    """Keep what was written. A proposal falls by it: it was about another text. ``base`` takes another version as the
    one to be compared with."""
    was = _waiting(unit, actor, draft_id, version)
    if definition.get("id") not in (None, was.flow):
        raise Invalid(field="definition.id", reason=f"this is a draft of {was.flow}")
    if base is not None and base != was.base:
        service.get_version(unit, actor, was.flow, base)
    changed = replace(
        was,
        definition=dict(definition),
        title=title.strip(),
        note=note.strip(),
        base=was.base if base is None else base,
        state="open",
        proposed_by=None,
        proposed_by_name="",
        proposed_at=None,
        editors=_with(was.editors, actor),
        changed_by_name=actor.name,
        changed_at=unit.now,
    )
    draft_store.save(unit, changed, was)
    told = [f"{one.do} {one.at}" for one in compare(was.definition, definition)]
    if told:
        unit.note("flow draft changed", draft_id, flow=was.flow, differences=told[:MOST_TOLD], count=len(told))
    return replace(changed, version=was.version + 1)


def propose(unit: Unit, actor: Actor, draft_id: Id, version: int, reason: str) -> Draft:
    """Say that it is ready and why; another person may now publish it. It must have passed the check."""
    was = _waiting(unit, actor, draft_id, version)
    if not reason.strip():
        raise Invalid(field="reason", reason="say why the flow is changed")
    _sound(unit, was)
    changed = replace(
        was,
        state="proposed",
        note=reason.strip(),
        remark="",
        proposed_by=actor.person,
        proposed_by_name=actor.name,
        proposed_at=unit.now,
        editors=_with(was.editors, actor),
    )
    draft_store.save(unit, changed, was)
    return replace(changed, version=was.version + 1)


def send_back(unit: Unit, actor: Actor, draft_id: Id, version: int, remark: str) -> Draft:
    """The second person does not agree: the draft is open again, with his remark."""
    was = _waiting(unit, actor, draft_id, version)
    if was.state != "proposed":
        raise NotProposed(draft=str(draft_id))
    if not remark.strip():
        raise Invalid(field="reason", reason="say what is wrong with it")
    changed = replace(was, state="open", remark=remark.strip(), proposed_by=None, proposed_by_name="", proposed_at=None)
    draft_store.save(unit, changed, was)
    return replace(changed, version=was.version + 1)


def publish(unit: Unit, actor: Actor, draft_id: Id, version: int, reason: str = "") -> tuple[Draft, Flow]:
    """Publish a draft as the next version. Where the setting asks for it, by a person who did not write in it and after
    somebody proposed it."""
    was = _waiting(unit, actor, draft_id, version)
    access.require(actor, CONFIRM)
    if settings.get(FlowSettings).second_person:
        if was.state != "proposed":
            raise NotProposed(draft=str(draft_id))
        if actor.person is None or actor.person in was.editors:
            raise SecondPerson(draft=str(draft_id))
    why = reason.strip() or was.note
    if not why:
        raise Invalid(field="reason", reason="say why the flow is changed")
    current = store.find_current_number(unit, was.flow, seen_by=actor)
    if current is not None and was.base != current:
        raise BaseMovedOn(base=was.base, current=current)
    _sound(unit, was)
    made = service.publish_flow(unit, actor, was.definition, _roles(unit), why, proposed_by=was.proposed_by_name)
    done = replace(was, state="published", published=made.version, changed_at=unit.now)
    draft_store.save(unit, done, was)
    return replace(done, version=was.version + 1), made


def drop_draft(unit: Unit, actor: Actor, draft_id: Id, version: int) -> Draft:
    """Lay a draft aside; it stays readable."""
    was = _waiting(unit, actor, draft_id, version)
    dropped = replace(was, state="dropped", changed_at=unit.now, changed_by_name=actor.name)
    draft_store.save(unit, dropped, was)
    return replace(dropped, version=was.version + 1)


def roll_back(unit: Unit, actor: Actor, flow: str, to: int, reason: str) -> Flow:
    """Publish the definition of a former version as the next one, because the current one has a mistake. That text was
    confirmed once, so nobody is waited for."""
    access.require(actor, CONFIRM)
    if not reason.strip():
        raise Invalid(field="reason", reason="say what was wrong")
    row = service.get_version(unit, actor, flow, to)
    current = store.find_current_number(unit, flow, seen_by=actor)
    if row.status != "published" or current is None or to == current:
        raise Conflict(rule="flow_version_current", version=to)
    newest = service.get_version(unit, actor, flow, current)
    if newest.digest == row.digest:
        raise Conflict(rule="flow_version_digest", version=current)
    return service.publish_flow(unit, actor, row.definition, _roles(unit), reason.strip(), restores=to)


def differences(unit: Unit, actor: Actor, draft: Draft, against: int | None = None) -> list[Difference]:
    """What the draft has otherwise than its base, or than another version."""
    number = draft.base if against is None else against
    if number is None:
        return compare({}, draft.definition)
    return compare(service.get_version(unit, actor, draft.flow, number).definition, draft.definition)


def keep_tried(unit: Unit, draft: Draft, tried: Mapping[str, Any]) -> None:
    """Remember what a try-out of this version of the draft found, for whoever shall publish it."""
    draft_store.keep_tried(unit, draft.id, {**tried, "draft_version": draft.version})


def _waiting(unit: Unit, actor: Actor, draft_id: Id, version: int) -> Draft:
    was = draft_store.get(unit, draft_id, seen_by=actor, lock=True)
    if was.state not in draft_store.WAITING:
        raise DraftSettled(draft=str(draft_id), state=was.state)
    if was.version != version:
        raise StaleWrite(about=str(draft_id), version=was.version, by=was.changed_by_name)
    return was


def _with(editors: tuple[Id, ...], actor: Actor) -> tuple[Id, ...]:
    return tuple(dict.fromkeys([*editors, *([actor.person] if actor.person else [])]))


def _sound(unit: Unit, draft: Draft) -> None:
    flow, findings = service.check_definition(draft.definition, _roles(unit))
    errors = [str(one) for one in findings if one.severity == "error"]
    if errors:
        raise FlowNotPublishable(flow.id, errors)


def _roles(unit: Unit) -> frozenset[str]:
    return frozenset(role.id for role in access.list_roles(unit))
