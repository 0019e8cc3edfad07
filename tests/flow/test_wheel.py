"""The wheel, installed into an empty environment without Node, runs the house and shows its screens."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.flow.running import House

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "gangmu" / "faces" / "web_dist" / "index.html"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    assert BUILT.exists(), "the web is not built: run `make setup`, which builds it into gangmu/faces/web_dist"
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(place.glob("gangmu-*.whl"))


def test_the_wheel_carries_screens_words_and_data(wheel):
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        page = opened.read("gangmu/faces/web_dist/index.html").decode()
    for needed in re.findall(r'(?:src|href)="/?(?!http|data:)([^"]+)"', page):
        assert f"gangmu/faces/web_dist/{needed}" in names
    in_git = subprocess.run(["git", "ls-files", "-z", "gangmu"], cwd=ROOT, capture_output=True, text=True, check=True)
    there = {name for name in in_git.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert sorted(there - names) == []
    assert not [name for name in names if name.startswith(("tests/", "web/", "docs/")) or "node_modules" in name]


def environment(place: Path, wheel: Path) -> Path:
    """An empty environment with the wheel and nothing but what its own metadata asks for, as it is installed here
    (no index is asked); the folder of its programs."""
    venv.create(place, with_pip=True)
    packages = next((place / "lib").glob("python*/site-packages"))
    for name in needed_by(wheel):
        for file in metadata.distribution(name).files or []:
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file():
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    _link(source, target)
    pip = [place / "bin" / "python", "-m", "pip"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    done = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return place / "bin"


def needed_by(wheel: Path) -> set[str]:
    """Every package that the wheel needs, and what those need."""
    with zipfile.ZipFile(wheel) as opened:
        told = next(name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        asked = Parser().parsestr(opened.read(told).decode()).get_all("Requires-Dist") or []
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in asked]
    while waiting:
        need, extra = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({"extra": extra}):
            continue
        for each in ("", *need.extras):
            if (need.name, each) not in seen:
                seen.add((need.name, each))
                waiting += [(Requirement(line), each) for line in metadata.requires(need.name) or []]
    return {name for name, _ in seen}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_runs_in_an_empty_environment_without_node(wheel, tmp_path):
    programs = environment(tmp_path / "empty", wheel)
    plain = {"PATH": f"{programs}", "LANG": "en", "HOME": str(tmp_path)}
    house = House(tmp_path / "city", [str(programs / "gangmu")], env=plain, cwd=tmp_path).start()
    try:
        status, page = house.get("/")
        assert status == 200 and b"<div id=" in page
        for needed in re.findall(rb'(?:src|href)="(/assets/[^"]+)"', page):
            status, body = house.get(needed.decode())
            assert status == 200 and body
        assert house.is_healthy()
    finally:
        house.stop()
    assert "Traceback" not in house.log.read_text()
