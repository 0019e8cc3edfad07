"""An installer that needs no network: our wheel with the screens, every wheel that it asks for on this platform and
this Python, their digests, and ``install.sh``, in one ``gangmu-bundle-….tar.gz``.

``python tools/bundle.py --out dist [--wheels FOLDER]``: wheels are taken from FOLDER where they are there (and of the
right digest), and downloaded otherwise by pip, held against the pins of ``constraints.txt``.
"""

import argparse
import hashlib
import importlib.metadata as metadata
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def needed() -> set[str]:
    """Every package that the house needs on this machine, and what those need."""
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(line), "") for line in metadata.requires("gangmu") or []]
    while waiting:
        need, extra = waiting.pop()
        if need.marker is not None and not need.marker.evaluate({"extra": extra}):
            continue
        for each in ("", *need.extras):
            if (need.name, each) not in seen:
                seen.add((need.name, each))
                waiting += [(Requirement(line), each) for line in metadata.requires(need.name) or []]
    return {canonicalize_name(name) for name, _ in seen}


def pins(names: set[str]) -> str:
    """The blocks of ``constraints.txt`` for these packages, hashes and all; one may have several, a Python each."""
    text = (ROOT / "constraints.txt").read_text("utf-8")
    blocks = re.split(r"(?m)^(?=[a-zA-Z0-9])", text)
    found: dict[str, list[str]] = {}
    for block in blocks:
        if "==" in block:
            found.setdefault(canonicalize_name(re.split(r"[\[=]", block)[0]), []).append(block)
    missing = names - found.keys()
    if missing:
        raise SystemExit(f"constraints.txt pins no {', '.join(sorted(missing))}: run make constraints")
    return "".join(block for name in sorted(names) for block in found[name])


def build(out: Path, wheels: Path | None) -> Path:
    """Make the bundle; its path."""
    if not (ROOT / "gangmu" / "faces" / "web_dist" / "index.html").exists():
        raise SystemExit("the screens are not built: run make setup")
    with tempfile.TemporaryDirectory(prefix="gangmu-bundle-") as place:
        folder = Path(place) / _name()
        store = folder / "wheels"
        store.mkdir(parents=True)
        (folder / "requirements.txt").write_text(pins(needed()), "utf-8")
        _run("build", "--wheel", "--no-isolation", "--outdir", str(store), str(ROOT))
        given = ["-f", str(wheels)] if wheels else []
        wanted = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(folder / "requirements.txt")]
        _run("pip", "download", "-q", "--disable-pip-version-check", *given, *wanted, "-d", str(store))
        shutil.copy(ROOT / "tools" / "install.sh", folder)
        (folder / "install.sh").chmod(0o755)
        for name in ("LICENSE", "NOTICE", "README.md", "README.zh-CN.md"):
            shutil.copy(ROOT / name, folder)
        (folder / "PYTHON").write_text(f"{sys.version_info[0]}.{sys.version_info[1]}\n")
        (folder / "PLATFORM").write_text(f"{sysconfig.get_platform()}\n")
        listed = [one for one in sorted(folder.rglob("*")) if one.is_file()]
        lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(folder)}\n" for one in listed]
        (folder / "SHA256SUMS").write_text("".join(lines))
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{folder.name}.tar.gz"
        with tarfile.open(target, "w:gz", compresslevel=1) as packed:  # wheels are packed already
            packed.add(folder, folder.name)
    return target


def _name() -> str:
    version = metadata.version("gangmu")
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}-{sysconfig.get_platform()}"
    return f"gangmu-bundle-{version}-{tag.replace('.', '_')}"


def _run(*line: str) -> None:
    done = subprocess.run([sys.executable, "-m", *line], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(line[:2])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--out", type=Path, default=ROOT / "dist")
    given.add_argument("--wheels", type=Path)
    told = given.parse_args()
    sys.stdout.write(f"{build(told.out, told.wheels)}\n")
