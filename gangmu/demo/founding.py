"""Founding the demo city (演示城市): places, people, duties and some days of real history, all through the use cases
that the screens use. Nothing here writes a table.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from gangmu.base import places
from gangmu.demo import ground, people, roster
from gangmu.demo.duties import Duties, write_duties
from gangmu.demo.knowledge import write_knowledge
from gangmu.demo.past import tell_past
from gangmu.demo.people import MARK
from gangmu.demo.standing import lay_out_rota, survey_components
from gangmu.demo.terrain import Terrain
from gangmu.demo.truth import Truth
from gangmu.kit import clock, files, journal
from gangmu.kit.actor import System
from gangmu.kit.errors import HouseError
from gangmu.kit.page import Page
from gangmu.kit.unit import open_unit

SEED = 1
FOLDER = "demo"  # of the data folder: what the simulation keeps
LOOK = System("demo.found")


class HalfFounded(HouseError):
    """Founding the demo city was broken off; half a city is no city."""

    code, status = "demo.half_founded", 409


class AnotherCityHere(HouseError):
    """The data folder holds a city that is not the demo's."""

    code, status = "demo.another_city", 409


class GroundGone(HouseError):
    """The demo city was founded on the ground of the built screens, which are not there any more."""

    code, status = "demo.ground_gone", 409


def is_founded() -> bool:
    """Whether the demo city is here. ``AnotherCityHere`` when the folder holds another one, ``HalfFounded`` when
    founding did not come to its end."""
    with open_unit(LOOK, "look") as unit:
        try:
            here = places.city(unit, unit.actor)
        except HouseError as error:
            if error.code != "places.no_city":
                raise
            return False
        said = {
            change["do"] for entry in journal.entries(unit, Page(10), MARK).items for change in entry.body["changes"]
        }
    if "founded" in said:
        return True
    if "begun" in said:
        raise HalfFounded()
    raise AnotherCityHere(name=here.name)


def ground_here(seed: int = SEED) -> Terrain:
    """The ground of the demo city that is founded here; before that, the one it would get."""
    if not is_founded():
        return ground.lay(seed)
    with open_unit(LOOK, "look") as unit:
        here = places.city(unit, unit.actor)
    try:
        return ground.of(here.code, seed)
    except LookupError:
        raise GroundGone() from None


def found(node: object = None, *, seed: int = SEED, events: int = 96, now: datetime | None = None) -> int:
    """Found the demo city on the node that is open in this process; nothing happens when it is there already.

    ``events`` matters of the days before ``now`` (the present) come with it. Returns how many of their acts the house
    refused. The accounts for people are open afterwards; those of the
    simulated staff are opened by ``life``."""
    if is_founded():
        return 0
    land = ground.lay(seed)
    staff = roster.make(land, seed)
    people.found_places(land)
    settled = people.settle(staff)
    people.walk_grids(land, staff, settled)
    people.keep_views(staff, settled)
    write_duties(Duties(staff, settled))
    write_knowledge(settled, land.code, land.short)
    survey_components(land, seed)
    lay_out_rota(staff, settled)
    with ThreadPoolExecutor(1) as beside:  # hashing passwords keeps a processor busy, the past waits for the database
        opened = beside.submit(people.open_accounts, staff.logins, settled.people)
        refused = tell_past(
            land, staff, settled, seed, events, now or clock.real_now(), Truth(files.folder().parent / FOLDER)
        )
        opened.result()
    with open_unit(people.FOUNDER, "found the demo city") as unit:
        unit.note("founded", MARK, seed=seed, events=events)
    return refused
