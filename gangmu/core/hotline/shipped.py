"""The outcomes that travel with the house, read from their data file."""

import tomllib
from datetime import date
from importlib import resources

from gangmu.core.hotline.model import Outcome
from gangmu.kit import ids

FROM = date(2000, 1, 1)


def outcomes() -> list[Outcome]:
    """Each with a fresh id, in the order of the file."""
    text = (resources.files("gangmu.core.hotline") / "data" / "outcomes.toml").read_text("utf-8")
    return [
        Outcome(
            id=ids.new("hoc"),
            key=row["key"],
            group=row["group"],
            hot_key=row["hot_key"],
            title_zh=row["title"]["zh"],
            title_en=row["title"]["en"],
            answer_zh=row["answer"]["zh"],
            answer_en=row["answer"]["en"],
            authority_zh=row.get("authority", {}).get("zh", ""),
            authority_en=row.get("authority", {}).get("en", ""),
            needs=tuple(row["needs"]),
            source=row["source"],
            region=row.get("region", ""),
            verified=row["verified"],
            place=place,
            valid_from=FROM,
            valid_to=None,
        )
        for place, row in enumerate(tomllib.loads(text)["outcome"], start=1)
    ]
