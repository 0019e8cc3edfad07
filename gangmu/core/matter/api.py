"""Routes of the matter catalogue."""

from typing import Annotated

from fastapi import Query

from gangmu.core.matter import service
from gangmu.core.matter.errors import CodeMalformed, CodeTaken, LimitMalformed, NoNumberLeft
from gangmu.core.matter.schema import (
    ClassChange,
    Classes,
    ClassIn,
    ClassOut,
    ClassWhole,
    ConditionChange,
    ConditionIn,
    ConditionOut,
    TreeOut,
    Trees,
)
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Routes

routes = Routes("matter")
TreeQuery = Annotated[str, Query(max_length=60, pattern=r"^[a-z0-9_]*$")]
ParentQuery = Annotated[str | None, Query(max_length=16, pattern=r"^[0-9]*$")]
Words = Annotated[str, Query(max_length=60)]
EDITING = [CodeMalformed, CodeTaken, Invalid, NotFound, NoNumberLeft, StaleWrite]


@routes.get("/matter/trees", can="matter.read", answers=Trees)
def list_trees(at: Edge) -> Trees:
    """目录树 / The code trees."""
    return Trees(items=[TreeOut.of(tree, at.lang) for tree in service.list_trees(at.unit, at.actor)])


@routes.get("/matter/classes", can="matter.read", answers=Classes)
def list_classes(at: Edge, tree: TreeQuery = "", parent: ParentQuery = None, q: Words = "") -> Classes:
    """事项 / Classes in force, of a tree, under a class, or found by title, code and pinyin initials."""
    found = service.list_classes(at.unit, at.actor, tree, parent, q)
    return Classes(items=[ClassOut.of(row, at.lang) for row in found])


@routes.get("/matter/classes/{class_id}", can="matter.read", answers=ClassWhole, errors=[NotFound])
def get_class(class_id: Id, at: Edge) -> ClassWhole:
    """事项详情 / A class with its filing conditions and editions."""
    row = service.get_class(at.unit, at.actor, class_id)
    conditions = service.conditions_for(at.unit, at.actor, class_id)
    history = service.history_of(at.unit, at.actor, row.tree, row.code)
    return ClassWhole(
        **ClassOut.of(row, at.lang).model_dump(),
        conditions=[ConditionOut.of(c, at.lang, row.code) for c in conditions],
        history=[ClassOut.of(edition, at.lang) for edition in history],
        national_code=service.national_code(at.unit, at.actor, class_id),
        next_local=service.next_local(at.unit, at.actor, row.tree, row.code),
    )


@routes.post("/matter/classes", can="matter.manage", answers=ClassOut, errors=EDITING, status=201)
def add_class(body: ClassIn, at: Edge) -> ClassOut:
    """新增事项 / A new class; local ones get the next number counted backwards."""
    return ClassOut.of(service.add_class(at.unit, at.actor, body.draft(), body.valid_from), at.lang)


@routes.put("/matter/classes", can="matter.manage", answers=ClassOut, errors=EDITING)
def change_class(body: ClassChange, at: Edge) -> ClassOut:
    """修订事项 / The next edition of a class, or its end."""
    if body.ended:
        service.end_class(at.unit, at.actor, body.id, body.version, body.valid_from)
        return ClassOut.of(service.get_class(at.unit, at.actor, body.id), at.lang)
    made = service.change_class(at.unit, at.actor, body.id, body.draft(), body.version, body.valid_from)
    return ClassOut.of(made, at.lang)


@routes.get("/matter/conditions/{condition_id}", can="matter.read", answers=ConditionOut, errors=[NotFound])
def get_condition(condition_id: Id, at: Edge) -> ConditionOut:
    """立案条件 / One filing condition, in force or not."""
    return ConditionOut.of(service.get_condition(at.unit, at.actor, condition_id), at.lang)


@routes.post(
    "/matter/conditions", can="matter.manage", answers=ConditionOut, errors=[*EDITING, LimitMalformed], status=201
)
def add_condition(body: ConditionIn, at: Edge) -> ConditionOut:
    """新增立案条件 / A new filing condition."""
    made = service.add_condition(at.unit, at.actor, body.made(body.tree, body.code), body.valid_from)
    return ConditionOut.of(made, at.lang)


@routes.put("/matter/conditions", can="matter.manage", answers=ConditionOut, errors=[*EDITING, LimitMalformed])
def change_condition(body: ConditionChange, at: Edge) -> ConditionOut:
    """修订立案条件 / The next edition of a filing condition, or its end. Running events keep theirs."""
    if body.ended:
        service.end_condition(at.unit, at.actor, body.id, body.version, body.valid_from)
        return ConditionOut.of(service.get_condition(at.unit, at.actor, body.id), at.lang)
    made = service.change_condition(at.unit, at.actor, body.id, body.made("", ""), body.version, body.valid_from)
    return ConditionOut.of(made, at.lang)
