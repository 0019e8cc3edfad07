"""The connectors that this house has, found by folder, and the fence around their calls.

Nobody imports a connector: it is loaded by its name from ``gangmu/connectors``, given what it may know (an ``Ask``),
and whatever it raises becomes one of the house's words.
"""

import importlib
import secrets
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import orjson

from gangmu.core.docking.errors import (
    ConnectorBroken,
    LinkDown,
    LinkRefused,
    NoSuchConnector,
    NotByThisConnector,
)
from gangmu.core.docking.settings import DockingSettings
from gangmu.kit import clock, fence, http, settings
from gangmu.kit.errors import HouseError
from gangmu.kit.log import log
from gangmu.sdk import signing
from gangmu.sdk.exchange import Away, Denied, Exchange, Reply, Unreadable, Unsupported

T = TypeVar("T")
SHELF = "gangmu.connectors"


@dataclass(frozen=True, slots=True)
class SettingOf:
    """A setting that a connector asks for."""

    id: str
    title: Mapping[str, str]
    must: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the house knows of a connector without calling it."""

    id: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    version: str
    tier: str
    every_s: int
    pulls: bool
    pushes: bool
    settings: tuple[SettingOf, ...]
    suggest: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def manifests() -> dict[str, Manifest]:
    """Every connector of the shelf whose manifest can be read."""
    found = {}
    for folder in sorted(resources.files(SHELF).iterdir(), key=lambda one: one.name):
        page = folder / "manifest.toml"
        if page.is_file():
            outcome = fence.run(f"connector {folder.name}", partial(_manifest, page))
            if outcome.value is None:
                log.warning("connector cannot be read", connector=folder.name, exc_info=outcome.error)
            elif (folder / "connector.py").is_file():
                found[folder.name] = outcome.value
    return found


def _manifest(file: Traversable) -> Manifest:
    page: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    suggested = page.get("suggest", {}).items()
    asked = tuple(
        SettingOf(row["id"], row["title"], bool(row.get("must")), bool(row.get("secret")))
        for row in page.get("setting", ())
    )
    return Manifest(
        page["id"],
        page["title"],
        page["about"],
        page["version"],
        page["tier"],
        int(page.get("every_s", 60)),
        bool(page.get("pulls", False)),
        bool(page.get("pushes", False)),
        asked,
        {kind: {str(code): str(value) for code, value in rows.items()} for kind, rows in suggested},
    )


def manifest(name: str) -> Manifest:
    found = manifests().get(name)
    if found is None:
        raise NoSuchConnector(connector=name[:60])
    return found


@lru_cache(maxsize=32)
def connector(name: str) -> Exchange:
    """The connector of a name; it has no state, so one serves all links."""
    manifest(name)
    outcome = fence.run(f"connector {name}", lambda: importlib.import_module(f"{SHELF}.{name}.connector").Connector())
    if outcome.value is None:
        raise ConnectorBroken(connector=name, reason=type(outcome.error).__name__)
    made: Exchange = outcome.value
    return made


def call(name: str, work: Callable[[Exchange], T]) -> T:
    """Call a connector behind the fence."""
    made = connector(name)
    outcome = fence.run(f"connector {name}", lambda: work(made))
    error = outcome.error
    if error is None:
        return outcome.value  # type: ignore[return-value]
    if isinstance(error, HouseError):
        raise error
    if isinstance(error, Away):
        raise LinkDown(reason=str(error)[:200]) from error
    if isinstance(error, Denied):
        raise LinkRefused(reason=str(error)[:200]) from error
    if isinstance(error, Unsupported):
        raise NotByThisConnector(connector=name, verb=str(error)[:60]) from error
    if isinstance(error, Unreadable):
        raise ConnectorBroken(connector=name, reason=str(error)[:200]) from error
    log.warning("connector failed", connector=name, exc_info=error)
    raise ConnectorBroken(connector=name, reason=type(error).__name__) from error


@dataclass(slots=True)
class Asking:
    """The ``Ask`` of a visit: settings, time, and a client for the link's own address."""

    settings: Mapping[str, str]
    now: datetime
    client: http.Client | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        return self._call(lambda client: client.get(path, params))

    def post(self, path: str, body: Any) -> Reply:
        content = orjson.dumps(body)
        return self._call(lambda client: client.post(path, content, self._signed(content)))

    def _signed(self, content: bytes) -> dict[str, str]:
        """The head lines of a signed call, where the link has a secret."""
        secret = self.settings.get("secret", "")
        if not secret:
            return {}
        stamp, nonce = str(int(clock.real_now().timestamp())), secrets.token_hex(16)
        return signing.head(secret, stamp, nonce, content)

    def _call(self, work: Callable[[http.Client], http.Answer]) -> Reply:
        if self.client is None:
            raise Denied("this link has no address")
        try:
            answer = work(self.client)
        except http.NoAnswer as error:
            raise Away(str(error.params.get("reason", ""))) from error
        except (http.SaidNo, http.BadAddress) as error:
            raise Denied(str(error.params.get("status", error.code))) from error
        return Reply(answer.status, answer.body, answer.json, answer.headers)


@contextmanager
def visit(given: Mapping[str, str], now: datetime) -> Iterator[Asking]:
    """An ``Ask`` for a visit to the other system."""
    rules = settings.get(DockingSettings)
    asking = Asking(given, now)
    address = given.get("address", "")
    if not address:
        yield asking
        return
    headers = {"authorization": f"Bearer {given['token']}"} if given.get("token") else {}
    budget = http.Budget(seconds=rules.budget_s, timeout_s=rules.timeout_s)
    with http.Client(address, headers, budget) as client:
        asking.client = client
        yield asking
