"""How long reporters, photos and words are kept: their time counts from the end of the last matter that they belong
to."""

from collections.abc import Sequence
from datetime import datetime

from gangmu.core.event import keeping_store
from gangmu.core.report import keeping as reporters_of
from gangmu.kit import files, keeping
from gangmu.kit.ids import Id
from gangmu.kit.keeping import Due, Kind
from gangmu.kit.text import t
from gangmu.kit.unit import Unit
from gangmu.messages.event import WordsErased

PAGE = 500


def ends_of(unit: Unit, events: Sequence[Id]) -> dict[Id, datetime | None]:
    """When each of these events was over; None while it, or the one that it went into, is open."""
    return keeping_store.ends_of(unit, events)


def chains_of(unit: Unit, events: Sequence[Id]) -> dict[Id, set[Id]]:
    """Each of these events with every one that it went into: what keeps one of them keeps what hangs on the others."""
    return keeping_store.chains_of(unit, events)


def reporters_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Reporters all of whose matters were over before a time."""
    if only is not None:
        return _over(unit, [Id(one) for one in keeping.readable(unit, only)], before)
    found: list[Due] = []
    after = ""
    while len(found) < most:
        page = keeping.readable_before(unit, "rep", before, after, PAGE)
        if not page:
            break
        after = page[-1][0]
        found += _over(unit, [Id(one) for one, _ in page], before)
    return found[:most]


def _over(unit: Unit, reporters: list[Id], before: datetime) -> list[Due]:
    reports = reporters_of.reports_of(unit, reporters) if reporters else []
    ends = keeping_store.ends_of(unit, list({event for _, _, event, _ in reports if event}))
    last: dict[Id, datetime] = {}
    things: dict[Id, set[str]] = {}
    open_ones: set[Id] = set()
    for reporter, _, event, received_at in reports:
        over = ends.get(event) if event else received_at
        if over is None:
            open_ones.add(reporter)
            continue
        last[reporter] = max(last.get(reporter, over), over, received_at)
        things.setdefault(reporter, set()).update([event] if event else [])
    return [
        Due(reporter, last[reporter], tuple(sorted(things[reporter])))
        for reporter in sorted(set(last) - open_ones)
        if last[reporter] < before
    ]


def erase_reporters(unit: Unit, items: Sequence[Due]) -> None:
    subjects = [Id(one.subject) for one in items]
    unit.erase_subjects(subjects, "retention")
    reporters_of.blank(unit, subjects)


def reporters_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    subjects = [Id(one.subject) for one in items]
    found = {str(one): "row or search hash" for one in reporters_of.not_blank(unit, subjects)}
    return found | dict.fromkeys(keeping.readable(unit, subjects), "key")


def photos_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Pictures all of whose matters were over before a time: people may be on them. Those of alarms that were dismissed
    or that nobody looked at count from when they came in."""
    if only is not None:
        return _pictures(unit, {Id(one) for one in only}, before)
    found: dict[str, Due] = {}
    after: Id | None = None
    while len(found) < most:
        loose = reporters_of.loose_before(unit, before, after, PAGE)
        if not loose:
            break
        after = loose[-1][0]
        page = {file for _, attached in loose for file in attached} - set(found)
        found |= {one.subject: one for one in _pictures(unit, page, before)}
    after = None
    while len(found) < most:
        events = keeping_store.over_before(unit, before, after, PAGE)
        if not events:
            break
        after = events[-1]
        pairs = [*keeping_store.evidence_of(unit, events), *reporters_of.attachments_of(unit, events)]
        page = {file for _, file in pairs} - set(found)
        found |= {one.subject: one for one in _pictures(unit, page, before)}
    return list(found.values())[:most]


def _pictures(unit: Unit, wanted: set[Id], before: datetime) -> list[Due]:
    there = files.get_many(unit, wanted)
    seen = sorted(one for one, row in there.items() if row.mime.startswith(("image/", "video/")))
    if not seen:
        return []
    things: dict[Id, set[Id]] = {}
    for event, file in [*keeping_store.evidence_naming(unit, seen), *reporters_of.attachments_naming(unit, seen)]:
        things.setdefault(file, set()).add(event)
    came: dict[Id, list[datetime]] = {}
    for at, file in reporters_of.loose_naming(unit, seen):
        came.setdefault(file, []).append(at)
    ends = keeping_store.ends_of(unit, list(set().union(*things.values())))
    found: list[Due] = []
    for file in sorted(set(things) | set(came)):
        events = things.get(file, set())
        ended = [*[ends.get(event) for event in events], *came.get(file, [])]
        overs = [over for over in ended if over is not None and over < before]
        if len(overs) == len(ended):
            found.append(Due(file, max(overs), tuple(sorted(events)), there[file].digest))
    return found


def erase_photos(unit: Unit, items: Sequence[Due]) -> None:
    files.drop(unit, [Id(one.subject) for one in items])


def photos_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    rows = files.get_many(unit, [Id(one.subject) for one in items])
    lying = files.unnamed_bytes(unit, {one.mark for one in items if one.mark})
    found = {one.subject: "bytes of the file" for one in items if one.mark in lying}
    return found | {str(one): "row of the file" for one in rows}


def gone() -> str:
    """What stands where the title of a matter was."""
    return t("event.words_erased", "zh-CN")


def texts_due(unit: Unit, before: datetime, most: int, only: Sequence[str] | None) -> list[Due]:
    """Matters that were over before a time and still have words: what people wrote may name anybody."""
    wanted = None if only is None else [Id(one) for one in only]
    found: list[Due] = []
    after: Id | None = None
    while len(found) < most:
        page = keeping_store.worded_before(unit, before, gone(), after, PAGE, wanted)
        if not page:
            break
        after = page[-1]
        ends = keeping_store.ends_of(unit, page)
        overs = [(one, over) for one in page if (over := ends.get(one)) is not None and over < before]
        found += [Due(one, over, (str(one),)) for one, over in overs]
    return found[:most]


def erase_texts(unit: Unit, items: Sequence[Due]) -> None:
    events = [Id(one.subject) for one in items]
    reporters_of.blank_words(unit, events)
    keeping_store.blank_words(unit, events, gone())
    unit.tell(WordsErased(events=[str(one) for one in events], title=gone()))


def texts_left(unit: Unit, items: Sequence[Due]) -> dict[str, str]:
    events = [Id(one.subject) for one in items]
    found = {str(one): "text of a report" for one in reporters_of.worded(unit, events)}
    return found | {str(one): part for one, part in keeping_store.worded(unit, events, gone()).items()}


keeping.keeps(Kind("matter_text", "blank", texts_due, erase_texts, texts_left))
keeping.keeps(Kind("reporter", "erase_key", reporters_due, erase_reporters, reporters_left))
keeping.keeps(Kind("photo", "delete", photos_due, erase_photos, photos_left))
