"""Routes of docking. Nothing here calls another system: what must be asked over there is begun, and seen in the
link's state."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, File, Form, Query, Response, UploadFile

from gangmu.core.docking import connectors, delivery, service
from gangmu.core.docking.errors import (
    BadMapping,
    BadSignature,
    ConnectorBroken,
    LinkAsleep,
    NoSuchConnector,
    NotByThisConnector,
    NotRefused,
    NotWaiting,
)
from gangmu.core.docking.model import Docked
from gangmu.core.docking.rows import Taken
from gangmu.core.docking.schema import (
    AccountAsk,
    AccountDifferenceOut,
    AsideIn,
    CodeMapDone,
    CodeMapIn,
    CodeMapOut,
    CodeMaps,
    ConnectorOut,
    Connectors,
    DayAccountOut,
    DayAccounts,
    Delivered,
    DeliveryIn,
    DockedFileOut,
    DockedFiles,
    DockedOrders,
    DockedOut,
    EventDocking,
    LinkChange,
    LinkNew,
    LinkOut,
    Links,
    MapWord,
    OutOut,
    Outs,
    ReceiptsSettled,
    RowReceipt,
    TakenOut,
    VisitBegun,
    WaitingRowOut,
    Waits,
)
from gangmu.core.docking.settings import DockingSettings
from gangmu.kit import settings, sheets
from gangmu.kit.errors import Conflict, Invalid, NotFound, Refused, StaleWrite, TooLarge
from gangmu.kit.ids import Id
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("docking")
Page = Annotated[Paging, Depends()]


# --- links -------------------------------------------------------------------------------------------------


@routes.get("/docking/connectors", can="docking.read", answers=Connectors)
def list_connectors(at: Edge) -> Connectors:
    """连接器 / The connectors of this house and the settings that each asks for."""
    return Connectors(items=[ConnectorOut.told(page, at.lang) for page in connectors.manifests().values()])


@routes.get("/docking/links", can="docking.read", answers=Links, errors=[Invalid])
def list_links(at: Edge, paging: Page) -> Links:
    """对接链路 / Links to other systems, and how each is."""
    found = service.list_links(at.unit, at.actor, paging.page)
    return Links(items=[_told(at, view) for view in found.items], next=found.next, as_of=at.unit.now)


@routes.post(
    "/docking/links",
    can="docking.manage",
    answers=LinkOut,
    errors=[Invalid, Conflict, NotFound, NoSuchConnector],
    status=201,
)
def add_link(body: LinkNew, at: Edge) -> LinkOut:
    """新建链路 / Open a link, with the mappings that its connector proposes."""
    made = service.add_link(at.unit, at.actor, body.draft())
    return _told(at, service.view_of(at.unit, at.actor, made.id))


@routes.get("/docking/links/{link_id}", can="docking.read", answers=LinkOut, errors=[NotFound])
def get_link(link_id: Id, at: Edge) -> LinkOut:
    """链路详情 / A link and how it is."""
    return _told(at, service.view_of(at.unit, at.actor, link_id))


@routes.put("/docking/links/{link_id}", can="docking.manage", answers=LinkOut, errors=[Invalid, NotFound, StaleWrite])
def change_link(link_id: Id, body: LinkChange, at: Edge) -> LinkOut:
    """修改链路 / Change a link; a secret that is sent back masked stays as it is."""
    was = service.get_link(at.unit, at.actor, link_id)
    service.change_link(at.unit, at.actor, link_id, body.draft(was), body.version)
    return _told(at, service.view_of(at.unit, at.actor, link_id))


@routes.post("/docking/links/{link_id}/visit", can="docking.read", answers=VisitBegun, errors=[NotFound, LinkAsleep])
def visit_link(link_id: Id, at: Edge) -> VisitBegun:
    """立即访问 / Ask the other system now instead of at the next turn."""
    service.visit_soon(at.unit, at.actor, link_id)
    return VisitBegun()


def _told(at: Edge, view: service.LinkView) -> LinkOut:
    return LinkOut.told(view, service.shown_settings(at.unit, at.actor, view.link))


# --- mappings ----------------------------------------------------------------------------------------------


@routes.get("/docking/links/{link_id}/mappings", can="docking.read", answers=CodeMaps, errors=[NotFound])
def list_mappings(link_id: Id, at: Edge, kind: MapWord | None = None) -> CodeMaps:
    """映射 / What each code of the other system means here."""
    found = service.list_mappings(at.unit, at.actor, link_id, kind or "")
    return CodeMaps(items=[CodeMapOut.model_validate(row) for row in found])


@routes.put(
    "/docking/links/{link_id}/mappings", can="docking.map", answers=CodeMapDone, errors=[Invalid, NotFound, BadMapping]
)
def put_mapping(link_id: Id, body: CodeMapIn, at: Edge) -> CodeMapDone:
    """维护映射 / Map a code; rows that waited for it are tried again."""
    done = service.put_mapping(at.unit, at.actor, link_id, body.kind, body.code, body.value, body.note)
    return CodeMapDone(done=done)  # type: ignore[arg-type]


@routes.delete("/docking/links/{link_id}/mappings", can="docking.map", answers=VisitBegun, errors=[NotFound])
def end_mapping(
    link_id: Id, at: Edge, kind: MapWord, code: Annotated[str, Query(min_length=1, max_length=120)]
) -> VisitBegun:
    """停用映射 / A code means nothing any more; rows that bear it will wait."""
    service.end_mapping(at.unit, at.actor, link_id, kind, code)
    return VisitBegun()


# --- rows that wait ----------------------------------------------------------------------------------------


@routes.get("/docking/links/{link_id}/waiting", can="docking.read", answers=Waits, errors=[NotFound, Invalid])
def list_waiting(
    link_id: Id,
    at: Edge,
    paging: Page,
    state: Annotated[Literal["waiting", "taken", "set_aside"], Query()] = "waiting",
) -> Waits:
    """待处理行 / Rows that came in and wait, with the reason."""
    found = service.list_waiting(at.unit, at.actor, link_id, paging.page, state)
    return Waits(items=[WaitingRowOut.told(row) for row in found.items], next=found.next, as_of=at.unit.now)


@routes.post("/docking/links/{link_id}/waiting/rerun", can="docking.map", answers=VisitBegun, errors=[NotFound])
def rerun_waiting(link_id: Id, at: Edge) -> VisitBegun:
    """重新处理 / Try what waits once more."""
    service.rerun(at.unit, at.actor, link_id)
    return VisitBegun()


@routes.post(
    "/docking/waiting/{wait_id}/set_aside", can="docking.map", answers=WaitingRowOut, errors=[NotFound, NotWaiting]
)
def set_aside(wait_id: Id, body: AsideIn, at: Edge) -> WaitingRowOut:
    """搁置 / A row is not to be taken, with the reason; it stays on record."""
    return WaitingRowOut.told(service.set_aside(at.unit, at.actor, wait_id, body.note))


# --- acts that travel back ---------------------------------------------------------------------------------


@routes.get("/docking/links/{link_id}/acts", can="docking.read", answers=Outs, errors=[NotFound, Invalid])
def list_acts(
    link_id: Id,
    at: Edge,
    paging: Page,
    state: Annotated[Literal["unsettled", "taken", "refused", "dropped"] | None, Query()] = None,
) -> Outs:
    """回传与回执 / Acts of ours on their way, and their receipts."""
    found = service.list_out(at.unit, at.actor, link_id, paging.page, state or "")
    return Outs(items=[OutOut.told(row) for row in found.items], next=found.next, as_of=at.unit.now)


@routes.post("/docking/acts/{act_id}/resend", can="docking.map", answers=OutOut, errors=[NotFound, NotRefused])
def resend_act(act_id: Id, at: Edge) -> OutOut:
    """重发 / Send a refused row again."""
    return OutOut.told(service.settle_refused(at.unit, at.actor, act_id, again=True))


@routes.post("/docking/acts/{act_id}/drop", can="docking.map", answers=OutOut, errors=[NotFound, NotRefused])
def drop_act(act_id: Id, at: Edge) -> OutOut:
    """另行处理 / A refused row was settled otherwise and is not sent again."""
    return OutOut.told(service.settle_refused(at.unit, at.actor, act_id, again=False))


# --- orders and accounts -----------------------------------------------------------------------------------


@routes.get("/docking/links/{link_id}/orders", can="docking.read", answers=DockedOrders, errors=[NotFound, Invalid])
def list_orders(
    link_id: Id, at: Edge, paging: Page, number: Annotated[str, Query(max_length=120)] = ""
) -> DockedOrders:
    """来单 / Orders of a link by their foreign numbers."""
    found = service.list_orders(at.unit, at.actor, link_id, paging.page, number)
    return DockedOrders(items=_docked(at, found.items), next=found.next)


@routes.get("/events/{event_id}/docking", can="event.read", answers=EventDocking, errors=[NotFound])
def event_docking(event_id: Id, at: Edge) -> EventDocking:
    """事件对接 / The foreign orders of an event, whose clock counts, and what travelled back."""
    orders, acts = service.of_event(at.unit, at.actor, event_id)
    named = service.files_of(at.unit, orders)
    return EventDocking(
        files=[DockedFileOut.told(row) for row in named],
        orders=_docked(at, orders),
        acts=[OutOut.told(row) for row in acts],
        as_of=at.unit.now,
    )


@routes.get("/docking/links/{link_id}/files", can="docking.read", answers=DockedFiles, errors=[Invalid, NotFound])
def list_files(
    link_id: Id,
    at: Edge,
    paging: Page,
    state: Annotated[Literal["", "waiting", "fetched", "refused", "dead"], Query()] = "",
) -> DockedFiles:
    """来件附件 / The files of a link's orders, the newest first."""
    found = service.list_files(at.unit, at.actor, link_id, paging.page, state)
    return DockedFiles(items=[DockedFileOut.told(row) for row in found.items], next=found.next, as_of=at.unit.now)


