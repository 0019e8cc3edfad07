"""Entries of the journal that prove themselves outside the database: bytes, links, the signed heads above them.

``link = SM3(previous link, number, entry id, columns, 0, body)`` can be counted again by anybody from a ``Piece``; a
head that this node has signed names the link of some number. What is between an entry and the next head is vouched for
by the signature of the file that the pieces travel in.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gangmu.kit import db, journal, seal
from gangmu.kit.unit import Unit, canonical

_PIECES = (
    "SELECT s.seq, e.id, timestamptz_send(e.recorded_at) || convert_to(e.about::text, 'UTF8'), e.body,"
    " (SELECT p.link FROM journal_seal p WHERE p.seq = s.seq - 1), s.link"
    " FROM journal_entry e JOIN journal_seal s ON s.entry = e.id"
    " WHERE e.about && %s::text[] ORDER BY s.seq LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sealed entry with its place in the chain."""

    seq: int
    entry: bytes
    columns: bytes
    body: bytes
    before: bytes
    link: bytes

    def told(self, *, whole: bool) -> dict[str, Any]:
        """As it travels; not ``whole``: place and link without the bytes (they would tell of people)."""
        said = {"seq": self.seq, "entry": self.entry.hex(), "before": self.before.hex(), "link": self.link.hex()}
        if whole:
            said |= {"columns": _text(self.columns), "body": _text(self.body)}
        return said


def pieces(unit: Unit, about: Sequence[str], most: int) -> list[Piece]:
    """The sealed entries about these things, in the order of the chain."""
    unit.settle()
    with db.raw(unit.conn).cursor(binary=True) as cursor:
        cursor.execute(_PIECES, (list(about), most))
        return [
            Piece(seq, entry.bytes, columns, body, before or journal.START, link)
            for seq, entry, columns, body, before, link in cursor.fetchall()
        ]


def heads_for(folder: Path, numbers: Iterable[int]) -> list[str]:
    """The signed lines of the heads file that these numbers stand under: for each the first head at or after it."""
    path, wanted = folder / "heads", sorted(set(numbers), reverse=True)
    found: list[str] = []
    if not path.exists():
        return found
    with path.open("rb") as lines:
        for line in lines:
            try:
                seq = int(orjson.loads(line)["seq"])
            except (ValueError, KeyError, TypeError):
                continue
            if not wanted:
                break
            if seq >= wanted[-1]:
                found.append(line.decode().strip())
                while wanted and wanted[-1] <= seq:
                    wanted.pop()
    return found


def signed(said: Mapping[str, Any]) -> str:
    """This node's signature over a document."""
    return _text(seal.keys().signer.sign(canonical(said)))


def public_key() -> str:
    return seal.keys().verifier.public_bytes_raw().hex()


def agrees(said: Mapping[str, Any], signature: str, key: str) -> bool:
    """Whether a document is what the holder of the key has signed."""
    try:
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        verifier.verify(base64.b64decode(signature), canonical(said))
        return True
    except (InvalidSignature, ValueError, TypeError):
        return False


@dataclass(frozen=True, slots=True)
class Found:
    """What looking at pieces has found: ``wrong`` names the first that does not prove itself; how many were counted
    again from their bytes, how many travel without, how many are the very number of a signed head."""

    wrong: str
    counted: int
    covered: int
    at_head: int


def check(told: Sequence[Mapping[str, Any]], heads: Sequence[str], key: str) -> Found:
    """Count the links again, hold them against each other and against the signed heads. Needs no database."""
    links: dict[int, str] = {}
    counted = covered = at_head = 0
    for line in heads:
        said = head_of(line, key)
        if said is None:
            return Found("a head is not signed by this key", counted, covered, at_head)
        links[int(said["seq"])] = str(said["link"])
        after = said["after"]
        if int(after["seq"]) > 0:
            links.setdefault(int(after["seq"]), str(after["link"]))
    anchored = set(links)
    for one in sorted(told, key=lambda each: int(each["seq"])):
        seq, link = int(one["seq"]), str(one["link"])
        for number, said_link in ((seq - 1, str(one["before"])), (seq, link)):
            if number > 0 and links.setdefault(number, said_link) != said_link:
                return Found(f"number {number} has two links", counted, covered, at_head)
        if "body" in one:
            if not _counts(one):
                return Found(f"the bytes of number {seq} do not make its link", counted, covered, at_head)
            counted += 1
        else:
            covered += 1
        at_head += seq in anchored
    return Found("", counted, covered, at_head)


def _counts(one: Mapping[str, Any]) -> bool:
    try:
        parts = (bytes.fromhex(one["entry"]), _bytes(one["columns"]), _bytes(one["body"]))
        made = journal.link_of(bytes.fromhex(one["before"]), int(one["seq"]), *parts)
        same = UUID(bytes=parts[0]).version is not None
        return same and made.hex() == one["link"]
    except (ValueError, TypeError, KeyError, OverflowError):
        return False


def head_of(line: str, key: str) -> dict[str, Any] | None:
    """A line of the heads file, if the holder of the key has signed it."""
    try:
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        return None
    said = journal._signed(line.encode(), verifier)
    if said is None or not _is_place(said) or not _is_place(said["after"]):
        return None
    return said


def _is_place(said: Any) -> bool:
    """A number and the link at it."""
    return isinstance(said, dict) and isinstance(said.get("seq"), int) and isinstance(said.get("link"), str)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
