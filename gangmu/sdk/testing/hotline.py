"""A city's 12345 (模拟市级12345) to dock with: it hands orders over, takes acts, has its own clocks and account.

It behaves as such systems do: messages come late, twice and out of order, answers get lost after the work was done,
rows are refused, codes change overnight. What it did is counted, so that nothing lost and nothing done twice can be
shown from its side too. It runs in this process; ``serve`` puts it behind HTTP on the loopback.
"""

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gangmu.kit import clock

TEXTS = (
    "路口井盖破损下沉，夜间行人容易绊倒",
    "小区门口夜间烧烤，油烟扰民",
    "路灯连续三天不亮",
    "人行道上乱停共享单车，盲道被占",
    "垃圾桶满溢无人清运，气味很大",
    "咨询居住证在哪里办理",
)
CLASSES = ("01-1101", "01-1102", "02-2101", "02-2204", "03-3001", "09-9001")
KINDS = ("TS", "QZ", "ZX", "JY")
CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, each as a share of 0 to 1. ``late``: an order is held back behind its own acts; ``repeat``: a
    message comes again later; ``reorder``: messages change places; ``drop``: the work is done and the answer lost;
    ``busy``: a row is put off once; ``refuse``: a row is refused until it is sent again."""

    late: float = 0.0
    repeat: float = 0.0
    reorder: float = 0.0
    drop: float = 0.0
    busy: float = 0.0
    refuse: float = 0.0

    @classmethod
    def named(cls, text: str) -> "Faults":
        """``none``, ``all``, or names with shares: ``late,drop=0.2``."""
        usual = {"late": 0.05, "repeat": 0.1, "reorder": 0.2, "drop": 0.1, "busy": 0.05, "refuse": 0.02}
        if text in ("", "none"):
            return cls()
        if text == "all":
            return cls(**usual)
        given = {}
        for part in text.split(","):
            name, _, share = part.strip().partition("=")
            if name not in usual:
                raise ValueError(f"no fault {name!r}; there are {', '.join(usual)}")
            given[name] = float(share) if share else usual[name]
        return cls(**given)


@dataclass(slots=True)
class Order:
    """An order as the city keeps it."""

    number: str
    day: str
    due_at: datetime
    started_at: datetime
    standing: str = "open"
    state: str = "10"
    seq: int = 1
    acts: list[dict[str, Any]] = field(default_factory=list)
    redone: int = 0


@dataclass(slots=True)
class Counts:
    """What happened, from the city's side."""

    issued: int = 0
    messages: int = 0
    executed: int = 0
    asked_again: int = 0
    doubled: int = 0
    refused: int = 0
    dropped: int = 0


