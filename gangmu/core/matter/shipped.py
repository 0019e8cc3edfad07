"""The catalogue that travels with the house, read from its data files."""

import csv
import io
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from gangmu.core.matter.model import Closing, Condition, Matter, Tree
from gangmu.kit import ids


def _text(name: str) -> str:
    return (resources.files("gangmu.core.matter") / "data" / name).read_text("utf-8")


@lru_cache(maxsize=4)
def _rows(name: str) -> tuple[dict[str, str], ...]:
    return tuple(csv.DictReader(io.StringIO(_text(name))))


def source_said(source: str, lang: str) -> str:
    """A source in a language: the shipped ones are known in both, a city's own stays as it was written."""
    known = next((row for row in _rows("sources.csv") if row["given"] == source), None)
    return source if known is None else known["zh" if lang.startswith("zh") else "en"]


def trees() -> list[Tree]:
    """The shipped code trees."""
    return [_tree(row) for row in tomllib.loads(_text("trees.toml"))["tree"]]


def _tree(row: dict[str, Any]) -> Tree:
    span = row["extension"]
    return Tree(
        id=row["id"],
        title_zh=row["title"]["zh"],
        title_en=row["title"]["en"],
        pairs=tuple(row["pairs"]),
        extension_first=span["first"],
        extension_last=span["last"],
        flow=row["flow"],
        source=row["source"],
        region=row["region"],
        edition=row["edition"],
        valid_from=row["valid_from"],
        valid_to=None,
        verified=row["verified"],
    )


def matters(tree: Tree) -> list[Matter]:
    """The shipped classes of a tree, each with a fresh id."""
    return [
        Matter(
            id=ids.new("mat"),
            tree=tree.id,
            code=row["code"],
            parent=row["parent"],
            level=int(row["level"]),
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            local=row["local"] == "yes",
            national=row["national"],
            source=row["source"],
            region=tree.region,
            verified=row["verified"] == "yes",
            note="",
            valid_from=tree.valid_from,
            valid_to=None,
        )
        for row in _rows("classes.csv")
        if row["tree"] == tree.id
    ]


def conditions(tree: Tree) -> list[Condition]:
    """The shipped filing conditions of a tree, each with a fresh id."""
    english = {row["text_zh"]: row["text_en"] for row in _rows("closings.csv")}
    return [
        Condition(
            id=ids.new("cnd"),
            tree=tree.id,
            code=row["code"],
            seq=int(row["seq"]),
            text_zh=row["text_zh"],
            text_en=row["text_en"],
            limit=row["limit"],
            closing=tuple(Closing(ids.new("clc"), said, english[said]) for said in row["closing"].split("|") if said),
            units=tuple(filter(None, row["units"].split("|"))),
            same_time=row["same_time"] == "yes",
            source=row["source"],
            region=tree.region,
            verified=row["verified"] == "yes",
            note=row["note"],
            valid_from=tree.valid_from,
            valid_to=None,
        )
        for row in _rows("conditions.csv")
        if row["tree"] == tree.id
    ]
