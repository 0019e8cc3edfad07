"""A stand-in for a telephone system (CTI, 话务系统): calls that ring, are answered, missed and hung up at real seats.

What it tells, it tells as the real ones do: now and then twice, late and out of order. It knows no caller: numbers are
made up of a range that nobody has.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from gangmu.kit import clock
from gangmu.kit.caller import Caller, NotThere
from gangmu.kit.errors import HouseError

QUEUES = ("政务服务", "城市管理", "民生保障")


class NotTaken(HouseError):
    """The house did not take a fact; ``status`` is its answer."""

    code, status = "cli.cti_not_taken", 502


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it is sent, and how long after the call began it happens."""

    after_s: float
    body: dict[str, str]


def one_call(chance: Random, nth: int, seats: Sequence[str], missed: float, start: datetime) -> list[Told]:
    """The facts of one call in the order in which they happen."""
    number = f"1900000{chance.randrange(40):04d}"  # a few numbers, so that some call again
    seat, wait = chance.choice(list(seats)), chance.uniform(2, 18)
    common = {"call_id": f"sim-{start:%Y%m%d%H%M%S}-{nth}", "number": number, "queue": chance.choice(QUEUES)}

    def fact(event: str, after_s: float, **more: str) -> Told:
        at = (start + timedelta(seconds=after_s)).isoformat()
        return Told(after_s, {**common, "event": event, "at": at, **more})

    if chance.random() < missed:
        return [fact("ring", 0), fact("missed", wait + 20)]
    talk = chance.uniform(20, 240)
    link = f"https://recordings.invalid/{common['call_id']}.wav"
    return [
        fact("ring", 0, seat=seat),
        fact("answer", wait, seat=seat),
        fact("hang_up", wait + talk, seat=seat, recording_url=link),
    ]


def disturbed(chance: Random, told: Sequence[Told], repeat: float, shuffle: float) -> list[Told]:
    """Some facts told twice, some calls out of order."""
    out = [one for fact in told for one in ([fact, fact] if chance.random() < repeat else [fact])]
    if chance.random() < shuffle:
        chance.shuffle(out)
    return out


def send(address: str, token: str, body: dict[str, str]) -> dict[str, object]:
    """One fact to the house."""
    try:
        with Caller(address, timeout_s=10) as line:
            answer = line.ask("POST", "/api/cti/calls", body, {"Authorization": f"Bearer {token}"})
    except NotThere as error:
        raise NotTaken(answer=type(error.__cause__ or error).__name__) from error
    if answer.status != 200:
        raise NotTaken(answer=f"{answer.status} {answer.code}")
    return dict(answer.json)


def play(
    address: str,
    token: str,
    *,
    calls: int,
    seats: Sequence[str],
    every_s: float,
    missed: float,
    repeat: float,
    shuffle: float,
    seed: int,
) -> Iterator[tuple[str, Counter[str]]]:
    """Play so many calls; after each fact what was told and the sums so far. Without a pause (``every_s`` 0) the calls
    lie in the minutes before now."""
    chance, done = Random(seed), Counter[str]()
    pause = threading.Event()
    for nth in range(calls):
        now = clock.real_now().astimezone(UTC)
        start = now if every_s else now - timedelta(seconds=300 + 20 * (calls - nth))
        told = disturbed(chance, one_call(chance, nth, seats, missed, start), repeat, shuffle)
        done["calls"] += 1
        for fact in told:
            if every_s:
                pause.wait(every_s / len(told))
                fact.body["at"] = min(clock.real_now(), start + timedelta(seconds=fact.after_s)).isoformat()
            answer = send(address, token, fact.body)
            done["told"] += 1
            done["fresh"] += int(bool(answer["fresh"]))
            yield f"{fact.body['call_id']} {fact.body['event']} -> {answer['state']}", done
