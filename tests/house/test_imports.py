"""Who may import whom: the contracts of pyproject.toml, and what they cannot say."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, Module, found_by, house, imported

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    code = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_contracts_are_kept():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


def test_there_are_enough_of_them_and_each_has_a_name():
    names = {contract["name"] for contract in CONTRACTS}
    assert len(names) == len(CONTRACTS) >= 6


BREACHES = [
    ("the floors of the house", "kit/errors.py", "import gangmu.base.org"),
    ("the floors of the house", "base/org/model.py", "import gangmu.core"),
    ("brain and core talk by messages alone", "brain/__init__.py", "import gangmu.core.flow"),
    ("a plug-in knows the sdk alone", "scenes/__init__.py", "import gangmu.kit.ids"),
    ("nobody knows a plug-in", "core/__init__.py", "import gangmu.scenes"),
    ("rules know no database, web, network or clock", "base/org/model.py", "import sqlalchemy"),
    ("rules know no database, web, network or clock", "core/flow/model.py", "import gangmu.kit.clock"),
    ("the order of the base", "base/calendar/model.py", "import gangmu.base.access"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The package's Python files and the contracts, to be broken."""
    place = tmp_path_factory.mktemp("broken")
    for module in house():
        target = place / module.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(module.text, "utf-8")
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def test_the_contracts_see_breaches(copy):
    """All breaches at once, so that the graph is built once."""
    for _, path, line in BREACHES:
        file = copy / "gangmu" / path
        file.write_text(file.read_text("utf-8") + f"\n{line}\n", "utf-8")
    said = lint(copy).stdout
    for name, _, _ in BREACHES:
        assert re.search(rf"^{re.escape(name)} BROKEN", said, re.MULTILINE), f"{name}\n{said[-3000:]}"


STAGE = re.compile(r"(gangmu\.(?:base|core|brain|federate)\.\w+)\.(?:\w+_)?store(\.|$)")


def foreign_stores(module: Module) -> Iterator[str]:
    """The SQL of a stage is used by this stage alone; others ask its front door. Benchmarks fill tables by the
    million, so they may reach behind it."""
    if module.is_in("gangmu/faces/bench"):
        return
    for name, line in imported(module):
        stage = STAGE.match(name)
        if stage and not f"{module.name}.".startswith(stage[1] + "."):
            yield f"{module.path}:{line} {name}"


def test_a_store_is_used_by_its_own_stage_alone():
    assert found_by(foreign_stores) == []


def test_a_foreign_store_is_seen():
    for text in (
        "from gangmu.base.org import store",
        "import gangmu.base.org.store",
        "from gangmu.base.org import unit_store",
        "from gangmu.base.org.store import org",
    ):
        assert list(foreign_stores(Module("gangmu/core/event/service.py", text)))
        assert not list(foreign_stores(Module("gangmu/base/org/service.py", text)))


def test_a_front_door_has_at_most_twelve_names():
    """And says what comes in and goes out."""
    wrong = []
    for module in house():
        parts = module.path.split("/")
        if len(parts) == 4 and parts[1] in ("base", "core", "brain") and parts[3] == "__init__.py":
            listed = re.search(r"__all__ = \[(.*?)\]", module.text, re.DOTALL)
            names = re.findall(r'"(\w+)"', listed[1]) if listed else []
            if len(names) > 12:
                wrong.append(f"{module.path} offers {len(names)} names")
    assert wrong == []
