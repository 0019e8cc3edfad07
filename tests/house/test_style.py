"""The lines of the style that a machine can hold: done once in kit, nothing broad, nothing left lying about."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, Module, at, dotted, found_by, house, imported, suite, text_files

KIT_CLOCK = "gangmu/kit/clock.py"
TERMINAL = "gangmu/faces/cli/__init__.py"


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in module.walk(ast.Call):
        assert isinstance(node, ast.Call)
        yield node, dotted(node.func)


def commits(module: Module) -> Iterator[str]:
    """The unit of work commits, nothing else does."""
    if not module.is_in("gangmu/kit/unit.py"):
        for node in module.walk(ast.Call):
            assert isinstance(node, ast.Call)
            if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield at(module, node, "commit(")


def own_time(module: Module) -> Iterator[str]:
    """The time comes from kit.clock."""
    if module.is_in("gangmu/kit"):
        return
    for node, name in calls(module):
        if re.fullmatch(r"(.*\.)?(datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime)", name):
            yield at(module, node, name)


def own_ids(module: Module) -> Iterator[str]:
    """Ids come from kit.ids."""
    for name, line in imported(module):
        if re.fullmatch(r"uuid\.uuid[1-7]", name):
            yield f"{module.path}:{line} {name}"
    for node, name in calls(module):
        if re.fullmatch(r"uuid\.uuid[1-7]", name):
            yield at(module, node, name)


def environment(module: Module) -> Iterator[str]:
    """Settings come from kit.settings; the engine and the terminal's edge are outside the settings."""
    if module.is_in("gangmu/kit/settings.py", "gangmu/kit/engine", TERMINAL):
        return
    for node in module.walk(ast.Attribute):
        if dotted(node) in ("os.environ", "os.getenv", "os.environb", "os.putenv"):
            yield at(module, node, dotted(node))


def prints(module: Module) -> Iterator[str]:
    """Only commands speak to the terminal."""
    if not module.is_in("gangmu/faces/cli", "gangmu/faces/bench"):
        yield from (at(module, node, "print(") for node, name in calls(module) if name == "print")


def broad_excepts(module: Module) -> Iterator[str]:
    """What catches everything is kit.fence alone."""
    if module.is_in("gangmu/kit/fence.py"):
        return
    for node in module.walk(ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(kind is None or dotted(kind) in ("Exception", "BaseException") for kind in kinds):
            yield at(module, node, "a broad except")


def logs_with_values_inside(module: Module) -> Iterator[str]:
    """A log line is a fixed text with values beside it."""
    for node, name in calls(module):
        if not re.fullmatch(r"log\.(debug|info|warning|error|critical|exception)", name) or not node.args:
            continue
        if not (isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)):
            yield at(module, node, f"{name} whose text is put together")


def role_checks(module: Module) -> Iterator[str]:
    """Rights are asked of access, never read off a role: no role is compared with a name."""
    for node in module.walk(ast.Compare):
        assert isinstance(node, ast.Compare)
        sides = (node.left, *node.comparators)
        if not any(isinstance(side, ast.Constant | ast.Tuple | ast.Set | ast.List) for side in sides):
            continue
        for side in sides:
            if re.fullmatch(r"(.*\.)?(user|actor|person|me|identity)\.(role|roles|kind_of_role)", dotted(side)):
                yield at(module, node, f"a comparison of {dotted(side)}")


def naked_clients(module: Module) -> Iterator[str]:
    """Calls to the outside go through kit.http, with timeout, retry and budget; libraries that speak a protocol by
    themselves (Authlib) are bounded where they are used."""
    if not module.is_in("gangmu/kit/http.py", "gangmu/base/signin/outside.py"):
        for name, line in imported(module):
            if re.fullmatch(r"(httpx|requests|urllib3|aiohttp|urllib\.request)(\..*)?", name):
                yield f"{module.path}:{line} {name}"


def rules_that_look_at_the_clock(module: Module) -> Iterator[str]:
    """A rule gets its time, its chance and its files as arguments."""
    if module.path.endswith("/model.py"):
        for name, line in imported(module):
            if name.split(".")[0] in ("time", "random", "os", "secrets", "subprocess", "threading", "pathlib", "io"):
                yield f"{module.path}:{line} {name}"


