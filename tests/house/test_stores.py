"""Every read is scoped: a public function of a store that returns rows takes ``seen_by`` and uses it.

Returns rows: its annotation names a thing of the stage, a row, ``Any``, a page or a list of such. Numbers, truths,
texts and ids are no rows. Functions on a bare ``Connection`` run before anybody is identified and are allowed where
sessions are looked up only.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.tree import Module, at, dotted, found_by, house

NO_ROWS = {"None", "int", "bool", "str", "bytes", "float", "Id", "datetime", "date"}
WRAPPERS = {
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "Iterator",
    "Iterable",
    "Sequence",
    "Mapping",
    "Paged",
    "Optional",
}
BEFORE_ANYBODY_IS_KNOWN = "gangmu/base/access/store.py"
SQL_BUILDERS = re.compile(r"(sa\.)?(ColumnElement|Select|Table|Column|CTE|Subquery|FromClause)$")
READS = re.compile(r"(get|find|list|search)_")
WRITES = re.compile(r"unit\.(insert|update|delete|insert_many)$")


def stores(modules: tuple[Module, ...]) -> Iterator[Module]:
    return (
        module for module in modules if re.fullmatch(r"gangmu/\w+/\w+/(store|store/\w+|\w+_store)\.py", module.path)
    )


def returns_rows(function: ast.FunctionDef) -> bool:
    if function.returns is None:
        return True
    named = _names(function.returns)
    return bool(named - NO_ROWS - WRAPPERS) and not any(SQL_BUILDERS.match(name) for name in named)


def _names(node: ast.expr) -> set[str]:
    """The names of an annotation, also of one written as text."""
    if isinstance(node, ast.Constant):
        return _names(ast.parse(node.value, mode="eval").body) if isinstance(node.value, str) else {"None"}
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            found.add(dotted(part))
        elif isinstance(part, ast.Name):
            found.add(part.id)
    return {name for name in found if not any(other.startswith(name + ".") for other in found)}


def unscoped(module: Module) -> Iterator[str]:
    bound = _bound_tables(module)
    for function in module.tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_") or _writes(function):
            continue
        given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        kinds = [_names(each.annotation) if each.annotation else set() for each in given]
        if any("Connection" in kind for kind in kinds[:1]):
            if module.path != BEFORE_ANYBODY_IS_KNOWN and returns_rows(function):
                yield at(module, function, f"{function.name} reads on a bare connection")
        elif any("Unit" in kind for kind in kinds[:1]) and returns_rows(function):
            if "seen_by" not in [each.arg for each in given]:
                yield at(module, function, f"{function.name} returns rows and does not ask who sees them")
            elif READS.match(function.name) and _names_in(function) & bound and "seen_by" not in _names_in(function):
                yield at(module, function, f"{function.name} reads rows of departments and does not use seen_by")


def _bound_tables(module: Module) -> set[str]:
    """The tables of a store whose rows belong to departments."""
    return {
        target.id
        for line in module.tree.body
        if isinstance(line, ast.Assign) and re.search(r"'(lead_org|orgs)'", ast.dump(line.value))
        for target in line.targets
        if isinstance(target, ast.Name)
    }


def _names_in(function: ast.FunctionDef) -> set[str]:
    return {node.id for line in function.body for node in ast.walk(line) if isinstance(node, ast.Name)}


def _writes(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Call) and WRITES.match(dotted(node.func)) for node in ast.walk(function))


def test_every_read_is_scoped():
    assert found_by(unscoped, tuple(stores(house()))) == []


def test_there_are_stores_to_look_at():
    assert len(list(stores(house()))) >= 3


def test_an_unscoped_read_is_seen():
    start = "def list_all(unit: Unit{}) -> {}:\n    return {}\n"
    path = "gangmu/core/event/store.py"
    for returned in ("list[Event]", "Event | None", "Paged[Event]", "list[Any]", '"Event"', "dict[str, Row]"):
        assert list(unscoped(Module(path, start.format("", returned, "1"))))
        assert not list(unscoped(Module(path, start.format(", *, seen_by: Actor", returned, "1"))))
    for returned in ("int", "set[str]", "dict[Id, str]", "None", "sa.Select[Any]"):
        assert not list(unscoped(Module(path, start.format("", returned, "1"))))
    bound = 'event = Table(ref_col("lead_org"))\n' + start
    assert list(unscoped(Module(path, bound.format(", *, seen_by: Actor", "Event", "event"))))
    assert not list(unscoped(Module(path, bound.format(", *, seen_by: Actor", "Event", "event.of(seen_by)"))))


def test_sql_is_in_stores():
    """Outside stores, migrations and kit nobody builds statements on tables."""
    wrong = []
    for module in house():
        if not module.is_in("gangmu/base", "gangmu/core", "gangmu/brain", "gangmu/federate"):
            continue
        if re.search(r"(^|/)(\w+_)?store(\.py$|/)|/scoping\.py$|/jobs\.py$", module.path):
            continue
        for node in module.walk(ast.Call):
            assert isinstance(node, ast.Call)
            name = dotted(node.func)
            if re.fullmatch(r"(sa\.|sqlalchemy\.)(select|insert|update|delete|text|Table)", name):
                wrong.append(at(module, node, name))
    assert wrong == []
