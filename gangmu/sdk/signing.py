"""Signed calls between systems (国密 HMAC-SM3): who has the secret made this call, now, and made it once.

The signature is over time stamp, nonce and body, joined by line feeds; the receiver refuses what is out of its time
window and a nonce that it has seen.
"""

import hashlib
import hmac
from typing import Literal

from gangmu.kit import seal

STAMP, NONCE, SIGNATURE = "x-gangmu-timestamp", "x-gangmu-nonce", "x-gangmu-signature"
Digest = Literal["sm3", "sha256"]
_BLOCK = 64


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    """HMAC (RFC 2104) with SM3 (GB/T 32905)."""
    padded = (seal.sm3(key) if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = seal.sm3(bytes(byte ^ 0x36 for byte in padded), message)
    return seal.sm3(bytes(byte ^ 0x5C for byte in padded), inner)


def sign(secret: str, stamp: str, nonce: str, body: bytes, digest: Digest = "sm3") -> str:
    """The signature, in hex."""
    said = f"{stamp}\n{nonce}\n".encode() + body
    if digest == "sha256":
        return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
    return hmac_sm3(secret.encode(), said).hex()


def head(secret: str, stamp: str, nonce: str, body: bytes) -> dict[str, str]:
    """The head lines of a signed call."""
    return {STAMP: stamp, NONCE: nonce, SIGNATURE: sign(secret, stamp, nonce, body)}


def agrees(secret: str, stamp: str, nonce: str, body: bytes, given: str) -> bool:
    """Whether a signature is the one that the secret makes; compared in constant time."""
    return hmac.compare_digest(sign(secret, stamp, nonce, body).encode(), given.strip().lower().encode())
