"""Routes of the knowledge base."""

from typing import Annotated, Literal

from fastapi import Depends, Query

from gangmu.core.knowledge import numbers, service, views
from gangmu.core.knowledge.errors import CorrectionAnswered, EntryEnded, NotADraft, NumberMalformed
from gangmu.core.knowledge.schema import (
    CorrectionAnswer,
    CorrectionIn,
    CorrectionOut,
    Corrections,
    FoundList,
    GapClose,
    GapIn,
    GapOut,
    Gaps,
    KnowledgeChange,
    KnowledgeEditions,
    KnowledgeIn,
    KnowledgeList,
    KnowledgeOut,
    KnowledgeStep,
    NumberIn,
    NumberOut,
    Numbers,
    SynonymsIn,
    SynonymsList,
    SynonymsOut,
)
from gangmu.core.matter.errors import CodeMalformed
from gangmu.kit.errors import Invalid, NotFound, Refused, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("knowledge")
Digits = Annotated[str, Query(max_length=16, pattern=r"^\d*$")]
Word = Annotated[str, Query(max_length=60)]
View = Literal["in_force", "mine", "draft", "expiring", "expired", "ended"]
CHANGE_ERRORS = [CodeMalformed, EntryEnded, Invalid, NotFound, Refused, StaleWrite]


def _one(at: Edge, entry_id: Id) -> KnowledgeOut:
    return views.entries(at.unit, at.actor, [service.get_entry(at.unit, at.actor, entry_id)], at.lang)[0]


@routes.get("/knowledge/search", can="knowledge.read", answers=FoundList)
def search(
    at: Edge,
    q: Annotated[str, Query(max_length=200)] = "",
    division: Digits = "",
    tree: Word = "",
    code: Digits = "",
    limit: Annotated[int | None, Query(ge=1, le=50)] = None,
) -> FoundList:
    """知识检索 / Entries in force that fit the words, initials or sounds typed; near the place, often used first."""
    found = service.search(at.unit, at.actor, q, division, tree, code, limit or 0)
    return FoundList(items=views.found(at.unit, at.actor, found, at.lang), as_of=at.unit.now)


@routes.get("/knowledge", can="knowledge.read", answers=KnowledgeList, errors=[Invalid])
def list_entries(
    at: Edge,
    paging: Annotated[Paging, Depends()],
    view: View = "in_force",
    owner: Id | None = None,
    tree: Word = "",
    code: Digits = "",
) -> KnowledgeList:
    """知识列表 / Entries in force, one's own, drafts, or those that expire soon or have expired."""
    found = service.list_entries(at.unit, at.actor, paging.page, view, owner, tree, code)
    rows = views.entries(at.unit, at.actor, found.items, at.lang)
    return KnowledgeList(items=rows, next=found.next, as_of=at.unit.now)


@routes.post("/knowledge", can="knowledge.manage", answers=KnowledgeOut, status=201, errors=CHANGE_ERRORS)
def add_entry(body: KnowledgeIn, at: Edge) -> KnowledgeOut:
    """新增知识 / Write an entry, as a draft or at once in force."""
    return _one(at, service.add_entry(at.unit, at.actor, body.content(), body.publish).id)


# --- corrections, gaps, synonyms (before the entries by id) -----------------------------------------------------


@routes.get("/knowledge/corrections", can="knowledge.read", answers=Corrections, errors=[Invalid])
def list_corrections(
    at: Edge, paging: Annotated[Paging, Depends()], state: Literal["open", "all"] = "open"
) -> Corrections:
    """知识纠错 / Requests that one's organisation must answer, and those that one made."""
    found = service.list_corrections(at.unit, at.actor, paging.page, state == "open")
    rows = views.corrections(at.unit, at.actor, found.items)
    return Corrections(items=rows, next=found.next, as_of=at.unit.now)


@routes.post(
    "/knowledge/corrections/{correction_id}/answer",
    can="knowledge.manage",
    answers=CorrectionOut,
    errors=[CorrectionAnswered, *CHANGE_ERRORS],
)
def answer_correction(correction_id: Id, body: CorrectionAnswer, at: Edge) -> CorrectionOut:
    """答复纠错 / Answer a request: with a new edition, or with the reason why none is needed."""
    content = None if body.content is None else body.content.content()
    done = service.answer_correction(at.unit, at.actor, correction_id, body.reason, content, body.version)
    return views.corrections(at.unit, at.actor, [done])[0]


@routes.get("/knowledge/gaps", can="knowledge.manage", answers=Gaps, errors=[Invalid])
def list_gaps(at: Edge, paging: Annotated[Paging, Depends()]) -> Gaps:
    """知识缺口 / What was searched and not found, the most frequent first; without personal data."""
    found = service.list_gaps(at.unit, at.actor, paging.page)
    return Gaps(items=views.gaps(at.unit, found.items), next=found.next)


@routes.post("/knowledge/gaps", can="knowledge.read", status=204)
def note_gap(body: GapIn, at: Edge) -> None:
    """记录缺口 / Note that nothing answered a search."""
    service.note_gap(at.unit, at.actor, body.words)


