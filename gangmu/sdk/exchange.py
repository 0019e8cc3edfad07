"""The exchange port (工单对接): how orders and acts travel between Gangmu and a system that stays.

A connector is a folder with ``manifest.toml``, ``connector.py`` (a class ``Connector(Exchange)``) and ``sample/``. It
knows the other system's addresses and formats, and nothing else: no database, no state, no sleeping. The house keeps
the cursor, tries again, takes each message once, keeps the order of acts, translates codes by the link's mappings,
and reconciles. Codes travel as the other system writes them; translating them is data, not code.

    receive    what is new over there: orders and acts, from a cursor on
    send       our acts over there, in the order given; a receipt for each row
    receipt    what became of acts whose answer was lost: asked before anything is sent again
    reconcile  the other side's account of a day, order by order
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal, Protocol

Verdict = Literal["taken", "refused", "later"]
Standing = Literal["open", "answered", "returned"]


class ExchangeError(Exception):
    """Base of what a connector may raise."""


class Away(ExchangeError):
    """No answer, or none that can be relied on: whether the other side did the work is not known."""


class Denied(ExchangeError):
    """The other side said no to the call as a whole (credentials, address, version): trying again does not help."""


class Unreadable(ExchangeError):
    """An answer that is not what its manual says: ``where`` names the place."""


class Unsupported(ExchangeError):
    """This connector has not this verb (a spreadsheet cannot be asked for receipts)."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far was read, in the other system's own words; empty at the beginning."""

    value: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A file that belongs to an order, at the other side: name and address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to an order over there, for its history."""

    at: datetime
    what: str
    by: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignOrder:
    """An order as the other system tells it, all codes its own. ``message`` is unique a link; ``seq`` counts the
    messages of one order (0: not counted); ``at`` is when it was handed over to us; ``started_at`` when its clock
    began, ``due_at`` its deadline there; ``claims_clock``: that system says that its deadline counts."""

    message: str
    number: str
    at: datetime
    text: str
    title: str = ""
    seq: int = 0
    started_at: datetime | None = None
    due_at: datetime | None = None
    claims_clock: bool = False
    kind: str = ""
    class_code: str = ""
    area: str = ""
    unit: str = ""
    state: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: str = "cgcs2000"
    reporter_name: str = ""
    reporter_phone: str = ""
    anonymous: bool = False
    confidential: bool = False
    want_reply: bool = True
    urgent: bool = False
    files: tuple[Link, ...] = ()
    history: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAct:
    """Something that the other side does to an order that it gave us: urge, supervise, decide a return or extension,
    visit back, send back, close, withdraw. ``due_at``: the deadline from then on."""

    message: str
    number: str
    act: str
    at: datetime
    seq: int = 0
    text: str = ""
    by: str = ""
    due_at: datetime | None = None
    satisfaction: str = ""
    outcome: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be read: ``message`` as far as known, ``field`` and ``reason`` name what is wrong, ``raw`` is
    the row."""

    message: str
    field: str
    reason: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What came in, in the order in which it came; ``more``: ask again at once from ``next``."""

    rows: tuple[ForeignOrder | ForeignAct | Bad, ...]
    next: Cursor
    more: bool = False


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file that goes with a reply."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutAct:
    """An act of ours that travels back. ``id`` stays the same however often it is sent; ``act``, ``state``, ``unit``
    are the other side's codes; ``due_at`` is our deadline where the clock is ours."""

    id: str
    number: str
    act: str
    at: datetime
    text: str = ""
    outcome: str = ""
    satisfaction: str = ""
    state: str = ""
    unit: str = ""
    by: str = ""
    due_at: datetime | None = None
    files: tuple[OutFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side says of one row: ``taken``; ``refused`` for good (somebody must look); ``later``: try
    again."""

    id: str
    verdict: Verdict
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """How one order stands in an account."""

    number: str
    standing: Standing
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The orders handed over on a day: received = open + answered + returned."""

    day: date
    rows: tuple[AccountRow, ...]

    @property
    def counts(self) -> dict[str, int]:
        told = {"received": len(self.rows), "open": 0, "answered": 0, "returned": 0}
        for row in self.rows:
            told[row.standing] += 1
        return told


@dataclass(frozen=True, slots=True)
class Health:
    """What a check of the settings found."""

    ok: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that becomes a workbook."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer over HTTP."""

    status: int
    body: bytes
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Ask(Protocol):
    """What the house hands to a connector: the link's settings, the time, and a client that has time-out, retry and
    budget and speaks to the link's own address only. It raises ``Away`` and ``Denied``."""

    settings: Mapping[str, str]
    now: datetime

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Ask; tried again while it is not answered."""
        ...

    def post(self, path: str, body: Any) -> Reply:
        """Send JSON, once: whether the work was done is not known when no answer comes."""
        ...


class Exchange:
    """Base of connectors. Verbs that a connector has not raise ``Unsupported``."""

    headings: ClassVar[tuple[str, ...]] = ()  # by which the first row of its workbooks is known

    def check(self, ask: Ask) -> Health:
        """Cheap; runs before settings are kept."""
        return Health(True)

    def receive(self, ask: Ask, since: Cursor) -> Batch:
        """What is new from a cursor on."""
        raise Unsupported("receive")

    def send(self, ask: Ask, acts: Sequence[OutAct]) -> tuple[Receipt, ...]:
        """Hand acts over, in this order. A row without a receipt counts as not answered."""
        raise Unsupported("send")

    def receipt(self, ask: Ask, wanted: Sequence[str]) -> tuple[Receipt, ...]:
        """What became of these acts; those that never arrived are left out."""
        raise Unsupported("receipt")

    def reconcile(self, ask: Ask, day: date) -> Account:
        """The other side's account of a day."""
        raise Unsupported("reconcile")

    def read(self, body: Any) -> Batch:
        """What was posted to us (callback), or the rows of a workbook by their headings, as rows."""
        raise Unsupported("read")

    def export(self, acts: Sequence[OutAct]) -> Sheet:
        """Acts as a sheet that somebody carries over."""
        raise Unsupported("export")

    def read_receipts(self, rows: Sequence[Mapping[str, str]]) -> tuple[Receipt, ...]:
        """Receipts from a sheet that somebody brings back."""
        raise Unsupported("read_receipts")
