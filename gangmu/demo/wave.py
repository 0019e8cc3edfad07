"""The matter of which the whole town speaks (舆情热点): many calls from one neighbourhood, some callers again and
again, until a leader writes an instruction.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

from gangmu.demo.speech import Incident, Talk


class Wave:
    """The scandal's runs. One run is one true matter."""

    def __init__(self, talk: Talk, told: Mapping[str, Any], seed: int) -> None:
        self._talk, self._told, self._seed = talk, told, seed
        self._callers: dict[int, list[tuple[str, str]]] = {}
        self._events: dict[int, list[str]] = {}
        self._instructed: set[int] = set()

    def name(self, run: int) -> str:
        return f"{self._told['id']}-{run}"

    def incident(self, run: int, hour: int) -> Incident:
        """Somebody of the neighbourhood calls about it."""
        chance, told = self._talk.chance, self._told
        middle = self._talk.anywhere(Random(f"wave {self._seed} {run}"))
        where = chance.choice(self._talk.near(middle, told["within_m"]) or [middle])
        known = self._callers.setdefault(run, [])
        caller = chance.choice(known) if known and chance.random() < told["again"] else None
        said = self._talk.about(
            told["told"], told["tree"], told["code"], where, hour,
            matter=f"hot-{self.name(run)}", hotspot=self.name(run), caller=caller,
        )  # fmt: skip
        if caller is None and said.phone:
            known.append((said.name, said.phone))
        return said

    def took(self, run: int, event: str) -> list[str]:
        """An event came of a call. Once there are enough of them, those about which a leader writes."""
        events = self._events.setdefault(run, [])
        if event not in events:
            events.append(event)
        if run in self._instructed or len(events) < self._told["instruct_after"]:
            return []
        self._instructed.add(run)
        return events[:50]
