"""A leader's instruction (批示): what shall be done, by whom, until when; read, answered, chased when late."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gangmu.core.instruct.errors import InstructionOver
from gangmu.kit.errors import Invalid
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full


class State(StrEnum):
    open = "open"
    answered = "answered"  # 已答复
    withdrawn = "withdrawn"  # 已撤回


@dataclass(frozen=True, slots=True)
class Instruction:
    """What ``person`` in ``post`` wants of ``to_org`` (in it of ``to_post``, when one is named). ``read_at`` and
    ``answered_at`` are the receipt; ``chased`` counts the reminders of a late one. ``division`` is the area of all its
    events; ``orgs`` and ``people`` say who may see it besides those of that area."""

    id: Id
    text: str
    division: str
    orgs: tuple[Id, ...]
    people: tuple[Id, ...]
    to_org: Id
    to_post: Id | None
    person: Id | None
    post: Id | None
    by_name: str
    made_at: datetime
    due_at: datetime
    state: str
    read_at: datetime | None
    read_by: str
    answered_at: datetime | None
    answered_by: str
    answer: str
    chased: int
    chased_at: datetime | None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state == State.open

    def is_late(self, now: datetime) -> bool:
        """An open one is late from its date on, an answered one when the answer came later."""
        return (now if self.is_open else self.answered_at or self.due_at) > self.due_at


def checked_due(due_at: datetime | None, now: datetime, otherwise: datetime) -> datetime:
    """The date of an instruction: given and in the future, or the usual one."""
    if due_at is None:
        return otherwise
    if due_at <= now:
        raise Invalid(field="due_at", reason="lies in the past")
    return due_at


def common_division(codes: Iterable[str]) -> str:
    """The smallest division in which all of these lie, 12 digits."""
    rows = list(codes)
    for length in (12, 9, 6, 4, 2):
        heads = {code[:length] for code in rows}
        if len(heads) == 1:
            return division_full(heads.pop())
    return division_full("")


def read(one: Instruction, now: datetime, name: str) -> Instruction:
    """The receipt: the first who reads it is kept."""
    return one if one.read_at is not None or not one.is_open else replace(one, read_at=now, read_by=name)


def answer(one: Instruction, now: datetime, name: str, text: str) -> Instruction:
    """What came of it. Who answers has read it."""
    if not one.is_open:
        raise InstructionOver(about=str(one.id), state=one.state)
    if not text.strip():
        raise Invalid(field="text", reason="say what came of it")
    seen = read(one, now, name)
    return replace(seen, state=State.answered.value, answered_at=now, answered_by=name, answer=text.strip())


def withdraw(one: Instruction) -> Instruction:
    if not one.is_open:
        raise InstructionOver(about=str(one.id), state=one.state)
    return replace(one, state=State.withdrawn.value)


def chase(one: Instruction, now: datetime, most: int) -> Instruction | None:
    """One more reminder of a late one; None when there is nothing to chase (any more)."""
    if not one.is_open or not one.is_late(now) or one.chased >= most:
        return None
    return replace(one, chased=one.chased + 1, chased_at=now)
