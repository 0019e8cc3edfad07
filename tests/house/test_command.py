"""The command line: quick, listed, every error in one line."""

import ast
import os
import subprocess
import sys
import time

import pytest

from gangmu.faces import cli
from tests.house.tree import ROOT


def gangmu(*args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "gangmu", *args],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_without_loading_it():
    said = gangmu("--help").stdout
    for command in cli.commands():
        assert f"\n  {command} " in said
    heavy = "import sys; from gangmu.faces import cli; cli.run(['--help']); print('sqlalchemy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", heavy], cwd=ROOT, text=True).endswith("False\n")


def test_every_command_file_offers_a_command():
    for name in cli.commands().values():
        tree = ast.parse((cli.HERE / f"{name}.py").read_text("utf-8"))
        assert ast.get_docstring(tree), name
        offered = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        offered |= {target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
        assert offered & {"cli", "command"}, name


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nonsense"], "no command nonsense"),
        (["--nonsense"], "no option --nonsense"),
        (["bench", "nonsense"], "nonsense"),
        (["bench", "deadline", "--nonsense"], "--nonsense"),
        (["up", "--port", "many"], "--port"),
        (["up", "--role", "cook"], "cook"),
        (["up", "--host", "no such host"], "no such host"),
    ],
)
def test_a_wrong_line_is_answered_in_one_line(args, said, tmp_path):
    if args[0] == "up":
        args = [*args, "--data", str(tmp_path / "city")]
    done = gangmu(*args, LANG="en")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_an_unexpected_error_is_one_line_unless_asked(monkeypatch, capsys, tmp_path):
    """A data folder that is the command's own program makes something unforeseen happen."""
    broken = tmp_path / "gangmu.toml"
    broken.write_bytes(b"\xff\xfe = ")
    done = gangmu("settings", "--data", str(tmp_path), LANG="en")
    assert done.returncode == 2 and done.stderr.count("\n") == 1


def test_the_answer_is_in_the_language_asked_for(tmp_path):
    (tmp_path / "file").write_text("")
    line = ["up", "--port", "0", "--data", str(tmp_path / "file" / "city")]
    english, chinese = gangmu("--lang", "en", *line), gangmu("--lang=zh-CN", *line)
    assert english.stderr != chinese.stderr and english.returncode == chinese.returncode == 2


def test_the_command_starts_quickly():
    began = time.monotonic()
    gangmu("--version")
    assert time.monotonic() - began < 2
