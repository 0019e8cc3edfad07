"""Answers end with the words of their matter."""

from collections.abc import Sequence

from gangmu.core.notify import store
from gangmu.kit import keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due
from gangmu.kit.unit import Unit


def erase_answers(unit: Unit, matters: Sequence[Due]) -> None:
    store.blank_of(unit, [Id(one.subject) for one in matters])


def answers_left(unit: Unit, matters: Sequence[Due]) -> dict[str, str]:
    return {str(one): "answer" for one in store.worded_of(unit, [Id(one.subject) for one in matters])}


keeping.also("matter_text", erase_answers, answers_left)
