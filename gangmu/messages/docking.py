"""Facts of docking (工单对接): links that fall silent, rows that wait, accounts that differ."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class OrdersDocked:
    """Orders of another system became events (``taken``), or wait for somebody (``waiting``)."""

    about: str
    link: str
    taken: int
    waiting: int
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class LinkAlarmed:
    """Something is wrong with a link (``state`` raised) or is right again (``cleared``): silent, unmapped, refused,
    differs, stuck."""

    about: str
    link: str
    kind: str
    state: str
    count: int
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class ActsDelivered:
    """Acts of ours were sent to another system and answered, row by row."""

    about: str
    link: str
    taken: int
    refused: int
    later: int
    division: str
    orgs: list[str]
    at: datetime


@message(version=1)
class FileFetched:
    """A file of a foreign order came and hangs on its event, or did not (``state`` refused or dead)."""

    event_id: str
    file: str
    state: str
    division: str
    orgs: list[str]
    at: datetime


ticks_of("FileFetched", "event")
for _fact in (OrdersDocked, LinkAlarmed, ActsDelivered):
    ticks_of(_fact.__name__, "docking")
