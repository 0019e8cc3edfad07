"""The component classes that travel with the house (GB/T 30428.2 through a city's standard; unverified where ours)."""

import csv
import io
from functools import lru_cache
from importlib import resources

from gangmu.base.registers.model import Kind, shipped_code
from gangmu.kit import ids


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    text = (resources.files("gangmu.base.registers") / "data" / "classes.csv").read_text("utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


def kinds(variant: str) -> list[Kind]:
    """The shipped classes in the variant of this node, each with a fresh id."""
    return [
        Kind(
            ids.new("ccl"),
            shipped_code(row["code"], variant, local=row["local"] == "yes"),
            row["title_zh"],
            row["title_en"],
            tuple(row["extras"].split()),
            row["source"],
            row["verified"] == "yes",
            row["local"] == "yes",
            None,
            1,
        )
        for row in _rows()
    ]
