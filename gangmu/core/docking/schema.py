"""Docking over HTTP."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from gangmu.core.docking.connectors import Manifest
from gangmu.core.docking.file_store import DockedFile
from gangmu.core.docking.inbound_store import Waiting
from gangmu.core.docking.model import Docked, Link
from gangmu.core.docking.outbound_store import Out
from gangmu.core.docking.service import LinkDraft, LinkView
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal
from gangmu.kit.web import Listed, Schema

KindWord = Literal["hotline", "urban", "grid", "upper"]
OwnerWord = Literal["foreign", "own"]
CountingWord = Literal["dense", "rising", "none"]
MapWord = Literal[
    "class", "unit", "area", "kind", "state_in", "act_in", "grade", "outcome_in",
    "act_out", "state_out", "outcome_out", "standing",
]  # fmt: skip
CODE = r"^(\d{4}|\d{6}|\d{9}|\d{12})$"


class ConnectorSettingOut(Schema):
    id: str
    title: str
    must: bool
    secret: bool


class ConnectorOut(Schema):
    """A connector of this house."""

    id: str
    title: str
    about: str
    version: str
    tier: str
    pulls: bool
    settings: list[ConnectorSettingOut]

    @classmethod
    def told(cls, page: Manifest, lang: str) -> "ConnectorOut":
        word = "zh" if lang.startswith("zh") else "en"
        asked = [
            ConnectorSettingOut(id=one.id, title=one.title[word], must=one.must, secret=one.secret)
            for one in page.settings
        ]
        return cls(
            id=page.id,
            title=page.title[word],
            about=page.about[word],
            version=page.version,
            tier=page.tier,
            pulls=page.pulls,
            settings=asked,
        )


class Connectors(Listed):
    items: list[ConnectorOut]


class LinkBase(Schema):
    kind: KindWord = "hotline"
    settings: dict[str, str] = Field({}, max_length=30)
    flow: str = Field("docked_order", min_length=1, max_length=60)
    clock: OwnerWord = "foreign"
    limit: str = Field("5d", min_length=2, max_length=40)
    sequence: CountingWord = "dense"
    every_s: int = Field(0, ge=0, le=86_400, description="seconds between two visits; 0: as the connector proposes")
    silence_minutes: int = Field(30, ge=0, le=100_000, description="alarmed after so many; 0: never")
    active: bool = True


class LinkNew(LinkBase):
    name: str = Field(min_length=2, max_length=60)
    connector: str = Field(min_length=1, max_length=60)
    division: str = Field(pattern=CODE)
    org: Id

    def draft(self) -> LinkDraft:
        return LinkDraft(**self.model_dump())


class LinkChange(LinkBase):
    version: int = Field(ge=1)

    def draft(self, link: Link) -> LinkDraft:
        given = self.model_dump(exclude={"version"})
        return LinkDraft(name=link.name, connector=link.connector, division=link.division, org=link.org, **given)


class LinkAlarmOut(Schema):
    kind: str
    since: datetime
    last_at: datetime
    count: int


class LinkOut(Schema):
    """A link and how it is: ``health`` is well, quiet (nothing heard yet), trouble (fails), alarmed or off."""

    id: Id
    name: str
    kind: str
    connector: str
    division: str
    org: Id
    application: Id
    settings: dict[str, str]
    flow: str
    clock: OwnerWord
    limit: str
    sequence: str
    every_s: int
    silence_minutes: int
    active: bool
    health: Literal["well", "quiet", "trouble", "alarmed", "off"]
    contact_at: datetime | None
    tried_at: datetime | None
    fails: int
    error: str
    repeated: int
    waiting: dict[str, int]
    out: dict[str, int]
    alarms: list[LinkAlarmOut]
    version: int

    @classmethod
    def told(cls, view: LinkView, settings: dict[str, str]) -> "LinkOut":
        link, pulse = view.link, view.pulse
        names = ("id", "name", "kind", "connector", "division", "org", "application", "flow", "clock", "limit")
        more = ("sequence", "every_s", "silence_minutes", "active", "version")
        return cls(
            **{name: getattr(link, name) for name in (*names, *more)},
            settings=settings,
            health=_health(view),
            contact_at=pulse.contact_at,
            tried_at=pulse.tried_at,
            fails=pulse.fails,
            error=pulse.error,
            repeated=pulse.repeated,
            waiting=dict(view.waiting),
            out=dict(view.out),
            alarms=[LinkAlarmOut.model_validate(one) for one in view.alarms],
        )


def _health(view: LinkView) -> Any:
    if not view.link.active:
        return "off"
    if view.alarms:
        return "alarmed"
    if view.pulse.fails:
        return "trouble"
    return "well" if view.pulse.contact_at else "quiet"


class Links(Listed):
    items: list[LinkOut]
    as_of: datetime


class CodeMapIn(Schema):
    kind: MapWord
    code: str = Field(min_length=1, max_length=120)
    value: str = Field(min_length=1, max_length=120)
    note: str = Field("", max_length=500)


class CodeMapOut(Schema):
    id: Id
    kind: str
    code: str
    value: str
    note: str
    valid_from: datetime


class CodeMaps(Listed):
    items: list[CodeMapOut]


class CodeMapDone(Schema):
    done: Literal["added", "changed", "unchanged"]


class WaitingRowOut(Schema):
    """A row that came in and waits, with why; its content is sealed and not shown here."""

    id: Id
    message: str
    what: str
    number: str
    seq: int
    at: datetime | None
    why: str
    field: str
    code: str
    reason: str
    state: str
    since: datetime
    tried: int
    settled_at: datetime | None
    note: str

    @classmethod
    def told(cls, row: Waiting) -> "WaitingRowOut":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class Waits(Listed):
    items: list[WaitingRowOut]
    as_of: datetime


class AsideIn(Schema):
    note: str = Field(min_length=1, max_length=500)


class OutOut(Schema):
    """An act of ours on its way, or its receipt: ``state`` is ready, sent (no answer yet), taken, refused, dropped."""

    id: Id
    number: str
    event: Id
    seq: int
    verb: str
    code: str
    at: datetime
    text: str
    outcome: str
    due_at: datetime | None
    files: int
    state: str
    tries: int
    sent_at: datetime | None
    receipt_code: str
    receipt_text: str
    settled_at: datetime | None

    @classmethod
    def told(cls, row: Out) -> "OutOut":
        names = set(cls.model_fields) - {"files"}
        return cls(**{name: getattr(row, name) for name in names}, files=len(row.files))


class Outs(Listed):
    items: list[OutOut]
    as_of: datetime


class DockedOut(Schema):
    """A foreign order: both deadlines, and whose counts."""

    id: Id
    link: Id
    link_name: str
    number: str
    event: Id
    handed_at: datetime
    started_at: datetime
    their_due_at: datetime | None
    our_due_at: datetime | None
    clock: OwnerWord
    both_claim: bool
    their_state: str
    standing: str
    taken_over: bool

    @classmethod
    def told(cls, row: Docked, link_name: str) -> "DockedOut":
        names = set(cls.model_fields) - {"link_name"}
        return cls(**{name: getattr(row, name) for name in names}, link_name=link_name)


class DockedOrders(Listed):
    items: list[DockedOut]


class DockedFileOut(Schema):
    """A file of a foreign order: ``state`` is waiting, fetched (``file`` can be opened), refused (``why``) or dead
    (tried too often); ``host`` is where it lies over there."""

    id: Id
    number: str
    name: str
    host: str
    state: Literal["waiting", "fetched", "refused", "dead"]
    why: str
    file: Id | None
    tries: int
    next_at: datetime | None
    made_at: datetime
    settled_at: datetime | None

    @classmethod
    def told(cls, row: DockedFile) -> "DockedFileOut":
        names = set(cls.model_fields) - {"host", "next_at", "name"}
        return cls(
            **{name: getattr(row, name) for name in names},
            name=mask_personal(row.name),
            host=host_of(row.url),
            next_at=row.next_at if row.state == "waiting" and row.tries else None,
        )


class DockedFiles(Listed):
    items: list[DockedFileOut]
    as_of: datetime


def host_of(url: str) -> str:
    """The host of an address, as far as it is one."""
    found = url.partition("//")[2].partition("/")[0].rpartition("@")[2]
    return found[:200]


class EventDocking(Schema):
    """What docking knows of an event."""

    files: list[DockedFileOut]
    orders: list[DockedOut]
    acts: list[OutOut]
    as_of: datetime


class AccountDifferenceOut(Schema):
    number: str
    what: str
    ours: str
    theirs: str
    note: str


class DayAccountOut(Schema):
    """received = open + answered + returned, ours and theirs; ``equal`` is null while they have told nothing."""

    day: date
    ours: dict[str, int]
    theirs: dict[str, int] | None
    differing: list[AccountDifferenceOut]
    equal: bool | None
    made_at: datetime


class DayAccounts(Listed):
    items: list[DayAccountOut]


class AccountAsk(Schema):
    day: date


class TakenOut(Schema):
    """What became of rows that were handed over."""

    new: int
    repeated: int
    orders: int
    acts: int
    waiting: int
    late: int


class RowReceipt(Schema):
    message: str
    verdict: str
    why: str


class Delivered(TakenOut):
    receipts: list[RowReceipt]


class DeliveryIn(Schema):
    """Orders and acts as plain rows; a row with ``act`` is an act."""

    rows: list[dict[str, Any]] = Field(max_length=5000)


class ReceiptsSettled(Schema):
    settled: int


class VisitBegun(Schema):
    """It is being done; the link's state and lists will show it."""

    begun: bool = True
