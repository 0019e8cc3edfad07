"""Calls to other systems: a time-out, retries for questions, a budget of time and answers, one address.

A question (GET) may be asked again, a change (POST) is sent once: whether the other side did it is not known when no
answer comes, and only the caller can find out. Redirects are not followed and no proxy of the environment is used: the
address is what an administrator has set.
"""

import ipaddress
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from gangmu.kit import clock
from gangmu.kit.errors import HouseError

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_PAUSES_S = (0.05, 0.2, 0.5, 1.0)
_CARRIES_IPV4 = [ipaddress.IPv6Network(net) for net in ("64:ff9b::/96", "::/96")]  # RFC 6052, RFC 4291 §2.5.5.1
_LINES = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class NoAnswer(HouseError):
    """The other system does not answer, not in time, or not wholly."""

    code, status = "http.no_answer", 503


class SaidNo(HouseError):
    """The other system refuses the call (credentials, address, form): asking again does not help."""

    code, status = "http.said_no", 502


class BadAddress(HouseError):
    """The address of the other system cannot be one."""

    code, status = "http.bad_address", 422


class IsCopy(NoAnswer):
    """This house is a copy of another: it calls nobody, the other one does."""

    code, status = "http.is_copy", 503


_is_shut = False


def shut(is_shut: bool) -> None:
    """Let this process call nobody, or let it again."""
    global _is_shut
    _is_shut = is_shut


class InsideAddress(HouseError):
    """The address leads into a network of our own, where calls that somebody else has asked for must not go."""

    code, status = "http.inside_address", 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    json: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Budget:
    """How long all calls together may take, how often a question is asked, how large an answer may be."""

    seconds: float = 20.0
    timeout_s: float = 10.0
    tries: int = 3
    most_bytes: int = 50_000_000


def outside(host: str, port: int) -> str:
    """The address (IP) of a host that lies in no network of our own (loopback, private, link-local, metadata services):
    ``InsideAddress`` if any of its addresses does. The caller connects to this very address, so that a name that is
    looked up again cannot lead elsewhere."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(what=host, reason="name") from error
    addresses = [str(one[4][0]) for one in found]
    for text in addresses:
        if any(_is_ours(ip) for ip in _meant(ipaddress.ip_address(text.partition("%")[0]))):
            raise InsideAddress(host=host)
    return addresses[0]


def _is_ours(ip: Ip) -> bool:
    return not ip.is_global or ip.is_multicast or (isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local)


def _meant(ip: Ip) -> Iterator[Ip]:
    """An address, and the IPv4 address that a gateway of the way would make of it."""
    if not isinstance(ip, ipaddress.IPv6Address):
        yield ip
        return
    if ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
        return
    yield ip
    if ip.sixtofour is not None:
        yield ip.sixtofour
    yield from ip.teredo or ()
    if any(ip in net for net in _CARRIES_IPV4):
        yield ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)


class Client:
    """Calls to one address within one budget. ``outside_only``: not into networks of our own."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str] | None = None,
        budget: Budget | None = None,
        *,
        outside_only: bool = False,
    ) -> None:
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BadAddress(address=base[:200])
        self._base = base.rstrip("/") + "/"
        self._outside_only = outside_only
        self._budget = budget or Budget()
        self._until = clock.monotonic() + self._budget.seconds
        self._wait = threading.Event()
        self._line: socket.socket | None = None
        self._client = httpx.Client(
            headers=dict(headers or {}),
            timeout=self._budget.timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask, again if need be."""
        last: NoAnswer | None = None
        for n in range(self._budget.tries):
            if n:
                self._wait.wait(min(_PAUSES_S[min(n - 1, len(_PAUSES_S) - 1)], max(self._left(), 0)))
            if self._left() <= 0:
                break
            try:
                return self._call("GET", path, **({"params": dict(params)} if params else {}))
            except NoAnswer as error:
                last = error
        raise last or NoAnswer(what=self._base)

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """Send JSON, once. ``body`` may be bytes that are JSON already (they were signed)."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        if self._left() <= 0:
            raise NoAnswer(what=self._base)
        return self._call(
            "POST", path, content=content, headers={"content-type": "application/json", **(headers or {})}
        )

    def _left(self) -> float:
        return self._until - clock.monotonic()

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        if _is_shut:
            raise IsCopy(what=self._base)
        url = joined(self._base, path)
        limit = httpx.Timeout(max(0.05, min(self._budget.timeout_s, self._left())))
        if self._outside_only:
            url, more = _led_outside(url, more)
        more = {**more, "extensions": {**more.get("extensions", {}), "trace": self._follow}}
        ender = threading.Timer(max(0.05, self._left()), self._hang_up)
        ender.daemon = True
        ender.start()
        try:
            with self._client.stream(method, url, timeout=limit, **more) as reply:
                parts, size = [], 0
                for part in reply.iter_bytes():
                    size += len(part)
                    if size > self._budget.most_bytes:
                        raise SaidNo(what=self._base, status=reply.status_code, reason="answer too large")
                    parts.append(part)
                body, status, headers = b"".join(parts), reply.status_code, dict(reply.headers)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswer(what=self._base, reason=type(error).__name__) from error
        except httpx.InvalidURL as error:
            raise BadAddress(address=url[:200]) from error
        finally:
            ender.cancel()
        if status >= 500 or status in (408, 429):
            raise NoAnswer(what=self._base, reason=str(status))
        if status >= 300:
            raise SaidNo(what=self._base, status=status, reason=body[:200].decode("utf-8", "replace"))
        return Answer(status, body, _json(body), headers)

    def _follow(self, event: str, info: Mapping[str, Any]) -> None:
        if event in _LINES:
            self._line = info["return_value"].get_extra_info("socket")

    def _hang_up(self) -> None:
        """The budget is spent: whoever answers a byte at a time is not waited for. A read times out each on its own."""
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)


def joined(base: str, path: str) -> str:
    """A path under a base; ``BadAddress`` for one that leads out of it."""
    whole = base.rstrip("/") + "/" + path.lstrip("/")
    if any(unquote(part) in (".", "..") for part in urlsplit(whole).path.split("/")):
        raise BadAddress(address=whole[:200])
    return whole


def _led_outside(url: str, more: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The same call to the very address that was looked at; its certificate is still the name's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip = outside(host, port)
    place = f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
    said = {**more.get("headers", {}), "host": parts.netloc.rpartition("@")[2]}
    return parts._replace(netloc=place).geturl(), {**more, "headers": said, "extensions": {"sni_hostname": host}}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
