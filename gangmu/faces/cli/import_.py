"""Take in records of other systems: CSV, XLSX or Parquet; bad rows wait in quarantine, nothing comes in twice."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.core.intake import profile as profiles
from gangmu.core.intake import run, service
from gangmu.core.intake.errors import FileDamaged, FileMissing, NothingToRead, UnknownBatch, WrongColumns
from gangmu.core.intake.model import Batch, Waiting
from gangmu.core.intake.profile import Profile
from gangmu.core.intake.readers import SUFFIXES
from gangmu.faces.cli._components import components
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._words import say
from gangmu.kit import ids, settings
from gangmu.kit.actor import System
from gangmu.kit.errors import BadId, Invalid
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.unit import Unit

cli = typer.Typer(add_completion=False, no_args_is_help=True, help="Take in records of other systems.")

cli.command()(components)

Json = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]
OpenUnit = Callable[[], AbstractContextManager[Unit]]
KEYS = ("read", "accepted", "quarantined", "already")


@cli.command()
def reports(
    file: Annotated[Path, typer.Argument(help="The file, or a folder of them.")],
    profile: Annotated[str, typer.Option("--profile", "-p", help="A shipped profile, or a TOML file.")] = "standard",
    data: Data = USUAL,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many rows of each file.")] = None,
    as_json: Json = False,
) -> None:
    """Take in reports (工单、案卷) as events. On an empty data folder the profile founds its city."""
    plan = profiles.load(profile)
    text = profiles.text_of(profile)
    settings.read_file(data / "gangmu.toml")
    files = list(_files(file, plan))
    total = dict.fromkeys((*KEYS, "changed"), 0)
    done: list[Batch] = []
    with boot.node(data) as node:
        actor = System("import")

        def open_unit() -> AbstractContextManager[Unit]:
            return node.unit(actor, "gangmu import reports")

        for path in files:
            with progress(path) as told:
                done.append(run.run_file(open_unit, actor, run.Source(path, plan, text, limit), told))
            for key in total:
                total[key] += getattr(done[-1], key)
    broken = [batch for batch in done if batch.state == "broken"]
    if as_json:
        batches = [{"id": str(one.id), "file": one.file_name, "state": one.state} for one in done]
        print(json.dumps({**total, "batches": batches}, ensure_ascii=False), flush=True)
    else:
        print(say("cli.import.done", **total))
        if total["changed"]:
            print(say("cli.import.changed", **total))
        for batch in done:
            if batch.quarantined:
                print(say("cli.import.look", batch=batch.id))
    if broken:
        raise FileDamaged(path=broken[0].file_name, reason=broken[0].why)


def _files(given: Path, plan: Profile) -> Iterator[Path]:
    """The file; or of a folder those that are tables of the profile, the others told and passed over. What is no
    such table is said before the city's engine is started."""
    if not given.exists():
        raise FileMissing(path=str(given))
    if not given.is_dir():
        run.open_source(run.Source(given, plan, "")).close()
        yield given
        return
    found = 0
    for path in sorted(given.iterdir()):
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            run.open_source(run.Source(path, plan, "")).close()
        except WrongColumns:
            _tell(say("cli.import.passed", file=path.name, profile=plan.name))
            continue
        found += 1
        yield path
    if not found:
        raise NothingToRead(path=str(given), profile=plan.name)


@contextmanager
def progress(path: Path) -> Iterator[run.Told]:
    """A line on stderr that counts rows: rewritten on a terminal, now and then elsewhere."""
    last = [0.0]

    def told(batch: Batch, share: float) -> None:
        if batch.read and last[0] == 0.0 and batch.version > 1:
            _tell(say("cli.import.resumed", row=batch.read + 1))
        if sys.stderr.isatty():
            print(f"\r{path.name}: {batch.read:,} ({share:.0%})", end="", file=sys.stderr, flush=True)
        elif share - last[0] >= 0.1 or last[0] == 0.0:
            _tell(f"{path.name}: {batch.read:,} ({share:.0%})")
        last[0] = max(share, 1e-9) if share - last[0] >= 0.1 or last[0] == 0.0 else last[0]

    yield told
    if sys.stderr.isatty():
        print(file=sys.stderr)


