"""A caller of a house at its own address: one keep-alive line of plain ``http.client``, no proxy, no redirect.

Nothing is asked twice here: whoever calls knows whether that is safe. Calls to other systems go through ``kit.http``.
"""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


class NotThere(OSError):
    """The house does not answer now, or not wholly."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the house said; the names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """What stands in it; an empty object when that is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return {}

    @property
    def code(self) -> str:
        """The stable code of a problem."""
        told = self.json
        return str(told.get("code", "")) if isinstance(told, dict) else ""

    @property
    def cookie(self) -> str:
        return self.headers.get("set-cookie", "").split(";")[0]


class Caller:
    """One line to a house; opened when it is used, hung up when something went wrong on it."""

    def __init__(self, address: str, timeout_s: float = 20) -> None:
        parts = urlsplit(address)
        self._where = parts.hostname or "127.0.0.1", parts.port or 80
        self._timeout_s = timeout_s
        self._line: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Caller":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def ask(
        self, method: str, path: str, body: bytes | Mapping[str, Any] | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """One request, sent once. ``NotThere`` when no whole answer comes."""
        sent = dict(headers)
        if isinstance(body, Mapping):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection(*self._where, timeout=self._timeout_s)
            self._line.request(method, path, body or None, sent)
            answer = self._line.getresponse()
            content = answer.read()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            raise NotThere(str(error) or type(error).__name__) from error

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def answers(address: str, path: str = "/api/health", timeout_s: float = 2) -> bool:
    """Whether a house answers there and says that it is well."""
    with Caller(address, timeout_s) as caller:
        try:
            return caller.ask("GET", path).status == 200
        except NotThere:
            return False
