"""The docked foreign system of the invented city (上级平台): a simulated 12345 on the loopback, with a link like any
other, so that orders come from there, are worked off here and go back with their answers.
"""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gangmu.base.access import applications
from gangmu.core.docking import service as docking
from gangmu.core.docking.service import LinkDraft
from gangmu.demo import speech
from gangmu.demo.people import FOUNDER
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page
from gangmu.kit.unit import open_unit
from gangmu.sdk.testing.hotline import Faults, Hotline, server

LINK, CTI = "上级12345平台（模拟）", "话务系统（模拟）"
TOKEN = "demo-of-the-upper-hotline"  # of a system that is invented too, on the loopback
KEPT = "upper12345.json"
KEEPS = timedelta(days=21)
FAULTS = Faults(late=0.02, repeat=0.05, reorder=0.05, drop=0.02)


class Upper:
    """The upper platform: serves on the loopback as long as the city lives. ``says`` gives what its next order is
    about."""

    def __init__(
        self, folder: Path, seed: int, says: Callable[[], Mapping[str, str]], now: Callable[[], datetime]
    ) -> None:
        self._file, self._now = folder / KEPT, now
        self._heard: tuple[int, int] | None = None
        self.city = Hotline(FAULTS, seed=seed, token=TOKEN, says=says)
        port = 0
        if self._file.exists():
            kept = json.loads(self._file.read_text("utf-8"))
            self.city.restore(kept["city"])
            port = kept["port"]
        try:
            self._server = server(self.city, port)
        except OSError:  # somebody else has it by now
            self._server = server(self.city, 0)
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo upper 12345", daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def issue(self) -> None:
        """One more order."""
        self.city.issue(1, self._now())

    def keep(self) -> None:
        """What it must know when the house is run again; written when there is something new, and of three weeks."""
        heard = (self.city.counts.messages, self.city.counts.executed)
        if heard == self._heard:
            return
        self._heard = heard
        self.city.forget(self._now() - KEEPS)
        told = {"port": self._server.server_address[1], "city": self.city.kept()}
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        fresh.replace(self._file)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self.keep()


def link(address: str, division: str, org: Id) -> None:
    """The link to the upper platform: opened with its mappings the first time, pointed at its address afterwards."""
    settings = {"address": address, "token": TOKEN, "page": "50"}
    with open_unit(FOUNDER, "dock the upper platform") as unit:
        try:
            known = docking.find_link(unit, FOUNDER, LINK)
        except NotFound:
            draft = LinkDraft(
                name=LINK, kind="hotline", connector="rest_orders", division=division, org=org, settings=settings,
                silence_minutes=720,
            )  # fmt: skip
            made = docking.add_link(unit, FOUNDER, draft)
            for row in speech.every():
                if row["tree"] == "hotline":
                    docking.put_mapping(unit, FOUNDER, made.id, "class", row["code"], f"hotline:{row['code']}")
            return
        draft = LinkDraft(
            name=known.name, kind=known.kind, connector=known.connector, division=known.division, org=known.org,
            settings=settings, flow=known.flow, clock=known.clock, limit=known.limit, sequence=known.sequence,
            every_s=known.every_s, silence_minutes=known.silence_minutes, active=known.active,
        )  # fmt: skip
        docking.change_link(unit, FOUNDER, known.id, draft, known.version)


def telephone(org: Id, division: str) -> str:
    """The token of the simulated telephone system, made anew each time the city is run."""
    with open_unit(FOUNDER, "connect the telephone system") as unit:
        for held in applications.list_applications(unit, FOUNDER, Page(100)).items:
            if held.name == CTI:
                return applications.renew_token(unit, FOUNDER, held.id)[1]
        return applications.open_application(unit, FOUNDER, CTI, ("cti_app",), org, division)[1]


def order_of(said: Any) -> dict[str, str]:
    """What the upper platform writes of an incident."""
    return {
        "class_code": said.code,
        "text": said.text,
        "address": said.address,
        "area": said.division,
        "reporter_name": said.name or "匿名",
        "reporter_phone": said.phone,
        "kind": {"enquiry": "ZX", "suggestion": "JY", "praise": "BY", "help": "QZ"}.get(said.kind, "TS"),
    }
