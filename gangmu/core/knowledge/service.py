"""Use cases of the knowledge base: keep entries, find them, correct them, see what is missing."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from importlib import resources

from gangmu.base import access, places
from gangmu.base.org import service as org_service
from gangmu.core.knowledge import model, numbers, store
from gangmu.core.knowledge.errors import CorrectionAnswered, EntryEnded, NotADraft
from gangmu.core.knowledge.model import (
    Content,
    Correction,
    CorrectionState,
    Edition,
    Entry,
    Found,
    Gap,
    State,
    Synonyms,
    Tally,
)
from gangmu.core.knowledge.settings import KnowledgeSettings
from gangmu.core.matter import service as matter_service
from gangmu.kit import ids, settings
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.text import fold
from gangmu.kit.unit import Unit
from gangmu.messages.knowledge import (
    CorrectionRaised,
    CorrectionSettled,
    CorrectionTold,
    EntryTold,
    KnowledgeChanged,
)

MANAGE = store.MANAGE


def load_shipped(unit: Unit) -> None:
    """Numbers of the service and words of one meaning that ship; what a city has stays."""
    numbers.load_shipped(unit)
    if store.list_synonyms(unit, seen_by=unit.actor):
        return
    text = (resources.files("gangmu.core.knowledge") / "data" / "synonyms.toml").read_text("utf-8")
    for words in tomllib.loads(text)["groups"]:
        store.add_synonyms(unit, Synonyms(ids.new("kns"), tuple(words), "shipped"))


# --- entries ----------------------------------------------------------------------------------------------------


def get_entry(unit: Unit, actor: Actor, entry_id: Id) -> Entry:
    return store.get_entry(unit, entry_id, seen_by=actor)


def find_entries(unit: Unit, actor: Actor, wanted: Iterable[Id]) -> dict[Id, Entry]:
    """Those of these entries that the actor may see, by id."""
    return store.find_entries(unit, wanted, seen_by=actor)


def list_entries(
    unit: Unit, actor: Actor, at: Page, view: str = "", owner: Id | None = None, tree: str = "", code: str = ""
) -> Paged[Entry]:
    """Entries in force; or ``mine``, ``draft``, ``expiring``, ``expired``, ``ended``."""
    day = numbers.today(unit)
    until = day + timedelta(days=numbers.count_of(unit, "knowledge.expiring_days"))
    return store.list_entries(unit, at, view, day, until, seen_by=actor, owner=owner, tree=tree, code=code)


def editions_of(unit: Unit, actor: Actor, entry_id: Id) -> list[Edition]:
    """What the entry said before, oldest first."""
    store.get_entry(unit, entry_id, seen_by=actor)
    return store.list_editions(unit, entry_id, seen_by=actor)


def check(unit: Unit, actor: Actor, content: Content) -> None:
    """Refuse what could not be written."""
    _checked(unit, actor, content)


def add_entry(unit: Unit, actor: Actor, content: Content, publish: bool = False) -> Entry:
    """Write an entry: a draft, or at once in force."""
    told = _checked(unit, actor, content)
    entry = model.opened(ids.new("kno"), told, unit.now, numbers.today(unit), actor.person, publish)
    store.add_entry(unit, entry, model.keys_of(entry))
    _keep_edition(unit, actor, entry, "")
    return entry


def change_entry(unit: Unit, actor: Actor, entry_id: Id, content: Content, version: int, why: str) -> Entry:
    """The next edition; the former one is kept with what it said."""
    was = _changeable(unit, actor, entry_id, version)
    if not why.strip() and was.state == State.in_force:
        raise Invalid(field="why", reason="say why what callers are told is changed")
    entry = model.changed(was, _checked(unit, actor, content), unit.now, actor.person)
    return _save(unit, actor, entry, was, why)


def publish_entry(unit: Unit, actor: Actor, entry_id: Id, version: int) -> Entry:
    """Put a draft in force."""
    was = _changeable(unit, actor, entry_id, version)
    if was.state != State.draft:
        raise NotADraft()
    day = max(was.valid_from, numbers.today(unit))
    entry = replace(was, state=State.in_force.value, edition=was.edition + 1, valid_from=day, changed_at=unit.now)
    return _save(unit, actor, replace(entry, changed_by=actor.person), was, "")


def end_entry(unit: Unit, actor: Actor, entry_id: Id, version: int, why: str) -> Entry:
    """Withdraw an entry: nobody is told it any more."""
    was = _changeable(unit, actor, entry_id, version)
    if not why.strip():
        raise Invalid(field="why", reason="say why it is withdrawn")
    entry = replace(was, state=State.ended.value, edition=was.edition + 1, changed_at=unit.now)
    return _save(unit, actor, replace(entry, changed_by=actor.person), was, why)


def _changeable(unit: Unit, actor: Actor, entry_id: Id, version: int) -> Entry:
    entry = store.get_entry(unit, entry_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, entry.division, orgs=entry.orgs)
    if entry.version != version:
        raise StaleWrite(about=str(entry_id))
    if entry.state == State.ended:
        raise EntryEnded()
    return entry


def _checked(unit: Unit, actor: Actor, content: Content) -> Content:
    """An entry of an organisation that is there, for an area and class that are there, within the actor's reach."""
    told = model.checked(content)
    owner = org_service.get_orgs(unit, actor, [told.owner]).get(told.owner)
    if owner is None or not owner.active:
        raise NotFound(what=str(told.owner))
    if told.division not in places.division_names(unit, {told.division}) and actor.kind != "system":
        raise NotFound(what=told.division)
    if told.code:
        matter_service.class_in_force(unit, actor, told.tree, told.code)
    access.require(actor, MANAGE, told.division, orgs=(told.owner,))
    return told


