"""Reports and reporters: channels, kinds, checks of what comes in (domain facts 3.5)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gangmu.kit.errors import Invalid
from gangmu.kit.geo import Point
from gangmu.kit.ids import Id
from gangmu.kit.text import fold

LONGEST_TEXT = 20_000
LONGEST_TITLE = 200
AHEAD = timedelta(minutes=10)
OLDEST_YEARS = 30


class Channel(StrEnum):
    """The way a report came in."""

    hotline12345 = "hotline12345"  # 12345热线
    patrol = "patrol"  # 监督员巡查
    grid = "grid"  # 综治网格员
    citizen = "citizen"  # 公众上报
    transfer = "transfer"  # 部门转办
    superior = "upper"  # 上级平台
    sensor = "sensor"  # 物联感知
    ai = "ai"  # 视频智能识别
    bulk = "bulk"  # 批量导入


class Kind(StrEnum):
    """What the reporter wants."""

    enquiry = "enquiry"  # 咨询
    help = "help"  # 求助
    complaint = "complaint"  # 投诉
    report = "report"  # 举报
    suggestion = "suggestion"  # 建议
    praise = "praise"  # 表扬


NEEDS_REVIEW = frozenset({Channel.sensor, Channel.ai})
"""Alarms of machines are evidence until somebody has looked (domain facts 10.10)."""


class Review(StrEnum):
    """Whether somebody has looked at a machine's alarm."""

    none = ""
    pending = "pending"
    accepted = "accepted"
    dismissed = "dismissed"


@dataclass(frozen=True, slots=True)
class ReporterDraft:
    """Who reports, as told. Name and phone are sealed before they are stored."""

    name: str = ""
    phone: str = ""
    anonymous: bool = False
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A report before it is taken. ``point`` keeps its source datum."""

    channel: Channel
    text: str
    kind: Kind = Kind.report
    title: str = ""
    happened_at: datetime | None = None
    address: str = ""
    point: Point | None = None
    division: str = ""
    matter: Id | None = None
    reporter: ReporterDraft = field(default_factory=ReporterDraft)
    consent: bool = False
    want_reply: bool = True
    attachments: tuple[Id, ...] = ()
    foreign_no: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A taken report. ``event`` is the event it belongs to now (None: a machine's alarm not yet reviewed, or an
    enquiry answered on the spot)."""

    id: Id
    channel: str
    kind: str
    title: str
    text: str
    reporter: Id | None
    anonymous: bool
    confidential: bool
    consent: bool
    want_reply: bool
    happened_at: datetime
    received_at: datetime
    matter: Id | None
    lon: float | None
    lat: float | None
    datum: str
    address: str
    division: str
    unit_grid: str
    attachments: tuple[Id, ...]
    event: Id | None
    review: str
    foreign_no: str
    source: str
    taken_by: Id | None
    version: int = 1


def checked(draft: Draft, now: datetime) -> Draft:
    """Refuse what cannot be a report: no text, a time that cannot be, too long texts."""
    if not fold(draft.text) and not fold(draft.title):
        raise Invalid(field="text", reason="a report says something")
    if len(draft.text) > LONGEST_TEXT:
        raise Invalid(field="text", reason=f"at most {LONGEST_TEXT} characters")
    if len(draft.title) > LONGEST_TITLE:
        raise Invalid(field="title", reason=f"at most {LONGEST_TITLE} characters")
    if draft.happened_at is not None:
        if draft.happened_at > now + AHEAD:
            raise Invalid(field="happened_at", reason="lies in the future")
        if draft.happened_at < now - timedelta(days=366 * OLDEST_YEARS):
            raise Invalid(field="happened_at", reason="lies too far back")
    if draft.reporter.phone and not phone_digits(draft.reporter.phone):
        raise Invalid(field="reporter.phone", reason="a phone has 3 to 20 digits")
    return draft


def title_of(draft: Draft) -> str:
    """The title: as given, or the first sentence of the text."""
    if draft.title.strip():
        return " ".join(draft.title.split())[:LONGEST_TITLE]
    first = re.split(r"[。！？!?\n]", draft.text.strip(), maxsplit=1)[0]
    return " ".join(first.split())[:40] or " ".join(draft.text.split())[:40]


def phone_digits(phone: str) -> str:
    """A phone in the form it is looked up by: digits alone, without the country; empty when it is none."""
    digits = re.sub(r"\D", "", phone)
    if digits.startswith("86") and len(digits) == 13:
        digits = digits[2:]
    return digits if 3 <= len(digits) <= 20 else ""
