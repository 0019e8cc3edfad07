"""A signed-in person of the simulation: the public HTTP API, a session of his own, nothing else.

He sees what his rights let him see and is refused like anybody.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from gangmu.kit import ids
from gangmu.kit.caller import Answer, Caller, NotThere

TIMEOUT_S = 20
Json = dict[str, Any]


class Refused(Exception):
    """The house said no: ``status`` and the stable ``code`` of the problem."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Away(Exception):
    """The house does not answer now."""


class Client:
    """One person at one browser."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._caller = Caller(address, TIMEOUT_S)
        self._username, self._password = username, password
        self._cookie, self._csrf = "", ""

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def sign_in(self) -> Json:
        """Begin a session. ``Refused`` when the account is not there."""
        body = {"username": self._username, "password": self._password}
        answer = self._send("POST", "/api/session", json.dumps(body).encode(), "application/json", {})
        if answer.status != 200:
            raise Refused(answer.status, answer.code)
        self._cookie = answer.cookie
        session: Json = answer.json
        self._csrf = session["csrf"]
        return session

    def leave(self) -> None:
        """End the session and hang up. Nothing happens when there is none."""
        if self._cookie:
            with suppress(Away):
                self._send("DELETE", "/api/session", b"", "", self._changing())
        self._cookie = ""
        self._caller.hang_up()

    def get(self, path: str, **query: Any) -> Json:
        wanted = {name: value for name, value in query.items() if value is not None}
        return self._asked("GET", f"/api{path}" + (f"?{urlencode(wanted, doseq=True)}" if wanted else ""), b"", "")

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        return self._asked("POST", f"/api{path}", json.dumps(body).encode(), "application/json")

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        return self._asked("PUT", f"/api{path}", json.dumps(body).encode(), "application/json")

    def upload(self, content: bytes, name: str) -> str:
        """Send a photo, give the file's id."""
        edge = f"gangmu{ids.new('prt')[-12:]}"
        said = [
            f"--{edge}",
            f'Content-Disposition: form-data; name="file"; filename="{name}"',
            "Content-Type: image/jpeg",
        ]
        body = "\r\n".join([*said, "", ""]).encode() + content + f"\r\n--{edge}--\r\n".encode()
        return str(self._asked("POST", "/api/files", body, f"multipart/form-data; boundary={edge}")["id"])

    def _asked(self, method: str, path: str, body: bytes, mime: str) -> Json:
        key = str(ids.new("key"))
        for turn in (1, 2):
            if not self._cookie:
                self.sign_in()
            extra = self._changing(key) if method != "GET" else {"Cookie": self._cookie}
            answer = self._send(method, path, body, mime, extra)
            if answer.status == 401 and turn == 1:
                self._cookie = ""
                continue
            if answer.status >= 300:
                raise Refused(answer.status, answer.code)
            told: Json = answer.json
            return told
        raise Refused(401, "access.not_signed_in")

    def _changing(self, key: str = "") -> dict[str, str]:
        headers = {"Cookie": self._cookie, "X-CSRF-Token": self._csrf}
        return {**headers, "Idempotency-Key": key} if key else headers

    def _send(self, method: str, path: str, body: bytes, mime: str, extra: Mapping[str, str]) -> Answer:
        """Asked once more when a line that was kept open is dead; keys make that one act."""
        headers = {"User-Agent": "gangmu-demo", "Accept-Language": "zh-CN", **extra}
        if mime:
            headers["Content-Type"] = mime
        with suppress(NotThere):
            return self._caller.ask(method, path, body, headers)
        try:
            return self._caller.ask(method, path, body, headers)
        except NotThere as error:
            raise Away(str(error)) from error
