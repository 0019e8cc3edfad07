"""The invented city's places and people as rows of a node: founded like any other city, through its use cases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely

from gangmu.base import access, org, places
from gangmu.base.access import service as access_service
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.base.places import founding, grids
from gangmu.base.places import service as place_service
from gangmu.base.places.files import Feature
from gangmu.base.places.model import Duty
from gangmu.core.event import service as event_service
from gangmu.demo.roster import PASSWORD, Roster, Seat, views
from gangmu.demo.terrain import Terrain
from gangmu.kit.actor import System
from gangmu.kit.errors import NotFound
from gangmu.kit.ids import Id
from gangmu.kit.text import division_full
from gangmu.kit.unit import Unit, open_unit

FOUNDER = System("demo.found")
SOURCE = "invented"
MARK = "demo:city"
COUNTY = 6  # digits of a county's code; what is longer has an invented outline


@dataclass(frozen=True, slots=True)
class Settled:
    """Who has which id: organisations by office key, posts and people by seat key."""

    orgs: Mapping[str, Id]
    posts: Mapping[str, Id]
    people: Mapping[str, Id]


def found_places(terrain: Terrain) -> None:
    """Divisions, boundaries, grids, zone and addresses."""
    listed = [row for row in terrain.divisions if row["code"] in terrain.listed]
    invented = [row for row in terrain.divisions if row["code"] not in terrain.listed]
    drawn = features(terrain.boundaries)
    real = [one for one in drawn if terrain.source and len(one.fields["code"]) <= COUNTY]
    with open_unit(FOUNDER, "found the demo city") as unit:
        unit.note("begun", MARK)
        if listed:
            places.found_city(unit, FOUNDER, terrain.code, listed, name=terrain.name, source=terrain.source)
        places.found_city(unit, FOUNDER, terrain.code, invented, name=terrain.name, source=SOURCE)
        if real:
            founding.publish_boundaries(unit, FOUNDER, real, label=terrain.source[:60], source=terrain.source)
        rest = [one for one in drawn if one not in real]
        founding.publish_boundaries(unit, FOUNDER, rest, label=SOURCE, source=SOURCE)
        grids.import_unit_grids(unit, FOUNDER, features(terrain.unit_grids), source=SOURCE)
        grids.import_duty_grids(unit, FOUNDER, terrain.duty_grids, source=SOURCE)
        grids.import_zones(unit, FOUNDER, features(terrain.zones), source=SOURCE)
        place_service.import_addresses(unit, FOUNDER, terrain.addresses, source=SOURCE)


def features(collection: Mapping[str, object]) -> list[Feature]:
    """The areas of a GeoJSON collection in CGCS2000, as files give them."""
    rows = collection["features"]
    assert isinstance(rows, list)
    return [
        Feature(
            number,
            {name: str(value) for name, value in row["properties"].items()},
            shapely.geometry.shape(row["geometry"]),
        )
        for number, row in enumerate(rows, start=1)
    ]


def settle(roster: Roster) -> Settled:
    """Found the organisations and put everybody into his post."""
    orgs: dict[str, Id] = {}
    posts: dict[str, Id] = {}
    people: dict[str, Id] = {}
    with open_unit(FOUNDER, "found the organisations") as unit:
        for office in roster.offices:
            kind, level = OrgKind(office.kind), OrgLevel(office.level)
            parent = orgs.get(office.under)
            made = org.add_org(unit, FOUNDER, office.name, kind, level, office.division, parent, office.duties)
            orgs[office.key] = made.id
        for seat in roster.seats:
            person = org.add_person(unit, FOUNDER, seat.person, seat.phone)
            post = org.add_post(unit, FOUNDER, person.id, orgs[seat.office], seat.title, seat.division)
            access.grant_roles(unit, FOUNDER, post.id, (seat.role,))
            people[seat.key], posts[seat.key] = person.id, post.id
    return Settled(orgs, posts, people)


def walk_grids(terrain: Terrain, roster: Roster, settled: Settled) -> None:
    """Every responsibility grid has its patrol (城管) and its grid worker (综治)."""
    patrols = {seat.division: settled.posts[seat.key] for seat in roster.of("patrol")}
    workers = {seat.division: settled.posts[seat.key] for seat in roster.of("grid_worker")}
    with open_unit(FOUNDER, "bind the grids") as unit:
        for grid in terrain.duty_grids:
            grids.assign_duty(unit, FOUNDER, grid["code"], Duty.appearance, patrols[grid["code"][:9]])
            grids.assign_duty(unit, FOUNDER, grid["code"], Duty.governance, workers[grid["units"][0][:12]])


def open_accounts(seats: Iterable[Seat], people: Mapping[str, Id]) -> None:
    """Accounts with the demo's password. It stays as it is: nobody is asked to change it here."""
    for seat in seats:
        with open_unit(FOUNDER, "open accounts") as unit:
            if not _has_account(unit, seat.username):
                access.open_account(unit, FOUNDER, people[seat.key], seat.username, PASSWORD, must_change=False)


def _has_account(unit: Unit, username: str) -> bool:
    try:
        return bool(access_service.post_of_username(unit, username))
    except NotFound:
        return False


def keep_views(roster: Roster, settled: Settled) -> None:
    """The views that people keep of their inbox."""
    posts = {seat.login: settled.posts[seat.key] for seat in roster.logins}
    with open_unit(FOUNDER, "keep views") as unit:
        for row in views():
            event_service.add_view(unit, access.actor_of_post(unit, posts[row["login"]]), row["name"], row["filter"])


def find_people(unit: Unit, roster: Roster) -> dict[str, Id]:
    """The people of the roster in a city that was founded before, by seat key."""
    held = {(post.person_name, post.division): post.person for role in {seat.role for seat in roster.seats}
            for post in org.list_holders(unit, FOUNDER, role)}  # fmt: skip
    return {seat.key: held[seat.person, division_full(seat.division)] for seat in roster.seats
            if (seat.person, division_full(seat.division)) in held}  # fmt: skip
