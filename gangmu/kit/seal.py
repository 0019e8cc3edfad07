"""SM3 digests and SM4-GCM sealing of personal fields, a key per subject.

The master key lives outside the database (``keys/master`` in the data folder, 0600). A subject's key is
stored wrapped by it; destroying that row erases every field of the subject, in tables and journal alike.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gangmu.kit.errors import HouseError

_HASHLIB = "sm3" in hashlib.algorithms_available
_EMPTY: Any = hashlib.new("sm3") if _HASHLIB else hashes.Hash(hashes.SM3())


class KeysMissing(HouseError):
    """The house was restored without its keys: new ones would not open what the old ones sealed."""

    code, status = "seal.keys_missing", 500


def sm3(*parts: bytes) -> bytes:
    """SM3 of the parts one after the other, 32 bytes (GB/T 32905)."""
    hasher = _EMPTY.copy()  # cheaper than looking the algorithm up each time
    hasher.update(b"".join(parts))
    digest: bytes = hasher.digest() if _HASHLIB else hasher.finalize()
    return digest


class Sm3:
    """SM3 of parts that come one by one."""

    def __init__(self) -> None:
        self._hasher = hashes.Hash(hashes.SM3())

    def add(self, part: bytes) -> None:
        self._hasher.update(part)

    def hex(self) -> str:
        return self._hasher.finalize().hex()


def lock(key: bytes, text: bytes, about: bytes = b"") -> bytes:
    """SM4-GCM: nonce 12 + tag 16 + ciphertext. ``about`` is authenticated, not stored."""
    nonce = os.urandom(12)
    worker = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    worker.authenticate_additional_data(about)
    body = worker.update(text) + worker.finalize()
    return nonce + worker.tag + body


def unlock(key: bytes, blob: bytes, about: bytes = b"") -> bytes | None:
    """The text back, or None when key, blob or ``about`` is not the one it was sealed with."""
    if len(blob) < 28:
        return None
    worker = Cipher(algorithms.SM4(key), modes.GCM(blob[:12], blob[12:28])).decryptor()
    worker.authenticate_additional_data(about)
    try:
        return worker.update(blob[28:]) + worker.finalize()
    except InvalidTag:
        return None


class Keys:
    """The keys of a node: one to wrap subjects' keys and to hash phones, one to sign journal heads."""

    def __init__(self, master: bytes, signer: Ed25519PrivateKey) -> None:
        self.master = master[:16]
        self.pepper = master[16:]
        self.signer = signer
        self.verifier: Ed25519PublicKey = signer.public_key()

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read the keys of a data folder, making them on first use (0600)."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (folder / "missing").exists() and not ((folder / "master").exists() and (folder / "signer").exists()):
            raise KeysMissing(path=str(folder))
        master = _read_or_make(folder / "master", lambda: os.urandom(48))
        signer = _read_or_make(
            folder / "signer",
            lambda: Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()),
        )
        keys = cls(master, Ed25519PrivateKey.from_private_bytes(signer))
        public = folder / "signer.pub"
        if not public.exists():
            public.write_bytes(keys.verifier.public_bytes(Encoding.Raw, PublicFormat.Raw))
        return keys

    def blind(self, text: str) -> bytes:
        """A keyed digest to find a phone or id number by, without storing it."""
        return hmac.new(self.pepper, text.encode(), "sm3" if _HASHLIB else "sha256").digest()


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    value = make()
    handle = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, value)
        os.fsync(handle)
    finally:
        os.close(handle)
    with suppress(FileExistsError):  # the first of two processes wins
        os.link(path.with_suffix(".new"), path)
    path.with_suffix(".new").unlink(missing_ok=True)
    return path.read_bytes()


_keys: Keys | None = None


def use(keys: Keys | None) -> None:
    """Set the keys of this process."""
    global _keys
    _keys = keys


def keys() -> Keys:
    if _keys is None:
        raise RuntimeError("the keys of the node are not loaded; boot.node does it")
    return _keys
