"""The only SQL of providers, of whom they vouched for, and of the posts that follow."""

from typing import Any

import sqlalchemy as sa

from gangmu.base.signin.model import GroupRule, Kind, Known, LinkRule, MatchBy, Proposal, Provider
from gangmu.kit import page
from gangmu.kit.actor import Actor
from gangmu.kit.db import id_col, maker, metadata, ref_col, sealed_col, text_col, texts_col, version_col, when
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

provider = sa.Table(
    "provider",
    metadata,
    id_col("id", "idp"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, unique=True),
    sa.Column("address", sa.Text, nullable=False),
    text_col("client_id"),
    sealed_col("secret"),
    text_col("scopes"),
    text_col("claim_match"),
    text_col("claim_name"),
    text_col("claim_groups"),
    sa.Column("match_by", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    version_col(),
)

vouched = sa.Table(
    "vouched",
    metadata,
    id_col("id", "vch"),
    ref_col("provider", "idp", "provider.id", nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    text_col("match"),
    text_col("name"),
    texts_col("groups"),
    ref_col("account", "acc", "account.id", index=True),
    when("linked_at"),
    text_col("linked_by"),
    when("first_at", nullable=False),
    when("last_at", nullable=False),
    version_col(),
    sa.UniqueConstraint("provider", "subject"),
    sa.UniqueConstraint("provider", "account"),
)

mapping = sa.Table(
    "role_mapping",
    metadata,
    id_col("id", "rmp"),
    ref_col("provider", "idp", "provider.id", nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    ref_col("org", "org", "org.id", nullable=False),
    sa.Column("division", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    texts_col("roles"),
    sa.UniqueConstraint("provider", "group", "org", "title"),
)

proposal = sa.Table(
    "role_proposal",
    metadata,
    id_col("id", "rpp"),
    ref_col("provider", "idp", "provider.id", nullable=False),
    ref_col("known", "vch", "vouched.id", nullable=False, index=True),
    ref_col("mapping", "rmp", nullable=False),
    sa.Column("do", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    ref_col("post", "pst"),
    text_col("why"),
    when("made_at", nullable=False),
    when("decided_at"),
    ref_col("decided_by", "prs"),
    version_col(),
    sa.Index(
        "ix_role_proposal_waiting", "known", "mapping", "do", unique=True, postgresql_where=sa.text("state = 'waiting'")
    ),
)

_proposal = maker(Proposal)


def _provider(row: Any) -> Provider:
    found = dict(row._mapping)
    names = Provider.__slots__
    kinds = {"kind": Kind(row.kind), "match_by": MatchBy(row.match_by), "link": LinkRule(row.link)}
    return Provider(**{name: found[name] for name in names} | kinds)


def _known(row: Any) -> Known:
    found = {name: row._mapping[name] for name in Known.__slots__}
    return Known(**found | {"groups": tuple(found["groups"])})


def _mapping(row: Any) -> GroupRule:
    found = {name: row._mapping[name] for name in GroupRule.__slots__}
    return GroupRule(**found | {"roles": tuple(found["roles"])})


def _values(new: Provider) -> dict[str, Any]:
    names = [name for name in Provider.__slots__ if name not in ("id", "version")]
    found = {name: getattr(new, name) for name in names}
    return found | {"kind": new.kind.value, "match_by": new.match_by.value, "link": new.link.value}


def add_provider(unit: Unit, new: Provider) -> None:
    unit.insert(provider, {"id": new.id, **_values(new)})


def save_provider(unit: Unit, changed: Provider, was: Provider) -> None:
    unit.update(provider, was.id, _values(changed), was={**_values(was), "version": was.version})


def get_provider(unit: Unit, provider_id: Id, *, seen_by: Actor) -> Provider:
    row = unit.one(sa.select(provider).where(provider.c.id == provider_id))
    if row is None:
        raise NotFound(what=str(provider_id))
    return _provider(row)


def list_providers(unit: Unit, *, seen_by: Actor, active: bool = False) -> list[Provider]:
    query = sa.select(provider).order_by(provider.c.title).limit(50)
    return [_provider(row) for row in unit.rows(query.where(provider.c.active) if active else query)]


def add_known(unit: Unit, new: Known) -> None:
    unit.insert(vouched, {name: getattr(new, name) for name in Known.__slots__} | {"groups": list(new.groups)})


def save_known(unit: Unit, changed: Known, was: Known) -> None:
    names = ("match", "name", "account", "linked_at", "linked_by", "last_at")
    values = {name: getattr(changed, name) for name in names} | {"groups": list(changed.groups)}
    before = {name: getattr(was, name) for name in (*names, "version")} | {"groups": list(was.groups)}
    unit.update(vouched, was.id, values, was=before)


def find_known(unit: Unit, provider_id: Id, subject: str, *, seen_by: Actor) -> Known | None:
    mine = sa.select(vouched).where(vouched.c.provider == provider_id, vouched.c.subject == subject)
    row = unit.one(mine.with_for_update())
    return None if row is None else _known(row)


def get_known(unit: Unit, known_id: Id, *, seen_by: Actor) -> Known:
    row = unit.one(sa.select(vouched).where(vouched.c.id == known_id).with_for_update())
    if row is None:
        raise NotFound(what=str(known_id))
    return _known(row)


def list_known(unit: Unit, provider_id: Id, wanted: Page, *, seen_by: Actor, waiting: bool) -> Paged[Known]:
    query = sa.select(vouched).where(vouched.c.provider == provider_id)
    if waiting:
        query = query.where(vouched.c.account.is_(None))
    return page.of(unit, query, wanted, [page.Key(vouched.c.id, descending=True)], _known)


def add_mapping(unit: Unit, new: GroupRule) -> None:
    unit.insert(mapping, {name: getattr(new, name) for name in GroupRule.__slots__} | {"roles": list(new.roles)})


def drop_mapping(unit: Unit, was: GroupRule) -> None:
    unit.delete(mapping, was.id, was={name: getattr(was, name) for name in GroupRule.__slots__})


def list_mappings(unit: Unit, provider_id: Id, *, seen_by: Actor) -> list[GroupRule]:
    query = sa.select(mapping).where(mapping.c.provider == provider_id)
    return [_mapping(row) for row in unit.rows(query.order_by(mapping.c.group, mapping.c.id).limit(1000))]


def add_proposal(unit: Unit, new: Proposal) -> None:
    unit.insert(proposal, {name: getattr(new, name) for name in Proposal.__slots__})


def save_proposal(unit: Unit, changed: Proposal, was: Proposal) -> None:
    names = ("state", "post", "why", "decided_at", "decided_by")
    unit.update(proposal, was.id, {name: getattr(changed, name) for name in names}, was=was)


def get_proposal(unit: Unit, proposal_id: Id, *, seen_by: Actor) -> Proposal:
    row = unit.one(sa.select(proposal).where(proposal.c.id == proposal_id).with_for_update())
    if row is None:
        raise NotFound(what=str(proposal_id))
    return _proposal(row)


def list_proposals_of(unit: Unit, known_id: Id, *, seen_by: Actor) -> list[Proposal]:
    query = sa.select(proposal).where(proposal.c.known == known_id).order_by(proposal.c.id.desc()).limit(1000)
    return [_proposal(row) for row in unit.rows(query)]


def list_waiting(unit: Unit, wanted: Page, *, seen_by: Actor) -> Paged[Proposal]:
    query = sa.select(proposal).where(proposal.c.state == "waiting")
    return page.of(unit, query, wanted, [proposal.c.id], _proposal)


def find_mapping(unit: Unit, mapping_id: Id, *, seen_by: Actor) -> GroupRule | None:
    row = unit.one(sa.select(mapping).where(mapping.c.id == mapping_id))
    return None if row is None else _mapping(row)
