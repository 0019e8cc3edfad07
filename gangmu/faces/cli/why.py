"""Why somebody may, or may not, do something with a thing."""

from typing import Annotated

import orjson
import typer

from gangmu import boot
from gangmu.base.access.answers import why
from gangmu.base.access.service import post_of_username
from gangmu.faces.cli._data import USUAL, Data
from gangmu.kit import ids
from gangmu.kit.actor import System


def command(
    who: Annotated[str, typer.Argument(help="A user name, or the id of a post (pst_...).")],
    action: Annotated[str, typer.Argument(help="A permission, such as event.dispatch.")],
    thing: Annotated[str, typer.Argument(help="The id of a thing, such as an event (evt_...).")] = "",
    data: Data = USUAL,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say by which grants a post may do something, and whether they reach the thing."""
    with boot.node(data) as node, node.unit(System("why"), "why") as unit:
        posts = [ids.parse(who, "pst")] if who.startswith("pst_") else post_of_username(unit, who)
        answers = [why(unit, post, action, ids.parse(thing) if thing else None) for post in posts]
    if as_json:
        print(orjson.dumps([answer.model_dump() for answer in answers]).decode())
        return
    for answer in answers:
        print(f"{answer.who} ({answer.post}): {'may' if answer.may else 'may not'} {action} {thing}".rstrip())
        for grant in answer.grants:
            print(f"  {'reaches' if grant.reaches else 'does not reach'}: {grant.grant}")
        if not answer.grants:
            print("  no role of this post gives the permission")
