"""What ships: the roles, and the words of every permission with the roles that hold it.

``data/roles.toml`` holds the bundles of the first stages; ``data/rights/STAGE.toml`` the words of a stage's permissions
(``[[permission]]``) and what it adds to the shipped roles (``[[grant]]``: roles, permissions with their reach).
"""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from gangmu.base.access.model import Role


@lru_cache(maxsize=1)
def _rights() -> tuple[dict[str, Any], ...]:
    folder = resources.files("gangmu.base.access") / "data" / "rights"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return tuple(tomllib.loads(one.read_text("utf-8")) for one in files)


@lru_cache(maxsize=1)
def permissions() -> dict[str, dict[str, str]]:
    """Every permission of the house with its titles (zh, en), for administration and the flows' model check."""
    return {row["id"]: row["title"] for part in _rights() for row in part.get("permission", ())}


@lru_cache(maxsize=1)
def roles() -> tuple[Role, ...]:
    """The shipped roles with everything that the stages give them."""
    text = (resources.files("gangmu.base.access") / "data" / "roles.toml").read_text("utf-8")
    made = []
    for row in tomllib.loads(text)["role"]:
        held = [(item["id"], item["reach"]) for item in row["permissions"]]
        for part in _rights():
            for grant in part.get("grant", ()):
                if row["id"] in grant["roles"]:
                    held += [(item["id"], item["reach"]) for item in grant["permissions"]]
        title, excludes = row["title"], tuple(row.get("excludes", ()))
        kind = row.get("kind", "normal")
        made.append(Role(row["id"], title["zh"], title["en"], kind, excludes, tuple(dict.fromkeys(held))))
    return tuple(made)