RULES = {
    commits: ("def save(conn):\n    conn.commit()\n", "gangmu/base/org/store.py"),
    own_time: ("import datetime as d\nx = d.datetime.now()\n", "gangmu/base/org/service.py"),
    own_ids: ("from uuid import uuid4\nx = uuid4()\n", "gangmu/kit/jobs.py"),
    environment: ("import os\nx = os.environ.get('A')\n", "gangmu/kit/db.py"),
    prints: ("print(1)\n", "gangmu/core/event/service.py"),
    broad_excepts: ("try:\n    x = 1\nexcept (ValueError, Exception):\n    pass\n", "gangmu/boot.py"),
    logs_with_values_inside: ("log.info(f'event {x}')\n", "gangmu/core/event/jobs.py"),
    role_checks: ("if at.actor.role == 'clerk':\n    pass\n", "gangmu/core/event/api.py"),
    naked_clients: ("import httpx\n", "gangmu/connectors/x/connector.py"),
    rules_that_look_at_the_clock: ("from time import monotonic\n", "gangmu/core/event/model.py"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule):
    assert found_by(rule) == [], rule.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_a_breach(rule):
    text, path = RULES[rule]
    assert len(list(rule(Module(path, text)))) >= 1


def test_the_rules_see_bare_and_hidden_breaches():
    assert list(broad_excepts(Module("gangmu/x.py", "try:\n    x\nexcept:\n    pass\n")))
    assert not list(broad_excepts(Module("gangmu/x.py", "try:\n    x\nexcept ValueError:\n    pass\n")))
    assert list(own_time(Module("gangmu/x.py", "import time\ntime.time()\n")))
    assert not list(own_time(Module("gangmu/x.py", "import time\ntime.monotonic()\n")))


# --- tests ------------------------------------------------------------------------------------------------


def mocks(module: Module) -> Iterator[str]:
    """Our own modules are used as they are."""
    ours: set[str] = set()
    for node in module.walk(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gangmu":
            ours |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            ours |= {alias.asname or "gangmu" for alias in node.names if alias.name.split(".")[0] == "gangmu"}
    for name, line in imported(module):
        if name in ("mock", "unittest.mock") or name.startswith(("unittest.mock.", "mock.")) or name == "pytest_mock":
            yield f"{module.path}:{line} {name}"
    for node, name in calls(module):
        if not name.endswith(("monkeypatch.setattr", "monkeypatch.delattr", "monkeypatch.setitem")) or not node.args:
            continue
        first = node.args[0]
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else dotted(first)
        if text.split(".")[0] in ours | {"gangmu"}:
            yield at(module, node, f"{name}({text}")


def test_no_test_mocks_our_own_modules():
    assert found_by(mocks, suite()) == []


def test_the_rule_about_mocks_sees_them():
    seen = Module(
        "tests/x.py",
        "from gangmu.kit import clock\n\ndef test(monkeypatch):\n    monkeypatch.setattr(clock, 'now', 1)\n",
    )
    assert list(mocks(seen))
    assert list(mocks(Module("tests/x.py", "from unittest.mock import patch\n")))
    assert not list(
        mocks(Module("tests/x.py", "import os\n\ndef test(monkeypatch):\n    monkeypatch.setenv('A', '1')\n"))
    )


def test_a_skip_says_why():
    silent = []
    for module in suite():
        for node in module.walk(ast.Call, ast.Attribute):
            name = dotted(node.func) if isinstance(node, ast.Call) else ""
            said = isinstance(node, ast.Call) and (node.args or any(key.arg == "reason" for key in node.keywords))
            if name in ("pytest.skip", "pytest.mark.skip", "pytest.mark.xfail") and not said:
                silent.append(at(module, node, name))
    assert silent == []


# --- what must not lie about ------------------------------------------------------------------------------

LYING_ABOUT = {
    "unfinished": re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
    "an author": re.compile(
        r"@auth" + r"or\b|^\s*(#|//|\*)\s*(author|created (by|on)|date):", re.IGNORECASE | re.MULTILINE
    ),
    "one machine's path": re.compile(r"/wor" + r"k/|/ro" + r"ot/|/hom" + r"e/\w+/|/Use" + r"rs/\w+/"),
    "a registry": re.compile(
        r"registry\.(npmjs|yarnpkg|npmmirror)|pypi\.or"
        + r"g|pythonho"
        + r"sted|deb\.deb"
        + r"ian|mirrors?\.[a-z]+\.(com|cn|edu)"
        r'|"resol' + r'ved": *"http|--(extra-)?index' + r"-url|--find-" + r"links",
    ),
    "how it was made": re.compile(
        r"\b(Chat"
        + r"GPT|Copi"
        + r"lot|Anth"
        + r"ropic|Clau"
        + r"de)\b|co-auth"
        + r"ored-by|generated by an? AI|\bissue #?\d+\b",
        re.IGNORECASE,
    ),
}
NOT_READ = re.compile(r"^(LICENSE|constraints.*\.txt|web/package-lock\.json|web/src/api/schema\.d\.ts)$")


@pytest.mark.parametrize("what", LYING_ABOUT)
def test_nothing_lies_about(what):
    found = []
    for name, text in text_files():
        if NOT_READ.match(name) and what in ("unfinished", "an author"):
            continue
        matches = LYING_ABOUT[what].finditer(text)
        found += [f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0].strip()}" for match in matches]
    assert found == [], f"{what} in the tree"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("unfinished", "# TO" + "DO: later"),
        ("an author", "# Auth" + "or: somebody"),
        ("one machine's path", "open('/ro" + "ot/x')"),
        ("a registry", '"resol' + 'ved": "https://somewhere"'),
        ("how it was made", "as said in issue " + "#12"),
    ],
)
def test_what_lies_about_is_seen(what, text):
    assert LYING_ABOUT[what].search(text)


def test_no_code_is_commented_out():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "--select",
            "ERA",
            "--output-format",
            "concise",
            "gangmu",
            "tests",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_module_says_what_it_is_for():
    silent = [module.path for module in house() if module.text.strip() and not ast.get_docstring(module.tree)]
    assert [path for path in silent if "/migrations/versions/" not in path] == []
