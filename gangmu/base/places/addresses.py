"""Standard addresses and landmarks (地名地址)."""

from gangmu.base.places import store
from gangmu.base.places.model import Address
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit


def get_address(unit: Unit, actor: Actor, address_id: Id) -> Address:
    """One address of the register; ``NotFound``."""
    return store.get_address(unit, address_id, seen_by=actor)
