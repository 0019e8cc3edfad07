"""Use cases of reports: take one, review a machine's alarm, show who reported."""

from dataclasses import dataclass, replace
from datetime import datetime

from gangmu.base import access, places
from gangmu.core.report import model, reading_store, store
from gangmu.core.report.model import NEEDS_REVIEW, Draft, Report, Review
from gangmu.core.report.reading_store import Caller
from gangmu.kit import ids, seal
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full, mask_name, mask_phone
from gangmu.kit.unit import Unit


@dataclass(frozen=True, slots=True)
class Who:
    """A reporter as a viewer sees him: masked, unless revealed for a purpose."""

    id: Id | None
    name: str
    phone: str
    anonymous: bool
    confidential: bool
    revealed: bool


def open_report(unit: Unit, actor: Actor, draft: Draft, event: Id | None = None) -> Report:
    """Take a report down. Its place is attributed to the grids; its reporter sealed. ``event`` is the one that it is
    about to open; a machine's alarm has none before it was looked at."""
    model.checked(draft, unit.now)
    where = places.attribute(unit, draft.point) if draft.point else None
    division = (where.division if where else "") or division_full(draft.division or actor.division)
    access.require(actor, "event.create", division, orgs=actor.chain)
    needs_review = draft.channel in NEEDS_REVIEW
    new = Report(
        id=ids.new("rpt"),
        channel=draft.channel.value,
        kind=draft.kind.value,
        title=model.title_of(draft),
        text=draft.text.strip(),
        reporter=reporter_of(unit, actor, draft),
        anonymous=draft.reporter.anonymous,
        confidential=draft.reporter.confidential,
        consent=draft.consent,
        want_reply=draft.want_reply,
        happened_at=draft.happened_at or unit.now,
        received_at=unit.now,
        matter=draft.matter,
        lon=draft.point.lon if draft.point else None,
        lat=draft.point.lat if draft.point else None,
        datum=draft.point.source.value if draft.point else "",
        address=" ".join(draft.address.split())[:500],
        division=division,
        unit_grid=where.unit_grid if where else "",
        attachments=draft.attachments,
        event=None if needs_review else event,
        review=(Review.pending if needs_review else Review.none).value,
        foreign_no=draft.foreign_no,
        source=draft.source,
        taken_by=actor.person,
    )
    store.add_report(unit, new)
    return new


def reporter_of(unit: Unit, actor: Actor, draft: Draft) -> Id | None:
    """The reporter behind a phone: the one we know, or a new one. None when nobody is named."""
    told = draft.reporter
    digits = model.phone_digits(told.phone) if told.phone else ""
    if not digits and not told.name.strip():
        return None
    hashed = seal.keys().blind(digits) if digits else None
    if hashed is not None and not told.anonymous:
        for known in store.find_reporters(unit, hashed, seen_by=actor):
            if not told.name.strip() or unit.unseal(known.id, known.name) == told.name.strip():
                return known.id
    new = ids.new("rep")
    store.add_reporter(unit, new, unit.seal(new, told.name.strip()[:80]), unit.seal(new, digits), hashed)
    return new


def attach(unit: Unit, actor: Actor, report: Report, event: Id | None, review: Review | None = None) -> Report:
    """Put a report to an event (or take it off), keeping all else."""
    reviewed = report.review if review is None else review.value
    changed = replace(report, event=event, review=reviewed)
    store.save_report(unit, changed, report)
    return replace(changed, version=report.version + 1)


def dismiss(unit: Unit, actor: Actor, report_id: Id, reason: str) -> Report:
    """Nothing behind a machine's alarm: kept, with the reason."""
    report = store.get_report(unit, report_id, seen_by=actor)
    access.require(actor, "event.create", report.division, orgs=actor.chain)
    unit.note("dismiss alarm", report.id, reason=reason[:500])
    return attach(unit, actor, report, None, Review.dismissed)


def get_report(unit: Unit, actor: Actor, report_id: Id) -> Report:
    return store.get_report(unit, report_id, seen_by=actor)


def list_of_event(unit: Unit, actor: Actor, event: Id) -> list[Report]:
    return store.list_of_event(unit, event, seen_by=actor)


