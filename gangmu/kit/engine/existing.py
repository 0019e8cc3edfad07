"""A PostgreSQL that is there already, named by its address."""

from dataclasses import dataclass

import psycopg

from gangmu.kit.engine.errors import TooOld, Unreachable, WrongEncoding
from gangmu.kit.engine.roles import grant_to_app
from gangmu.kit.log import log

OLDEST = 15


@dataclass(frozen=True, slots=True)
class Existing:
    """Looks like ``Engine`` to its user; it is neither started nor stopped by us."""

    uri_app: str
    uri_owner: str
    version: str

    def stop(self) -> bool:
        return False

    def is_alive(self) -> bool:
        """Whether it takes a connection now."""
        try:
            with _connect(self.uri_app):
                return True
        except Unreachable:
            return False


def use(uri: str, owner_uri: str = "", oldest: int = OLDEST) -> Existing:
    """Check both addresses: they answer, the version will do, texts are UTF-8."""
    version = ""
    for address in dict.fromkeys([uri, owner_uri or uri]):
        with _connect(plain(address)) as conn:
            version = conn.execute("show server_version").fetchone()[0].split()[0]  # type: ignore[index]
            if conn.info.server_version < oldest * 10000:
                raise TooOld(found=version, wanted=oldest)
            encoding = conn.execute("show server_encoding").fetchone()[0]  # type: ignore[index]
            if encoding != "UTF8":
                raise WrongEncoding(found=encoding)
    if owner_uri:
        _share(plain(uri), plain(owner_uri))
    return Existing(plain(uri), plain(owner_uri or uri), version)


def _share(uri: str, owner_uri: str) -> None:
    """Let the application use what the owner makes. A database where the owner may not grant is its keeper's work."""
    app = psycopg.conninfo.conninfo_to_dict(uri).get("user")
    with _connect(owner_uri) as conn:
        if app and app != conn.info.user:
            try:
                grant_to_app(conn, conn.info.user, str(app))
            except psycopg.errors.InsufficientPrivilege as error:
                log.warning("the owner may not grant rights here", role=app, error=str(error).strip())


def plain(uri: str) -> str:
    """Without the driver's name, as libpq wants it."""
    return uri.replace("postgresql+psycopg://", "postgresql://", 1)


def _connect(uri: str) -> psycopg.Connection:
    try:
        return psycopg.connect(uri, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise Unreachable(reason=_without_password(str(error).strip().splitlines()[-1], uri)) from None


def _without_password(said: str, uri: str) -> str:
    password = uri.split("@", maxsplit=1)[0].rpartition(":")[2] if "@" in uri else ""
    return said.replace(password, "***") if password else said
