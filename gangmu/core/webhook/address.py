"""Addresses of applications: what can be called at all."""

from urllib.parse import unquote, urlsplit

from gangmu.kit.errors import Invalid


def checked_address(text: str) -> str:
    """An address that can be called: http or https, a host, no user, query or fragment."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise Invalid(field="address", reason="not an address") from error
    turns = {unquote(part) for part in parts.path.split("/")} & {".", ".."}
    if (
        not usable
        or turns
        or parts.path.startswith("//")
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
        or "\\" in text
    ):
        raise Invalid(field="address", reason="http(s)://host/path without user, query and fragment")
    return text.strip()


def base_and_path(address: str) -> tuple[str, str]:
    """Host and path of an address, as the client wants them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/")
