"""The offline installer: made, carried, installed into an empty environment with the network cut, and it runs."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest

from tests.flow.running import House

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "tools" / "bundle.py"
# a proxy that is not there and no index: what still asked the network would fail
DEAD = {
    "PIP_NO_INDEX": "1",
    **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),
}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    """The bundle, unpacked."""
    place = tmp_path_factory.mktemp("bundle")
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        subprocess.run([sys.executable, "-m", "ensurepip"], capture_output=True, check=True)
    done = subprocess.run([sys.executable, BUNDLE, "--out", place], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    packed = next(place.glob("gangmu-bundle-*.tar.gz"))
    assert sysconfig.get_platform().replace(".", "_") in packed.name
    with tarfile.open(packed) as opened:
        opened.extractall(place, filter="data")
    packed.unlink()
    return next(one for one in place.iterdir() if one.is_dir())


def cut() -> list[str]:
    """A way to run something without any network, where this machine permits it."""
    line = ["unshare", "-rn"]
    may = shutil.which("unshare") and subprocess.run([*line, "true"], capture_output=True, check=False).returncode == 0
    return line if may else []


def install(bundle: Path, target: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    told = {"PATH": os.environ["PATH"], "HOME": str(target.parent), "PYTHON": sys.executable, **DEAD, **env}
    line = [*cut(), str(bundle / "install.sh"), str(target)]
    return subprocess.run(line, env=told, capture_output=True, text=True, check=False)


def test_it_installs_with_the_network_cut_and_the_house_runs(bundle, tmp_path):
    done = install(bundle, tmp_path / "gangmu")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"gangmu \d+\.\d+\.\d+", done.stdout.strip().splitlines()[-1])
    programs = tmp_path / "gangmu" / "bin"
    plain = {"PATH": f"{programs}", "LANG": "en", "HOME": str(tmp_path)}
    house = House(tmp_path / "city", [str(programs / "gangmu")], env=plain, cwd=tmp_path).start(within_s=240)
    try:
        status, page = house.get("/")
        assert status == 200 and b"<div id=" in page and house.is_healthy()
    finally:
        house.stop()
    again = install(bundle, tmp_path / "gangmu")
    assert again.returncode == 2 and "not empty" in again.stderr


def test_a_damaged_file_another_python_and_no_target_are_refused(bundle, tmp_path):
    wheel = next(bundle.glob("wheels/gangmu-*.whl"))
    whole = wheel.read_bytes()
    try:
        wheel.write_bytes(whole[:-1] + b"x")
        done = install(bundle, tmp_path / "damaged")
        assert done.returncode == 1 and "damaged" in done.stderr and not (tmp_path / "damaged").exists()
    finally:
        wheel.write_bytes(whole)
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 3.9 linux-x86_64\n")
    fake.chmod(0o755)
    done = install(bundle, tmp_path / "other", PYTHON=str(fake))
    assert done.returncode == 2 and "3.9" in done.stderr and "bundle is for Python" in done.stderr
    done = subprocess.run([bundle / "install.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "install.sh DIR" in done.stderr


def test_the_bundle_holds_what_the_pins_say(bundle):
    pinned = re.findall(r"(?m)^([a-z0-9._-]+)==(\S+)", (bundle / "requirements.txt").read_text())
    there = {re.sub(r"[-_.]+", "-", one.name.split("-")[0]).lower() for one in bundle.glob("wheels/*.whl")}
    assert {re.sub(r"[-_.]+", "-", name) for name, _ in pinned} | {"gangmu"} == there
    assert "pytest" not in there and len(there) > 30
