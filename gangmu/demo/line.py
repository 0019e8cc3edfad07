"""Calls that run by themselves (自动话务): they ring at the seats of the simulated operators, are answered, closed on
the line or made an order, or missed and tried back. Facts come through the door of a telephone system, acts through
the operators' own sessions.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from gangmu.demo.client import Away, Client, Refused
from gangmu.demo.roster import Seat
from gangmu.kit.caller import Caller, NotThere

QUEUES = ("政务服务", "城市管理", "民生保障")
FIRST_SEAT = 811  # simulated seats; 801 and on are for the people who try the demo
GREETING = ("您好，请问", "你好，我想问一下，", "麻烦问一下，", "")

Json = Mapping[str, Any]
Later = Callable[[float, Callable[[], object]], None]


class Line:
    """The telephone system and its seats. ``later`` does something so many seconds of the city's time from now,
    ``order`` takes down at a call what a caller at a number wants done."""

    def __init__(
        self,
        address: str,
        token: str,
        seats: Sequence[Seat],
        client: Callable[[Seat], Client],
        later: Later,
        order: Callable[[Client, str, str], object],
        now: Callable[[], datetime],
        figures: Json,
        seed: int,
    ) -> None:
        self._address, self._token, self._client, self._later = address, token, client, later
        self._order, self._now, self._told = order, now, figures
        self._chance = Random(f"line {seed}")
        self._seats = {str(FIRST_SEAT + number): seat for number, seat in enumerate(seats)}
        self._sat: set[str] = set()
        self._nth = 0
        self.rung = self.closed = self.ordered = self.missed = 0

    def ring(self) -> None:
        """A call comes in; the rest of it follows by itself."""
        self._nth += 1
        number = f"1200000{self._chance.randrange(10_000):04d}"
        call = {"call_id": f"demo-{self._now():%Y%m%d%H%M%S}-{self._nth}", "number": number}
        call["queue"] = self._chance.choice(QUEUES)
        place = self._chance.choice(sorted(self._seats))
        self._sit(place)
        self._tell(call, "ring", seat=place)
        self.rung += 1
        if self._chance.random() < self._told["missed"]:
            self._later(self._chance.uniform(22, 40), lambda: self._miss(call, place))
        else:
            self._later(self._chance.uniform(3, 16), lambda: self._answer(call, place, number))

    def _sit(self, place: str) -> None:
        if place not in self._sat:
            self._client(self._seats[place]).put("/calls/seat", {"seat": place})
            self._sat.add(place)

    def _answer(self, call: Mapping[str, str], place: str, number: str) -> None:
        told = self._tell(call, "answer", seat=place)
        is_enquiry = self._chance.random() < self._told["on_line"]
        self._later(self._chance.uniform(25, 150), lambda: self._end(call, place, str(told["id"]), number, is_enquiry))

    def _end(self, call: Mapping[str, str], place: str, tel: str, number: str, is_enquiry: bool) -> None:
        client = self._client(self._seats[place])
        if is_enquiry:
            self._close(client, tel)
        else:
            self._order(client, tel, number)
            self.ordered += 1
        link = f"https://recordings.invalid/{call['call_id']}.wav"
        self._tell(call, "hang_up", seat=place, recording_url=link)

    def _close(self, client: Client, tel: str) -> None:
        """Answered from the knowledge base."""
        found = client.get("/knowledge", limit=60)["items"]
        entry = self._chance.choice(found) if found else None
        question = entry["question"] if entry else "营业时间"
        body = {
            "outcome": "answered",
            "kind": "enquiry",
            "text": f"{self._chance.choice(GREETING)}{question}？",
            "answer": "" if entry else "已告知办理地点和时间。",
            "entries": [entry["id"]] if entry else [],
        }
        client.post(f"/calls/{tel}/close", body)
        self.closed += 1

    def _miss(self, call: Mapping[str, str], place: str) -> None:
        self._tell(call, "missed", seat=place)
        self.missed += 1
        if self._chance.random() < self._told["tried_back"]:
            self._later(self._chance.uniform(200, 900), lambda: self._try_back(place))

    def _try_back(self, place: str) -> None:
        client = self._client(self._seats[place])
        waiting = client.get("/calls/missed", limit=5)["items"]
        if waiting:
            tried = client.post(f"/calls/missed/{waiting[0]['id']}/tries", {"reached": self._chance.random() < 0.6})
            if tried["call"]:
                self._close(client, str(tried["call"]["id"]))

    def _tell(self, call: Mapping[str, str], event: str, **more: str) -> Json:
        """A fact of the telephone system."""
        body = {**call, "event": event, "at": self._now().isoformat(), **more}
        try:
            with Caller(self._address) as line:
                answer = line.ask("POST", "/api/cti/calls", body, {"Authorization": f"Bearer {self._token}"})
        except NotThere as error:
            raise Away(str(error)) from error
        if answer.status != 200:
            raise Refused(answer.status, answer.code)
        return dict(answer.json)
