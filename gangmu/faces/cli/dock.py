"""Dock with systems that stay: links, mappings, pull, push, accounts, cut-over."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.base import org
from gangmu.base.org import service as org_service
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.core.docking import account, connectors, delivery, service, visits
from gangmu.core.docking import jobs as docking_jobs
from gangmu.core.docking.model import Link
from gangmu.core.docking.service import LinkDraft, LinkView
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say, spoken
from gangmu.kit import clock, jobs
from gangmu.kit.actor import System
from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.page import MOST, Page
from gangmu.kit.text import division_full

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
Json = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]
Name = Annotated[str, typer.Argument(help="The link's name or id.")]
ACTOR = System("gangmu dock")


@cli.command("connectors")
def list_connectors(as_json: Json = False) -> None:
    """The connectors of this house and what each asks for."""
    word = "zh" if spoken().startswith("zh") else "en"
    pages = connectors.manifests().values()
    if as_json:
        print(json.dumps({page.id: [one.id for one in page.settings] for page in pages}))
        return
    for page in pages:
        print(f"{page.id}  {page.title[word]} ({page.version}, {page.tier})")
        for one in page.settings:
            print(f"    --set {one.id}=…  {one.title[word]}{' *' if one.must else ''}")


@cli.command()
def add(
    name: Annotated[str, typer.Argument(help="What the link is called.")],
    connector: Annotated[str, typer.Option(help="See: gangmu dock connectors.")] = "rest_orders",
    kind: Annotated[str, typer.Option(help="hotline, urban, grid or upper.")] = "hotline",
    division: Annotated[str, typer.Option(help="Whose orders these are: a division code.")] = "",
    unit_name: Annotated[str, typer.Option("--org", help="The organisation that receives them.")] = "",
    make_org: Annotated[bool, typer.Option("--make-org", help="Make that organisation if there is none.")] = False,
    given: Annotated[list[str] | None, typer.Option("--set", help="A setting of the connector: NAME=VALUE.")] = None,
    flow: Annotated[str, typer.Option(help="The flow of its orders.")] = "docked_order",
    clock_of: Annotated[str, typer.Option("--clock", help="Whose deadline counts: foreign or own.")] = "foreign",
    limit: Annotated[str, typer.Option(help="The limit where the clock is ours, such as 5d.")] = "5d",
    sequence: Annotated[str, typer.Option(help="How they count an order's messages: dense, rising, none.")] = "dense",
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Open a link; its settings are tried first."""
    where = division_full(division)
    wanted = _settings(given or [])
    with boot.node(data):
        visits.check(connector, wanted, clock.now())
        with boot.open_unit(ACTOR, "gangmu dock add") as unit:
            place = org_service.find_org_named(unit, ACTOR, unit_name, where)
            if place is None and make_org:
                place = org.add_org(unit, ACTOR, unit_name, OrgKind.command, OrgLevel.county, where)
            if place is None:
                raise NotFound(what=f"organisation {unit_name} of {where}; --make-org makes it")
            link = service.add_link(
                unit,
                ACTOR,
                LinkDraft(
                    name=name,
                    kind=kind,
                    connector=connector,
                    division=where,
                    org=place.id,
                    settings=wanted,
                    flow=flow,
                    clock=clock_of,
                    limit=limit,
                    sequence=sequence,
                ),
            )
    print(json.dumps({"link": link.id, "name": link.name}) if as_json else say("cli.dock.added", name=link.name))


def _settings(given: list[str]) -> dict[str, str]:
    found = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign:
            raise Invalid(field="--set", reason=f"{item!r} is not NAME=VALUE")
        found[name.strip()] = value
    return found


@cli.command("list")
def list_links(data: Data = USUAL, as_json: Json = False) -> None:
    """The links and how each is."""
    with boot.node(data), boot.open_unit(ACTOR, "gangmu dock list") as unit:
        views = service.list_links(unit, ACTOR, Page(MOST)).items
    told = [_view(view) for view in views]
    if as_json:
        print(json.dumps(told, default=str))
    for one in [] if as_json else told:
        print(say("cli.dock.link", **one))


def _view(view: LinkView) -> dict[str, Any]:
    link, pulse = view.link, view.pulse
    return {
        "name": link.name,
        "connector": link.connector,
        "active": link.active,
        "contact_at": pulse.contact_at,
        "error": pulse.error,
        "waiting": sum(view.waiting.values()),
        "unsent": view.out.get("ready", 0) + view.out.get("sent", 0),
        "refused": view.out.get("refused", 0),
        "alarms": ",".join(alarm.kind for alarm in view.alarms),
    }


