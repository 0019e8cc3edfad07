"""The command ``gangmu``. One file of this folder is one command or group of commands.

A file offers ``cli`` (a typer app) or ``command`` (one function). It is imported only when it is called; the first
line of its docstring is what the list of commands says of it. Every error is one line on stderr and exit code 2.
"""

import ast
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from gangmu import __version__

HERE = Path(__file__).parent
USAGE = """usage: gangmu [--lang zh-CN|en] [--debug] COMMAND [--help] ...

{commands}

  --lang LANG   language of the answers (else GANGMU_LANG, else the terminal's)
  --debug       show where an unexpected error came from (else GANGMU_DEBUG=1)
  --version     print the version"""


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run one command line, give its exit code."""
    rest, debug = list(args), os.environ.get("GANGMU_DEBUG", "") not in ("", "0")
    lang = os.environ.get("GANGMU_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    while rest and rest[0].startswith("-"):
        option, _, value = rest.pop(0).partition("=")
        if option == "--debug":
            debug = True
        elif option == "--lang" and (value or rest):
            lang = value or rest.pop(0)
        elif option == "--version":
            print(f"gangmu {__version__}")
            return 0
        elif option in ("--help", "-h"):
            print(USAGE.format(commands=_listed()))
            return 0
        else:
            return _complain(f"there is no option {option}; see: gangmu --help")
    if not rest:
        print(USAGE.format(commands=_listed()))
        return 0
    if rest[0] not in commands():
        return _complain(f"there is no command {rest[0]}; see: gangmu --help")
    os.environ["GANGMU_LANG"] = "zh-CN" if lang.lower().startswith("zh") else "en"  # the commands answer in it too
    return _call(rest[0], rest[1:], os.environ["GANGMU_LANG"], debug)


def commands() -> dict[str, str]:
    """Names of the commands and their modules. ``import_.py`` is the command ``import``."""
    names = sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))
    return {name.rstrip("_").replace("_", "-"): name for name in names}


def _listed() -> str:
    lines = []
    for command, module in commands().items():
        told = ast.get_docstring(ast.parse((HERE / f"{module}.py").read_text("utf-8"))) or ""
        lines.append(f"  {command:<12}  {told.split(chr(10))[0]}")
    return "\n".join(lines)


def _call(command: str, args: list[str], lang: str, debug: bool) -> int:
    from gangmu.faces.cli import _words
    from gangmu.kit import fence, log

    log.set_up(level="warning")
    _words.speak(lang)
    try:
        outcome = fence.run(f"gangmu {command}", lambda: _typer(command)(args, f"gangmu {command}"))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    if outcome.error is None:
        return outcome.value or 0
    return _tell(command, outcome.error, debug)


def _typer(command: str):
    import typer

    module = importlib.import_module(f"gangmu.faces.cli.{commands()[command]}")
    app = getattr(module, "cli", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command()(module.command)
    called = typer.main.get_command(app)

    def call(args: list[str], name: str) -> int:
        given = called.main(args, prog_name=name, standalone_mode=False)
        return given if isinstance(given, int) else 0

    return call


def _tell(command: str, error: Exception, debug: bool) -> int:
    from gangmu.faces.cli._words import say
    from gangmu.kit.errors import HouseError

    if debug:
        traceback.print_exception(error)
    if isinstance(error, HouseError):
        return _complain(say(error.code, **error.params))
    if isinstance(error, BrokenPipeError):
        return 0
    if hasattr(error, "format_message"):
        return _complain(f"{error.format_message().rstrip('.')}; see: gangmu {command} --help")
    if type(error).__name__ == "Abort":
        return 128 + signal.SIGINT
    said = str(error).strip().splitlines()
    hint = "" if debug else "; GANGMU_DEBUG=1 shows where"
    return _complain(f"unexpected {type(error).__name__}{': ' + said[0] if said else ''}{hint}")


def _complain(line: str) -> int:
    print(f"gangmu: {' '.join(line.split())}", file=sys.stderr)
    return 2
