"""The keys of a house in its backup: sealed with a passphrase, or not in it at all.

Without them a restored house can be proven but not opened: personal fields stay sealed for ever. So a backup without
keys is worth nothing unless the folder ``keys/`` is kept elsewhere.
"""

import base64
import os
from collections.abc import Mapping
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gangmu.care.errors import NotWritten, ShortPassphrase, WrongKeys, WrongPassphrase
from gangmu.kit import seal

NAMES = ("master", "signer")
LEAST = 12
_ABOUT = b"gangmu keys"
_MAGIC = b"GMK1"


def read_passphrase(path: Path) -> bytes:
    """The first line of a file."""
    try:
        said = path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise NotWritten(path=str(path), reason=error.strerror or str(error)) from error
    if len(said) < LEAST:
        raise ShortPassphrase(least=LEAST)
    return said


def mark(master: bytes) -> str:
    """Tells whether a master key is that of a backup, and nothing about the key."""
    return seal.sm3(b"gangmu master key mark", master).hex()[:32]


def check(found: Mapping[str, bytes], told: Mapping[str, str], path: Path) -> None:
    """``WrongKeys`` unless both are those that a manifest tells of: the master by its mark, the signer by its public
    half. A forged backup is signed with a key of the forger's, which no folder of the house has."""
    if mark(found.get("master", b"")) != told["master"] or _public(found.get("signer", b"")) != told["signer"]:
        raise WrongKeys(path=str(path))


def _public(signer: bytes) -> str:
    try:
        return Ed25519PrivateKey.from_private_bytes(signer).public_key().public_bytes_raw().hex()
    except ValueError:
        return ""


def sealed(folder: Path, passphrase: bytes) -> bytes:
    """The keys of a folder, opened again only with the passphrase (scrypt, SM4-GCM)."""
    salt = os.urandom(16)
    told = {name: base64.b64encode((folder / name).read_bytes()).decode() for name in NAMES}
    return _MAGIC + salt + seal.lock(_derived(passphrase, salt), orjson.dumps(told), _ABOUT)


def opened(blob: bytes, passphrase: bytes) -> dict[str, bytes]:
    """The keys by name; ``WrongPassphrase`` when they stay closed."""
    plain = seal.unlock(_derived(passphrase, blob[4:20]), blob[20:], _ABOUT) if blob[:4] == _MAGIC else None
    if plain is None:
        raise WrongPassphrase()
    return {name: base64.b64decode(text) for name, text in orjson.loads(plain).items() if name in NAMES}


def _derived(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=16, n=2**15, r=8, p=1).derive(passphrase)
