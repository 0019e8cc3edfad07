"""Run a benchmark, or all of them; the last line with --json is one JSON object."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gangmu.faces import bench
from gangmu.kit import clock
from gangmu.kit.errors import Invalid

RESULTS = Path("bench/results.md")


def command(
    name: Annotated[str, typer.Argument(help="Which one; without it they are listed.")] = "",
    full: Annotated[bool, typer.Option("--full", help="The size of the goals instead of one minute.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All, into bench/results.md.")] = False,
    data: Annotated[Path | None, typer.Option(help="A set of records, or one of its files.")] = None,
    train: Annotated[Path | None, typer.Option(help="Records to learn from.")] = None,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Another size.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another mix.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="How long a soak lasts.")] = None,
    operators: Annotated[int | None, typer.Option(min=1, help="How many are at work in a soak.")] = None,
) -> None:
    """Measure a part of the house on this machine."""
    if every:
        _all(full)
    elif not name:
        print("\n".join(bench.names()))
    else:
        for path in (data, train):
            if path is not None and not path.exists():
                raise Invalid(field="data", reason=f"{path} is not there")
        asked = bench.Args(full, data, train, n, seed, minutes, operators)
        told = bench.run(name, asked)
        print(json.dumps(told, ensure_ascii=False) if as_json else _shown(told))


def _shown(told: dict[str, Any]) -> str:
    lines = [f"{told['name']}  n={told['n']}  {told['wall_s']} s ({told['cpu_s']} CPU s, load {told['load']})"]
    lines += [f"  {key:<22} {_figure(value)}" for key, value in told["figures"].items()]
    if told["peer"]:
        lines.append("  peer " + ", ".join(f"{key} {_figure(value)}" for key, value in told["peer"].items()))
    if "why" in told:
        lines.append(f"  not measured: {told['why']}")
    return "\n".join(lines)


def _figure(value: object) -> str:
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _all(full: bool) -> None:
    """Each in a process of its own, so that one does not warm or burden the next."""
    told = []
    for name in bench.names():
        bench.say(f"{name} ...")
        command = [sys.executable, "-m", "gangmu", "bench", name, "--json", *(["--full"] if full else [])]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        lines = done.stdout.strip().splitlines()
        if done.returncode == 0 and lines:
            told.append(json.loads(lines[-1]))
            bench.say(_shown(told[-1]))
        else:
            told.append({"name": name, "why": f"ended with {done.returncode}"})
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(_page(told, clock.real_now()), "utf-8")
    print(f"{RESULTS}: {len(told)} benchmarks")


def _page(told: list[dict[str, Any]], when: datetime) -> str:
    lines = ["# Results", "", f"{bench.machine()}, {when:%Y-%m-%d %H:%M} UTC", ""]
    lines += ["| benchmark | figures | n | peer | wall s | CPU s | load |", "|---|---|---|---|---|---|---|"]
    for each in told:
        if "figures" not in each:
            lines.append(f"| {each['name']} | not measured: {each['why']} | | | | | |")
            continue
        figures = "; ".join(f"{key} {_figure(value)}" for key, value in each["figures"].items())
        if "why" in each:
            figures += f" ({each['why']})"
        peer = ", ".join(f"{key} {_figure(value)}" for key, value in (each["peer"] or {}).items())
        costs = f"{each['wall_s']} | {each['cpu_s']} | {each['load']}"
        lines.append(f"| {each['name']} | {figures} | {each['n']:,} | {peer} | {costs} |")
    return "\n".join(lines) + "\n"
