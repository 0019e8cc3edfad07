"""Use cases of the dossier: gather what the stages keep of an event; say its texts in clear for a purpose."""

from collections.abc import Sequence

from gangmu.base import access, org
from gangmu.base.access import Located
from gangmu.core.deadline import views as clock_views
from gangmu.core.dispatch import service as dispatch_service
from gangmu.core.docking import service as docking_service
from gangmu.core.docking.schema import DockedOut, OutOut
from gangmu.core.dossier.schema import (
    AnswerLine,
    ClearOut,
    ClearReport,
    DisputeLine,
    DossierOut,
    InstructionLine,
    JournalLine,
    ObligationLine,
    TaskLine,
)
from gangmu.core.event import Event
from gangmu.core.event import service as event_service
from gangmu.core.event import views as event_views
from gangmu.core.instruct import service as instruct_service
from gangmu.core.notify import service as notify_service
from gangmu.core.report import Report
from gangmu.core.verify import service as verify_service
from gangmu.kit import journal
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.privacy import mask, mask_deep
from gangmu.kit.unit import Unit

KEEPER = System("dossier")
JOURNAL_MOST = 200


def get_dossier(unit: Unit, actor: Actor, event_id: Id, lang: str) -> DossierOut:
    """Everything of an event, for who may read dossiers where it stands; journaled. Personal data stays masked."""
    event = event_service.get_event(unit, actor, event_id)
    if not access.sees(actor, "dossier.read", Located(event.division, event.orgs, event.people)):
        raise NotFound(what=str(event_id))
    reports = event_service.list_reports(unit, KEEPER, event_id)
    acts = event_service.list_acts(unit, KEEPER, event_id)
    way, _ = event_service.offers_of(unit, actor, event)
    orders, receipts = docking_service.of_event(unit, actor, event_id)
    links = docking_service.names_of(unit, [one.link for one in orders])
    entries, more = _journal(unit, [event_id, *[one.id for one in reports]])
    made = DossierOut(
        event=event_views.whole(unit, actor, event, lang),
        reports=[event_views.reported(unit, actor, one) for one in reports],
        acts=event_views.timeline(unit, actor, event, acts, lang),
        clocks=clock_views.explain(unit, event_id, lang, event_views.stage_titles(way, lang)).explanations,
        obligations=_obligations(unit, event_id),
        disputes=_disputes(unit, event_id),
        tasks=_tasks(unit, event_id),
        evidence=event_views.proofs(unit, event_service.list_evidence(unit, KEEPER, event_id)),
        instructions=_instructions(unit, event_id),
        answers=_answers(unit, reports),
        docked=[DockedOut.told(one, links[one.link].name) for one in orders],
        receipts=[_receipt(OutOut.told(one)) for one in receipts],
        journal=entries,
        journal_left_out=more,
        read_by=actor.name,
        as_of=unit.now,
    )
    unit.note("read dossier", event_id, reports=len(reports), acts=len(acts))
    return made


def _obligations(unit: Unit, event_id: Id) -> list[ObligationLine]:
    found = dispatch_service.list_obligations(unit, KEEPER, event_id)
    names = org.org_names(unit, {one.org for one in found})
    kept = [name for name in ObligationLine.model_fields if name != "org_name"]
    return [
        ObligationLine(org_name=names.get(one.org, ""), **{name: getattr(one, name) for name in kept}) for one in found
    ]


def _disputes(unit: Unit, event_id: Id) -> list[DisputeLine]:
    found = dispatch_service.disputes_of(unit, KEEPER, event_id)
    names = org.org_names(unit, {place for one in found for place in (one.org, one.lead_org) if place})
    return [
        DisputeLine(
            org_name=names.get(one.org, "") if one.org else "",
            reason=mask(one.reason),
            state=one.state,
            raised_at=one.raised_at,
            decided_at=one.decided_at,
            lead_name=names.get(one.lead_org, "") if one.lead_org else "",
            decision=mask(one.decision),
            source=one.source,
        )
        for one in found
    ]


def _tasks(unit: Unit, event_id: Id) -> list[TaskLine]:
    found = verify_service.list_of_event(unit, KEEPER, event_id)
    posts = org.post_names(unit, [one.post for one in found if one.post])
    kept = ("kind", "state", "opened_at", "done_at", "result")
    return [
        TaskLine(
            **{name: getattr(one, name) for name in kept},
            who=posts[one.post].person_name if one.post in posts else "",
            ask=mask(one.ask),
            reason=mask(one.reason),
            flags=list(one.flags),
        )
        for one in found
    ]


def _instructions(unit: Unit, event_id: Id) -> list[InstructionLine]:
    found = instruct_service.list_of_event(unit, KEEPER, event_id)
    return [
        InstructionLine(**mask_deep({name: getattr(one, name) for name in InstructionLine.model_fields}))
        for one in found
    ]


def _answers(unit: Unit, reports: Sequence[Report]) -> list[AnswerLine]:
    found = [one for report in reports for one in notify_service.list_of_report(unit, KEEPER, report.id)]
    return [
        AnswerLine(**mask_deep({name: getattr(one, name) for name in AnswerLine.model_fields}))
        for one in sorted(found, key=lambda one: one.at)
    ]


def _receipt(one: OutOut) -> OutOut:
    return one.model_copy(update={"text": mask(one.text), "receipt_text": mask(one.receipt_text)})


def _journal(unit: Unit, about: Sequence[Id]) -> tuple[list[JournalLine], bool]:
    """The entries that name the event or one of its reports, oldest first, each once, without their values."""
    found, more = {}, False
    for thing in about[:50]:
        page = journal.entries(unit, Page(JOURNAL_MOST), str(thing))
        more = more or page.next is not None
        found |= {entry.id: entry for entry in page.items}
    listed = sorted(found.values(), key=lambda entry: entry.id)
    lines = [
        JournalLine(
            id=entry.id,
            seq=entry.seq,
            recorded_at=entry.body["recorded_at"],
            kind=entry.body["actor"]["kind"],
            who=entry.body["actor"]["name"],
            cause=mask(entry.body["cause"]),
            did=list(dict.fromkeys(_did(change) for change in entry.body["changes"])),
        )
        for entry in listed
    ]
    return lines, more or len(about) > 50


def _did(change: dict[str, object]) -> str:
    return f"{change['do']} {change['table']}" if "table" in change else str(change["do"])


def clear_texts(unit: Unit, actor: Actor, event_id: Id, purpose: str) -> ClearOut:
    """The texts of an event as they were given, with all that they say of people; journaled with the purpose. Where a
    reporter asked for confidence, only for who may see those."""
    event = event_service.get_event(unit, actor, event_id)
    _check_clear(actor, event)
    reports = event_service.list_reports(unit, actor, event_id)
    if any(one.confidential for one in reports) and not actor.may("reporter.read_confidential"):
        raise Refused(action="reporter.read_confidential")
    unit.saw_personal(event_id, ["event.text", "report.text"], purpose)
    return ClearOut(
        title=event.title,
        text=event.text,
        address=event.address,
        reports=[ClearReport(id=one.id, title=one.title, text=one.text, address=one.address) for one in reports],
    )


def _check_clear(actor: Actor, event: Event) -> None:
    access.require(actor, "reporter.read", event.division, orgs=event.orgs, people=event.people)
