"""The roles and the database that the house works in, put right at every start.

``gangmu_owner`` owns the tables and runs migrations; ``gangmu_app`` works with the rows and owns nothing;
``gangmu_admin`` is the server's administrator, for making databases (tests) and for repair.
"""

import time
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from gangmu.kit.engine.errors import SlowStart
from gangmu.kit.engine.server import ADMIN, Server

OWNER = "gangmu_owner"
APP = "gangmu_app"
ROLES = (ADMIN, OWNER, APP)
DATABASE = "gangmu"


def uri(server: Server, role: str, password: str, database: str = DATABASE) -> str:
    """The address of a database of this server for a role, through the socket."""
    place = urlencode({"host": str(server.socket_dir), "port": server.port})
    return f"postgresql://{role}:{quote(password, safe='')}@/{database}?{place}"


def put_right(server: Server, passwords: dict[str, str]) -> None:
    """Make what is missing of roles, passwords and database. Changes nothing when all is there."""
    with _connect(uri(server, ADMIN, passwords[ADMIN], "postgres")) as admin:
        known = {row[0] for row in admin.execute("select rolname from pg_roles")}
        for role in (OWNER, APP):
            verb = "ALTER" if role in known else "CREATE"
            if role not in known or not _may_enter(server, role, passwords[role]):
                says = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD {}")
                admin.execute(says.format(sql.Identifier(role), sql.Literal(passwords[role])))
        if admin.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            names = sql.Identifier(DATABASE), sql.Identifier(OWNER)
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
            admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
    with _connect(uri(server, ADMIN, passwords[ADMIN])) as admin:
        grant_to_app(admin, OWNER, APP)


def grant_to_app(conn: psycopg.Connection, owner: str, app: str) -> None:
    """What ``owner`` makes in the connected database, ``app`` may read and write, but not alter or drop."""
    names = {"owner": sql.Identifier(owner), "app": sql.Identifier(app)}
    names["database"] = sql.Identifier(conn.info.dbname)
    of_owner = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    for line in (
        of_owner + "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        of_owner + "GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
    ):
        conn.execute(sql.SQL(line).format(**names))


def _may_enter(server: Server, role: str, password: str) -> bool:
    try:
        with psycopg.connect(uri(server, role, password), connect_timeout=10):
            return True
    except psycopg.OperationalError:
        return False


def _connect(address: str) -> psycopg.Connection:
    """A connection; a server that has just come up may refuse the first ones."""
    for left in range(100, -1, -1):
        try:
            return psycopg.connect(address, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            if left == 0 or "starting up" not in str(error):
                raise
            time.sleep(0.1)
    raise SlowStart(seconds=10, log="")