def _save(unit: Unit, actor: Actor, entry: Entry, was: Entry, why: str) -> Entry:
    store.save_entry(unit, entry, was, model.keys_of(entry))
    _keep_edition(unit, actor, entry, why)
    unit.tell(
        KnowledgeChanged(
            about=entry.id, edition=entry.edition, state=entry.state, division=entry.division, orgs=list(entry.orgs)
        )
    )
    return replace(entry, version=was.version + 1)


def _keep_edition(unit: Unit, actor: Actor, entry: Entry, why: str) -> None:
    said = {name: getattr(entry, name) for name in Content.__dataclass_fields__}
    new = Edition(
        id=ids.new("kne"),
        entry=entry.id,
        no=entry.edition,
        state=entry.state,
        why=" ".join(why.split())[:500],
        at=unit.now,
        person=actor.person,
        by_name=actor.name,
        **said,
    )
    store.add_edition(unit, new)
    unit.tell(
        EntryTold(
            edition_id=new.id,
            entry_id=new.entry,
            no=new.no,
            state=new.state,
            owner=new.owner,
            division=new.division,
            valid_to=new.valid_to,
            at=new.at,
        )
    )


def _tell_correction(unit: Unit, one: Correction, version: int) -> None:
    """The row as it stands, for read models."""
    unit.tell(
        CorrectionTold(
            correction_id=one.id,
            version=version,
            entry_id=one.entry,
            org=one.orgs[0] if one.orgs else None,
            division=one.division,
            state=one.state,
            raised_at=one.raised_at,
            due_at=one.due_at,
            answered_at=one.answered_at,
        )
    )


# --- finding ----------------------------------------------------------------------------------------------------


def search(
    unit: Unit, actor: Actor, text: str, division: str = "", tree: str = "", code: str = "", most: int = 0
) -> list[Found]:
    """Entries in force that fit what was typed, the likeliest first. With a class named, entries of it come up too."""
    rules = settings.get(KnowledgeSettings)
    groups = [group.words for group in store.list_synonyms(unit, seen_by=actor)]
    question = model.asked(text, groups)
    rows = store.search_entries(unit, question.grams, question.letters, numbers.today(unit), seen_by=actor)
    found = []
    for entry, head, grams, spelt in rows:
        likeness = 0.9 if spelt else model.score(question, head, grams)
        if code and entry.tree == tree and entry.code and code.startswith(entry.code):
            likeness = min(1.0, likeness + 0.15)
        if likeness >= rules.least_score:
            found.append(Found(entry, likeness))
    used = store.tallies(unit, [one.entry.id for one in found], seen_by=actor)
    counted = [replace(one, uses=used.get(one.entry.id, Tally()).uses) for one in found]
    return model.ranked(counted, division, most or rules.found_most)


def tallies_of(unit: Unit, actor: Actor, entries: Sequence[Entry]) -> dict[Id, Tally]:
    """How often each answered a call."""
    return store.tallies(unit, [entry.id for entry in entries], seen_by=actor)


def note_uses(unit: Unit, actor: Actor, entries: Sequence[Id]) -> None:
    """A call was answered from these entries. ``NotFound`` for one that the actor may not see."""
    there = store.find_entries(unit, entries, seen_by=actor)
    for entry_id in entries:
        if entry_id not in there:
            raise NotFound(what=str(entry_id))
    store.count_uses(unit, list(entries))


