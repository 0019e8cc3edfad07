"""Use cases of the city's kind."""

import json
from pathlib import Path

from gangmu.base.city import model
from gangmu.base.city.errors import NobodyToReset, NotForReset
from gangmu.base.city.model import Kind
from gangmu.base.city.settings import CitySettings
from gangmu.kit import files, settings
from gangmu.kit.actor import Actor
from gangmu.kit.unit import Unit

WISH, RUNS = "reset.wish", "up.json"


def kind() -> Kind:
    """What kind of city the folder of this process holds."""
    found = settings.get(CitySettings)
    return model.of(found.demo, found.practice)


def scores_people() -> bool:
    """Whether figures about persons, departments and grades may be made here. In a practice city: no."""
    return kind() is not Kind.practice


def may_reset(actor: Actor) -> bool:
    """Whether the one who asks may have the city founded anew."""
    held = {grant.permission for grant in actor.grants}
    return model.may_reset(kind(), settings.get(CitySettings).reset_by, held)


def ask_reset(unit: Unit, actor: Actor) -> None:
    """Wish for a fresh city. Whoever runs the house ends everybody's session and founds it; its journal is new too, so
    the wish itself is what is left of the old one. Raises ``NotForReset``, ``NobodyToReset``."""
    if not may_reset(actor):
        raise NotForReset()
    folder = files.folder().parent
    if not _is_run(folder):
        raise NobodyToReset()
    unit.note("reset city", "city", kind=kind().value)
    (folder / WISH).write_text(json.dumps({"by": str(actor.person or actor.name), "at": unit.now.isoformat()}), "utf-8")


def _is_run(folder: Path) -> bool:
    try:
        return bool((folder / RUNS).read_text("utf-8"))
    except OSError:
        return False
