"""What the screens know of the API is generated from the API: the kept file is what the document gives today."""

import json
import os
import shlex
import shutil
import subprocess

import orjson
import pytest

from tests.house.tree import ROOT

WEB = ROOT / "web"
KEPT = WEB / "src" / "api" / "schema.d.ts"


@pytest.fixture(scope="module")
def document():
    from gangmu import boot
    from gangmu.faces.http.app import described

    boot.load_stages()
    return described(boot.make_app())


def with_node() -> str | None:
    """Where Node is: the one that the build found, or the machine's."""
    found = ROOT / ".make" / "node-path"
    places = [found.read_text("utf-8").strip()] if found.exists() else []
    return os.pathsep.join([*places, os.environ["PATH"]]) if places or shutil.which("node") else None


def test_the_types_of_the_screens_are_fresh(document, tmp_path):
    path = with_node()
    if path is None or not (WEB / "node_modules").is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail("no Node here: the types of the screens cannot be compared")
        pytest.skip("NO NODE HERE: THE TYPES OF THE SCREENS ARE NOT COMPARED; make setup brings it")
    (tmp_path / "openapi.json").write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    given, made = str(tmp_path / "openapi.json"), tmp_path / "schema.d.ts"
    script = json.loads((WEB / "package.json").read_text("utf-8"))["scripts"]["api"]
    places = {"openapi.json": given, "src/api/schema.d.ts": str(made)}
    words = [places.get(word, word) for word in shlex.split(script)]
    words[0] = str(WEB / "node_modules" / ".bin" / words[0])
    done = subprocess.run(words, cwd=WEB, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    same = made.read_text("utf-8") == KEPT.read_text("utf-8")
    assert same, "web/src/api/schema.d.ts is not fresh: make types"


def test_refusals_are_described_once(document):
    """Every status of refusal points at the one description, which says what a problem holds."""
    wrong = [
        f"{method} {path} {status}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for status, said in operation["responses"].items()
        if status >= "400" and said != {"$ref": "#/components/responses/Problem"}
    ]
    assert wrong == []
    content = document["components"]["responses"]["Problem"]["content"]
    assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {"code", "title", "status"}


def test_every_operation_names_its_own_codes(document):
    """Beside what every route may answer, the codes of a route's own rules stand in its description."""
    told = [one["description"] for ops in document["paths"].values() for one in ops.values() if "description" in one]
    assert len(told) > 200 and sum("Errors: " in text for text in told) > 100
