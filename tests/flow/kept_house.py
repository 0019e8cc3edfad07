"""A house in a data folder of its own with a small city in it, for tests of its care; commands as processes."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gangmu import boot
from gangmu.faces import cli
from gangmu.faces.cli import _words
from gangmu.kit import files, http, ids, journal_search, log, seal, settings
from tests.city import City, build

SMALL = "[engine]\ndurable = false\nshared_buffers_mb = 32\n"
PASSPHRASE = "correct horse battery"
PDF = b"%%PDF-1.4\n%%%d is a small file\n"


@dataclass
class Kept:
    """The house, open in this process, and its city."""

    node: boot.Node
    city: City

    @property
    def folder(self) -> Path:
        return self.node.folder

    def report(self, who: str = "clerk", n: int = 0, **more: Any) -> dict[str, Any]:
        """A report with a reporter and a paper of its own."""
        clerk = self.city.sign_in(who)
        paper = {"file": ("a.pdf", PDF % n, "application/pdf")}
        kept = clerk.post("/api/files", files=paper).json()["id"]
        reporter = {"name": "王小二", "phone": "13612345678"}
        return self.city.report(who, channel="hotline12345", reporter=reporter, attachments=[kept], **more)


@contextmanager
def living(folder: Path) -> Iterator[Kept]:
    """Found it and keep it open; its engine ends with the block."""
    folder.mkdir(parents=True)
    os.chmod(folder, 0o711)
    (folder / "gangmu.toml").write_text(SMALL)
    with boot.node(folder) as node:
        yield Kept(node, build().reopened(boot.make_app()))


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def gangmu(*args: object) -> Said:
    """A command, in English, in this process: what it takes over (keys, files, settings, language) is put back."""
    before = (seal._keys, files._folder, journal_search._folder, settings._file, settings._admin, ids.node())
    spoken, env = _words.spoken(), os.environ.get("GANGMU_LANG")
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.run(["--lang", "en", *map(str, args)])
    finally:
        seal._keys, files._folder, journal_search._folder, settings._file, settings._admin = before[:5]
        ids.set_node(before[5])
        http.shut(False)
        _words.speak(spoken)
        os.environ.pop("GANGMU_LANG", None) if env is None else os.environ.update(GANGMU_LANG=env)
        log.set_up()
    return Said(code, out.getvalue(), err.getvalue())


def apart(*args: object, **how: Any) -> "subprocess.CompletedProcess[str]":
    """The same in a process of its own."""
    return subprocess.run(line(*args), capture_output=True, text=True, check=False, **in_english(how))


def line(*args: object) -> list[str]:
    return [sys.executable, "-m", "gangmu", "--lang", "en", *map(str, args)]


def in_english(how: dict[str, Any]) -> dict[str, Any]:
    return {"env": {**os.environ, "LANG": "en", **how.pop("env", {})}, **how}


def kill_at(word: str, *args: object) -> str:
    """Start a command and kill -9 it as soon as it says a word; what it had said."""
    process = subprocess.Popen(line(*args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **in_english({}))
    assert process.stderr is not None
    said = []
    for told in process.stderr:
        said.append(told)
        if word in told:
            process.kill()
            break
    process.communicate()
    assert process.returncode == -9, said
    return "".join(said)
