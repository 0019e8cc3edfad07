"""Use cases of the catalogue: read, edit by versions, load the shipped one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gangmu.core.matter import shipped, store
from gangmu.core.matter.errors import CodeMalformed, CodeTaken, NoNumberLeft
from gangmu.core.matter.model import Closing, Condition, Matter, Tree, docking_code, own_or_inherited, read_limit
from gangmu.core.matter.settings import MatterSettings
from gangmu.kit import ids, settings, zone
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

SOURCE_LOCAL = "local"


@dataclass(frozen=True, slots=True)
class ClassDraft:
    """What an editor says about a class. An empty `code` asks for the next local number under `parent`."""

    tree: str
    code: str
    title_zh: str
    title_en: str = ""
    parent: str = ""
    local: bool = True
    national: str = ""
    source: str = ""
    region: str = ""
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ConditionDraft:
    """What an editor says about a filing condition. `closing` are texts (Chinese, English)."""

    tree: str
    code: str
    text_zh: str
    limit: str
    text_en: str = ""
    closing: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    same_time: bool = False
    source: str = ""
    region: str = ""
    verified: bool = False
    note: str = ""


def today(unit: Unit) -> date:
    """The day of the city, on which validities are compared."""
    return zone.day_of(unit.now)


def load_shipped(unit: Unit) -> None:
    """Bring in the shipped trees that are not there yet, each with its classes and conditions. Repeatable: what a
    city has changed stays as it is."""
    there = {tree.id for tree in store.list_trees(unit, seen_by=unit.actor)}
    for tree in shipped.trees():
        if tree.id in there:
            continue
        store.add_tree(unit, tree)
        matters = [store.matter_values(row) for row in shipped.matters(tree)]
        conditions = [store.condition_values(row) for row in shipped.conditions(tree)]
        store.load(unit, list(matters), list(conditions), f"shipped catalogue {tree.id}")


# --- reading ---------------------------------------------------------------------------------------------


def list_trees(unit: Unit, actor: Actor) -> list[Tree]:
    return store.list_trees(unit, seen_by=actor)


def list_classes(
    unit: Unit, actor: Actor, tree: str = "", parent: str | None = None, q: str = "", day: date | None = None
) -> list[Matter]:
    """Classes valid on a day, found by title, code, bigrams, pinyin initials."""
    return store.list_matters(unit, day or today(unit), seen_by=actor, tree=tree, parent=parent, q=q)


def get_class(unit: Unit, actor: Actor, matter_id: Id) -> Matter:
    """The class row that an event pins, in force or not."""
    return store.get_matter(unit, matter_id, seen_by=actor)


def get_classes(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> dict[Id, Matter]:
    """Those of the class rows that exist, by id; one query for a list of events."""
    return store.get_matters(unit, wanted, seen_by=actor)


def find_class(unit: Unit, actor: Actor, tree: str, code: str, day: date | None = None) -> Matter | None:
    """The class of a code on a day (today)."""
    return store.find_matter(unit, tree, code, day or today(unit), seen_by=actor)


def class_in_force(unit: Unit, actor: Actor, tree: str, code: str, day: date | None = None) -> Matter:
    """As `find_class`, NotFound when there is none."""
    found = find_class(unit, actor, tree, code, day)
    if found is None:
        raise NotFound(what=f"{tree} {code}")
    return found


def history_of(unit: Unit, actor: Actor, tree: str, code: str) -> list[Matter]:
    """Every edition of a class, oldest first."""
    return store.list_history(unit, tree, code, seen_by=actor)


def get_condition(unit: Unit, actor: Actor, condition_id: Id) -> Condition:
    """The condition row that an event pins, in force or not."""
    return store.get_condition(unit, condition_id, seen_by=actor)


def conditions_for(unit: Unit, actor: Actor, matter_id: Id, day: date | None = None) -> list[Condition]:
    """What a class can be filed under on a day: its own conditions, else those of the class above, else the tree's."""
    row = store.get_matter(unit, matter_id, seen_by=actor)
    tree = store.get_tree(unit, row.tree, seen_by=actor)
    codes = [row.code]
    while codes[-1]:
        codes.append(tree.parent_of(codes[-1]))
    found = store.list_conditions(unit, day or today(unit), seen_by=actor, tree=row.tree, codes=codes)
    return own_or_inherited(found, row.code, tree)


