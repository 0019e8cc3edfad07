"""Say what is wrong with a house and what to do about it, one line each."""

from typing import Annotated

import typer

from gangmu.care import doctor
from gangmu.care.findings import Grade
from gangmu.faces.cli._data import USUAL, Data
from gangmu.faces.cli._told import Json, outcome
from gangmu.faces.cli._words import say


def command(
    data: Data = USUAL,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the house would listen; 0: do not look.")] = 8080,
    as_json: Json = False,
) -> None:
    """Exit code 0: well, or notes alone; 1: something wants doing."""
    found = doctor.examine(data, port)
    told = [{"what": one.what, "grade": str(one.grade), "said": _said(one.what, one.values)} for one in found]
    is_well = all(one.grade is Grade.note for one in found)
    lines = [f"{say('care.grade.' + one['grade'])}  {one['said']}" for one in told]
    if is_well:
        lines.append(say("care.doctor.well", count=len(doctor.names())))
    outcome({"ok": is_well, "checks": doctor.names(), "findings": told}, "\n".join(lines), as_json)
    if not is_well:
        raise typer.Exit(1)


def _said(what: str, values: dict[str, object]) -> str:
    """The sentence; of an error of the house, that error's own."""
    if what == "does_not_open" and say(str(values["code"])) != values["code"]:
        return say("care.doctor.does_not_open", reason=say(str(values["code"]), **_but_code(values)))
    return say(f"care.doctor.{what}", **{"reason": values.get("code", ""), **values})


def _but_code(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name != "code"}