@cli.command("map")
def put_mapping(
    name: Name,
    kind: Annotated[str, typer.Argument(help="class unit area kind state_in act_in grade act_out state_out …")],
    pairs: Annotated[list[str], typer.Argument(help="CODE=MEANING, several; - for: known, means nothing here.")],
    data: Data = USUAL,
) -> None:
    """Say what codes mean (theirs; ours for *_out and standing); rows that waited for them are tried again."""
    wanted = _settings(pairs)
    with _node(data, name) as link:
        with boot.open_unit(ACTOR, "gangmu dock map") as unit:
            done = {code: service.put_mapping(unit, ACTOR, link.id, kind, code, wanted[code]) for code in wanted}
        jobs.settle()
    for code, what in done.items():
        print(say("cli.dock.mapped", done=what, kind=kind, code=code, value=wanted[code]))


@cli.command()
def pull(name: Name, data: Data = USUAL, as_json: Json = False) -> None:
    """Ask the other system for what is new."""
    with _node(data, name) as link:
        told = visits.pull(link.id).told()
    print(json.dumps(told) if as_json else say("cli.dock.pulled", **told))


@cli.command()
def push(name: Name, data: Data = USUAL, as_json: Json = False) -> None:
    """Send what happened here, and take the receipts."""
    with _node(data, name) as link:
        jobs.settle()
        docking_jobs.gather()
        settled = visits.push(link.id)
    print(json.dumps({"settled": settled}) if as_json else say("cli.dock.pushed", settled=settled))


@cli.command("account")
def draw_up(
    name: Name,
    day: Annotated[str, typer.Option(help="Which day, as 2026-09-18. [default: today]")] = "",
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Put both accounts of a day side by side. Exit code 1 when they differ."""
    with _node(data, name) as link:
        wanted = date.fromisoformat(day) if day else clock.now().astimezone(account.zone_of_city()).date()
        drawn = docking_jobs.draw_up(link.id, wanted)
    if as_json:
        print(json.dumps({key: drawn[key] for key in ("day", "ours", "theirs", "equal", "differing")}, default=str))
    else:
        for whose in ("ours", "theirs"):
            if drawn[whose] is not None:
                print(say(f"cli.dock.{whose}", **drawn[whose]))
        for one in drawn["differing"][:20]:
            print(f"  {one['number']}  {one['what']}  {one['ours']} / {one['theirs']}  {one['note']}")
        equal = {None: "unknown", True: "equal", False: "differs"}[drawn["equal"]]
        print(say(f"cli.dock.{equal}"))
    if drawn["equal"] is False:
        raise typer.Exit(1)


@cli.command()
def waiting(name: Name, data: Data = USUAL, as_json: Json = False) -> None:
    """Rows that came in and wait, with the reason."""
    with _node(data, name) as link, boot.open_unit(ACTOR, "gangmu dock waiting") as unit:
        rows = service.list_waiting(unit, ACTOR, link.id, Page(MOST)).items
    told = [
        {"number": row.number, "what": row.what, "why": row.why, "field": row.field, "code": row.code} for row in rows
    ]
    if as_json:
        print(json.dumps(told))
    for one in [] if as_json else told:
        print("  ".join(value or "-" for value in one.values()))


@cli.command()
def cutover(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="A workbook of open orders; without it they are pulled.")] = None,
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Take open orders over as they stand: history, elapsed clock, original deadline. Doing it twice adds nothing."""
    if file is not None and not file.exists():
        raise Invalid(field="file", reason=f"{file} is not there")
    with _node(data, name) as link:
        if file is None:
            told: Mapping[str, int] = visits.pull(link.id, takeover=True).told()
        else:
            with boot.open_unit(ACTOR, "gangmu dock cutover") as unit:
                told = delivery.take_workbook(unit, ACTOR, link.id, file.read_bytes(), takeover=True).told()
    print(json.dumps(told) if as_json else say("cli.dock.pulled", **told))


@contextmanager
def _node(data: Path, name: str) -> Iterator[Link]:
    """The node, with the link of a name."""
    with boot.node(data):
        with boot.open_unit(ACTOR, "gangmu dock") as unit:
            link = service.find_link(unit, ACTOR, name)
        yield link
