"""The life of the demo city (城市模拟): callers, patrols, machines, clerks and departments that keep on working, a
telephone line and an upper platform beside them, in the shape of days, storms and a scandal.

Each simulated person has an account and works over the public HTTP API with a session of his own, at his hours. Part
of what comes in is left for the people who try the demo, and what they work on is not touched. ``Life`` runs in a
thread of its own; ``stop`` ends it and signs everybody out.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any
from zlib import crc32

from gangmu.demo import hurry, photo
from gangmu.demo.choices import choose
from gangmu.demo.client import Away, Client, Refused
from gangmu.demo.foreign import Upper, order_of
from gangmu.demo.giving import Giver, suggested
from gangmu.demo.hurry import BEAT_S
from gangmu.demo.line import Line
from gangmu.demo.roster import PASSWORD, Roster, Seat
from gangmu.demo.script import FIELD, OFFICE, ZONE
from gangmu.demo.shape import Present, Shape, figures
from gangmu.demo.speech import Incident, Talk
from gangmu.demo.terrain import Terrain
from gangmu.demo.truth import Truth
from gangmu.demo.wave import Wave
from gangmu.kit import clock, fence
from gangmu.kit.log import log

HANDS_OFF = timedelta(hours=1)
LEFT_FOR_PEOPLE = timedelta(hours=8)
IN_HAND_AFTER_S = (45, 600)
LOOKERS = 4  # how many of a role look into their list until one has something to do
WORKING = {
    "clerk": 5, "shift_leader": 5, "dispatcher": 5, "dept_lead": 7, "handler": 7, "patrol": 4, "grid_worker": 1,
    "hotline_operator": 3, "call_back": 3, "town_officer": 2, "supervisor": 1,
}  # fmt: skip
_AT_WORK = {"dept_lead": "lead", "town_officer": "lead", "supervisor": "supervisor", "handler": "handler",
            "patrol": "handler", "grid_worker": "handler"}  # fmt: skip

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pace:
    """How much happens: 1 is a small city's daytime, 10 ten times as much, 0 nothing by itself. ``clock`` is how fast
    the city's own time runs."""

    speed: float = 1.0
    clock: float = 1.0

    def wait(self, chance: Random, every_s: float, rate: float) -> float:
        """Real seconds until the next time something of this kind happens, at random, at a rate of the usual."""
        if self.speed <= 0:
            return float("inf")
        return min(chance.expovariate(1.0) * every_s / (max(rate, 0.01) * self.speed), 3600.0) / self.clock


