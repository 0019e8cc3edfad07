"""Hold the targets of a file against the rules under which they were set."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gangmu.core.intake import profile as profiles
from gangmu.core.replay.comparing import compare as compare_file
from gangmu.core.replay.errors import NoRule
from gangmu.core.replay.model import Compared
from gangmu.faces.cli._words import say


def compare(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet, with the profile's columns.")],
    profile: Annotated[str, typer.Option("--profile", "-p", help="A shipped profile, or a TOML file.")],
    rule: Annotated[str, typer.Option(help="The rule that the last line is about.", show_default="the first")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows with a target.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON line a rule; the asked one last.")] = False,
) -> None:
    """Work out every target of a file anew and compare, within a minute."""
    found = {one.id: one for one in compare_file(file, profiles.load(profile), limit)}
    if rule and rule not in found:
        raise NoRule(profile=f"{profile}: {rule}")
    main = found.pop(rule or next(iter(found)))
    if as_json:
        for one in found.values():
            print(json.dumps({"rule": one.id, **_counts(one)}))
        print(json.dumps(_counts(main)))
        return
    for one in (main, *found.values()):
        print("\n".join(_said(one)))


def _counts(one: Compared) -> dict[str, float | int | None]:
    return {"n": one.n, "equal": one.equal, "share": None if one.share is None else round(one.share, 6)}


def _said(one: Compared) -> list[str]:
    share = "-" if one.share is None else f"{one.share:.2%}"
    lines = [say("replay.compared", title=one.title, limit=one.limit, n=one.n, equal=one.equal, share=share)]
    for cause, number in sorted(one.causes.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"  {number:>6}  {say(f'replay.cause.{cause}')}")
        for shown in one.examples[cause]:
            times = {"opened": _moment(shown.opened), "target": _moment(shown.target)}
            lines.append("          " + say("replay.example", row=shown.at, **times, computed=_moment(shown.computed)))
    return lines


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
