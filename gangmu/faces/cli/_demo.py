"""The demo city of ``gangmu up --demo``: founded once, then lived in while the house runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from gangmu import boot, demo
from gangmu.faces.cli._words import spoken


def found(node: boot.Node) -> None:
    """Nothing happens when it is there already."""
    demo.found(node)


@contextmanager
def living(node: boot.Node, address: str) -> Iterator[list[str]]:
    """The simulated people work at the address meanwhile. Gives the lines that tell who may sign in."""
    life = demo.live(address)
    try:
        yield demo.accounts(spoken())
    finally:
        life.stop()
