"""The knowledge base (知识库) of the hotline: entries that a call is answered from, and how they are found.

An entry has an owner who answers for it, a source, a legal basis, an area and a span of days. A change makes a new
edition and keeps the old one. A search forgives: parts of words, words that mean the same, the initials of the
syllables, and characters that sound alike (what an input method gets wrong).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import bigrams, division_full, division_prefix, fold, pinyin_initials, pinyin_key

LONGEST_QUESTION, LONGEST_ANSWER = 300, 8000
VARIANTS_MOST = 8
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_NUMBERS = re.compile(r"[0-9０-９][0-9０-９\-\s]{2,}")
_ADDRESSES = re.compile(r"[^\s@]+@[^\s@]+")


class State(StrEnum):
    draft = "draft"  # 草稿
    in_force = "in_force"  # 生效
    ended = "ended"  # 停用


class Standing(StrEnum):
    """How an entry stands on a day."""

    draft = "draft"
    coming = "coming"  # 未到生效日
    in_force = "in_force"
    expired = "expired"  # 已过期
    ended = "ended"


@dataclass(frozen=True, slots=True)
class Content:
    """What an edition says. ``answer`` is for the caller, ``note`` for those who work here; ``tree`` and ``code`` name
    the class of matter; ``division`` (12 digits) the area for which it holds; ``valid_to`` is the first day on which it
    no longer does."""

    question: str
    answer: str
    owner: Id
    division: str
    note: str = ""
    words: tuple[str, ...] = ()
    tree: str = ""
    code: str = ""
    source: str = ""
    basis: str = ""
    verified: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its newest edition says it."""

    id: Id
    state: str
    edition: int
    question: str
    answer: str
    note: str
    words: tuple[str, ...]
    tree: str
    code: str
    owner: Id
    orgs: tuple[Id, ...]
    division: str
    source: str
    basis: str
    verified: bool
    valid_from: date
    valid_to: date | None
    changed_at: datetime
    changed_by: Id | None
    version: int = 1

    def standing(self, day: date) -> Standing:
        if self.state != State.in_force:
            return Standing(self.state)
        if day < self.valid_from:
            return Standing.coming
        return Standing.expired if self.valid_to is not None and self.valid_to <= day else Standing.in_force

    def expires_within(self, day: date, days: int) -> bool:
        """In force, but not for much longer."""
        soon = self.valid_to is not None and self.valid_to <= day + timedelta(days=days)
        return self.standing(day) is Standing.in_force and soon


@dataclass(frozen=True, slots=True)
class Edition:
    """What an entry said from a moment on, and why it was changed."""

    id: Id
    entry: Id
    no: int
    state: str
    question: str
    answer: str
    note: str
    words: tuple[str, ...]
    tree: str
    code: str
    owner: Id
    division: str
    source: str
    basis: str
    verified: bool
    valid_from: date
    valid_to: date | None
    why: str
    at: datetime
    person: Id | None
    by_name: str


def checked(content: Content) -> Content:
    """Refuse what is no entry; tidy the rest."""
    question, answer = " ".join(content.question.split()), content.answer.strip()
    if not fold(question) or len(question) > LONGEST_QUESTION:
        raise Invalid(field="question", reason=f"1 to {LONGEST_QUESTION} characters")
    if not fold(answer) or len(answer) > LONGEST_ANSWER:
        raise Invalid(field="answer", reason=f"1 to {LONGEST_ANSWER} characters")
    if content.valid_from and content.valid_to and content.valid_to <= content.valid_from:
        raise Invalid(field="valid_to", reason="ends before it begins")
    if content.code and not content.tree:
        raise Invalid(field="tree", reason="a code belongs to a tree")
    words = tuple(dict.fromkeys(fold(word)[:40] for word in content.words if fold(word)))[:30]
    return replace(content, question=question, answer=answer, words=words, division=division_full(content.division))


def opened(entry_id: Id, content: Content, now: datetime, day: date, person: Id | None, publish: bool) -> Entry:
    """A new entry: a draft, or at once in force."""
    return Entry(
        id=entry_id,
        state=(State.in_force if publish else State.draft).value,
        edition=1,
        orgs=(content.owner,),
        changed_at=now,
        changed_by=person,
        **{**_said(content), "valid_from": content.valid_from or day},
    )


def changed(was: Entry, content: Content, now: datetime, person: Id | None) -> Entry:
    """The next edition. It holds from the day of the former one unless it names another."""
    said = {**_said(content), "valid_from": content.valid_from or was.valid_from}
    return replace(was, edition=was.edition + 1, orgs=(content.owner,), changed_at=now, changed_by=person, **said)


def _said(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in Content.__dataclass_fields__}


# --- corrections ------------------------------------------------------------------------------------------------


class CorrectionState(StrEnum):
    open = "open"
    changed = "changed"  # 已按意见修订
    refused = "refused"  # 说明理由不改


