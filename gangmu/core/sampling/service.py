"""Use cases of drawing by lot."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from gangmu.base import access
from gangmu.core.dossier import service as dossier_service
from gangmu.core.dossier.schema import ClearOut
from gangmu.core.event import sampling as event_sampling
from gangmu.core.sampling import file, model, store
from gangmu.core.sampling.errors import NotSealed
from gangmu.core.sampling.model import Drawing
from gangmu.kit import ids, journal_proof, journal_search, privacy
from gangmu.kit.actor import Actor
from gangmu.kit.errors import Refused
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone

ENTRIES_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Draw:
    """What somebody wants drawn."""

    seed: str
    since: date
    until: date
    division: str
    n: int
    purpose: str


def draw(unit: Unit, actor: Actor, wanted: Draw, lang: str) -> tuple[Drawing, bytes]:
    """Draw by lot, and the one file of it. Journaled with seed, time, number and purpose."""
    model.check_days(wanted.since, wanted.until)
    division = division_full(wanted.division or actor.division)
    access.require(actor, "sample.draw", division)
    purpose = wanted.purpose.strip()
    lot = event_sampling.draw(
        unit, actor, wanted.seed, _begin(wanted.since), _begin(wanted.until + timedelta(days=1)), division, wanted.n
    )
    dossiers = [dossier_service.get_dossier(unit, actor, one, lang) for one in lot.events]
    new = Drawing(
        id=ids.new("smp"),
        at=unit.now,
        by=actor.person,
        by_name=actor.name,
        seed=wanted.seed,
        since=wanted.since,
        until=wanted.until,
        division=division,
        wanted=wanted.n,
        drawn=len(lot.events),
        among=lot.among,
        purpose=purpose,
        digest="",
    )
    cleared = [_clear(unit, actor, one.event.id, purpose) if purpose else None for one in dossiers]
    cases = [
        {"dossier": one.model_dump(mode="json"), "clear": clear.model_dump(mode="json") if clear else None}
        for one, clear in zip(dossiers, cleared, strict=True)
    ]
    about = [str(thing) for one in dossiers for thing in (one.event.id, *[report.id for report in one.reports])]
    drawn = {name: getattr(new, name) for name in Drawing.__dataclass_fields__ if name != "digest"}
    said = {"drawn": drawn, "cases": cases, "journal": _proof(unit, about, whole=bool(purpose) and all(cleared))}
    content = file.written(said, dossiers, lang)
    new = replace(new, digest=file.digest(content))
    store.add(unit, new)
    unit.note("draw sample", new.id, events=list(lot.events), among=lot.among, purpose=purpose)
    return new, content


def _begin(day: date) -> datetime:
    """The beginning of a day in the city."""
    return datetime.combine(day, time(), zone())


def _clear(unit: Unit, actor: Actor, event: Id, purpose: str) -> ClearOut | None:
    """The texts in clear; None where a reporter has asked for confidence and the auditor may not see that."""
    try:
        return dossier_service.clear_texts(unit, actor, event, purpose)
    except Refused:
        return None


def _proof(unit: Unit, about: list[str], *, whole: bool) -> dict[str, object]:
    """The entries about the cases with their places in the chain, and the signed heads that they stand under. Bytes in
    which people could be read travel only for a purpose."""
    if not about:
        return {"entries": [], "heads": [], "cut": False}
    found = journal_proof.pieces(unit, about, ENTRIES_MOST)
    if not found:
        raise NotSealed()
    folder = journal_search.folder()
    heads = journal_proof.heads_for(folder, [one.seq for one in found]) if folder is not None else []
    told = [one.told(whole=whole or _names_nobody(one.body)) for one in found]
    return {"entries": told, "heads": heads, "cut": len(found) == ENTRIES_MOST}


def _names_nobody(body: bytes) -> bool:
    """Whether nothing personal is found in an entry's clear texts."""
    text = body.decode("utf-8", "replace")
    return privacy.mask(text) == text


def list_drawings(unit: Unit, actor: Actor, wanted: Page) -> Paged[Drawing]:
    return store.list_drawings(unit, wanted, seen_by=actor)
