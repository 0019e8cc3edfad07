"""Every route says who may call it; the public ones are listed on one page; the web serves no other."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, Module, at, dotted, found_by

PAGE = ROOT / "docs" / "reference" / "public-routes.md"


def routes_without_a_right(module: Module) -> Iterator[str]:
    """``can=`` stands at every route, as a plain text or a name of kit.web."""
    for node in module.walk(ast.FunctionDef, ast.AsyncFunctionDef):
        for mark in node.decorator_list:  # type: ignore[attr-defined]
            if not isinstance(mark, ast.Call):
                continue
            name = dotted(mark.func)
            if re.fullmatch(r"(.*\.)?routes\.(get|post|put|patch|delete)|(web\.)?door", name):
                given = {key.arg: key.value for key in mark.keywords}.get("can")
                if given is None or (isinstance(given, ast.Constant) and not given.value):
                    yield at(module, node, f"{name} without can=")
            elif re.fullmatch(r"(app|router)\.(get|post|put|patch|delete|route|websocket)", name):
                yield at(module, node, f"{name} beside the house's routes")


def test_every_route_says_who_may_call_it():
    assert found_by(routes_without_a_right) == []


def test_a_route_without_a_right_is_seen():
    path = "gangmu/core/event/api.py"
    for mark in ('routes.get("/x")', 'routes.post("/x", can="")', 'door("/y", fragment={})', 'app.get("/z")'):
        assert list(routes_without_a_right(Module(path, f"@{mark}\ndef x():\n    pass\n")))
    assert not list(routes_without_a_right(Module(path, '@routes.get("/x", can="event.read")\ndef x():\n    pass\n')))


@pytest.fixture(scope="module")
def known():
    from gangmu import boot
    from gangmu.faces import http
    from gangmu.kit import web

    boot.load_stages()
    assert http
    return list(web.known)


def test_there_are_routes_and_each_is_there_once(known):
    doors = [(route.method, re.sub(r"\{[^}]*\}", "{}", route.path)) for route in known]
    assert len(doors) > 20 and sorted({door for door in doors if doors.count(door) > 1}) == []


def test_the_public_routes_are_those_of_the_page(known):
    """Each with its reason: to open a route to everybody is a decision, not a slip."""
    listed = set(re.findall(r"^\| `([A-Z]+ /\S+)` \| \S.* \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert {f"{route.method} {route.path}" for route in known if route.can == "public"} == listed


def test_rights_are_named_like_rights(known):
    wrong = {route.can for route in known} - {"public", "signed_in"}
    assert sorted(can for can in wrong if not re.fullmatch(r"[a-z_]+\.[a-z_]+", can)) == []


def test_every_right_is_held_by_some_role(known):
    """A right that no role has closes its route to everybody."""
    roles = "".join(path.read_text("utf-8") for path in (ROOT / "gangmu" / "base" / "access").rglob("*.toml"))
    asked = {route.can for route in known} - {"public", "signed_in"}
    assert sorted(can for can in asked if f'"{can}"' not in roles) == []


def test_what_the_web_serves_is_known(known):
    from gangmu.faces.http import make_app

    paths = {(method, route.path) for route in make_app().routes for method in getattr(route, "methods", None) or ()}
    served = {
        (method, path) for method, path in paths if path.startswith("/api/") and method not in ("HEAD", "OPTIONS")
    }
    housekeeping = {("GET", "/api/openapi.json"), ("GET", "/api/docs")}
    assert sorted(served - {(route.method, route.path) for route in known} - housekeeping) == []