def conditions_ever(unit: Unit, actor: Actor, tree: str, code: str) -> list[Condition]:
    """Every edition of a class's own filing conditions, by number, oldest first."""
    return store.list_conditions_ever(unit, tree, code, seen_by=actor)


def next_local(unit: Unit, actor: Actor, tree: str, parent: str) -> str:
    """The number that the next local class under this one gets; "" when it can have none."""
    try:
        return store.get_tree(unit, tree, seen_by=actor).next_extension(parent, store.list_codes_ever(unit, tree))
    except (CodeMalformed, NoNumberLeft):
        return ""


def national_code(unit: Unit, actor: Actor, matter_id: Id) -> str:
    """The national class to report it under when docking upwards; "" when there is none."""
    row = store.get_matter(unit, matter_id, seen_by=actor)
    tree = store.get_tree(unit, row.tree, seen_by=actor)
    listed = store.list_matters(unit, today(unit), seen_by=actor, tree=row.tree)
    return docking_code({m.code: m for m in listed}, tree, row.code)


# --- editing classes -------------------------------------------------------------------------------------


def add_class(unit: Unit, actor: Actor, draft: ClassDraft, valid_from: date | None = None) -> Matter:
    """Open a new class. CodeTaken when the code is or was in use; NoNumberLeft when the local numbers are."""
    tree = store.get_tree(unit, draft.tree, seen_by=actor)
    store.hold_tree(unit, tree.id)
    used = store.list_codes_ever(unit, tree.id)
    code = draft.code or tree.next_extension(draft.parent, used)
    if code in used:
        raise CodeTaken(tree=tree.id, given=code)
    parent = tree.parent_of(code)
    day = valid_from or today(unit)
    if parent and store.find_matter(unit, tree.id, parent, day, seen_by=actor) is None:
        raise Invalid(field="code", reason=f"no class {parent} above it")
    row = _matter_of(draft, tree, code, parent, day)
    _check_class(unit, actor, row)
    store.add_matter(unit, row)
    return row


def change_class(
    unit: Unit,
    actor: Actor,
    matter_id: Id,
    draft: ClassDraft,
    version: int,
    valid_from: date | None = None,
) -> Matter:
    """End the row and open the next edition of the same code. Events that pin the old row keep it."""
    was = _open_matter(unit, actor, matter_id, version)
    tree = store.get_tree(unit, was.tree, seen_by=actor)
    day = _next_day(unit, was.valid_from, valid_from)
    row = _matter_of(replace(draft, tree=was.tree), tree, was.code, was.parent, day)
    _check_class(unit, actor, row)
    store.end_matter(unit, was, day)
    store.add_matter(unit, row)
    return row


def end_class(unit: Unit, actor: Actor, matter_id: Id, version: int, day: date | None = None) -> None:
    """Close a class and its conditions from a day on. Its code stays taken."""
    was = _open_matter(unit, actor, matter_id, version)
    last = _next_day(unit, was.valid_from, day)
    if store.list_matters(unit, last, seen_by=actor, tree=was.tree, parent=was.code, most=1):
        raise Invalid(field="code", reason="classes below it are still open")
    store.end_matter(unit, was, last)
    for row in store.list_conditions(unit, last, seen_by=actor, tree=was.tree, codes=[was.code]):
        store.end_condition(unit, row, last)


def _open_matter(unit: Unit, actor: Actor, matter_id: Id, version: int) -> Matter:
    was = store.get_matter(unit, matter_id, seen_by=actor)
    store.hold_tree(unit, was.tree)
    was = replace(store.get_matter(unit, matter_id, seen_by=actor), version=version)
    if was.valid_to is not None:
        raise StaleWrite(about=str(was.id))
    return was


def _next_day(unit: Unit, began: date, wanted: date | None) -> date:
    """When a change takes effect: today unless said, never before the row that it replaces began."""
    day = wanted or max(today(unit), began)
    if day < began:
        raise Invalid(field="valid_from", reason=f"before the edition in force began ({began})")
    return day