@dataclass(frozen=True, slots=True)
class Correction:
    """Somebody says that an entry is wrong (纠错); its owner answers with a new edition or a reason by ``due_at``."""

    id: Id
    entry: Id
    edition: int
    text: str
    division: str
    orgs: tuple[Id, ...]
    raised_by: Id | None
    raised_post: Id | None
    raised_at: datetime
    due_at: datetime | None
    state: str
    reason: str
    answered_by: Id | None
    answered_at: datetime | None
    new_edition: int | None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == CorrectionState.open

    def is_late(self, now: datetime) -> bool:
        """Answered late, or open beyond its limit."""
        return self.due_at is not None and (self.answered_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Gap:
    """What was searched and not found, without personal data: how often, last when, and what became of it."""

    id: Id
    words: str
    division: str
    times: int
    first_at: datetime
    last_at: datetime
    state: str
    entry: Id | None
    reason: str
    version: int = 1


def without_persons(text: str, most: int, names: Iterable[str]) -> str:
    """A search as it may be kept: numbers, mail addresses and names that announce themselves (``names``: how they do)
    are taken out, the rest cut short."""
    plain = fold(text)
    for pattern in (_ADDRESSES, _NUMBERS, *map(re.compile, names)):
        plain = pattern.sub(" ", plain)
    return " ".join(plain.split())[:most].strip()


# --- finding ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keys:
    """What an entry is found by: ``head`` the grams and sounds of its question and words, ``grams`` those and the grams
    of its answer, ``initials`` first letters of the syllables."""

    head: tuple[str, ...]
    grams: tuple[str, ...]
    initials: str


def keys_of(entry: Entry) -> Keys:
    shown = " ".join([entry.question, *entry.words])
    head = {*bigrams(shown), *sounds(shown)}
    letters = " ".join(pinyin_initials(text) for text in (entry.question, *entry.words))
    return Keys(tuple(sorted(head)), tuple(sorted(head | set(bigrams(entry.answer[:2000])))), letters)


def sounds(text: str) -> list[str]:
    """Pairs of neighbouring syllables without tone, so that 公鸡金 finds 公积金."""
    found: set[str] = set()
    for run in _HAN.findall(fold(text)):
        found.update(f"{one}-{other}" for one, other in pairwise(pinyin_key(run).split()))
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: each variant is what was typed with words replaced by ones of the same meaning."""

    variants: tuple[tuple[frozenset[str], frozenset[str]], ...]
    letters: str = ""

    @property
    def grams(self) -> tuple[str, ...]:
        return tuple(sorted({gram for plain, heard in self.variants for gram in plain | heard}))


def asked(text: str, synonyms: Iterable[Sequence[str]] = ()) -> Asked:
    """Read a search: its grams, those of its variants, and letters that may be initials."""
    plain = fold(text)[:200]
    variants = [plain]
    for group in synonyms:
        for word in sorted(group, key=len, reverse=True):
            if word and word in plain:
                variants += [plain.replace(word, other) for other in group if other not in plain]
                break
    kept = list(dict.fromkeys(variants))[:VARIANTS_MOST]
    letters = plain if plain.isascii() and plain.isalpha() and 2 <= len(plain) <= 12 else ""
    return Asked(tuple((frozenset(bigrams(one)), frozenset(sounds(one))) for one in kept), letters)


def score(question: Asked, head: Iterable[str], grams: Iterable[str]) -> float:
    """How well an entry fits, 0 to 1: words in its question count most, then in its answer, then what sounds alike."""
    at_head, anywhere = frozenset(head), frozenset(grams)
    best = 0.0
    for plain, heard in question.variants:
        wanted = plain or heard
        if not wanted:
            continue
        told = len(plain & at_head) / len(plain) if plain else 0.0
        said = len(plain & anywhere) / len(plain) if plain else 0.0
        sound = len(heard & at_head) / len(heard) if heard else told
        best = max(best, 0.65 * max(told, 0.8 * sound) + 0.25 * said + 0.10 * sound)
    return round(min(best, 1.0), 3)


def fits_place(entry_division: str, where: str) -> int:
    """How closely the entry's area lies around a place: the digits shared when it covers it, -1 when it speaks of
    another area."""
    prefix = division_prefix(entry_division)
    if not where or where.startswith(prefix):
        return len(prefix)
    return 0 if prefix.startswith(division_prefix(where)) else -1


def ancestors(division: str) -> tuple[str, ...]:
    """The divisions that a place lies in, itself included, as rows carry them."""
    whole = division_full(division)
    return tuple(dict.fromkeys(division_full(whole[:length]) for length in (2, 4, 6, 9, 12)))


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that fits a search, and how well."""

    entry: Entry
    score: float
    uses: int = 0
    fits: bool = True


def ranked(found: Iterable[Found], where: str, most: int) -> list[Found]:
    """The likeliest first: what speaks of another area last; among equals the closer area, then the more used."""
    placed = [replace(one, fits=fits_place(one.entry.division, where) >= 0) for one in found]
    order = sorted(
        placed,
        key=lambda one: (
            not one.fits,
            -round(one.score, 1),
            -fits_place(one.entry.division, where),
            -one.uses,
            one.entry.id,
        ),
    )
    return order[:most]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the service as data (call-back limit, tries, days): ``kind`` limit or count, with its source."""

    id: Id
    key: str
    kind: str
    value: str
    source: str
    region: str
    verified: bool
    note: str
    valid_from: date
    valid_to: date | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Words that mean the same to callers."""

    id: Id
    words: tuple[str, ...]
    source: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an entry answered a call."""

    uses: int = 0
    last_at: datetime | None = None
    marks: tuple[str, ...] = field(default=())
