"""Use cases of events that shifts ask for: what has moved since, what waits, what is in hand at a post."""

from datetime import datetime

from gangmu.core.event import shift_store as store
from gangmu.core.event.model import Event
from gangmu.core.event.shift_store import Moved, MovedCounts
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.page import Page, Paged
from gangmu.kit.unit import Unit

__all__ = ["Moved", "MovedCounts", "count_in_hand", "count_led", "counts", "list_in_hand", "list_moved", "list_waiting"]


def list_moved(unit: Unit, actor: Actor, since: datetime, at: Page) -> Paged[Moved]:
    """Events that one may see and others have acted on since, the latest first."""
    return store.list_moved(unit, since, at, seen_by=actor, but=actor.person)


def counts(unit: Unit, actor: Actor, since: datetime) -> MovedCounts:
    """The same as figures."""
    return store.moved_counts(unit, since, seen_by=actor, but=actor.person)


def list_waiting(
    unit: Unit, actor: Actor, post: Id, roles: tuple[str, ...], most: int, late: bool = False
) -> list[Event]:
    """Open events that wait for a role or are in hand at a post, the late ones first; with ``late`` all that are
    late."""
    return store.list_waiting(unit, post, roles, most, seen_by=actor, late=late)


def list_in_hand(unit: Unit, actor: Actor, post: Id, at: Page) -> Paged[Event]:
    """Open events that a post holds or was named to handle, as far as one may see them."""
    return store.list_in_hand(unit, post, at, seen_by=actor)


def count_in_hand(unit: Unit, post: Id) -> int:
    """How many there are in all."""
    return store.count_in_hand(unit, post)


def count_led(unit: Unit, org: Id) -> int:
    """Open events that an organisation leads."""
    return store.count_led(unit, org)