def _matter_of(draft: ClassDraft, tree: Tree, code: str, parent: str, day: date) -> Matter:
    return Matter(
        id=ids.new("mat"),
        tree=tree.id,
        code=code,
        parent=parent,
        level=tree.level_of(code),
        title_zh=draft.title_zh.strip(),
        title_en=draft.title_en.strip() or draft.title_zh.strip(),
        local=draft.local,
        national=draft.national,
        source=draft.source.strip() or SOURCE_LOCAL,
        region=draft.region.strip() or settings.get(MatterSettings).region,
        verified=draft.verified,
        note=draft.note.strip(),
        valid_from=day,
        valid_to=None,
    )


def _check_class(unit: Unit, actor: Actor, row: Matter) -> None:
    if not row.title_zh:
        raise Invalid(field="title_zh", reason="empty")
    if not row.national:
        return
    mapped = store.find_matter(unit, row.tree, row.national, row.valid_from, seen_by=actor)
    if mapped is None or mapped.local or not row.local:
        raise Invalid(field="national", reason="must name a national class, of a local one")


# --- editing filing conditions ---------------------------------------------------------------------------


def add_condition(unit: Unit, actor: Actor, draft: ConditionDraft, valid_from: date | None = None) -> Condition:
    """Add a filing condition to a class, or to a whole tree when the code is empty. LimitMalformed."""
    tree = store.get_tree(unit, draft.tree, seen_by=actor)
    store.hold_tree(unit, tree.id)
    day = valid_from or today(unit)
    if draft.code:
        class_in_force(unit, actor, tree.id, draft.code, day)
    row = _condition_of(draft, store.last_seq(unit, tree.id, draft.code) + 1, day, ())
    store.add_condition(unit, row)
    return row


def change_condition(
    unit: Unit,
    actor: Actor,
    condition_id: Id,
    draft: ConditionDraft,
    version: int,
    valid_from: date | None = None,
) -> Condition:
    """End the row and open its next edition. Running events keep the limit that they were filed under."""
    was = _open_condition(unit, actor, condition_id, version)
    day = _next_day(unit, was.valid_from, valid_from)
    row = _condition_of(replace(draft, tree=was.tree, code=was.code), was.seq, day, was.closing)
    store.end_condition(unit, was, day)
    store.add_condition(unit, row)
    return row


def end_condition(unit: Unit, actor: Actor, condition_id: Id, version: int, day: date | None = None) -> None:
    """Nothing is filed under this condition from a day on."""
    was = _open_condition(unit, actor, condition_id, version)
    store.end_condition(unit, was, _next_day(unit, was.valid_from, day))


def _open_condition(unit: Unit, actor: Actor, condition_id: Id, version: int) -> Condition:
    was = store.get_condition(unit, condition_id, seen_by=actor)
    store.hold_tree(unit, was.tree)
    was = replace(store.get_condition(unit, condition_id, seen_by=actor), version=version)
    if was.valid_to is not None:
        raise StaleWrite(about=str(was.id))
    return was


def _condition_of(draft: ConditionDraft, seq: int, day: date, before: tuple[Closing, ...]) -> Condition:
    if not draft.text_zh.strip():
        raise Invalid(field="text_zh", reason="empty")
    read_limit(draft.limit)
    known = {(c.text_zh, c.text_en): c for c in before}
    closing = [(zh.strip(), en.strip() or zh.strip()) for zh, en in draft.closing if zh.strip()]
    return Condition(
        id=ids.new("cnd"),
        tree=draft.tree,
        code=draft.code,
        seq=seq,
        text_zh=draft.text_zh.strip(),
        text_en=draft.text_en.strip() or draft.text_zh.strip(),
        limit=draft.limit.replace(" ", ""),
        closing=tuple(known.get(words) or Closing(ids.new("clc"), *words) for words in dict.fromkeys(closing)),
        units=tuple(dict.fromkeys(u.strip() for u in draft.units if u.strip())),
        same_time=draft.same_time,
        source=draft.source.strip() or SOURCE_LOCAL,
        region=draft.region.strip() or settings.get(MatterSettings).region,
        verified=draft.verified,
        note=draft.note.strip(),
        valid_from=day,
        valid_to=None,
    )
