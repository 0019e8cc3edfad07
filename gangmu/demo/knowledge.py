"""What the invented city's hotline knows (知识库): entries of its departments, in force since the city was founded."""

import tomllib
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from gangmu.core import knowledge
from gangmu.core.knowledge import Content
from gangmu.demo.people import FOUNDER, Settled
from gangmu.demo.roster import PLACEHOLDER
from gangmu.kit.unit import open_unit

REVISED, SHORT_LIVED, LIFE = timedelta(days=200), 6, timedelta(days=20)


@lru_cache(maxsize=4)
def entries(short: str = PLACEHOLDER) -> tuple[dict[str, Any], ...]:
    """The entries of the data file."""
    text = (resources.files("gangmu.demo") / "data" / "knowledge.toml").read_text("utf-8")
    return tuple(tomllib.loads(text.replace(PLACEHOLDER, short))["entry"])


def write_knowledge(settled: Settled, division: str, short: str) -> int:
    """Put the entries in force for the whole city; a few end soon, so that somebody has to renew them."""
    with open_unit(FOUNDER, "write the knowledge base") as unit:
        for nth, row in enumerate(entries(short)):
            ends = unit.now.date() + LIFE if nth % SHORT_LIVED == 0 else None
            told = Content(
                question=row["question"],
                answer=row["answer"],
                owner=settled.orgs[row["owner"]],
                division=division,
                note=row.get("note", ""),
                words=tuple(row.get("words", ())),
                source="演示城市部门办事指南",
                basis=row.get("basis", ""),
                verified=True,
                valid_from=unit.now.date() - REVISED,
                valid_to=ends,
            )
            knowledge.add_entry(unit, FOUNDER, told, publish=True)
    return len(entries(short))
