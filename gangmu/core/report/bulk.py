"""Many reports of a file at once: the rows of reports and reporters, loaded by COPY in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangmu.core.report import model, store
from gangmu.kit import copytext as ct
from gangmu.kit import ids, seal
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit

_NAMES = (
    "id", "channel", "kind", "title", "text", "reporter", "anonymous", "confidential", "consent", "want_reply",
    "happened_at", "received_at", "matter", "lon", "lat", "datum", "address", "division", "unit_grid", "event",
    "review", "foreign_no", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """A report to be loaded, its place and class settled. ``division`` has 12 digits; ``lon`` and ``lat`` are
    CGCS2000, ``datum`` what they came in; ``event`` is the event that it opens."""

    id: UUID
    event: UUID
    channel: str
    kind: str
    title: str
    text: str
    happened_at: datetime
    received_at: datetime
    matter: Id | None
    lon: float | None
    lat: float | None
    datum: str
    address: str
    division: str
    unit_grid: str
    foreign_no: str
    anonymous: bool
    confidential: bool
    want_reply: bool
    reporter_name: str
    reporter_phone: str


def load_reports(unit: Unit, rows: Sequence[Loaded], source: str) -> None:
    """Load reports; ``source`` with ``foreign_no`` is unique. Reporters are sealed and known by their phone, within
    the load and from before."""
    reporters = _reporters(unit, rows, source)
    ends: dict[tuple[bool, bool, bool], str] = {}
    lines = []
    for row in rows:
        flags = (row.anonymous, row.confidential, row.want_reply)
        if flags not in ends:
            ends[flags] = f"{ct.truth(flags[0])}\t{ct.truth(flags[1])}\tf\t{ct.truth(flags[2])}"
        lines.append(
            f"{row.id}\t{row.channel}\t{row.kind}\t{ct.text(row.title)}\t{ct.text(row.text)}"
            f"\t{ct.maybe(reporters.get(row.id))}\t{ends[flags]}\t{row.happened_at}\t{row.received_at}"
            f"\t{ct.maybe(row.matter and row.matter.uuid)}\t{ct.maybe(row.lon)}\t{ct.maybe(row.lat)}\t{row.datum}"
            f"\t{ct.text(row.address)}\t{row.division}\t{row.unit_grid}\t{row.event}\t\t{ct.text(row.foreign_no)}"
            f"\t{source}\n"
        )
    unit.insert_lines(store.report, _NAMES, lines, source=source)


def _reporters(unit: Unit, rows: Sequence[Loaded], source: str) -> dict[UUID, UUID]:
    """The reporter of each report that names one: known by phone and name, or new."""
    told = {(row.reporter_name.strip()[:80], model.phone_digits(row.reporter_phone)) for row in rows}
    told = {pair for pair in told if any(pair)}
    if not told:
        return {}
    keys = seal.keys()
    hashes = {digits: keys.blind(digits) for _, digits in told if digits}
    known = store.find_named(unit, hashes, seen_by=unit.actor)
    fresh = {pair: ids.new("rep") for pair in told if pair not in known}
    unit.new_subjects(list(fresh.values()))
    lines = []
    for (name, digits), new in fresh.items():
        sealed = ct.hexed(unit.seal(new, name)), ct.hexed(unit.seal(new, digits)), ct.hexed(hashes.get(digits))
        lines.append(f"{new.uuid}\t{sealed[0]}\t{sealed[1]}\t{sealed[2]}\t{unit.now}\n")
    unit.insert_lines(store.reporter, ("id", "name", "phone", "phone_hash", "made_at"), lines, source=source)
    by_pair = {pair: new.uuid for pair, new in fresh.items()} | {pair: one.uuid for pair, one in known.items()}
    found = {}
    for row in rows:
        pair = (row.reporter_name.strip()[:80], model.phone_digits(row.reporter_phone))
        if pair in by_pair:
            found[row.id] = by_pair[pair]
    return found
