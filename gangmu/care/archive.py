"""The file of a backup: a plain tar whose last members are the manifest and its signature.

Readable with any ``tar``, yet every byte is accounted for: each part has its SM3 in the manifest, the manifest is
signed with the journal's key, headers and padding must be exactly what we write. It is written under another name and
renamed after it is on the disk, so that what bears the name is whole.
"""

import errno
import fcntl
import os
import re
import tarfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gangmu.care.errors import Damaged, NoBackup, NoSpace, NotWritten, TakenAlready
from gangmu.kit import seal

FORMAT = 1
BLOCK = tarfile.BLOCKSIZE
PIECE = 1 << 20
END = b"\0" * (2 * BLOCK)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NAME = re.compile(r"(manifest\.(json|sig)|database\.dump|files\.list|keys\.sealed|journal/heads|folder/[\w.-]{1,80})")
FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{62}")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into one line about it."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace(path=str(path)) from error
        raise NotWritten(path=str(error.filename or path), reason=error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class Part:
    """A member: its name, where its bytes begin, how many they are."""

    name: str
    at: int
    size: int

    @property
    def is_file(self) -> bool:
        return FILE.fullmatch(self.name) is not None

    @property
    def digest_by_name(self) -> str:
        """A kept file is named by its digest."""
        return self.name.removeprefix("files/").replace("/", "")


class Writer:
    """Members one after the other; ``finish`` makes the file appear under its name."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.parts: dict[str, dict[str, Any]] = {}
        self._temporary = target.with_name(f".{target.name}.part")
        with writing(target):
            if target.exists():
                raise TakenAlready(path=str(target))
            handle = os.open(self._temporary, os.O_RDWR | os.O_CREAT, 0o600)
            self._file = os.fdopen(handle, "r+b")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._file.close()
                raise TakenAlready(path=str(target)) from None
            if target.exists() or not _is_at(self._file, self._temporary):
                self._file.close()  # the other one has just finished: this handle is its file
                raise TakenAlready(path=str(target))
            self._file.truncate(0)

    @property
    def size(self) -> int:
        return self._file.tell()

    def add(self, name: str, source: IO[bytes] | bytes, size: int | None = None) -> str:
        """A member out of bytes or a stream (of which ``size`` bytes at most are taken). Its digest."""
        with writing(self.target):
            head = self._file.tell()
            self._file.write(b"\0" * BLOCK)
            digester, taken = seal.Sm3(), 0
            for piece in [source] if isinstance(source, bytes) else _pieces(source, size):
                digester.add(piece)
                self._file.write(piece)
                taken += len(piece)
            self._file.write(b"\0" * (-taken % BLOCK))
            end = self._file.tell()
            self._file.seek(head)
            self._file.write(_header(name, taken))
            self._file.seek(end)
        digest = digester.hex()
        if FILE.fullmatch(name) is None:
            self.parts[name] = {"size": taken, "sm3": digest}
        return digest

    def take_back(self, at: int) -> None:
        """Forget what was written since ``at`` (the member whose source turned out wrong)."""
        with writing(self.target):
            self._file.seek(at)
            self._file.truncate()

    def finish(self, manifest: dict[str, Any], signer: Ed25519PrivateKey) -> None:
        """Manifest, signature, onto the disk, under its name."""
        body = orjson.dumps({"format": FORMAT, **manifest, "parts": self.parts}, option=orjson.OPT_SORT_KEYS)
        self.add("manifest.json", body)
        self.add("manifest.sig", b64encode(signer.sign(body)))
        with writing(self.target):
            self._file.write(END)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._temporary.rename(self.target)
            self._file.close()
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def give_up(self) -> None:
        """Leave nothing behind, unless it was finished."""
        with suppress(OSError):
            if not self._file.closed:
                self._temporary.unlink(missing_ok=True)
                self._file.close()


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _pieces(source: IO[bytes], size: int | None) -> Iterator[bytes]:
    left = size
    while piece := source.read(PIECE if left is None else min(PIECE, left)):
        yield piece
        if left is not None:
            left -= len(piece)
            if left == 0:
                return


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


class Reader:
    """A finished backup. Opening it walks the members and checks manifest and signature; ``check`` reads every byte."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise NotWritten(path=str(path), reason=error.strerror or str(error)) from error
        self.size = os.fstat(self._file.fileno()).st_size
        self.parts = {part.name: part for part in self._walk()}
        self.manifest = self._manifest()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def verifier(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.manifest["keys"]["signer"]))

    def files(self) -> list[Part]:
        return [part for part in self.parts.values() if part.is_file]

    def _walk(self) -> Iterator[Part]:
        at, last = 0, ""
        while True:
            self._file.seek(at)
            head = self._file.read(BLOCK)
            if at == 0 and (len(head) < BLOCK or head[257:262] != b"ustar"):
                raise NoBackup(path=str(self.path))
            if head == END[:BLOCK]:
                if head + self._file.read() != END:
                    raise Damaged(part="end", reason="there is more than the end")
                return
            try:
                info = tarfile.TarInfo.frombuf(head, "utf-8", "strict")
            except (tarfile.HeaderError, UnicodeDecodeError):
                info = None
            if info is None or _header(info.name, info.size) != head:
                if len(head) < BLOCK:
                    raise Damaged(part=last or "begin", reason="the file is cut off after it")
                raise Damaged(part=f"after {last}" if last else "begin", reason="what follows is no part of a backup")
            if not (NAME.fullmatch(info.name) or FILE.fullmatch(info.name)):
                raise NoBackup(path=str(self.path))
            if at + BLOCK + info.size > self.size:
                raise Damaged(part=info.name, reason="the file is cut off in it")
            yield Part(info.name, at + BLOCK, info.size)
            last = info.name
            at += BLOCK + info.size + -info.size % BLOCK

    def _manifest(self) -> dict[str, Any]:
        for name in ("manifest.json", "manifest.sig"):
            if name not in self.parts:
                raise Damaged(part=name, reason="it is missing")
        body = self.read("manifest.json")
        try:
            told: dict[str, Any] = orjson.loads(body)
            verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(told["keys"]["signer"]))
            verifier.verify(b64decode(self.read("manifest.sig"), validate=True), body)
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise Damaged(part="manifest.json", reason="its signature does not fit") from None
        if told["format"] > FORMAT:
            raise NoBackup(path=str(self.path))
        return told

    def read(self, name: str) -> bytes:
        """A small part, whole."""
        return b"".join(self.stream(self.parts[name]))

    def stream(self, part: Part) -> Iterator[bytes]:
        """The bytes of a part; ``Damaged`` at its end when they are not those that were put in."""
        self._file.seek(part.at)
        left, digester = part.size, seal.Sm3()
        while left:
            piece = self._file.read(min(PIECE, left))
            if not piece:
                raise Damaged(part=part.name, reason="the file is cut off in it")
            left -= len(piece)
            digester.add(piece)
            yield piece
        if part.name.startswith("manifest."):
            return
        known = part.digest_by_name if part.is_file else self.manifest["parts"].get(part.name, {}).get("sm3")
        if digester.hex() != known:
            raise Damaged(part=part.name, reason="its digest is another one")
        if self._file.read(-part.size % BLOCK).strip(b"\0"):
            raise Damaged(part=part.name, reason="what fills it up was changed")

    def check(self) -> int:
        """Read every part, in order; every file on the list must be there. How many parts there are."""
        for name in self.manifest["parts"]:
            if name not in self.parts and not name.startswith("manifest."):
                raise Damaged(part=name, reason="it is missing")
        for part in self.parts.values():
            for _ in self.stream(part):
                pass
        self.check_list()
        return len(self.parts)

    def check_list(self) -> None:
        """Kept files against their list, both ways."""
        listed = dict(line.split(" ") for line in self.read("files.list").decode().splitlines())
        there = {part.digest_by_name: part for part in self.files()}
        for digest, size in listed.items():
            if digest not in there:
                raise Damaged(part=f"files/{digest[:2]}/{digest[2:]}", reason="it is missing")
            if there[digest].size != int(size):
                raise Damaged(part=there[digest].name, reason="it has another size")
        for digest, part in there.items():
            if digest not in listed:
                raise Damaged(part=part.name, reason="it is not on the list")
