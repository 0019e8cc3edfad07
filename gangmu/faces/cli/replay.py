"""Play the records of a real city through a flow at their own times, and hold what comes of it against the file."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.brain.evaluate.service import hear
from gangmu.brain.evaluate.verdicts import Verdict, verdicts_of
from gangmu.core.event import telling
from gangmu.core.intake import profile as profiles
from gangmu.core.replay import judging, service
from gangmu.core.replay.judging import Report
from gangmu.core.replay.service import Run
from gangmu.faces.cli._words import say
from gangmu.kit import settings
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

KEYS = ("read", "accepted", "quarantined", "already")


def command(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet, with the profile's columns.")],
    profile: Annotated[str, typer.Option("--profile", "-p", help="A shipped profile, or a TOML file.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder of its own for the city.", show_default="one for the time")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
) -> None:
    """Replay a file. Without --data the city is gone at the end."""
    plan = profiles.load(profile)
    reading = service.read(file, plan, limit)
    with _folder(data) as folder:
        settings.read_file(folder / "gangmu.toml")
        with boot.node(folder) as node:
            actor = System("replay")

            def open_unit() -> AbstractContextManager[Unit]:
                return node.unit(actor, "gangmu replay")

            load = os.getloadavg()[0]
            done = service.play(open_unit, actor, file, plan, profiles.text_of(profile), reading, _told)
            report = judging.judge(open_unit, actor, plan, reading, _evaluated)
    if as_json:
        print(json.dumps(_plain(plan.name, done, report, load), ensure_ascii=False))
    else:
        print("\n".join(_said(done, report, load)))


def _evaluated(unit: Unit, events: Sequence[Id], until: datetime) -> dict[Id, Verdict]:
    """What evaluation counts of these: it is told of them as it is told of any batch, and asked."""
    hear(unit, telling.told_of(unit, events))
    return verdicts_of(unit, unit.actor, events, until)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="gangmu-replay-") as made:
        os.chmod(made, 0o755)
        yield Path(made)


def _told(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,} / {total:,}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _plain(name: str, done: Run, report: Report, load: float) -> dict[str, Any]:
    told: dict[str, Any] = {
        "profile": name,
        **done.counts,
        "transitions": done.transitions,
        "wall_s": round(done.wall_s, 2),
        "cpu_s": round(done.cpu_s, 2),
        "per_s": round(done.per_s),
        "load": round(load, 2),
        "until": done.reading.until.isoformat(),
        "refused": [{"number": number, "verb": verb, "reason": code} for number, verb, code in done.refused],
    }
    if report.titles:
        told["clock_apart"] = report.clock_apart
        told["titles"] = [
            {
                "title": one.title,
                "n": one.n,
                "equal": one.equal,
                "share": None if one.share is None else round(one.share, 6),
                "differences": one.causes,
            }
            for one in report.titles.values()
        ]
    if report.duplicates is not None:
        dups = report.duplicates
        told["duplicates"] = {
            "dups": dups.dups,
            "merged": dups.merged,
            "unmatched": [{"number": number, "row": at} for number, at in dups.unmatched],
        }
    if report.hand_overs is not None:
        one = report.hand_overs
        told["transfers"] = {"n": one.cases, "equal": one.equal, "file": one.file, "acts": one.acts}
        told["days_to_reply"] = {
            "n": one.replied,
            "equal": one.days_equal,
            "natural_days": one.natural_days,
            "working_hours": round(one.working_s / 3600, 1),
        }
    told["differences"] = [
        {"number": one.number, "row": one.at, "file": one.file, "ours": one.ours, "cause": one.cause}
        for one in report.differences
    ]
    return told


def _said(done: Run, report: Report, load: float) -> list[str]:
    lines = [
        say("cli.import.done", **done.counts),
        say(
            "replay.speed",
            n=done.transitions,
            wall=f"{done.wall_s:.1f}",
            cpu=f"{done.cpu_s:.1f}",
            per_s=round(done.per_s),
            load=f"{load:.1f}",
        ),
    ]
    if done.refused:
        lines.append(say("replay.refused", n=len(done.refused), number=done.refused[0][0], verb=done.refused[0][1]))
    if report.titles:
        lines += ["", say("replay.titles")]
    for one in sorted(report.titles.values(), key=lambda one: (-one.n, one.title)):
        share = "-" if one.share is None else f"{one.share:.2%}"
        lines.append(f"  {one.title[:44]:<44} {one.n:>7} {one.equal:>7} {share:>8}")
        for cause, number in sorted(one.causes.items(), key=lambda item: (-item[1], item[0])):
            lines.append(f"    {number:>6}  {say(f'replay.cause.{cause}')}")
    if report.clock_apart:
        lines.append(say("replay.clock_apart", n=len(report.clock_apart), number=report.clock_apart[0]))
    if report.duplicates is not None:
        dups = report.duplicates
        lines += ["", say("replay.duplicates", n=dups.dups, merged=dups.merged, left=len(dups.unmatched))]
        lines += [f"    {number}  {say('replay.row', row=at)}" for number, at in dups.unmatched[:40]]
    if report.hand_overs is not None:
        one = report.hand_overs
        lines += [
            "",
            say("replay.transfers", n=one.cases, equal=one.equal, file=one.file, acts=one.acts),
            say(
                "replay.days",
                n=one.replied,
                equal=one.days_equal,
                natural=one.natural_days,
                working=round(one.working_s / 3600),
            ),
        ]
    for cause, found in judging.examples(report):
        lines += ["", say(f"replay.cause.{cause}")]
        lines += [f"    {one.number}  {say('replay.said', row=one.at, file=_word(one.file), ours=_word(one.ours))}"
                  for one in found]  # fmt: skip
    return lines


def _word(said: str) -> str:
    return say(f"replay.{said}") if said in ("met", "missed") else said or "-"
