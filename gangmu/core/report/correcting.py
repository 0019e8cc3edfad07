"""A report put right by the source it came from: what it says now, with what it said kept by the journal."""

from dataclasses import replace
from typing import Any

from gangmu.core.report import store
from gangmu.core.report.model import Channel, Draft, Report, ReporterDraft
from gangmu.core.report.service import reporter_of
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit

CORRECTED = (
    "kind", "title", "text", "happened_at", "matter", "lon", "lat", "datum", "address", "division", "unit_grid",
)  # fmt: skip


def correct_report(unit: Unit, actor: Actor, was: Report, said: dict[str, Any], teller: ReporterDraft | None) -> Report:
    """The report with what its source says now; ``teller`` when the source names somebody else."""
    told = {name: said[name] for name in CORRECTED if name in said}
    if teller is not None:
        draft = Draft(Channel(was.channel), was.text, reporter=teller)
        told |= {"reporter": reporter_of(unit, actor, draft), "anonymous": teller.anonymous}
        told["confidential"] = teller.confidential or was.confidential
    changed = replace(was, **told)
    if changed == was:
        return was
    store.correct_report(unit, changed, was)
    return replace(changed, version=was.version + 1)


def is_told_by(unit: Unit, actor: Actor, report: Report, teller: ReporterDraft) -> bool:
    """Whether the report's reporter is whom its source names."""
    if report.reporter is None:
        return not teller.name.strip() and not teller.phone
    known = store.get_reporter(unit, report.reporter, seen_by=actor)
    named = unit.unseal(known.id, known.name) or "", unit.unseal(known.id, known.phone) or ""
    return named == (teller.name.strip()[:80], teller.phone)
