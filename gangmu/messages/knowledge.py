"""Facts of the knowledge base (知识库)."""

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


for _fact in (KnowledgeChanged, CorrectionRaised, CorrectionSettled):
    ticks_of(_fact.__name__, "knowledge")
