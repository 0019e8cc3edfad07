"""Retention: what is due, lists and their proofs, the privacy notice."""

import json
from typing import Annotated

import typer

from gangmu import boot
from gangmu.core.retention import notice as notices
from gangmu.core.retention import service
from gangmu.core.retention.api import told
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say, spoken
from gangmu.kit import ids, jobs
from gangmu.kit.actor import System
from gangmu.kit.page import Page

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
RunId = Annotated[str, typer.Argument(help="The list's id.")]
ACTOR = System("gangmu retention")


@cli.command("due")
def list_due(data: Data = USUAL, as_json: Json = False) -> None:
    """What each rule would erase now. Nothing is erased."""
    with boot.node(data) as node, node.unit(ACTOR, "retention due") as unit:
        found = service.forecast(unit, ACTOR)
    if as_json:
        print(json.dumps({one.rule.kind: {"due": one.due, "held": one.held, "more": one.more} for one in found}))
        return
    for one in found:
        words = notices.words_of(one.rule.kind, spoken())
        days = notices.days_said(one.rule.keep_days, spoken())
        given = {"title": words["title"], "days": days, "moment": words["moment"]}
        print(say("cli.retention.rule", **given, due=one.due, held=one.held))


@cli.command("lists")
def list_runs(data: Data = USUAL, as_json: Json = False) -> None:
    """Lists of what was due, newest first."""
    with boot.node(data) as node, node.unit(ACTOR, "retention lists") as unit:
        found = service.list_runs(unit, ACTOR, Page(limit=50)).items
    if as_json:
        print(json.dumps([{"id": one.id, "state": one.state, "erased": dict(one.erased)} for one in found]))
        return
    for one in found:
        counts = one.erased if one.state == "done" else one.counts
        shown = "  ".join(f"{kind} {n}" for kind, n in counts.items() if n)
        print(say("cli.retention.run", id=one.id, state=one.state, made_at=one.made_at.isoformat(), counts=shown))


@cli.command()
def propose(data: Data = USUAL) -> None:
    """Draw the list up now; a second person confirms it on the desk (unless retention.confirm is off)."""
    with boot.node(data) as node:
        with node.unit(ACTOR, "retention propose") as unit:
            made = service.propose(unit, ACTOR)
        jobs.settle()
    print(made.id)


@cli.command()
def prove(list_id: RunId, data: Data = USUAL, as_json: Json = False) -> None:
    """Look again at everything that a list has erased; exit code 1 if any of it could still be read."""
    with boot.node(data) as node, node.unit(ACTOR, "retention prove") as unit:
        found = service.prove(unit, ACTOR, ids.parse(list_id, "rtr"))
    if as_json:
        print(json.dumps(told(found).model_dump(mode="json")))
    elif found.ok:
        print(say("cli.retention.proved", id=list_id, n=sum(found.erased.values()), journal=found.journal))
    else:
        parts = ", ".join(sorted(set(found.left.values())))
        said = {"n": len(found.left), "parts": parts, "agrees": found.digest_agrees, "journal": found.journal}
        print(say("cli.retention.not_proved", id=list_id, **said))
    if not found.ok:
        raise typer.Exit(1)


@cli.command()
def notice(
    data: Annotated[str, typer.Option("--data", help="The city's folder; without it, the shipped rules.")] = "",
) -> None:
    """The privacy notice of the rules in force, as a page."""
    boot.load_stages()
    if data:
        with boot.node(data) as node, node.unit(ACTOR, "retention notice") as unit:
            rules = service.list_rules(unit, ACTOR)
    else:
        rules = service.shipped_rules()
    print(notices.page(notices.notice(rules, spoken()), spoken()))
