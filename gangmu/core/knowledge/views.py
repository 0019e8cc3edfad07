"""Entries and corrections as the screens see them: names for ids, under the viewer's rights."""

from collections.abc import Sequence

from gangmu.base import access, org, places
from gangmu.core import matter
from gangmu.core.knowledge import numbers, service, store
from gangmu.core.knowledge.model import Correction, Entry, Found, Gap, Number, Tally
from gangmu.core.knowledge.schema import CorrectionOut, EditionOut, FoundOut, GapOut, KnowledgeOut, NumberOut
from gangmu.kit.actor import Actor
from gangmu.kit.text import mask_personal
from gangmu.kit.unit import Unit

_SAME = [name for name in KnowledgeOut.model_fields if name in Entry.__dataclass_fields__ and name != "words"]


def entries(unit: Unit, actor: Actor, rows: Sequence[Entry], lang: str) -> list[KnowledgeOut]:
    """List rows, names fetched in three look-ups."""
    owners = org.org_names(unit, {row.owner for row in rows})
    areas = places.division_names(unit, {row.division for row in rows})
    titles = {}
    for key in {(row.tree, row.code) for row in rows if row.code}:
        found = matter.find_class(unit, actor, *key)
        titles[key] = "" if found is None else found.title_en if lang == "en" else found.title_zh
    used = service.tallies_of(unit, actor, rows)
    day, soon = numbers.today(unit), numbers.count_of(unit, "knowledge.expiring_days")
    return [
        KnowledgeOut(
            **{name: getattr(row, name) for name in _SAME},
            words=list(row.words),
            standing=row.standing(day).value,
            expiring=row.expires_within(day, soon),
            matter_title=titles.get((row.tree, row.code), ""),
            owner_name=owners.get(row.owner, ""),
            division_name=areas.get(row.division, ""),
            uses=used.get(row.id, Tally()).uses,
            last_used_at=used.get(row.id, Tally()).last_at,
            may_change=access.sees(actor, store.MANAGE, access.Located(row.division, row.orgs)),
        )
        for row in rows
    ]


def found(unit: Unit, actor: Actor, rows: Sequence[Found], lang: str) -> list[FoundOut]:
    shown = entries(unit, actor, [row.entry for row in rows], lang)
    return [FoundOut(entry=one, score=row.score, fits=row.fits) for one, row in zip(shown, rows, strict=True)]


def editions(unit: Unit, actor: Actor, entry: Entry) -> list[EditionOut]:
    rows = service.editions_of(unit, actor, entry.id)
    owners = org.org_names(unit, {row.owner for row in rows})
    names = [name for name in EditionOut.model_fields if name != "owner_name"]
    return [
        EditionOut(**{name: getattr(row, name) for name in names}, owner_name=owners.get(row.owner, "")) for row in rows
    ]


def corrections(unit: Unit, actor: Actor, rows: Sequence[Correction]) -> list[CorrectionOut]:
    about = service.find_entries(unit, actor, {row.entry for row in rows})
    owners = org.org_names(unit, {one for row in rows for one in row.orgs})
    posts = org.post_names(unit, [row.raised_post for row in rows if row.raised_post])
    names = ("id", "entry", "edition", "raised_at", "due_at", "state", "answered_at", "new_edition")
    return [
        CorrectionOut(
            **{name: getattr(row, name) for name in names},
            question=about[row.entry].question if row.entry in about else "",
            text=mask_personal(row.text),
            reason=mask_personal(row.reason),
            owner_name="、".join(owners.get(one, "") for one in row.orgs),
            raised_by_name=posts[row.raised_post].person_name if row.raised_post in posts else "",
            late=row.is_late(unit.now),
            may_answer=row.is_open and access.sees(actor, store.MANAGE, access.Located(row.division, row.orgs)),
        )
        for row in rows
    ]


def gaps(unit: Unit, rows: Sequence[Gap]) -> list[GapOut]:
    areas = places.division_names(unit, {row.division for row in rows})
    names = ("id", "words", "times", "first_at", "last_at", "state")
    return [
        GapOut(**{name: getattr(row, name) for name in names}, division_name=areas.get(row.division, ""))
        for row in rows
    ]


def number(row: Number, lang: str) -> NumberOut:
    names = [name for name in NumberOut.model_fields if name != "title"]
    return NumberOut(**{name: getattr(row, name) for name in names}, title=numbers.titles(lang).get(row.key, row.key))
