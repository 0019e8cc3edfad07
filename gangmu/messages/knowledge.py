"""Facts of the knowledge base (知识库)."""

from datetime import date, datetime

from gangmu.kit.live import ticks_of
from gangmu.kit.message import message


@message(version=1)
class KnowledgeChanged:
    """An entry has a new edition, came in force or ended."""

    about: str
    edition: int
    state: str
    division: str
    orgs: list[str]


@message(version=1)
class CorrectionRaised:
    """Somebody says that an entry is wrong."""

    about: str
    entry: str
    division: str
    orgs: list[str]


@message(version=1)
class CorrectionSettled:
    """The owner has answered: a new edition, or a reason."""

    about: str
    entry: str
    state: str
    division: str
    orgs: list[str]


@message(version=1)
class EntryTold:
    """An edition of an entry, whole: who answers for it, and until when it holds. Editions never change."""

    edition_id: str
    entry_id: str
    no: int
    state: str
    owner: str
    division: str
    valid_to: date | None
    at: datetime


@message(version=1)
class CorrectionTold:
    """The row of a correction as it stands at ``version``; ``org`` has to answer it."""

    correction_id: str
    version: int
    entry_id: str
    org: str | None
    division: str
    state: str
    raised_at: datetime
    due_at: datetime | None
    answered_at: datetime | None


for _fact in (KnowledgeChanged, CorrectionRaised, CorrectionSettled):
    ticks_of(_fact.__name__, "knowledge")
