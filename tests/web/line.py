"""A line to the server that can be cut and mended, open streams included."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

from gangmu.faces.cli._given import listen

PIECE = 65_536


class Line:
    """Listens on a port of its own and carries every connection on to the server."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._to = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._at = listen("127.0.0.1", 0)
        self.port = self._at.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._carry_from(self._at)

    def cut(self) -> None:
        """Break every connection; new ones are refused."""
        with self._lock:
            ends, self._ends = self._ends | {self._at}, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        self._at = listen("127.0.0.1", self.port)
        self._carry_from(self._at)

    def _carry_from(self, at: socket.socket) -> None:
        threading.Thread(target=self._taking, args=(at,), name="line", daemon=True).start()

    def _taking(self, at: socket.socket) -> None:
        while True:
            try:
                near, _ = at.accept()
                far = socket.create_connection(self._to)
            except OSError:
                return
            with self._lock:
                self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carrying, args=(one, other), name="line", daemon=True).start()

    def _carrying(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(PIECE):
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with self._lock:
            self._ends -= {one, other}
