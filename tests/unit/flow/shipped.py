"""The shipped flows and small builders for the tests of this folder."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources

from gangmu.base.access import shipped
from gangmu.core.flow import ActFact, Acting, EvidenceFact, Facts, Flow
from gangmu.core.flow.reading import parse

START = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)


@lru_cache
def definition(name: str) -> dict:
    return tomllib.loads((resources.files("gangmu.core.flow") / "data" / f"{name}.toml").read_text("utf-8"))


@lru_cache
def flow(name: str) -> Flow:
    return parse(definition(name), version=1)


@lru_cache
def shipped_roles() -> dict[str, dict]:
    return {
        role.id: {
            "id": role.id,
            "kind": role.kind,
            "excludes": list(role.excludes),
            "permissions": [{"id": held, "reach": reach} for held, reach in role.permissions],
        }
        for role in shipped.roles()
    }


@lru_cache
def permissions() -> dict[str, dict]:
    return shipped.permissions()


def person(name: str, org: str = "centre", *roles: str) -> Acting:
    return Acting(person=name, post=f"{name}@{org}", org=org, org_chain=(org,), roles=roles)


def did(facts: Facts, verb: str, who: Acting, to: str | None = None, **args: object) -> Facts:
    """The facts after an act, an hour later."""
    act = ActFact(verb, facts.now, who.person, who.post, who.org, "", args, facts.state, to or facts.state)
    return replace(facts, state=to or facts.state, acts=(*facts.acts, act), now=facts.now + timedelta(hours=1))


def at_state(state: str, **more: object) -> Facts:
    return Facts(state=state, now=START, **more)  # type: ignore[arg-type]


def photo(kind: str, at: datetime = START, **more: object) -> EvidenceFact:
    return EvidenceFact(kind=kind, received_at=at, **more)  # type: ignore[arg-type]
