"""What ``gangmu up`` was called with, and its socket. Light: a wrong line is answered before the house is loaded."""

import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from gangmu.faces.cli._errors import BadHost, PortBusy

GRACE_S = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What ``gangmu up`` was called with. ``under`` is the supervisor's process, ``listening`` its socket."""

    data: Path
    host: str
    port: int
    invented: str  # which kind of invented city: demo, practice, or none
    under: int = 0
    listening: int = -1
    speed: float = 1.0
    events: int = 96
    quiet: bool = False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, or one line about why not."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise BadHost(host=host, reason=str(error)) from error
    at = socket.socket(family, kind)
    at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        at.bind(where)
    except OSError as error:
        at.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(host=host, port=port) from error
        raise BadHost(host=host, reason=error.strerror or str(error)) from error
    at.listen(2048)
    return at


def address(at: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = at.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
