"""Evidence of an event: whose file it is, what speaks against a photo, who may see it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gangmu.base import access
from gangmu.base.access import Located
from gangmu.core import flow
from gangmu.core.event import model, store
from gangmu.core.event.model import ActArgs, Event, Evidence
from gangmu.core.event.settings import EventSettings
from gangmu.core.report import service as report_service
from gangmu.kit import files, ids, photo, settings
from gangmu.kit.actor import Actor
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def own_files(unit: Unit, actor: Actor, attachments: Sequence[Id]) -> dict[Id, files.FileRef]:
    """The files given, which must be the actor's own uploads."""
    found = files.get_many(unit, attachments)
    for file_id in attachments:
        if file_id not in found or (actor.kind != "system" and found[file_id].owner != actor.mark):
            raise NotFound(what=str(file_id))
    return found


def proofs_of(unit: Unit, actor: Actor, args: ActArgs) -> tuple[flow.EvidenceFact, ...]:
    found = own_files(unit, actor, [file_id for file_id, _ in args.evidence])
    return tuple(
        flow.EvidenceFact(
            kind,
            _received(unit, found[file_id]),
            _time(found[file_id].facts.get("taken_at")),
            store.digest_seen(unit, found[file_id].digest),
        )
        for file_id, kind in args.evidence
    )


def keep_evidence(unit: Unit, actor: Actor, event: Event, act_id: Id | None, given: Sequence[tuple[Id, str]]) -> None:
    """Keep what was given as evidence, with what is doubtful about each photo."""
    if not given:
        return
    found = files.get_many(unit, [file_id for file_id, _ in given])
    before = files.get_many(unit, [item.file for item in store.evidence_of(unit, event.id, seen_by=actor)])
    looks = [str(ref.facts["look"]) for ref in before.values() if "look" in ref.facts]
    rules = settings.get(EventSettings)
    for file_id, kind in given:
        ref = found[file_id]
        lon, lat, taken_at = ref.facts.get("lon"), ref.facts.get("lat"), _time(ref.facts.get("taken_at"))
        metres = model.metres_between(lon, lat, event.lon, event.lat)
        reused = store.digest_seen(unit, ref.digest)
        flags = model.doubts(
            kind=kind,
            reused=reused,
            alike=any(photo.looks_alike(str(ref.facts.get("look", "")), look) for look in looks),
            taken_at=taken_at,
            at=unit.now,
            metres=metres,
            placed=lon is not None and lat is not None,
            radius_m=rules.evidence_radius_m,
            age=timedelta(minutes=rules.evidence_age_minutes),
        )
        proof = Evidence(
            id=ids.new("evd"),
            event=event.id,
            act=act_id,
            file=file_id,
            kind=kind,
            digest=ref.digest,
            taken_at=taken_at,
            received_at=_received(unit, ref),
            lon=lon,
            lat=lat,
            reused=reused,
            by_person=actor.person,
            metres=None if metres is None else round(metres, 1),
            flags=flags if ref.mime.startswith("image/") else flags[:1] if reused else (),
        )
        store.add_evidence(unit, proof)


def _received(unit: Unit, ref: files.FileRef) -> datetime:
    """When the file came in: an old upload does not become fresh by being handed in now."""
    return _time(ref.facts.get("received_at")) or unit.now


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def may_see_file(unit: Unit, actor: Actor, ref: files.FileRef) -> bool:
    """A file is seen by who put it there and by who sees the event that it proves something for."""
    if ref.owner == actor.mark:
        return True
    event_id = store.event_of_file(unit, ref.id)
    if event_id is None:
        attached = report_service.event_of_attachment(unit, ref.id)
        if attached is None:
            return False
        event_id, division = attached
        if event_id is None:
            return access.sees(actor, "report.read", Located(division))
    found = store.find_many(unit, [event_id], seen_by=actor)
    return bool(found)