@lru_cache(maxsize=1)
def names_told() -> tuple[str, ...]:
    """How names announce themselves, as patterns."""
    text = (resources.files("gangmu.core.knowledge") / "data" / "persons.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["names"])


def note_gap(unit: Unit, actor: Actor, text: str) -> None:
    """A search that nothing answered, kept without persons: for whoever writes the missing entry."""
    words = model.without_persons(text, settings.get(KnowledgeSettings).gap_characters, names_told())
    if len(fold(words)) < 2:
        return
    new = Gap(ids.new("kng"), words, actor.division, 1, unit.now, unit.now, "open", None, "")
    store.note_gap(unit, new)


def list_gaps(unit: Unit, actor: Actor, at: Page) -> Paged[Gap]:
    return store.list_gaps(unit, at, seen_by=actor)


def close_gap(unit: Unit, actor: Actor, gap_id: Id, entry: Id | None, reason: str) -> Gap:
    """The gap was filled by an entry, or is none (with the reason)."""
    was = store.get_gap(unit, gap_id, seen_by=actor)
    if entry is None and not reason.strip():
        raise Invalid(field="reason", reason="name the entry or say why none is needed")
    if entry is not None:
        store.get_entry(unit, entry, seen_by=actor)
    done = replace(was, state="closed", entry=entry, reason=reason.strip()[:500])
    store.save_gap(unit, done, was)
    return done


# --- corrections ------------------------------------------------------------------------------------------------


def raise_correction(unit: Unit, actor: Actor, entry_id: Id, text: str) -> Correction:
    """Say what is wrong with an entry. Its owner gets it, with a clock."""
    entry = store.get_entry(unit, entry_id, seen_by=actor)
    if not fold(text):
        raise Invalid(field="text", reason="say what is wrong")
    new = Correction(
        id=ids.new("knc"),
        entry=entry.id,
        edition=entry.edition,
        text=text.strip()[:2000],
        division=entry.division,
        orgs=entry.orgs,
        raised_by=actor.person,
        raised_post=actor.post,
        raised_at=unit.now,
        due_at=numbers.due_after(unit, "knowledge.correction_limit", unit.now),
        state=CorrectionState.open.value,
        reason="",
        answered_by=None,
        answered_at=None,
        new_edition=None,
    )
    store.add_correction(unit, new)
    _tell_correction(unit, new, new.version)
    unit.tell(CorrectionRaised(about=new.id, entry=entry.id, division=entry.division, orgs=list(entry.orgs)))
    return new


def list_corrections(unit: Unit, actor: Actor, at: Page, open_only: bool) -> Paged[Correction]:
    """What an owner must answer and what one asked oneself."""
    return store.list_corrections(unit, at, open_only, seen_by=actor)


def answer_correction(
    unit: Unit, actor: Actor, correction_id: Id, reason: str, content: Content | None = None, version: int = 0
) -> Correction:
    """The owner answers: with a new edition, or with the reason why none is needed."""
    was = store.get_correction(unit, correction_id, seen_by=actor, lock=True)
    access.require(actor, MANAGE, was.division, orgs=was.orgs)
    if not was.is_open:
        raise CorrectionAnswered()
    if not reason.strip():
        raise Invalid(field="reason", reason="say what was changed, or why not")
    new_edition = None
    if content is not None:
        new_edition = change_entry(unit, actor, was.entry, content, version, reason).edition
    settled = replace(
        was,
        state=(CorrectionState.refused if content is None else CorrectionState.changed).value,
        reason=reason.strip()[:2000],
        answered_by=actor.person,
        answered_at=unit.now,
        new_edition=new_edition,
    )
    store.save_correction(unit, settled, was)
    _tell_correction(unit, settled, was.version + 1)
    unit.tell(
        CorrectionSettled(
            about=was.id, entry=was.entry, state=settled.state, division=was.division, orgs=list(was.orgs)
        )
    )
    return settled


# --- words of one meaning ---------------------------------------------------------------------------------------


def list_synonyms(unit: Unit, actor: Actor) -> list[Synonyms]:
    return store.list_synonyms(unit, seen_by=actor)


def add_synonyms(unit: Unit, actor: Actor, words: Sequence[str], source: str) -> Synonyms:
    """Words that callers use for the same thing."""
    plain = tuple(dict.fromkeys(fold(word)[:40] for word in words if fold(word)))
    if len(plain) < 2:
        raise Invalid(field="words", reason="at least two different words")
    new = Synonyms(ids.new("kns"), plain, source.strip()[:200])
    store.add_synonyms(unit, new)
    return new


def drop_synonyms(unit: Unit, actor: Actor, group_id: Id) -> None:
    store.drop_synonyms(unit, store.get_synonyms(unit, group_id, seen_by=actor))


@access.thing("kno")
def locate(unit: Unit, entry_id: Id) -> access.Located:
    """Where an entry stands, for ``gangmu why``."""
    entry = store.get_entry(unit, entry_id, seen_by=System("access.why"))
    return access.Located(entry.division, entry.orgs)