@routes.post("/docking/files/{file_id}/again", can="docking.map", answers=DockedFileOut, errors=[NotFound, Refused])
def fetch_again(file_id: Id, at: Edge) -> DockedFileOut:
    """重新获取附件 / Fetch a file once more that was refused or tried too often."""
    return DockedFileOut.told(service.fetch_again(at.unit, at.actor, file_id))


def _docked(at: Edge, found: list[Docked]) -> list[DockedOut]:
    links = service.names_of(at.unit, [one.link for one in found])
    return [DockedOut.told(one, links[one.link].name) for one in found]


@routes.get("/docking/links/{link_id}/accounts", can="docking.read", answers=DayAccounts, errors=[NotFound, Invalid])
def list_accounts(link_id: Id, at: Edge, paging: Page) -> DayAccounts:
    """每日对账 / Daily accounts, the newest first."""
    found = service.list_accounts(at.unit, at.actor, link_id, paging.page)
    return DayAccounts(items=[_account(row) for row in found.items], next=found.next)


@routes.get("/docking/links/{link_id}/accounts/{day}", can="docking.read", answers=DayAccountOut, errors=[NotFound])
def get_account(link_id: Id, day: date, at: Edge) -> DayAccountOut:
    """某日对账 / The account of a day with the rows that differ."""
    return _account(service.get_account(at.unit, at.actor, link_id, day))