class Life:
    """The simulated people of a city at one address. ``open_account`` opens the account of a seat when somebody comes
    to work for the first time."""

    def __init__(
        self,
        address: str,
        land: Terrain,
        staff: Roster,
        *,
        seed: int = 1,
        pace: Pace | None = None,
        open_account: Callable[[Seat], None] = lambda seat: None,
        now: Callable[[], datetime] = clock.now,
        is_working: Callable[[date], bool] = lambda day: day.weekday() < 5,
        truth: Truth | None = None,
        token: str = "",
        upper: Callable[[Callable[[], Mapping[str, str]]], Upper] | None = None,
    ) -> None:
        self._address, self._staff, self._pace, self._now = address, staff, pace or Pace(), now
        self._open_account = open_account
        self._talk = Talk(land.addresses, seed * 1009 + 1)
        self._chance = Random(f"life {seed}")
        self._logins = {seat.person for seat in staff.logins}
        self._giver = Giver(self._chance, self._logins, self._photo, self._now)
        self._clients: dict[str, Client] = {}
        self._told: list[Incident] = []
        self._matters: dict[tuple[str, str], str] = {}
        self._truth = truth or Truth(None)
        told = figures()
        self._every: Mapping[str, float] = told["every_s"]
        self._told_of = told
        self._shape = Shape(seed, is_working)
        self._is_working = is_working
        self._wave = Wave(self._talk, told["scandal"], seed)
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        seats = self._seats("hotline_operator")
        self.line = (
            Line(address, token, seats, self._client, self._later, self._order, self._now, told, seed)
            if token
            else None
        )
        self.upper = upper(self._upper_order) if upper else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="demo life", daemon=True)
        self.reported = self.acted = self.refused = 0

    def start(self) -> None:
        if self.upper is not None:
            self.upper.start()
        self._thread.start()

    def stop(self, wait_s: float = 10.0) -> None:
        """End it; returns when everybody has gone home."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)
        if self.upper is not None:
            self.upper.stop()
        if clock.is_virtual():
            fence.run("demo clock", hurry.stop)

    # --- the day -----------------------------------------------------------------------------------------

    def _live(self) -> None:
        doing: dict[str, Callable[[], object]] = {"act": self.act_once, "report": self.report_once}
        if self.line is not None:
            doing["call"] = self.line.ring
        if self.upper is not None:
            doing["order"] = self.upper.issue
        started = clock.monotonic()
        following = {what: started + 4.0 + 2.0 * number for number, what in enumerate(doing)}
        beaten = started
        while not self._stop.is_set():
            tick = clock.monotonic()
            if tick - beaten >= BEAT_S:
                beaten = tick
                self._try("beat", self._beat)
            what = min(following, key=lambda one: following[one])
            if self._due and self._due[0][0] <= min(tick, following[what]):
                self._try("call", heappop(self._due)[2])
            elif tick >= following[what]:
                self._try(what, doing[what])
                rate = self._shape.present(self._now()).rate
                following[what] = tick + self._pace.wait(self._chance, self._every[what], rate)
            else:
                soonest = min(following[what], self._due[0][0] if self._due else tick + 5.0, tick + 5.0)
                self._stop.wait(max(soonest - tick, 0.001))
        for client in self._clients.values():
            fence.run("demo sign-out", client.leave)

    def _beat(self) -> None:
        if self._pace.clock != 1.0 or clock.is_virtual():
            hurry.beat(self._pace.clock)
        if self.upper is not None:
            self.upper.keep()

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
        """Do something so many seconds of the city's time from now."""
        when = clock.monotonic() + seconds / (self._pace.clock * max(self._pace.speed, 0.1))
        heappush(self._due, (when, next(self._numbers), call))

    def _try(self, what: str, call: Callable[[], object]) -> None:
        done = fence.run(f"demo {what}", call)
        if done.ok:
            return
        if isinstance(done.error, Away):
            self._stop.wait(5.0)
        elif isinstance(done.error, Refused):
            self.refused += 1
            log.debug("demo was refused", what=what, status=done.error.status, code=done.error.code)
        else:
            log.warning("demo stumbled", what=what, exc_info=done.error)
            self._stop.wait(5.0)

    def _hour(self) -> int:
        return self._now().astimezone(ZONE).hour

    def _is_at_work(self, role: str) -> bool:
        who, local = _AT_WORK.get(role, "centre"), self._now().astimezone(ZONE)
        if who in FIELD:
            return 7 <= local.hour < 21
        return (who not in OFFICE and who != "lead") or (8 <= local.hour < 18 and self._is_working(local.date()))

    def _client(self, seat: Seat) -> Client:
        client = self._clients.get(seat.username)
        if client is None:
            self._open_account(seat)
            client = self._clients[seat.username] = Client(self._address, seat.username, PASSWORD)
        return client

    def _seats(self, role: str) -> list[Seat]:
        return [seat for seat in self._staff.of(role) if not seat.login]

    # --- reports -----------------------------------------------------------------------------------------

    def report_once(self) -> Json:
        """Somebody reports something; one in eight times it is a matter that another has reported just before."""
        now = self._now()
        present = self._shape.present(now)
        incident, run = self._next(present)
        client = self._client(self._taker(incident))
        answer = client.post("/reports", self._body(client, incident))
        self.reported += 1
        self._truth.tell(answer["report"]["id"], incident, now.isoformat())
        if run is not None and answer["event"]:
            self._instruct(self._wave.took(run, answer["event"]["id"]))
        return answer

    def _next(self, present: Present) -> tuple[Incident, int | None]:
        """What is reported now, and which run of the scandal it belongs to."""
        hour, told = self._hour(), self._told_of
        if present.scandal is not None and self._chance.random() < told["scandal"]["share"]:
            return self._wave.incident(present.scandal, hour), present.scandal
        if self._told and self._chance.random() < told["twins"]:
            return self._talk.again(self._chance.choice(self._told[-12:]), hour), None
        voice = "" if 7 <= hour < 21 or present.storm == "storm" else "told"
        louder, seldom = present.louder, 0.0 if present.storm == "storm" else told["seldom"]
        incident = self._talk.incident(voice, hour, louder=louder, rare=seldom)
        said = told["storm"]["told"].get(f"{incident.tree}/{incident.code}", ())
        if present.storm == "storm" and said and incident.voice == "told":
            where = next(one for one in self._talk.addresses if one["address"] == incident.address)
            incident = self._talk.about(said, incident.tree, incident.code, where, hour, matter=incident.matter)
        self._told = [*self._told[-40:], incident]
        return incident, None

    def _instruct(self, events: Sequence[str]) -> None:
        """A leader writes to whom the matter belongs, once there is enough talk of it."""
        if not events:
            return
        seats = self._seats("leader")
        if not seats:
            return
        client = self._client(seats[0])
        event = client.get(f"/events/{events[0]}")
        org = event["lead_org"] or suggested(client, event) or next(iter(event["orgs"]), None)
        if org:
            told = {"text": self._told_of["scandal"]["instruction"], "events": list(events), "to_org": org}
            client.post("/instructions", told)

    def _order(self, client: Client, tel: str, number: str) -> None:
        """What a caller at a number wants done, as an operator takes it down; some tell what was told before."""
        now, before = self._now(), [one for one in self._told[-12:] if one.voice == "told"]
        if before and self._chance.random() < self._told_of["twins"]:
            incident = self._talk.again(self._chance.choice(before), self._hour())
        else:
            incident = self._talk.incident("told", self._hour(), louder=self._shape.present(now).louder)
            self._told = [*self._told[-40:], incident]
        body = {**self._body(client, incident), "channel": "hotline12345"}
        body["reporter"] = {"name": incident.name or "来电人", "phone": number}
        answer = client.post(f"/calls/{tel}/order", body)
        self._truth.tell(answer["report"]["id"], incident, now.isoformat())

    def _upper_order(self) -> Mapping[str, str]:
        return order_of(self._talk.incident("told", self._hour(), rare=self._told_of["seldom"]))

    def _taker(self, incident: Incident) -> Seat:
        if incident.voice == "told":
            return self._chance.choice(self._seats("hotline_operator"))
        if incident.channel == "patrol":
            return self._near("patrol", incident.division[:9])
        if incident.channel == "grid":
            return self._near("grid_worker", incident.division)
        return self._chance.choice(self._seats("clerk"))

    def _near(self, role: str, division: str) -> Seat:
        """Who walks there; where that is an account of the demo, a clerk takes it down."""
        found = [seat for seat in self._seats(role) if seat.division == division]
        return found[0] if found else self._chance.choice(self._seats("clerk"))

    def _body(self, client: Client, incident: Incident) -> dict[str, Any]:
        now = self._now()
        shown = []
        if incident.voice != "told":
            shown = [self._photo(client, incident.address, now, incident.lon, incident.lat, clean=False)]
        return {
            "channel": incident.channel, "kind": incident.kind, "title": incident.title, "text": incident.text,
            "happened_at": (now - timedelta(minutes=self._chance.uniform(1, 20))).isoformat(),
            "address": incident.address, "lon": incident.lon, "lat": incident.lat, "crs": "CGCS2000",
            "matter_id": self._matter(client, incident),
            "reporter": {"name": incident.name, "phone": incident.phone, "anonymous": incident.anonymous,
                         "confidential": incident.confidential},
            "consent": bool(incident.phone), "want_reply": incident.voice == "told" and not incident.anonymous,
            "flow": "hotline_order" if incident.voice == "told" else "urban_case", "attachments": shown,
        }  # fmt: skip

    def _matter(self, client: Client, incident: Incident) -> str | None:
        key = (incident.tree, incident.code)
        if key not in self._matters:
            found = client.get("/matter/classes", tree=incident.tree, q=incident.code)["items"]
            self._matters |= {(row["tree"], row["code"]): row["id"] for row in found}
        return self._matters.get(key)

    def _photo(
        self, client: Client, place: str, at: datetime, lon: float | None, lat: float | None, *, clean: bool
    ) -> str:
        local = at.astimezone(ZONE)
        seed = f"{place} {self._chance.randrange(10**9)}"
        taken = photo.shot(seed, local, clean=clean, caption="demo", lon=lon, lat=lat)
        return client.upload(taken, f"{local:%m%d-%H%M%S}.jpg")

    # --- work --------------------------------------------------------------------------------------------

    def act_once(self) -> Json | None:
        """Somebody at work takes one matter of his list a step further. None when there is nothing to do for those who
        look."""
        roles = [role for role in WORKING if self._is_at_work(role) and self._seats(role)]
        role = self._chance.choices(roles, [WORKING[name] for name in roles])[0]
        seats = self._seats(role)
        for seat in self._chance.sample(seats, min(LOOKERS, len(seats))):
            acted = self._act_as(seat)
            if acted is not None:
                self.acted += 1
                return acted
        return None

    def _act_as(self, seat: Seat) -> Json | None:
        client = self._client(seat)
        listed = client.get("/events", view="todo", limit=60)["items"]
        waiting = [row for row in listed if self._is_due(row)]
        self._chance.shuffle(waiting)
        for row in waiting[:4]:
            acted = self._work_on(client, seat, row)
            if acted is not None:
                return acted
        return None

    def _is_due(self, row: Json) -> bool:
        """Not at once, and not what is left for the people who try the demo."""
        rest = (self._now() - datetime.fromisoformat(row["moved_at"])).total_seconds()
        number = crc32(row["id"].encode())
        least, most = IN_HAND_AFTER_S
        if rest * max(self._pace.speed, 1.0) < least + number % (most - least):
            return False
        age = self._now() - datetime.fromisoformat(row["reported_at"])
        return number % 4 != 0 or age > LEFT_FOR_PEOPLE

    def _is_theirs(self, event: Json, timeline: Sequence[Json]) -> bool:
        """Whether one of the demo's people has it in hand, or was the last to act on it within the hour."""
        holders = [post["person_name"] for post in (event["holder_post"], event["handler_post"]) if post]
        if any(name in self._logins for name in holders):
            return True
        recent = [
            act
            for act in timeline
            if self._now() - datetime.fromisoformat(act["recorded_at"]) < HANDS_OFF * self._pace.clock
        ]
        return any(act["actor_name"] in self._logins for act in recent)

    def _work_on(self, client: Client, seat: Seat, row: Json) -> Json | None:
        event = client.get(f"/events/{row['id']}")
        timeline = client.get(f"/events/{row['id']}/timeline")["items"]
        if self._is_theirs(event, timeline):
            return None
        choice = choose(self._chance, seat.role, event, timeline)
        if choice is None:
            return None
        body = self._giver.given(client, choice, event)
        return client.post(f"/events/{row['id']}/acts/{choice.verb}", {**body, "version": event["version"]})
