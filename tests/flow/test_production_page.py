"""The page on production: its SQL makes a database that the house works in, with rights as the page says."""

import re
import tomllib
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from gangmu import boot
from gangmu.kit import db
from gangmu.kit.engine import existing, settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "production.md").read_text("utf-8")


def block(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0]


@pytest.fixture
def made(server):
    """The database of the page under names of its own on the session's server; the addresses of both roles."""
    mark = uuid4().hex[:8]
    lines = re.sub(r"\bgangmu(_owner|_app)?\b", lambda found: f"page{found[1] or ''}_{mark}", block("sql"))
    passwords = dict(re.findall(r"CREATE ROLE (\w+) LOGIN PASSWORD '([^']+)'", lines))
    with psycopg.connect(server.admin, autocommit=True) as conn:
        for line in filter(str.strip, lines.split(";")):
            conn.execute(line)
    base = sa.make_url(server.admin)
    place = {"host": base.query.get("host") or base.host, "port": base.query.get("port") or base.port}
    uris = {
        role.split("_")[1]: f"postgresql://{role}:{quote(password)}@/page_{mark}?host={quote(str(place['host']))}"
        f"&port={place['port']}"
        for role, password in passwords.items()
    }
    yield uris
    with psycopg.connect(server.admin, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE page_{mark} WITH (FORCE)")
        for role in passwords:
            conn.execute(f"DROP ROLE {role}")


def test_the_house_works_in_the_database_of_the_page(made):
    boot.load_stages()
    found = existing.use(made["app"], made["owner"])
    boot.migrations.up(found.uri_owner, app=db.role_of(found.uri_app))
    with psycopg.connect(found.uri_app, autocommit=True) as conn:
        conn.execute("INSERT INTO kit_setting (name, value, changed_at) VALUES ('page', '1', now())")
        for forbidden in (
            "DELETE FROM journal_entry",
            "UPDATE journal_entry SET body = ''",
            "DROP TABLE kit_setting",
            "ALTER TABLE org ADD COLUMN more text",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(forbidden)


def test_the_settings_of_the_page_are_settings():
    told = tomllib.loads(block("toml"))["database"]
    assert set(told) == {"uri", "owner_uri"} <= set(settings.DatabaseSettings.model_fields)
    listed = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md").read_text("utf-8")
    for name in re.findall(r"`([a-z]+\.[a-z_]+)(?: = [a-z]+)?`[,| ]", PAGE):
        assert f"`{name}`" in listed, name
