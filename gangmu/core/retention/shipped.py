"""The rules that travel with the house."""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache(maxsize=1)
def rules() -> tuple[dict[str, Any], ...]:
    text = (resources.files("gangmu.core.retention") / "data" / "rules.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["rule"])
