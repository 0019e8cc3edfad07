"""What the house tests look at: the files of the repository, and the package parsed."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """A Python file: ``path`` from the root, ``name`` as imported."""

    path: str
    text: str

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def is_in(self, *places: str) -> bool:
        """Whether the file is one of these or lies in one of these folders."""
        return any(self.path == place or self.path.startswith(place.rstrip("/") + "/") for place in places)


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def files() -> tuple[str, ...]:
    """What is or will be in git: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    return tuple(sorted(name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()))


@cache
def house() -> tuple[Module, ...]:
    """Every module of the package."""
    return _modules("gangmu/")


@cache
def suite() -> tuple[Module, ...]:
    """Every module of the tests."""
    return _modules("tests/")


def _modules(start: str) -> tuple[Module, ...]:
    names = (name for name in files() if name.startswith(start) and name.endswith(".py"))
    return tuple(Module(name, (ROOT / name).read_text("utf-8")) for name in names)


def text_files() -> Iterator[tuple[str, str]]:
    """Every file that is text, with what it says."""
    for name in files():
        try:
            yield name, (ROOT / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of such an expression, or nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        start = dotted(node.value)
        return f"{start}.{node.attr}" if start else ""
    return ""


def imported(module: Module) -> Iterator[tuple[str, int]]:
    """Everything a module imports, by full name, with the line. ``from a import b`` gives ``a`` and ``a.b``."""
    for node in module.walk(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def found_by(rule: Callable[[Module], Iterator[str]], modules: tuple[Module, ...] | None = None) -> list[str]:
    """What a rule finds in the whole package."""
    return [finding for module in (house() if modules is None else modules) for finding in rule(module)]


def at(module: Module, node: ast.AST, what: str) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 0)} {what}"
