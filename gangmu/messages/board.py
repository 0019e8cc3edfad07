"""Facts of the wall screen (大屏): its figures have been brought up to date."""

from datetime import datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class BoardMoved:
    """Some figure of the board is another than before; ask the board for which."""

    about: str
    division: str
    orgs: list[str]
    at: datetime


ticks_of(BoardMoved.__name__, "board")
