"""The disk is full while evidence comes in: refused in clear words, nothing half there, taken when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from gangmu.kit import files
from tests.city import City
from tests.flow.ground import key

SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)


@pytest.fixture
def small_store(city: City) -> Iterator[Path]:
    """The node's files lie on a disk of 4 MB."""
    store = files._root()
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "none", str(store)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("A FULL DISK CANNOT BE TRIED: THIS ACCOUNT MAY NOT MOUNT ONE")
    yield store
    subprocess.run(["umount", "-l", str(store)], check=True)


@contextmanager
def filled(store: Path) -> Iterator[None]:
    """The disk of the store is full to the last page meanwhile."""
    rest = store / "rest"
    with rest.open("wb", buffering=0) as out, pytest.raises(OSError, match="space"):
        while True:
            out.write(bytes(65_536))
    with rest.open("ab", buffering=0) as out, pytest.raises(OSError, match="space"):
        while True:
            out.write(bytes(1))
    yield
    rest.unlink()


def lying_in(store: Path) -> list[str]:
    return sorted(path.name for path in store.rglob("*") if path.is_file() and path.name != "rest")


def rows(db: object) -> tuple[int, int]:
    """Files and evidence that the database knows."""
    with psycopg.connect(db.uri) as conn:  # type: ignore[attr-defined]
        found = conn.execute("SELECT (SELECT count(*) FROM file), (SELECT count(*) FROM evidence)").fetchone()
    assert found is not None
    return found


def send(who: object, content: bytes, again: str) -> object:
    sent = {"file": ("a.wav", content, "audio/wav")}
    return who.post("/api/files", files=sent, headers={"idempotency-key": again})  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [100, 200_000, 2_000_000])
def test_evidence_on_a_full_disk_is_refused_whole_and_taken_when_there_is_room(city, database, small_store, size):
    patrol = city.sign_in("patrol")
    before, there, name = rows(database), lying_in(small_store), key()["idempotency-key"]
    with filled(small_store):
        told = send(patrol, SOUND + bytes(size), name)
        assert told.status_code == 507, told.text
        assert told.headers["content-type"] == "application/problem+json" and told.json()["code"] == "no_room"
        assert rows(database) == before and lying_in(small_store) == there
        assert patrol.get("/api/inbox").status_code == 200
    again = send(patrol, SOUND + bytes(size), name)
    assert again.status_code == 201, again.text
    assert rows(database) == (before[0] + 1, before[1]) and len(lying_in(small_store)) == len(there) + 1
    assert patrol.get(f"/api/files/{again.json()['id']}").content == SOUND + bytes(size)