@cli.command("profiles")
def list_profiles(as_json: Json = False) -> None:
    """List the shipped profiles with source and licence."""
    plans = [profiles.load(name) for name in profiles.shipped()]
    if as_json:
        told = [
            {"name": p.name, "title": p.title, "source": p.source, "owner": p.owner, "licence": p.licence,
             "zone": p.zone.key, "city": p.city.name if p.city else None}
            for p in plans
        ]  # fmt: skip
        print(json.dumps({"profiles": told}, ensure_ascii=False))
        return
    for plan in plans:
        print(f"{plan.name:<12} {plan.title}")
        if plan.licence:
            print(f"{'':<12} {plan.source} ({plan.licence})")


@cli.command()
def show(name: Annotated[str, typer.Argument(help="A shipped profile.")]) -> None:
    """Print a shipped profile, to begin one of your own with."""
    profiles.load(name, files=False)
    print(profiles.text_of(name), end="")


@cli.command("batches")
def list_batches(data: Data = USUAL, as_json: Json = False) -> None:
    """List what has been taken in, newest first."""
    with boot.node(data) as node, node.unit(System("import"), "gangmu import batches") as unit:
        found = service.list_batches(unit, unit.actor, Page(100)).items
    for batch in found:
        told = {"id": str(batch.id), "file": batch.file_name, "source": batch.source, "state": batch.state}
        told |= {key: getattr(batch, key) for key in (*KEYS, "changed")}
        if as_json:
            print(json.dumps({**told, "flags": dict(batch.flags)}, ensure_ascii=False))
        else:
            print(
                f"{batch.id}  {batch.source:<12} {batch.state:<8} {say('cli.import.done', **told)}  {batch.file_name}"
            )


@cli.command("quarantine")
def list_quarantine(
    batch: Annotated[str, typer.Option(help="Only this batch.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many rows.")] = 50,
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """List bad rows: row, field, reason, value. Numbers that lead to a person are covered."""
    wanted = _batch_id(batch) if batch else None
    with boot.node(data) as node, node.unit(System("import"), "gangmu import quarantine") as unit:
        rows: list[Waiting] = []
        after: str | None = None
        while len(rows) < limit:
            found = service.list_quarantine(unit, unit.actor, Page(min(200, limit - len(rows)), after), wanted)
            rows += found.items
            after = found.next
            if after is None:
                break
    for row in rows:
        if as_json:
            told = {"batch": str(row.batch), "row": row.at, "errors": list(row.errors), "cells": dict(row.cells)}
            print(json.dumps(told, ensure_ascii=False))
            continue
        for error in row.errors:
            reason = say(f"intake.reason.{error['reason']}")
            print(f"{row.batch}  {row.at:>7}  {error['field'] or '-':<14} {reason}  {error['value']}".rstrip())


@cli.command()
def retry(
    batch: Annotated[str, typer.Argument(help="The batch whose bad rows are tried again.")],
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="The profile as it is now. [default: the batch's]")
    ] = "",
    row: Annotated[int | None, typer.Option(help="Only this row.")] = None,
    fixes: Annotated[
        list[str] | None, typer.Option("--set", help="COLUMN=VALUE, with --row: a corrected cell.")
    ] = None,
    data: Data = USUAL,
    as_json: Json = False,
) -> None:
    """Try bad rows again, after the profile was mended or with corrected cells."""
    given = dict(_fix(item) for item in fixes or [])
    if given and row is None:
        raise Invalid(field="--set", reason="name the row that it corrects: --row N")
    actor = System("import")
    with boot.node(data) as node:

        def open_unit() -> AbstractContextManager[Unit]:
            return node.unit(actor, "gangmu import retry")

        batch_id = _batch_id(batch)
        with open_unit() as unit:
            held = service.get_batch(unit, actor, batch_id)
        plan = profiles.load(profile) if profile else profiles.parse(held.profile, held.source)
        counts = run.retry_batch(open_unit, actor, batch_id, plan, at=row, fixes=given)
    told: dict[str, Any] = {key: getattr(counts, key) for key in KEYS}
    print(json.dumps(told) if as_json else say("cli.import.done", **told))


def _fix(item: str) -> tuple[str, str]:
    name, sign, value = item.partition("=")
    if not sign:
        raise Invalid(field="--set", reason=f"{item!r} is not COLUMN=VALUE")
    return name, value


def _batch_id(text: str) -> Id:
    try:
        return ids.parse(text, "imb")
    except BadId:
        raise UnknownBatch(batch=text[:60]) from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
