"""A public key as it is given to a command: its hex, or the file that holds it."""

import re
from pathlib import Path

from gangmu.faces.cli._errors import NoPublicKey

_HEX = re.compile(r"[0-9a-f]{64}")


def public_key(given: str) -> str:
    """The key in hex; empty when none was given. ``NoPublicKey`` when it is none, or when its file is not there."""
    said = given.strip()
    if not said or _HEX.fullmatch(said.lower()):
        return said.lower()
    path = Path(said).expanduser()
    try:
        held = path.read_bytes()
    except (OSError, ValueError) as error:
        raise NoPublicKey(path=said, reason=getattr(error, "strerror", None) or str(error)) from error
    if len(held) == 32:
        return held.hex()
    text = held[:100].decode("ascii", "replace").strip().lower()
    if not _HEX.fullmatch(text):
        raise NoPublicKey(path=said, reason=f"{len(held)} bytes")
    return text