@routes.post("/docking/links/{link_id}/accounts", can="docking.map", answers=VisitBegun, errors=[NotFound, LinkAsleep])
def draw_account(link_id: Id, body: AccountAsk, at: Edge) -> VisitBegun:
    """重新对账 / Draw up the account of a day: theirs is asked for, ours put beside it."""
    service.draw_soon(at.unit, at.actor, link_id, body.day)
    return VisitBegun()


def _account(row: object) -> DayAccountOut:
    names = ("day", "ours", "theirs", "equal", "made_at")
    listed = [AccountDifferenceOut(**one) for one in row.differing]  # type: ignore[attr-defined]
    return DayAccountOut(**{name: getattr(row, name) for name in names}, differing=listed)


# --- what comes without our asking -------------------------------------------------------------------------


@routes.post(
    "/docking/links/{link_id}/inbox",
    can="docking.deliver",
    answers=Delivered,
    errors=[NotFound, Invalid, BadSignature, LinkAsleep, TooLarge, NotByThisConnector, ConnectorBroken],
)
def deliver(link_id: Id, body: DeliveryIn, at: Edge) -> Delivered:
    """推送工单 / The docked system hands orders and acts over; answered row by row, after they are here."""
    raw: bytes = getattr(at.request, "_body", b"")  # as it came: it is what was signed
    told = delivery.deliver(at.unit, at.actor, link_id, {"rows": body.rows}, raw, at.request.headers)
    receipts = [RowReceipt(message=one, verdict=said, why=why) for one, (said, why) in told.by_message.items()]
    return Delivered(**told.told(), receipts=receipts)


@routes.post(
    "/docking/links/{link_id}/workbook",
    can="docking.map",
    answers=TakenOut,
    errors=[NotFound, sheets.BadSheet, sheets.SheetTooLarge, LinkAsleep, TooLarge, NotByThisConnector],
)
def take_workbook(
    link_id: Id, at: Edge, file: Annotated[UploadFile, File()], takeover: Annotated[bool, Form()] = False
) -> TakenOut:
    """导入工单 / Orders of a workbook; ``takeover``: open orders are taken over with history, clock and deadline."""
    told: Taken = delivery.take_workbook(at.unit, at.actor, link_id, _content(file), takeover=takeover)
    return TakenOut(**told.told())


@routes.get("/docking/links/{link_id}/acts.xlsx", can="docking.map", errors=[NotFound, Refused, NotByThisConnector])
def export_acts(link_id: Id, at: Edge) -> Response:
    """导出回传 / Every act without a receipt, as a workbook to carry over."""
    content = delivery.export_workbook(at.unit, at.actor, link_id)
    return Response(
        content, media_type=sheets.MIME, headers={"Content-Disposition": 'attachment; filename="acts.xlsx"'}
    )


@routes.post(
    "/docking/links/{link_id}/receipts",
    can="docking.map",
    answers=ReceiptsSettled,
    errors=[NotFound, Invalid, sheets.BadSheet, sheets.SheetTooLarge, TooLarge, NotByThisConnector],
)
def take_receipts(link_id: Id, at: Edge, file: Annotated[UploadFile, File()]) -> ReceiptsSettled:
    """导入回执 / Receipts of a workbook, row by row."""
    return ReceiptsSettled(settled=delivery.take_receipts(at.unit, at.actor, link_id, _content(file)))


def _content(file: UploadFile) -> bytes:
    most = settings.get(DockingSettings).file_mb << 20
    content = file.file.read(most + 1)
    if len(content) > most:
        raise TooLarge(most=most)
    return content
