"""Every setting: its value, where that comes from, what it is for."""

import re
from typing import Annotated, Any

import typer

from gangmu import boot
from gangmu.faces.cli._data import USUAL, Data
from gangmu.kit import settings

SECRET = re.compile(r"(://[^:/@\s]*:)[^@\s]+(@)")


def command(
    data: Data = USUAL,
    page: Annotated[bool, typer.Option("--page", help="As the page of the handbook, defaults only.")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="Only those that are not the default.")] = False,
) -> None:
    """Default < gangmu.toml < environment < admin screen (asked while the house runs)."""
    boot.load_stages()
    settings.read_file(data.expanduser() / "gangmu.toml")
    listed = settings.described()
    if page:
        print(_page(listed))
        return
    for each in listed:
        if not changed or each["source"] != "default":
            print(f"{each['name']:<32} {shown(each['value']):<28} {each['source']:<12} {each['about']}")


def shown(value: object) -> str:
    """A value as it may be seen: passwords in addresses are hidden."""
    return SECRET.sub(r"\1***\2", str(value))


def _page(listed: list[dict[str, Any]]) -> str:
    lines = ["# Settings", "", "Each works unset. A later place wins: default, `gangmu.toml` in the data folder"]
    lines += ["(`[event]` tables), environment (`GANGMU_EVENT__DRAFT_DAYS`), admin screen (where marked).", ""]
    lines += ["| setting | default | admin screen | what it is for |", "|---|---|---|---|"]
    for each in listed:
        admin = "yes" if each["admin"] else ""
        default = "" if each["default"] == "" else f"`{each['default']}`"
        lines.append(f"| `{each['name']}` | {default} | {admin} | {each['about']} |")
    return "\n".join(lines)