@routes.post("/knowledge/gaps/{gap_id}/close", can="knowledge.manage", answers=GapOut, errors=[Invalid, NotFound])
def close_gap(gap_id: Id, body: GapClose, at: Edge) -> GapOut:
    """处理缺口 / The gap is filled by an entry, or is none."""
    return views.gaps(at.unit, [service.close_gap(at.unit, at.actor, gap_id, body.entry, body.reason)])[0]


@routes.get("/knowledge/synonyms", can="knowledge.read", answers=SynonymsList)
def list_synonyms(at: Edge) -> SynonymsList:
    """同义词 / Groups of words that callers use for the same thing."""
    return SynonymsList(
        items=[
            SynonymsOut(id=group.id, words=list(group.words), source=group.source)
            for group in service.list_synonyms(at.unit, at.actor)
        ]
    )


@routes.post("/knowledge/synonyms", can="hotline.manage", answers=SynonymsOut, status=201, errors=[Invalid])
def add_synonyms(body: SynonymsIn, at: Edge) -> SynonymsOut:
    """新增同义词 / Add a group of words of one meaning."""
    made = service.add_synonyms(at.unit, at.actor, body.words, body.source)
    return SynonymsOut(id=made.id, words=list(made.words), source=made.source)


@routes.delete("/knowledge/synonyms/{group_id}", can="hotline.manage", status=204, errors=[NotFound, StaleWrite])
def drop_synonyms(group_id: Id, at: Edge) -> None:
    """删除同义词 / Drop a group."""
    service.drop_synonyms(at.unit, at.actor, group_id)


# --- one entry --------------------------------------------------------------------------------------------------


@routes.get("/knowledge/{entry_id}", can="knowledge.read", answers=KnowledgeOut, errors=[NotFound])
def get_entry(entry_id: Id, at: Edge) -> KnowledgeOut:
    """知识详情 / An entry whole."""
    return _one(at, entry_id)


@routes.get("/knowledge/{entry_id}/editions", can="knowledge.read", answers=KnowledgeEditions, errors=[NotFound])
def list_editions(entry_id: Id, at: Edge) -> KnowledgeEditions:
    """知识版本 / What the entry said before, oldest first."""
    entry = service.get_entry(at.unit, at.actor, entry_id)
    return KnowledgeEditions(items=views.editions(at.unit, at.actor, entry))


@routes.put("/knowledge/{entry_id}", can="knowledge.manage", answers=KnowledgeOut, errors=CHANGE_ERRORS)
def change_entry(entry_id: Id, body: KnowledgeChange, at: Edge) -> KnowledgeOut:
    """修订知识 / The next edition of an entry; the former one is kept."""
    changed = service.change_entry(at.unit, at.actor, entry_id, body.content(), body.version, body.why)
    return views.entries(at.unit, at.actor, [changed], at.lang)[0]


@routes.post(
    "/knowledge/{entry_id}/publish", can="knowledge.manage", answers=KnowledgeOut, errors=[NotADraft, *CHANGE_ERRORS]
)
def publish_entry(entry_id: Id, body: KnowledgeStep, at: Edge) -> KnowledgeOut:
    """发布知识 / Put a draft in force."""
    done = service.publish_entry(at.unit, at.actor, entry_id, body.version)
    return views.entries(at.unit, at.actor, [done], at.lang)[0]


@routes.post("/knowledge/{entry_id}/end", can="knowledge.manage", answers=KnowledgeOut, errors=CHANGE_ERRORS)
def end_entry(entry_id: Id, body: KnowledgeStep, at: Edge) -> KnowledgeOut:
    """停用知识 / Withdraw an entry, with the reason."""
    done = service.end_entry(at.unit, at.actor, entry_id, body.version, body.why)
    return views.entries(at.unit, at.actor, [done], at.lang)[0]


@routes.post(
    "/knowledge/{entry_id}/corrections",
    can="knowledge.correct",
    answers=CorrectionOut,
    status=201,
    errors=[Invalid, NotFound],
)
def raise_correction(entry_id: Id, body: CorrectionIn, at: Edge) -> CorrectionOut:
    """提出纠错 / Say what is wrong with an entry; its owner gets it."""
    return views.corrections(at.unit, at.actor, [service.raise_correction(at.unit, at.actor, entry_id, body.text)])[0]


# --- numbers of the service -------------------------------------------------------------------------------------


@routes.get("/service-numbers", can="knowledge.read", answers=Numbers)
def list_numbers(at: Edge, history: Annotated[str, Query(max_length=60)] = "") -> Numbers:
    """服务参数 / Limits and counts of hotline and knowledge base, with source; or all editions of one."""
    rows = numbers.list_numbers(at.unit, at.actor, history)
    return Numbers(items=[views.number(row, at.lang) for row in rows])


@routes.put("/service-numbers/{key}", can="hotline.manage", answers=NumberOut, errors=[NotFound, NumberMalformed])
def set_number(key: str, body: NumberIn, at: Edge) -> NumberOut:
    """修改服务参数 / The next edition of a number, from today on."""
    made = numbers.set_number(at.unit, at.actor, key, body.value, body.source, body.region, body.verified)
    return views.number(made, at.lang)
