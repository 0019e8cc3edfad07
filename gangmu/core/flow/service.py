"""Use cases of flows: load the shipped ones, check, publish, read, draw."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import orjson

from gangmu.base.access import shipped
from gangmu.core.flow import diagram, store
from gangmu.core.flow.check import Finding, check
from gangmu.core.flow.diagram import Marks
from gangmu.core.flow.difference import compare
from gangmu.core.flow.errors import FlowInvalid, FlowNotPublishable
from gangmu.core.flow.model import Flow
from gangmu.core.flow.reading import parse
from gangmu.kit import db, ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Conflict, NotFound
from gangmu.kit.unit import Unit


def shipped_flows() -> tuple[str, ...]:
    """The names of the flows that ship: one data file each."""
    folder = resources.files("gangmu.core.flow") / "data"
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")))


@lru_cache(maxsize=8)
def shipped_data(name: str) -> Mapping[str, Any]:
    """A data file of this stage, read once."""
    return tomllib.loads((resources.files("gangmu.core.flow") / "data" / f"{name}.toml").read_text("utf-8"))


def load_shipped(unit: Unit) -> None:
    """Bring in the shipped flows. A city that has published a version of its own keeps it: a newer shipped one is
    only offered to it. Repeatable."""
    for name in shipped_flows():
        definition = shipped_data(name)
        digest = digest_of(definition)
        if store.find_digest(unit, name, digest, seen_by=unit.actor) is not None:
            continue
        versions = store.list_versions(unit, seen_by=unit.actor, flow=name)
        own = any(v.origin == "local" and v.status == "published" for v in versions)
        _write(unit, definition, digest, "shipped", "offered" if own else "published", "")


def digest_of(definition: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)).hexdigest()


def list_flows(unit: Unit, actor: Actor) -> list[Any]:
    return store.list_versions(unit, seen_by=actor)


def get_flow(unit: Unit, actor: Actor, flow: str, version: int) -> Flow:
    """The flow that an event pins. Versions never change, so a read one is kept in memory."""
    kept = db.current().forever
    if ("flow", flow, version) not in kept:
        row = store.find_version(unit, flow, version, seen_by=actor)
        if row is None:
            raise NotFound(what=f"flow {flow} v{version}")
        kept["flow", flow, version] = parse(row.definition, version)
    found: Flow = kept["flow", flow, version]
    return found


def get_version(unit: Unit, actor: Actor, flow: str, version: int) -> Any:
    """The row of a version with its definition."""
    row = store.find_version(unit, flow, version, seen_by=actor)
    if row is None:
        raise NotFound(what=f"flow {flow} v{version}")
    return row


def current_flow(unit: Unit, actor: Actor, flow: str) -> Flow:
    """The newest published version: what a new event starts under."""
    number = unit.lately(
        store.flow_version, ("current", flow), lambda: store.find_current_number(unit, flow, seen_by=actor)
    )
    if number is None:
        raise NotFound(what=f"flow {flow}")
    return get_flow(unit, actor, flow, number)


def check_definition(definition: Mapping[str, object], roles: frozenset[str] | None) -> tuple[Flow, list[Finding]]:
    """Parse and model-check a definition. FlowInvalid when it cannot be read."""
    flow = parse(definition)
    return flow, check(flow, roles, shipped.permissions())


def publish_flow(
    unit: Unit,
    actor: Actor,
    definition: Mapping[str, object],
    roles: frozenset[str] | None,
    note: str = "",
    *,
    proposed_by: str = "",
    restores: int | None = None,
) -> Flow:
    """Publish a definition as the next version, if the model check finds no error. New events start under it;
    running ones keep theirs. FlowNotPublishable with the findings; Conflict when this very definition is there and
    nobody ``restores`` it."""
    flow, findings = check_definition(definition, roles)
    errors = [str(f) for f in findings if f.severity == "error"]
    if errors:
        raise FlowNotPublishable(flow.id, errors)
    digest = digest_of(definition)
    same = store.find_digest(unit, flow.id, digest, seen_by=actor)
    if same is not None and restores is None:
        raise Conflict(rule="flow_version_digest", version=same.number)
    who = {"made_by_name": actor.name, "proposed_by_name": proposed_by, "restores": restores}
    number = _write(unit, definition, digest, "local", "published", note, **who)
    return get_flow(unit, actor, flow.id, number)


def _write(
    unit: Unit, definition: Mapping[str, Any], digest: str, origin: str, status: str, note: str, **who: Any
) -> int:
    flow = parse(definition)
    number = store.next_number(unit, flow.id)
    published = unit.now if status == "published" else None
    store.add(
        unit,
        {
            "id": ids.new("flw"),
            "flow": flow.id,
            "number": number,
            "definition": dict(definition),
            "digest": digest,
            "origin": origin,
            "status": status,
            "published_at": published,
            "made_at": unit.now,
            "note": note,
            **who,
        },
    )
    return number


def read_toml(text: str) -> Mapping[str, object]:
    """A definition written as TOML. FlowInvalid with the place when it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FlowInvalid([str(error)]) from error


def draw(flow: Flow, lang: str, marks: Marks = diagram.NO_MARKS) -> str:
    return diagram.svg(flow, "zh" if lang.startswith("zh") else "en", marks)


def marks_of(
    definition: Mapping[str, Any], base: Mapping[str, Any] | None, findings: Iterable[Finding], chosen: str
) -> Marks:
    """What a picture of a definition shows: what is new or changed against a base, what is wrong, what is chosen."""
    marked: dict[str, dict[str, str]] = {"state": {}, "verb": {}}
    for one in compare(base, definition) if base is not None else ():
        if one.part in marked and one.do != "removed":
            marked[one.part].setdefault(one.id, "added" if one.do == "added" else "changed")
    wrong = {one.at[6:].partition("]")[0] for one in findings if one.at.startswith("state[")}
    return Marks(chosen, marked["state"], marked["verb"], frozenset(wrong))
