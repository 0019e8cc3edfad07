"""Flows: check a file, list the versions, write one out, take one in as a draft."""

import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu.base.access import shipped
from gangmu.core.flow import service, writing
from gangmu.core.flow.errors import FlowInvalid
from gangmu.core.flow.schema import FindingOut, said
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import spoken
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.text import t

cli = typer.Typer(add_completion=False, help=__doc__)
File = Annotated[Path, typer.Argument(help="A flow as TOML or JSON.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Number = Annotated[int | None, typer.Option("--version", min=1, help="Which version; the one in force unless given.")]


@cli.command()
def check(file: File, as_json: Json = False) -> None:
    """The model check of a definition; exit code 1 when it may not be published. Needs no database."""
    from gangmu import boot

    boot.load_stages()  # stages above register guards of their own
    lang, definition = spoken(), _read(file)
    try:
        flow, findings = service.check_definition(definition, frozenset(role.id for role in shipped.roles()))
    except FlowInvalid as error:
        if as_json:
            print(json.dumps({"publishable": False, "problems": error.problems, "findings": []}))
        for problem in error.found if not as_json else ():
            print(f"{problem.place}: {problem.said(lang)}")
        raise typer.Exit(1) from error
    shown = [FindingOut.of(one, lang) for one in findings]
    sound = all(one.severity != "error" for one in shown)
    if as_json:
        print(json.dumps({"publishable": sound, "problems": [], "findings": [one.model_dump() for one in shown]}))
    else:
        for one in shown:
            print(f"{one.severity}  {one.at}: {one.text}")
        if sound:
            counts = {"states": len(flow.states), "verbs": len(flow.verbs)}
            print(t("flow.cli.sound", lang, file=file.name, flow=flow.id, **counts))
    if not sound:
        raise typer.Exit(1)


@cli.command("list")
def list_(data: Data = USUAL, as_json: Json = False) -> None:
    """Every version of every flow, and the drafts that wait."""
    from gangmu import boot
    from gangmu.core.flow import drafts
    from gangmu.kit.page import Page

    lang = spoken()
    with boot.node(data) as node, node.unit(System("flow list")) as unit:
        rows = service.list_flows(unit, unit.actor)
        waiting = drafts.list_drafts(unit, unit.actor, Page(200)).items
    newest: dict[str, int] = {}
    for row in rows:
        if row.status == "published":
            newest[row.flow] = max(newest.get(row.flow, 0), row.number)
    if as_json:
        versions = [
            {
                "flow": row.flow,
                "version": row.number,
                "status": row.status,
                "current": newest.get(row.flow) == row.number,
            }
            for row in rows
        ]
        told = [{"id": one.id, "flow": one.flow, "base": one.base, "state": one.state} for one in waiting]
        print(json.dumps({"versions": versions, "drafts": told}))
        return
    for row in rows:
        mark = "*" if newest.get(row.flow) == row.number else " "
        print(f"{mark} {row.flow} {row.number}  {row.status}  {said(row.title, lang)}  {row.note}".rstrip())
    for one in waiting:
        print(f"  {one.flow} {one.id}  {one.state}  {one.changed_by_name}  {one.title}".rstrip())


@cli.command()
def export(
    flow: Annotated[str, typer.Argument(help="The flow's name, such as urban_case.")],
    data: Data = USUAL,
    version: Number = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file; the terminal unless given.")] = None,
    as_json: Json = False,
) -> None:
    """Write a version as TOML (or JSON), to be changed and taken in again."""
    from gangmu import boot

    with boot.node(data) as node, node.unit(System("flow export")) as unit:
        number = version or service.current_flow(unit, unit.actor, flow).version
        definition = service.get_version(unit, unit.actor, flow, number).definition
    text = json.dumps(definition, ensure_ascii=False, indent=2) + "\n" if as_json else writing.write(definition)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8")


@cli.command("import")
def import_(file: File, data: Data = USUAL, title: Annotated[str, typer.Option(help="What it is about.")] = "") -> None:
    """Make a draft of a file; people propose and confirm it on the desk. Prints the draft's id."""
    from gangmu import boot
    from gangmu.core.flow import drafts

    definition = _read(file)
    name = definition.get("id")
    if not isinstance(name, str) or not name:
        raise Invalid(field="id", reason="the file names no flow")
    with boot.node(data) as node, node.unit(System("flow import")) as unit:
        made = drafts.open_draft(unit, unit.actor, name, None, definition, title or file.stem)
    print(made.id)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(what=f"{file}: {error}") from error
    try:
        found = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise FlowInvalid([f"{file.name}: {error}"]) from error
    if not isinstance(found, dict):
        raise FlowInvalid([f"{file.name}: must be a table"])
    return found
