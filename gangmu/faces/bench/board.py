"""``gangmu bench board``: the wall screen of a filled house.

A city with open events all over, kept counts of forty days for its towns, stages, sources and departments, and a real
``gangmu up``. Measured: how soon all figures are answered; how soon they stand on the screen of a browser that never
was here before; and, with a thousand walls on the stream, how soon each hears that a figure is another after an act:
from its commit to the tick of the counting that took it in.
"""

import http.client
import importlib
import importlib.util
import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from gangmu import boot
from gangmu.base.access import applications
from gangmu.core import event, report
from gangmu.core.board import service as board_service
from gangmu.faces.bench import Args, Measured, _million, percentile, say
from gangmu.faces.bench._city import COUNTY, People
from gangmu.faces.bench._screens import Screens, sitting
from gangmu.faces.bench.clocks import copied
from gangmu.faces.bench.live import TEXT, served
from gangmu.kit import clock, descriptors, live
from gangmu.kit.actor import Actor, System
from gangmu.kit.errors import Busy
from gangmu.kit.unit import open_unit, transaction

USUAL, FULL = 40_000, 1_000_000
STREAMS = 1000
CITY = "990100000000"
DAYS, TOWNS = 40, [f"99010{county}{town:03d}000" for county in range(1, 9) for town in range(1, 9)]
STAGES = ("reported", "accepted", "filed", "dispatched", "handled", "checked", "closed")
SOURCES = ("hotline12345", "patrol", "grid", "citizen", "transfer", "upper", "sensor", "ai")
ASKED, PAINTED = 120, 3
USUAL_S, FULL_S = 8.0, 600.0
HEARD_WITHIN_S = 20.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "first_paint_ms: there is no chromium that playwright could drive"


def run(args: Args) -> Measured:
    """Fill the house, ask it, look at it, listen to it."""
    rows, streams = args.size(USUAL, FULL), STREAMS if args.n is None or args.n >= USUAL else max(1, args.n // 40)
    descriptors.raise_limit()
    with (
        _million.built("events", rows, partial(_million._events, rows)) as (kept, people, _),
        copied(kept) if rows >= _million.KEPT_FROM else nullcontext(kept) as folder,
    ):
        say("filling the board")
        token, writer, stands = _filled(folder, people)
        with served(folder) as port, boot.node(folder):
            answered = _asked(port, token)
            painted = _painted(port, token)
            say(f"{streams} walls")
            with sitting(Screens(port, token, streams, "/api/board/live", "BoardMoved", "id")) as heard:
                committed = _act(writer, FULL_S if args.full else USUAL_S)
                times, lost = heard(committed)
    first = percentile([stood for stood, _ in painted], 0.5)
    figures = {
        "overview_p95_ms": percentile(answered, 0.95),
        "first_paint_ms": first,
        "streams": streams,
        "stream_p95_ms": percentile(times, 0.95),
    }
    notes: dict[str, Any] = {
        "overview_p50_ms": percentile(answered, 0.5),
        "first_contentful_paint_ms": percentile([paint for _, paint in painted], 0.5),
        "stream_p50_ms": percentile(times, 0.5),
        "acts": len(committed),
        "lost": lost,
        "open": stands,
    }
    return Measured(figures, rows, why=None if painted else NO_BROWSER, notes=notes)


# --- the house -------------------------------------------------------------------------------------------


def _filled(folder: Path, people: People) -> tuple[str, Actor, int]:
    """The key of a screen, who acts, and how many events stand on the board."""
    with boot.node(folder) as node:
        with open_unit(System("bench"), "board") as unit:
            stands, _ = board_service.rebuild(unit)
            today = board_service.day_of(unit.now)
            now, me, centre = unit.now, unit.actor, people.orgs["centre"]
            _, token = applications.open_application(unit, me, "wall", ("screen_app",), centre, CITY, ())
        departments = _million.departments(people)
        dice = random.Random(7)

        def counts() -> Iterator[tuple[Any, ...]]:
            for ago in range(DAYS):
                day, at = today - timedelta(days=ago), now - timedelta(days=ago)
                for town in TOWNS:
                    for source in SOURCES:
                        yield day, town, None, "heard", source, dice.randrange(1, 90), at
                    for stage in STAGES:
                        for way in ("in", "out"):
                            yield day, town, None, way, stage, dice.randrange(1, 60), at
                for org in departments:
                    for town in dice.sample(TOWNS, 6):
                        for how in ("on_time", "late"):
                            yield day, town, org.uuid, "verdict", how, dice.randrange(1, 30), None

        with psycopg.connect(node.engine.uri_owner, autocommit=True) as owner, owner.cursor() as cursor:
            with cursor.copy("COPY board_count (day, division, org, what, key, n, last_at) FROM STDIN") as stream:
                for row in counts():
                    stream.write_row(row)
            cursor.execute("VACUUM ANALYZE board_count, board_open, board_square")
        return token, people.actor("clerk"), stands


def _asked(port: int, token: str) -> list[float]:
    """How long all figures take, one asking after another, in ms."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for number in range(ASKED + 20):
        began = clock.monotonic()
        asking.request("GET", "/api/board", headers={"Authorization": f"Bearer {token}"})
        answer = asking.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise Busy(what=f"/api/board: {answer.status} {content[:200]!r}")
        if number >= 20:  # the first ones find nothing at hand
            took.append((clock.monotonic() - began) * 1000)
    asking.close()
    return took


def _painted(port: int, token: str) -> list[tuple[float, float]]:
    """Until the figures stand on the wall, and until anything does, in ms; each time by a browser that knows nothing
    of the house. Nothing where there is no browser."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None or importlib.util.find_spec("playwright") is None:
        return []
    found = []
    with _browser(path) as browser:
        for _ in range(PAINTED):
            context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/board#key={token}", wait_until="commit")
            page.get_by_test_id("board-live").wait_for()
            stood = page.evaluate("performance.now()")
            paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
            found.append((float(stood), float(paint)))
            context.close()
    return found


@contextmanager
def _browser(path: str) -> Iterator[Any]:
    driver = importlib.import_module("playwright.sync_api")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def _act(writer: Actor, seconds: float) -> dict[str, float]:
    """Open events one after the other, at uneven moments, each when the board has told of the one before; by the
    number of the tick that told of it, when it was committed."""
    committed: dict[str, float] = {}
    dice, until = random.Random(11), clock.monotonic() + seconds
    while clock.monotonic() < until:
        with transaction() as conn:
            before = live.head(conn)
        with open_unit(writer, "bench") as unit:
            draft = report.Draft(report.Channel.patrol, TEXT, division=COUNTY, address="某路一号")
            event.take_report(unit, writer, draft)
        at, since = clock.monotonic(), clock.now()
        committed[_told(before, since)] = at
        threading.Event().wait(dice.uniform(0.05, 0.45))
    return committed


def _told(before: int, since: Any) -> str:
    """The number of the first tick of a counting that began after a time."""
    until = clock.monotonic() + HEARD_WITHIN_S
    while clock.monotonic() < until:
        with transaction() as conn:
            found = live.after(conn, before)
        for tick in found:
            if tick.topic == "board" and tick.at >= since:
                return str(tick.seq)
        threading.Event().wait(0.03)
    raise Busy(what="the board")
