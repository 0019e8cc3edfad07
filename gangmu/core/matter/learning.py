"""Classes that records bring with them: a foreign set's own words become local classes of a tree of its own.

Such a tree is unverified and says where it came from; a city maps it to its own when it wants to.
"""

from collections.abc import Sequence
from datetime import date

from gangmu.core.matter import store
from gangmu.core.matter.model import Closing, Condition, Matter, Tree
from gangmu.kit import ids
from gangmu.kit.actor import Actor
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

PAIRS = (3, 3, 3)
FIRST, LAST = 999, 1
SINCE = date(1990, 1, 1)
_LIMIT = "5d"  # ordinary handling of a hotline order: 5 working days, as far as nothing else is promised
_SEARCHED = ("hotline", "urban_event", "urban_component")


def learn_class(unit: Unit, actor: Actor, tree: str, title: str, path: Sequence[str], *, source: str) -> Id | None:
    """The class at the end of a path of words (top first, at most three), made with its tree when it is new. A path
    that is longer ends at its third word."""
    words = [" ".join(word.split())[:120] for word in path if word.strip()][: len(PAIRS)]
    if not words:
        return None
    store.hold_tree(unit, tree)
    plan = _tree(unit, actor, tree, title, source)
    listed = store.list_matters(unit, SINCE, seen_by=actor, tree=tree, most=20_000)
    known = {(row.parent, row.title_zh): row for row in listed}
    used = store.list_codes_ever(unit, tree)
    parent, found = "", None
    for level, word in enumerate(words, start=1):
        found = known.get((parent, word))
        if found is None:
            code = plan.next_extension(parent, used)
            found = Matter(ids.new("mat"), tree, code, parent, level, word, word, True, "", source, "", False, "",
                           SINCE, None)  # fmt: skip
            store.add_matter(unit, found)
            used.add(code)
        parent = found.code
    return found.id if found else None


def _tree(unit: Unit, actor: Actor, tree: str, title: str, source: str) -> Tree:
    try:
        return store.get_tree(unit, tree, seen_by=actor)
    except NotFound:
        new = Tree(tree, title, title, PAIRS, FIRST, LAST, "hotline_order", source, "", "", SINCE, None, False)
        store.add_tree(unit, new)
        closing = (Closing(ids.new("clc"), "已办结并答复", "Put right and answered"),)
        words = "一般诉求", "Ordinary matter"
        every = Condition(
            ids.new("cnd"), tree, "", 1, *words, _LIMIT, closing, (), False, source, "", False, "", SINCE, None
        )
        store.add_condition(unit, every)
        return new


def codes_now(unit: Unit, actor: Actor, day: date) -> dict[str, Id]:
    """Classes by the codes that a file may name them by: ``tree:code``, and the bare code where the hotline's tree,
    else that of city management's events, else of its components has it."""
    rows = store.list_matters(unit, day, seen_by=actor, most=50_000)
    found = {f"{row.tree}:{row.code}": row.id for row in rows}
    for tree in reversed(_SEARCHED):
        found.update({row.code: row.id for row in rows if row.tree == tree})
    return found