def list_pending(unit: Unit, actor: Actor, wanted: Page) -> Paged[Report]:
    """Machines' alarms that nobody has looked at."""
    return store.list_pending(unit, wanted, seen_by=actor)


def count_callers(unit: Unit, event: Id) -> tuple[int, int]:
    return store.count_callers(unit, event)


def has_phone(unit: Unit, report: Report) -> bool:
    """Whether the reporter left a number."""
    if report.reporter is None:
        return False
    return store.get_reporter(unit, report.reporter, seen_by=unit.actor).phone is not None


def view_of(unit: Unit, actor: Actor, report: Report) -> Who:
    """The reporter masked. A confidential one shows nothing at all."""
    if report.reporter is None or report.confidential or report.anonymous:
        return Who(report.reporter, "", "", report.anonymous, report.confidential, False)
    known = store.get_reporter(unit, report.reporter, seen_by=actor)
    name, phone = unit.unseal(known.id, known.name) or "", unit.unseal(known.id, known.phone) or ""
    return Who(known.id, mask_name(name), mask_phone(phone), False, False, False)


def reveal(unit: Unit, actor: Actor, report_id: Id, purpose: str) -> Who:
    """Name and phone in clear, for a purpose, journaled. A confidential reporter only to who may see those."""
    report = store.get_report(unit, report_id, seen_by=actor)
    access.require(actor, "reporter.read", report.division, orgs=actor.chain)
    if report.confidential and not actor.may("reporter.read_confidential"):
        raise Refused(action="reporter.read_confidential")
    if report.reporter is None:
        return Who(None, "", "", report.anonymous, report.confidential, True)
    known = store.get_reporter(unit, report.reporter, seen_by=actor)
    unit.saw_personal(report.id, ["reporter.name", "reporter.phone"], purpose[:200])
    name, phone = unit.unseal(known.id, known.name) or "", unit.unseal(known.id, known.phone) or ""
    return Who(known.id, name, phone, report.anonymous, report.confidential, True)


def find_by_phone(unit: Unit, actor: Actor, phone: str) -> list[Id]:
    """The events that somebody with this phone has reported, newest first. Journaled as a personal look-up."""
    digits = model.phone_digits(phone)
    if not digits:
        return []
    unit.saw_personal("reporter:phone", ["reporter.phone"], "search by phone")
    return store.events_of_phone(unit, seal.keys().blind(digits))


def history_of(unit: Unit, actor: Actor, phone: str) -> tuple[str, list[Report]]:
    """What a caller has reported before, newest first, and the masked name he gave last. Confidential and anonymous
    reports stay out of it."""
    digits = model.phone_digits(phone)
    if not digits:
        return "", []
    known = store.find_reporters(unit, seal.keys().blind(digits), seen_by=actor)
    if not known:
        return "", []
    unit.saw_personal("reporter:phone", ["reporter.phone", "reporter.name"], "caller history")
    reports = store.list_of_reporters(unit, [item.id for item in known], seen_by=actor)
    shown = [item for item in reports if not item.confidential and not item.anonymous]
    return mask_name(unit.unseal(known[-1].id, known[-1].name) or ""), shown


def confidential_of(unit: Unit, actor: Actor, phone: str) -> list[Id]:
    """The reports of a phone whose reporter asked for confidence: that there are some may be said, nothing of them."""
    digits = model.phone_digits(phone)
    known = store.find_reporters(unit, seal.keys().blind(digits), seen_by=actor) if digits else []
    reports = store.list_of_reporters(unit, [item.id for item in known], seen_by=actor) if known else []
    return [item.id for item in reports if item.confidential or item.anonymous]


def list_callers(unit: Unit, actor: Actor, since: datetime, least: int) -> list[Caller]:
    """Who reported so often since a time, the most frequent first. For a chore, not for a request."""
    return reading_store.list_callers(unit, since, least, seen_by=actor)


def event_of_attachment(unit: Unit, file_id: Id) -> tuple[Id | None, str] | None:
    return store.event_of_attachment(unit, file_id)
