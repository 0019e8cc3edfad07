"""Many reports of a file at once: the rows of reports and reporters, loaded by COPY in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

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


class LoadedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report to be loaded, its place and class settled: ``division`` has 12 digits, ``lon`` and ``lat`` are CGCS2000,
    ``datum`` what they came in, ``number`` is the source's."""

    number: str
    channel: str
    kind: str
    title: str
    text: str
    happened_at: datetime
    received_at: datetime
    division: str
    unit_grid: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: str = ""
    matter: Id | None = None
    anonymous: bool = False
    confidential: bool = False
    want_reply: bool = False
    reporter_name: str = ""
    reporter_phone: str = ""


def load_reports(unit: Unit, rows: Sequence[LoadedReport], made: Sequence[tuple[str, str]], source: str) -> None:
    """Load reports under these (report, event) uuids; ``source`` with ``number`` is unique. Reporters are sealed and
    known by phone and name, within the load and from before."""
    reporters = _reporters(unit, rows, source)
    lines = []
    for row, (report_id, event_id) in zip(rows, made, strict=True):
        who = reporters.get((row.reporter_name, row.reporter_phone), ct.NULL) if reporters else ct.NULL
        lines.append(
            f"{report_id}\t{row.channel}\t{row.kind}\t{ct.text(row.title)}\t{ct.text(row.text)}\t{who}"
            f"\t{ct.truth(row.anonymous)}\t{ct.truth(row.confidential)}\tf\t{ct.truth(row.want_reply)}"
            f"\t{row.happened_at}\t{row.received_at}\t{ct.ref(row.matter)}\t{ct.maybe(row.lon)}\t{ct.maybe(row.lat)}"
            f"\t{row.datum}\t{ct.text(row.address)}\t{row.division}\t{row.unit_grid}\t{event_id}\t"
            f"\t{ct.text(row.number)}\t{source}\n"
        )
    unit.insert_lines(store.report, _NAMES, lines, source=source)


def _reporters(unit: Unit, rows: Sequence[LoadedReport], source: str) -> dict[tuple[str, str], str]:
    """The reporter behind each name and phone as given: known already, or new."""
    given = {(row.reporter_name, row.reporter_phone) for row in rows if row.reporter_name or row.reporter_phone}
    told = {pair: (pair[0].strip()[:80], model.phone_digits(pair[1]) if pair[1] else "") for pair in given}
    plain = {pair for pair in told.values() if any(pair)}
    if not plain:
        return {}
    keys = seal.keys()
    hashes = {digits: keys.blind(digits) for _, digits in plain if digits}
    known = store.find_named(unit, hashes, seen_by=unit.actor)
    new = [pair for pair in plain if pair not in known]
    made = ids.new_many(len(new))
    subjects = [ids.of_number("rep", number) for number in made]
    unit.new_subjects(subjects)
    lines = []
    now = unit.now.isoformat()
    for (name, digits), number, subject in zip(new, made, subjects, strict=True):
        sealed = ct.hexed(unit.seal(subject, name)), ct.hexed(unit.seal(subject, digits)), ct.hexed(hashes.get(digits))
        lines.append(f"{number:032x}\t{sealed[0]}\t{sealed[1]}\t{sealed[2]}\t{now}\n")
    unit.insert_lines(store.reporter, ("id", "name", "phone", "phone_hash", "made_at"), lines, source=source)
    found = {pair: str(one.uuid) for pair, one in known.items()}
    found |= {pair: f"{number:032x}" for pair, number in zip(new, made, strict=True)}
    return {pair: found[own] for pair, own in told.items() if own in found}
