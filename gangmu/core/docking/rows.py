"""Rows of another system on their way in: what each is, why it may have to wait, and the account of a batch."""

from dataclasses import dataclass, field

import msgspec

from gangmu.core.docking.model import Link, Why
from gangmu.kit import seal
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.docking import OrdersDocked
from gangmu.sdk.exchange import Bad, ForeignAct, ForeignOrder

Row = ForeignOrder | ForeignAct | Bad

TAKER = System("docking.take")

LONGEST = 2000


@dataclass(slots=True)
class Taken:
    """What became of rows: how many are new, were known, were taken, wait; by message for those who ask row by row."""

    new: int = 0
    repeated: int = 0
    orders: int = 0
    acts: int = 0
    waiting: int = 0
    late: int = 0
    by_message: dict[str, tuple[str, str]] = field(default_factory=dict)

    def told(self) -> dict[str, int]:
        names = ("new", "repeated", "orders", "acts", "waiting", "late")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a row cannot be taken now."""

    why: Why
    field: str = ""
    code: str = ""
    reason: str = ""

    def values(self) -> dict[str, str]:
        return {"why": self.why.value, "field": self.field, "code": self.code, "reason": self.reason}


@dataclass(slots=True)
class Fresh:
    """A new row with the id under which it is kept."""

    id: Id
    row: Row
    outcome: str = ""
    hold: Hold | None = None


def number_of(row: Row) -> str:
    return "" if isinstance(row, Bad) else row.number


def message_of(row: Row) -> str:
    """What makes a message the same one. A row without a name of its own is known by its content."""
    return row.message or "row:" + seal.sm3(msgspec.json.encode(row)).hex()[:32]


def what_of(row: Row) -> str:
    return "order" if isinstance(row, ForeignOrder) else "act" if isinstance(row, ForeignAct) else "bad"


def tell(unit: Unit, link: Link, told: Taken) -> None:
    unit.tell(
        OrdersDocked(
            about=link.id,
            link=link.name,
            taken=told.orders,
            waiting=told.waiting,
            division=link.division,
            orgs=[link.org],
            at=unit.now,
        )
    )
