"""The duty list of the invented city (职责清单): who leads for which class where, made of what its organisations say
that they care for and of the responsible units that the catalogue names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gangmu.core import dispatch, matter
from gangmu.core.dispatch import DutyDraft
from gangmu.demo import speech
from gangmu.demo.people import FOUNDER, SOURCE, Settled
from gangmu.demo.roster import Office, Roster
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit

BASIS = "城市运行管理职责清单（演示）"
TOWN_BASIS = "乡镇（街道）履职事项清单（演示）"
_ABOVE = {"urban_event": "enforcement", "urban_component": "works", "hotline": "services"}


@dataclass(frozen=True, slots=True)
class Duties:
    """Whose duty a class is: an organisation of the city, or the town in which it happens."""

    staff: Roster
    settled: Settled

    def lead(self, tree: str, code: str, units: Sequence[str], division: str) -> Office:
        """Who leads for a class; ``units`` are the catalogue's words for the responsible units, first the leader."""
        found = self._by_request(code, division) if tree == "hotline" else self._by_units(units, division)
        return found or self._named(_ABOVE[tree])

    def assistants(self, tree: str, units: Sequence[str], lead: Office) -> tuple[Id, ...]:
        """The other units that the catalogue names, those of the city."""
        if tree == "hotline":
            return ()
        others = (self._of_word(word, "") for word in units)
        return tuple(dict.fromkeys(self.settled.orgs[one.key] for one in others if one and one.key != lead.key))[:2]

    def _by_units(self, units: Sequence[str], division: str) -> Office | None:
        return next((found for word in units if (found := self._of_word(word, division))), None)

    def _of_word(self, word: str, division: str) -> Office | None:
        fitting = (one for one in self.staff.offices if word in one.cares)
        return next((one for one in fitting if one.level == "city" or division.startswith(one.division)), None)

    def _by_request(self, code: str, division: str) -> Office | None:
        fitting = [
            (len(start), one.level == "town", one)
            for one in self.staff.offices
            for start in one.requests
            if code.startswith(start) and (one.level == "city" or division.startswith(one.division))
        ]
        return max(fitting, key=lambda item: item[:2])[2] if fitting else None

    def _named(self, key: str) -> Office:
        return next(one for one in self.staff.offices if one.key == key)


def write_duties(duties: Duties) -> None:
    """Rows for whole trees, and for every class that the city's people speak of."""
    with open_unit(FOUNDER, "write the duty list") as unit:
        for draft in _drafts(unit, duties):
            dispatch.add_duty(unit, FOUNDER, draft)


def _drafts(unit: Unit, duties: Duties) -> Iterator[DutyDraft]:
    city = next(one for one in duties.staff.offices if one.key == "gov").division
    towns = [one for one in duties.staff.offices if one.level == "town" and one.cares]
    for tree, key in _ABOVE.items():
        yield _draft(duties, tree, "", city, "city", duties.settled.orgs[key], (), BASIS, False)
    for tree, code, units in classes(unit):
        if _is_towns(duties, tree, code, units, towns):
            for town in towns:
                yield _draft(
                    duties, tree, code, town.division, "town", duties.settled.orgs[town.key], (), TOWN_BASIS, True
                )
            continue
        lead = duties.lead(tree, code, units, "")
        others = duties.assistants(tree, units, lead)
        yield _draft(duties, tree, code, city, "city", duties.settled.orgs[lead.key], others, BASIS, True)


def _is_towns(duties: Duties, tree: str, code: str, units: Sequence[str], towns: Sequence[Office]) -> bool:
    return duties.lead(tree, code, units, towns[0].division).level == "town"


def _draft(
    duties: Duties,
    tree: str,
    code: str,
    division: str,
    level: str,
    lead: Id,
    others: tuple[Id, ...],
    basis: str,
    sure: bool,
) -> DutyDraft:
    return DutyDraft(tree, code, division, level, lead, others, False, SOURCE, basis, sure)


def classes(unit: Unit) -> list[tuple[str, str, tuple[str, ...]]]:
    """The classes that people speak of, with the words for their responsible units."""
    found = []
    for row in speech.book()["matter"]:
        known = matter.find_class(unit, FOUNDER, row["tree"], row["code"])
        assert known is not None, (row["tree"], row["code"])
        found.append((row["tree"], row["code"], units_of(matter.conditions_for(unit, FOUNDER, known.id))))
    return found


def units_of(conditions: Sequence[matter.Condition]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for row in conditions for word in row.units))