class Hotline:
    """The city: its orders, its feed of messages, its ledger of acts."""

    def __init__(
        self,
        faults: Faults = Faults(),
        *,
        area: str = "990101",
        seed: int = 12345,
        token: str = "",
        says: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        """``says`` gives fields of the next order (class_code, text, address, area, reporter) instead of the usual."""
        self._says = says
        self.faults, self.area, self.token = faults, area, token
        self.dice = random.Random(seed)
        self.orders: dict[str, Order] = {}
        self.feed: list[dict[str, Any]] = []
        self.ledger: dict[str, dict[str, str]] = {}
        self.put_off: set[str] = set()
        self.counts = Counts()
        self.codes: dict[str, str] = {}
        self.redo_share = 0.0
        self.return_granted = True
        self.extension = timedelta(days=2)
        self.lock = threading.RLock()
        self._held: list[tuple[int, dict[str, Any]]] = []
        self._serial = 0
        self._gone = 0  # so many messages at the beginning of the feed were forgotten

    # --- what the city hands over ----------------------------------------------------------------------------

    def issue(self, count: int, now: datetime | None = None, *, acts: bool = True) -> list[str]:
        """Hand over so many new orders, some with an urge or a supplement behind. Their numbers."""
        at = (now or clock.now()).replace(microsecond=0)
        messages: list[dict[str, Any]] = []
        made = []
        with self.lock:
            for _ in range(count):
                self._serial += 1
                order = self._order(at)
                made.append(order["number"])
                messages.append(order)
                roll = self.dice.random()
                if acts and roll < 0.2:
                    code, text = ("URGE", "市民来电催办") if roll < 0.1 else ("NOTE", "市民补充：位置在路口东北角")
                    messages.append(self._act(order["number"], code, at, text))
            self._publish(messages)
            self.counts.issued += count
        return made

    def _order(self, at: datetime) -> dict[str, Any]:
        n = self._serial
        number = f"SZ{at:%Y%m%d}{n:07d}"
        started = at - timedelta(minutes=n % 50)
        due = started + timedelta(days=3 + n % 5, hours=n % 7, seconds=n % 60)
        self.orders[number] = Order(number, at.astimezone(CHINA).isoformat()[:10], due, started)
        told = self._usual(n, number, at, started, due)
        return {**told, **self._says()} if self._says else told

    def _usual(self, n: int, number: str, at: datetime, started: datetime, due: datetime) -> dict[str, Any]:
        return {
            "message": f"{number}-1",
            "number": number,
            "seq": 1,
            "at": at.isoformat(),
            "started_at": started.isoformat(),
            "due_at": due.isoformat(),
            "claims_clock": True,
            "kind": KINDS[n % len(KINDS)],
            "class_code": self.codes.get(CLASSES[n % len(CLASSES)], CLASSES[n % len(CLASSES)]),
            "area": self.area,
            "text": f"{TEXTS[n % len(TEXTS)]}（{number}）",
            "address": f"某路{n % 300 + 1}号",
            "reporter_name": f"市民{n % 2000}",
            "reporter_phone": f"139{n % 100_000_000:08d}",
        }

    def _act(self, number: str, code: str, at: datetime, text: str = "", **more: Any) -> dict[str, Any]:
        order = self.orders[number]
        order.seq += 1
        told = {"message": f"{number}-{order.seq}", "number": number, "seq": order.seq, "act": code}
        return {**told, "at": at.isoformat(), "text": text, "by": "市12345", **more}

    def _publish(self, messages: list[dict[str, Any]]) -> None:
        """Put messages into the feed, with this city's faults."""
        dice, faults = self.dice, self.faults
        placed = [
            (n + (dice.uniform(-6, 6) if dice.random() < faults.reorder else 0.0), n) for n in range(len(messages))
        ]
        queue = [messages[n] for _, n in sorted(placed)]
        for message in queue:
            if "act" not in message and dice.random() < faults.late:
                self._held.append((self._end() + dice.randint(3, 40), message))
            else:
                self.feed.append(message)
            if dice.random() < faults.repeat:
                self._held.append((self._end() + dice.randint(1, 60), message))
            self._release(self._end())
        self.counts.messages += len(messages)

    def _end(self) -> int:
        """The place of the next message in the feed."""
        return self._gone + len(self.feed)

    def _release(self, upto: int) -> None:
        ready = [message for place, message in self._held if place <= upto]
        self._held = [(place, message) for place, message in self._held if place > upto]
        self.feed.extend(ready)

    def read(self, after: int, limit: int) -> dict[str, Any]:
        """A page of the feed. At its end everything that was held back comes out."""
        with self.lock:
            if after >= self._end() and self._held:
                self._release(10**12)
            start = max(after, self._gone)
            rows = self.feed[start - self._gone : start - self._gone + limit]
            end = start + len(rows)
            return {"rows": rows, "next": str(end), "more": end < self._end() or bool(self._held)}

    # --- what it takes ---------------------------------------------------------------------------------------

    def take(self, acts: list[dict[str, Any]], now: datetime | None = None) -> list[dict[str, str]]:
        """Do acts, in their order; a receipt for each."""
        with self.lock:
            return [self._take(act, (now or clock.now()).replace(microsecond=0)) for act in acts]

    def _take(self, act: Mapping[str, Any], now: datetime) -> dict[str, str]:
        act_id, number = str(act.get("id", "")), str(act.get("number", ""))
        order = self.orders.get(number)
        if act_id in self.ledger and self.ledger[act_id]["verdict"] == "taken":
            # done before: a caller that had asked for its receipt first would not have sent it again
            self.counts.asked_again += 1
            self.counts.doubled += 1
            return self.ledger[act_id]
        if not act_id or order is None:
            return {"id": act_id, "verdict": "refused", "code": "E404", "text": "无此工单"}
        if act_id not in self.put_off and act_id not in self.ledger:
            roll = self.dice.random()
            if roll < self.faults.busy:
                self.put_off.add(act_id)
                return {"id": act_id, "verdict": "later", "code": "E503", "text": "系统繁忙"}
            if roll < self.faults.busy + self.faults.refuse:
                self.counts.refused += 1
                said = {"id": act_id, "verdict": "refused", "code": "E422", "text": "附件不全，请补充后重报"}
                self.ledger[act_id] = said
                return said
        self.counts.executed += 1
        order.acts.append(dict(act))
        self._follow(order, str(act.get("act", "")), act, now)
        said = {"id": act_id, "verdict": "taken", "code": "0", "text": ""}
        self.ledger[act_id] = said
        return said

    def _follow(self, order: Order, code: str, act: Mapping[str, Any], now: datetime) -> None:
        """What the city does about an act."""
        answers: list[dict[str, Any]] = []
        if code == "SIGN":
            order.state = "20"
        elif code == "RETURN":
            if self.return_granted:
                order.standing, order.state = "returned", "90"
            said = "RETURN_OK" if self.return_granted else "RETURN_NO"
            answers.append(self._act(order.number, said, now, "已核实" if self.return_granted else "属贵区职责"))
        elif code == "EXTEND":
            order.due_at += self.extension
            answers.append(self._act(order.number, "EXTEND_OK", now, "同意延期", due_at=order.due_at.isoformat()))
        elif code == "REPLY":
            if order.redone == 0 and self.dice.random() < self.redo_share:
                order.redone += 1
                order.standing, order.state, order.due_at = "open", "60", now + timedelta(days=2)
                due = order.due_at.isoformat()
                answers.append(self._act(order.number, "REDO", now, "市民不满意，发回重办", due_at=due))
            else:
                order.standing, order.state = "answered", "40"
                answers.append(self._act(order.number, "CLOSE", now, "回访满意", satisfaction="1", outcome="solved"))
        self._publish(answers)

    def receipts(self, wanted: list[str]) -> list[dict[str, str]]:
        with self.lock:
            return [self.ledger[one] for one in wanted if one in self.ledger]

    def account(self, day: str) -> dict[str, Any]:
        """The account of the orders handed over on a day (UTC+8)."""
        with self.lock:
            rows = [
                {"number": one.number, "standing": one.standing, "due_at": one.due_at.isoformat()}
                for one in self.orders.values()
                if not day or one.day == day
            ]
        told = {name: sum(row["standing"] == name for row in rows) for name in ("open", "answered", "returned")}
        return {"day": day, "received": len(rows), **told, "rows": rows}

    def forget(self, before: datetime) -> None:
        """Let go what was answered or returned of the orders before a time, and the messages that everybody has read by
        then: a city that lives for weeks must not keep all of it in memory."""
        with self.lock:
            over = [one for one in self.orders.values() if one.standing != "open" and one.started_at < before]
            for one in over:
                del self.orders[one.number]
                for act in one.acts:
                    self.ledger.pop(str(act.get("id", "")), None)
            first = next((n for n, row in enumerate(self.feed) if datetime.fromisoformat(row["at"]) >= before), 0)
            del self.feed[:first]
            self._gone += first

    # --- over a stop -----------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """All that it must know to go on after a stop, as plain values."""
        with self.lock:
            orders = [
                {**asdict(one), "due_at": one.due_at.isoformat(), "started_at": one.started_at.isoformat()}
                for one in self.orders.values()
            ]
            held = [message for _, message in self._held]
            told = {"serial": self._serial, "gone": self._gone, "orders": orders}
            return {**told, "feed": [*self.feed, *held], "ledger": self.ledger}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on where another one stopped."""
        with self.lock:
            self._serial, self.feed, self.ledger = kept["serial"], list(kept["feed"]), dict(kept["ledger"])
            self._gone = kept.get("gone", 0)
            for row in kept["orders"]:
                times = {name: datetime.fromisoformat(row[name]) for name in ("due_at", "started_at")}
                self.orders[row["number"]] = Order(**{**row, **times})

    def act_codes(self, number: str) -> list[str]:
        """The acts done on an order, in their order."""
        return [str(act["act"]) for act in self.orders[number].acts]


class _Handler(BaseHTTPRequestHandler):
    """The city's HTTP face."""

    protocol_version = "HTTP/1.1"
    city: Hotline

    def do_GET(self) -> None:
        if not self._known():
            return
        asked = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if asked.path == "/ping":
            self._answer({"ok": True})
        elif asked.path == "/orders":
            self._answer(self.city.read(int(query.get("after") or 0), min(int(query.get("limit") or 200), 2000)), True)
        elif asked.path == "/account":
            self._answer(self.city.account(query.get("day", "")))
        elif asked.path == "/counts":
            counts = self.city.counts
            self._answer({name: getattr(counts, name) for name in counts.__slots__})
        else:
            self._answer({"error": "not found"}, status=404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        if not self._known():
            return
        if self.path == "/acts":
            self._answer({"receipts": self.city.take(body["acts"])}, True)
        elif self.path == "/receipts":
            self._answer({"receipts": self.city.receipts(body["ids"])})
        elif self.path == "/issue":
            self._answer({"numbers": self.city.issue(int(body.get("count", 1)))})
        elif self.path == "/codes":
            self.city.codes = dict(body)
            self._answer({"codes": len(body)})
        else:
            self._answer({"error": "not found"}, status=404)

    def _known(self) -> bool:
        if not self.city.token or self.headers.get("authorization") == f"Bearer {self.city.token}":
            return True
        self._answer({"error": "unauthorized"}, status=401)
        return False

    def _answer(self, told: Mapping[str, Any], may_drop: bool = False, status: int = 200) -> None:
        if may_drop and self.city.dice.random() < self.city.faults.drop:
            self.city.counts.dropped += 1
            self.close_connection = True
            return
        body = json.dumps(told, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def server(city: Hotline, port: int = 0) -> ThreadingHTTPServer:
    """A server of this city on the loopback, not yet running."""
    handler = type("Handler", (_Handler,), {"city": city})
    return _Server(("127.0.0.1", port), handler)


@contextmanager
def serve(city: Hotline, port: int = 0) -> Iterator[str]:
    """Run a city on the loopback for a while; its address."""
    running = server(city, port)
    thread = threading.Thread(target=running.serve_forever, name="hotline", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join(5)
