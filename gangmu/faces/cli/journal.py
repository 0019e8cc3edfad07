"""The journal: prove that nothing was changed, cut or added."""

from typing import Annotated

import orjson
import typer

from gangmu import boot
from gangmu.faces.cli._data import USUAL, Data
from gangmu.kit import journal, journal_search, seal

cli = typer.Typer(add_completion=False, help="The journal.")


@cli.callback()
def _group() -> None:
    """The journal: prove that nothing was changed, cut or added."""


@cli.command()
def verify(
    data: Data = USUAL, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False
) -> None:
    """Walk the whole chain against the signed heads; exit code 1 when it is broken."""
    with boot.node(data) as node:
        while journal.seal_tail(node.journal_folder):
            pass
        found = journal.verify(node.journal_folder, seal.keys().verifier)
        with node.unit(cause="journal verify") as unit:
            journal_search.note(unit, found)
    said = {
        "ok": found.ok,
        "entries": found.entries,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "head": found.head,
        "heads_checked": found.heads_checked,
        "broken": found.broken,
    }
    if as_json:
        print(orjson.dumps(said).decode())
    elif found.ok:
        print(f"the journal holds: {found.sealed} entries sealed, {found.unsealed} waiting, head {found.head[:16]}")
    else:
        broken = found.broken or {}
        print(f"the journal is broken at number {broken.get('seq')}: {broken.get('why')} ({broken.get('entry')})")
    if not found.ok:
        raise typer.Exit(1)
