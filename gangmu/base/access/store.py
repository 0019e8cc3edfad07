"""The only SQL of accounts, sessions and roles."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection

from gangmu.base.access.model import Account, Application, Role, Session
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, json_col, maker, metadata, ref_col, secret_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

account = sa.Table(
    "account",
    metadata,
    id_col("id", "acc"),
    ref_col("person", "prs", "person.id", nullable=False, index=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    secret_col("password_hash", nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    when("changed_at", nullable=False),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    when("locked_until"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    version_col(),
    sa.Column("number", sa.Text, unique=True),
)

session = sa.Table(
    "session",
    metadata,
    id_col("id", "ses"),
    sa.Column("digest", sa.Text, nullable=False, unique=True, info={"secret": True}),
    ref_col("account", "acc", "account.id", nullable=False, index=True),
    ref_col("person", "prs", nullable=False),
    ref_col("post", "pst"),
    secret_col("csrf", nullable=False),
    text_col("browser"),
    when("made_at", nullable=False),
    when("seen_at", nullable=False),
    ref_col("provider", "idp"),
    sa.Column("ticket", sa.Text, index=True, info={"secret": True}),
)

role = sa.Table(
    "role",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title_zh", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="normal"),
    texts_col("excludes"),
    json_col("permissions", nullable=False),
)

application = sa.Table(
    "application",
    metadata,
    id_col("id", "app"),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("digest", sa.Text, unique=True, info={"secret": True}),
    texts_col("roles"),
    ref_col("org", "org", "org.id", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    texts_col("networks"),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    when("made_at", nullable=False),
    when("ends_at"),
    when("used_at"),
    version_col(),
)

_account = maker(Account)


def add_account(unit: Unit, new: Account) -> None:
    names = ("id", "person", "username", "password_hash", "must_change", "changed_at", "failures", "active")
    unit.insert(account, {name: getattr(new, name) for name in names})


def save_account(unit: Unit, changed: Account, was: Account) -> None:
    names = ("password_hash", "must_change", "changed_at", "failures", "locked_until", "active", "number")
    unit.update(account, changed.id, {name: getattr(changed, name) for name in names}, was=was)


def get_account(unit: Unit, account_id: Id, *, seen_by: Actor) -> Account:
    row = unit.one(sa.select(account).where(account.c.id == account_id))
    if row is None:
        raise NotFound(what=str(account_id))
    return _account(row)


def find_account(unit: Unit, username: str, number: str = "", *, seen_by: Actor) -> Account | None:
    mine = account.c.number == number if number else account.c.username == username.lower()
    row = unit.one(sa.select(account).where(mine))
    return None if row is None else _account(row)


def list_accounts(unit: Unit, *, seen_by: Actor) -> list[Account]:
    return [_account(row) for row in unit.rows(sa.select(account).order_by(account.c.username).limit(2000))]


def add_session(unit: Unit, new: Session, digest: str, ticket: str | None = None) -> None:
    names = ("id", "account", "person", "post", "csrf", "browser", "made_at", "seen_at", "provider")
    unit.insert(session, {**{name: getattr(new, name) for name in names}, "digest": digest, "ticket": ticket})


def end_all_sessions(unit: Unit) -> int:
    return unit.run(sa.delete(session))


def end_session(unit: Unit, session_id: Id) -> bool:
    return unit.run(sa.delete(session).where(session.c.id == session_id)) == 1


def end_sessions_of(unit: Unit, account_id: Id, but: Id | None = None) -> int:
    gone = sa.delete(session).where(session.c.account == account_id)
    return unit.run(gone if but is None else gone.where(session.c.id != but))


def end_ticket_sessions(unit: Unit, provider: Id, ticket: str) -> int:
    return unit.run(sa.delete(session).where(session.c.provider == provider, session.c.ticket == ticket))


def end_provider_sessions(unit: Unit, provider: Id, account_id: Id) -> int:
    return unit.run(sa.delete(session).where(session.c.provider == provider, session.c.account == account_id))


def choose_post(unit: Unit, session_id: Id, post_id: Id) -> None:
    unit.run(sa.update(session).where(session.c.id == session_id).values(post=post_id))


def find_session(conn: Connection, digest: str) -> Session | None:
    """The session under a token digest, whatever its age; the caller judges that. Used before there is an actor."""
    query = (
        sa.select(session, sa.and_(account.c.must_change, session.c.provider.is_(None)).label("must_change"))
        .join(account, account.c.id == session.c.account)
        .where(session.c.digest == digest, account.c.active)
    )
    row = conn.execute(query).first()
    return None if row is None else maker(Session)(row)


def touch_session(conn: Connection, session_id: Id, seen_at: datetime) -> None:
    conn.execute(sa.update(session).where(session.c.id == session_id).values(seen_at=seen_at))


def list_sessions(unit: Unit, *, seen_by: Actor, person: Id | None = None) -> list[Any]:
    query = sa.select(session, account.c.username).join(account, account.c.id == session.c.account)
    if person is not None:
        query = query.where(session.c.person == person)
    return list(unit.rows(query.order_by(session.c.seen_at.desc()).limit(500)))


# --- applications ----------------------------------------------------------------------------------------


def _application(row: Any) -> Application:
    return Application(
        row.id,
        row.name,
        tuple(row.roles),
        row.org,
        row.division,
        tuple(row.networks),
        row.active,
        row.made_at,
        row.ends_at,
        row.used_at,
        row.version,
    )


def add_application(unit: Unit, new: Application, digest: str) -> None:
    names = ("id", "name", "org", "division", "active", "made_at", "ends_at")
    values = {name: getattr(new, name) for name in names}
    unit.insert(application, {**values, "roles": list(new.roles), "networks": list(new.networks), "digest": digest})


def save_application(unit: Unit, changed: Application, was: Application) -> None:
    names = ("org", "division", "active", "ends_at")
    lists = {"roles": list(changed.roles), "networks": list(changed.networks)}
    before = {name: getattr(was, name) for name in (*names, "version")}
    before |= {"roles": list(was.roles), "networks": list(was.networks)}
    unit.update(application, was.id, {**{name: getattr(changed, name) for name in names}, **lists}, was=before)


def set_digest(unit: Unit, application_id: Id, digest: str | None) -> None:
    unit.run(sa.update(application).where(application.c.id == application_id).values(digest=digest))


def get_application(unit: Unit, application_id: Id, *, seen_by: Actor) -> Application:
    row = unit.one(sa.select(application).where(application.c.id == application_id))
    if row is None:
        raise NotFound(what=str(application_id))
    return _application(row)


def list_applications(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Application]:
    return page.of(unit, sa.select(application), wanted, [application.c.name, application.c.id], _application)


def find_application(conn: Connection, digest: str) -> Application | None:
    """The application under a token digest. Used before there is an actor."""
    row = conn.execute(sa.select(application).where(application.c.digest == digest)).first()
    return None if row is None else _application(row)


def touch_application(conn: Connection, application_id: Id, used_at: datetime) -> None:
    """Note the use; a row that another request holds is left alone, so that calls do not wait for each other."""
    free = sa.select(application.c.id).where(application.c.id == application_id)
    free = free.with_for_update(key_share=True, skip_locked=True)
    conn.execute(sa.update(application).where(application.c.id.in_(free)).values(used_at=used_at))


# --- roles -----------------------------------------------------------------------------------------------


def put_role(unit: Unit, new: Role) -> None:
    values = {
        "id": new.id,
        "title_zh": new.title_zh,
        "title_en": new.title_en,
        "kind": new.kind,
        "excludes": list(new.excludes),
        "permissions": [list(pair) for pair in new.permissions],
    }
    adding = pg_insert(role).values(values)
    changed = adding.on_conflict_do_update(
        index_elements=["id"],
        set_={name: value for name, value in values.items() if name != "id"},
        where=role.c.permissions != adding.excluded.permissions,
    )
    if unit.run(changed):
        unit.touch(role)
        unit.note("set role", f"role:{new.id}", permissions=values["permissions"])


def roles(unit: Unit, *, seen_by: Actor) -> dict[str, Role]:
    """All roles by id. Every request of a person asks, so they are a moment old."""

    def load() -> dict[str, Role]:
        return {
            row.id: Role(
                row.id,
                row.title_zh,
                row.title_en,
                row.kind,
                tuple(row.excludes),
                tuple((permission, reach) for permission, reach in row.permissions),
            )
            for row in unit.rows(sa.select(role).order_by(role.c.id))
        }

    return unit.lately(role, "all", load)
