"""The how-to page of deadlines does what it says: its blocks are run in order, their output is exact."""

import re
import shlex
from pathlib import Path

from gangmu.faces.cli import run

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "deadlines.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def test_the_page_does_what_it_says(city, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("GANGMU_LANG", "en")
    monkeypatch.chdir(tmp_path)
    names = {"browser": city.sign_in("data_steward")}
    kinds = []
    for kind, block in BLOCK.findall(PAGE.read_text("utf-8")):
        kinds.append(kind)
        if kind == "toml":
            (tmp_path / block.split()[1]).write_text(block, "utf-8")
        elif kind == "python":
            exec(compile(block, str(PAGE), "exec"), names)
        else:
            assert _run(block, capsys) == block
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {"console": 8, "python": 4, "toml": 1}


def _run(block: str, capsys) -> str:
    """The block again, as it comes out now."""
    told = ""
    for line in block.splitlines():
        if line.startswith("$ gangmu "):
            run(shlex.split(line)[2:])
            said = capsys.readouterr()
            told += f"{line}\n{said.out}{said.err}"
    return told
