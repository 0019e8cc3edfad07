"""Words: every code is translated, both languages say the same things, no words in code."""

import ast
import importlib
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterator

import pytest

import gangmu
from gangmu.kit.errors import HouseError
from gangmu.kit.text import LANGUAGES
from tests.house.tree import ROOT, Module, at, found_by, house

BACK = ROOT / "gangmu" / "locale"
FRONT = ROOT / "web" / "src" / "locale"


def errors() -> dict[str, type[HouseError]]:
    """Every error of the house by where it is defined."""
    for module in pkgutil.walk_packages(gangmu.__path__, "gangmu."):
        if module.name.rsplit(".", 1)[-1] in ("errors", "_errors"):
            importlib.import_module(module.name)
    for module in house():
        if "(HouseError)" in module.text and module.path.startswith("gangmu/"):
            importlib.import_module(module.name)
    found: dict[str, type[HouseError]] = {}
    waiting = [HouseError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("gangmu."):
            found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return found


def back(lang: str) -> dict[str, str]:
    """All texts of the back end, with the file each stands in; a key twice is a fault."""
    found: dict[str, str] = {}
    for file in sorted(BACK.glob(f"*.{lang}.toml")):
        for key, text in flat(tomllib.loads(file.read_text("utf-8"))).items():
            assert key not in found, f"{key} is in {file.name} and in another file"
            found[key] = text
    return found


def front(lang: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(FRONT.glob(f"*.{lang}.json")):
        found |= flat(json.loads(file.read_text("utf-8")), f"{file.name.split('.')[0]}.")
    return found


def flat(table: dict, start: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in table.items():
        out |= flat(value, f"{start}{key}.") if isinstance(value, dict) else {start + key: str(value)}
    return out


def blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[^{}]*\}", text))


def test_codes_are_unique():
    by_code: dict[str, list[str]] = {}
    for name, kind in errors().items():
        if "code" in vars(kind):
            by_code.setdefault(kind.code, []).append(name)
    assert {code: names for code, names in by_code.items() if len(names) > 1} == {}
    assert len(by_code) > 10


def test_every_error_has_a_code_of_its_own_and_a_real_status():
    wrong = [
        name
        for name, kind in errors().items()
        if "code" not in vars(kind)
        or not re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)*", kind.code)
        or not 400 <= kind.status < 600
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_is_translated(lang):
    said = back(lang)
    assert sorted(kind.code for kind in errors().values() if kind.code not in said) == []


@pytest.mark.parametrize("texts", [back, front], ids=["back", "front"])
def test_both_languages_have_the_same_keys_and_blanks(texts):
    chinese, english = (texts(lang) for lang in LANGUAGES)
    assert sorted(set(chinese) ^ set(english)) == []
    assert [key for key in chinese if blanks(chinese[key]) != blanks(english[key])] == []
    blank = [key for key, text in {**chinese, **english}.items() if not text.strip()]
    assert [key for key in blank if not key.endswith(".joint")] == []  # what stands between two words


def test_the_languages_are_not_mixed_up():
    han = re.compile(r"[\u4e00-\u9fff]")
    for texts in (back, front):
        chinese = texts("zh-CN")
        if chinese:
            assert sum(bool(han.search(text)) for text in chinese.values()) > 0.9 * len(chinese)


def test_blanks_of_an_error_are_filled():
    """What a text asks for, the error's own ``__init__`` gives, where it has one."""
    said = back("en")
    wrong = []
    for name, kind in errors().items():
        init = vars(kind).get("__init__")
        if init is None or kind is HouseError or kind.code not in said:
            continue
        module = next(each for each in house() if each.name == kind.__module__)
        given = {
            key.arg
            for node in module.walk(ast.ClassDef)
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__
            for call in ast.walk(node)
            if _is_super_init(call)
            for key in call.keywords
        }
        if None not in given and blanks(said[kind.code]) - given:
            wrong.append(f"{name}: {blanks(said[kind.code]) - given}")
    assert wrong == []


def _is_super_init(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"


HAN = re.compile(r"[\u4e00-\u9fff]")
SPOKEN = ("service.py", "api.py", "jobs.py", "model.py", "errors.py")


def words_in_code(module: Module) -> Iterator[str]:
    """What people read is a key of the locale. Chinese in a docstring or comment explains; in a string it speaks."""
    if not module.path.endswith(SPOKEN) or not module.is_in(
        "gangmu/base", "gangmu/core", "gangmu/brain", "gangmu/faces"
    ):
        return
    told = {node.value for node in module.walk(ast.Expr) if isinstance(node, ast.Expr)}
    for node in module.walk(ast.Constant):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in told
            and HAN.search(node.value)
        ):
            yield at(module, node, repr(node.value)[:60])


def test_no_words_in_code():
    assert found_by(words_in_code) == []


def test_words_in_code_are_seen():
    assert list(
        words_in_code(Module("gangmu/core/event/service.py", 'def f():\n    """说明"""\n    return "已受理"\n'))
    )
    assert not list(
        words_in_code(Module("gangmu/core/event/service.py", 'def f():\n    """说明"""\n    return 1  # 受理\n'))
    )
