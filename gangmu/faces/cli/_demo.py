"""The demo city of ``gangmu up --demo``: founded once, then lived in while the house runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from gangmu import boot, demo
from gangmu.demo import people, roster, terrain
from gangmu.demo.founding import SEED
from gangmu.demo.life import Life
from gangmu.faces.cli._words import say


def found(node: boot.Node) -> None:
    """Nothing happens when it is there already."""
    demo.found(node, seed=SEED)


@contextmanager
def living(node: boot.Node, address: str) -> Iterator[list[str]]:
    """The simulated people work at the address meanwhile. Gives the lines that tell who may sign in."""
    land = terrain.make(SEED)
    staff = roster.make(land, SEED)
    with node.unit(people.FOUNDER, "look for the demo's people") as unit:
        known = people.find_people(unit, staff)
    life = Life(address, land, staff, seed=SEED, open_account=lambda seat: people.open_accounts([seat], known))
    life.start()
    try:
        yield [
            say("up.account", username=seat.username, title=seat.title, password=roster.PASSWORD)
            for seat in staff.logins
        ]
    finally:
        life.stop()
