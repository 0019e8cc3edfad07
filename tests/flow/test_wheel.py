"""The wheel, installed into an empty environment without Node, runs the house and shows its screens."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

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
    """An empty environment with the wheel and what it needs, as pinned; the folder of its programs."""
    venv.create(place, with_pip=True)
    pins = re.sub(r"(?m)\s*\\?$\n\s+--hash=\S+( \\)?", "", (ROOT / "constraints.txt").read_text("utf-8"))
    (place / "pins.txt").write_text("\n".join(re.findall(r"(?m)^[\w.-]+==[^\s\\]+(?: ; [^\\\n]+)?", pins)))
    command = [place / "bin" / "python", "-m", "pip", "install", "-q", "-c", place / "pins.txt", wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and re.search(r"No matching distribution|Connection|Could not fetch|resolve", done.stderr):
        message = f"the packages cannot be had here: {done.stderr.strip().splitlines()[-1]}"
        assert os.environ.get("CI") != "true", message
        pytest.skip(message)
    assert done.returncode == 0, done.stderr[-2000:]
    return place / "bin"


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
