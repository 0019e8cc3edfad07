"""How the board reads the shipped flows, from its data file."""

import tomllib
from functools import lru_cache
from importlib import resources

from gangmu.core.board.model import Ways


@lru_cache(maxsize=1)
def ways() -> Ways:
    data = tomllib.loads((resources.files("gangmu.core.board") / "data" / "board.toml").read_text("utf-8"))
    stages = tuple(data["stages"])
    flows = data["flow"]
    return Ways(
        stages=stages,
        stage_of={
            (flow, state): stage for flow, row in flows.items() for stage in stages for state in row.get(stage, ())
        },
        judged={flow: frozenset(row.get("judged", ())) for flow, row in flows.items()},
        danger={tree: tuple(codes) for tree, codes in data["danger"].items()},
        weights=dict(data["weight"]),
    )
