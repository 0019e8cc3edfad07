"""Calls to other systems end with their budget, and stay under their address."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gangmu.kit import clock, http

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n"


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """Somebody who answers with a start, and then a byte every now and then, never to the end."""
    over = threading.Event()

    def answer() -> None:
        line, _ = door.accept()
        with line:
            line.recv(65536)
            line.sendall(start)
            try:
                while not over.wait(0.05):
                    line.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nx-long: ", HEAD + b"\r\n"])
def test_a_dripping_answer_ends_with_the_budget(start):
    with dripping(start) as address, http.Client(address, budget=http.Budget(seconds=0.5, timeout_s=0.4)) as client:
        began = clock.monotonic()
        with pytest.raises(http.NoAnswer):
            client.post("hook", {})
        assert clock.monotonic() - began < 30, "it is told apart from one that is never given up"


@pytest.mark.parametrize("path", ["../admin", "a/../../admin", "%2e%2e/admin", "a/./b"])
def test_a_path_never_leads_out_of_its_base(path):
    with pytest.raises(http.BadAddress):
        http.joined("https://other.example/api", path)


def test_a_path_is_added_as_it_is():
    assert http.joined("https://other.example/api/", "/hook:v1") == "https://other.example/api/hook:v1"
    assert http.joined("https://other.example", "c:2//x?y=1/../z") == "https://other.example/c:2//x?y=1/../z"
