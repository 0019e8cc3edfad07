"""Calls as the screens see them: numbers masked, names for ids, words for outcomes, figures with what they are of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from gangmu.base import org
from gangmu.core import knowledge
from gangmu.core.hotline import model, outcomes, service, store
from gangmu.core.hotline.model import Call, CallAct, HandOver, Missed, Outcome, Rate
from gangmu.core.hotline.schema import (
    CallActOut,
    CallOut,
    DayFigures,
    EmergencyOut,
    Figures,
    MissedOut,
    NamedEntry,
    OutcomeRow,
    RateOut,
)
from gangmu.core.knowledge import numbers
from gangmu.kit.actor import Actor
from gangmu.kit.text import mask_personal, mask_phone
from gangmu.kit.unit import Unit

_SAME = [
    name for name in CallOut.model_fields if name in Call.__dataclass_fields__ and name not in ("entries", "outcome")
]


def rows(unit: Unit, actor: Actor, found: Sequence[Call], lang: str) -> list[CallOut]:
    """List rows, all names fetched in four look-ups."""
    phones = store.phones_of(unit, {one.caller for one in found if one.caller})
    posts = org.post_names(unit, [one.post for one in found if one.post])
    ended = outcomes.outcomes_by_id(unit, actor, [one.outcome for one in found if one.outcome])
    entries = knowledge.find_entries(unit, actor, {entry for one in found for entry in one.entries})
    return [
        CallOut(
            **{
                **{name: getattr(one, name) for name in _SAME},
                "text": mask_personal(one.text),
                "reason": mask_personal(one.reason),
            },
            number=mask_phone(phones.get(one.caller, "")) if one.caller else "",
            operator=posts[one.post].person_name if one.post in posts else "",
            outcome=one.outcome_key,
            outcome_title=_title(ended[one.outcome], lang) if one.outcome in ended else "",
            entries=[NamedEntry(id=key, question=entries[key].question) for key in one.entries if key in entries],
            waited_s=one.waited_s,
            talked_s=one.talked_s,
        )
        for one in found
    ]


def one_call(unit: Unit, actor: Actor, call: Call, lang: str) -> CallOut:
    return rows(unit, actor, [call], lang)[0]


def _title(outcome: Outcome, lang: str) -> str:
    return outcome.title_en if lang == "en" else outcome.title_zh


def acts(found: Sequence[CallAct]) -> list[CallActOut]:
    return [
        CallActOut(
            what=one.what,
            at=one.at,
            by_name=one.by_name,
            told={name: mask_personal(str(value)) for name, value in one.told.items()},
        )
        for one in found
    ]


def hand_overs(unit: Unit, actor: Actor, found: Sequence[HandOver]) -> list[EmergencyOut]:
    about = {one.call: service.get_call(unit, actor, one.call) for one in found}
    phones = store.phones_of(unit, {one.caller for one in about.values() if one.caller})
    names = ("id", "call", "line", "receiver", "handed_at", "due_at", "state", "result", "done_at")
    return [
        EmergencyOut(
            **{name: getattr(one, name) for name in names},
            late=one.due_at is not None and (one.done_at or unit.now) > one.due_at,
            text=mask_personal(about[one.call].text),
            number=mask_phone(phones.get(caller, "")) if (caller := about[one.call].caller) else "",
        )
        for one in found
    ]


def missed(unit: Unit, found: Sequence[Missed]) -> list[MissedOut]:
    phones = store.phones_of(unit, {one.caller for one in found})
    least = numbers.count_of(unit, "hotline.call_back_tries")
    names = [name for name in MissedOut.model_fields if name in Missed.__dataclass_fields__]
    return [
        MissedOut(
            **{name: getattr(one, name) for name in names},
            number=mask_phone(phones.get(one.caller, "")),
            late=one.due_at is not None and (one.done_at or unit.now) > one.due_at,
            tries_least=least,
        )
        for one in found
    ]


def outcome(row: Outcome, lang: str) -> OutcomeRow:
    names = [name for name in OutcomeRow.model_fields if name in Outcome.__dataclass_fields__ and name != "needs"]
    english = lang == "en"
    return OutcomeRow(
        **{name: getattr(row, name) for name in names},
        needs=list(row.needs),
        title=row.title_en if english else row.title_zh,
        answer=row.answer_en if english else row.answer_zh,
        authority=row.authority_en if english else row.authority_zh,
    )


# --- figures ----------------------------------------------------------------------------------------------------


def figures(unit: Unit, actor: Actor, first: date, last: date, division: str, lang: str) -> Figures:
    counted = outcomes.figures(unit, actor, first, last, division)
    total: Counter[tuple[str, str]] = Counter()
    for day in counted.values():
        total.update(day)
    within = next((row for row in numbers.list_numbers(unit, actor) if row.key == "hotline.answer_within_s"), None)
    return Figures(
        days=[_day(day, counted.get(day)) for day in model.days_between(first, last)],
        total=_day(last, total or None),
        titles={row.key: _title(row, lang) for row in outcomes.list_outcomes(unit, actor)},
        within_s=numbers.count_of(unit, "hotline.answer_within_s"),
        within_verified=bool(within and within.verified),
        as_of=unit.now,
    )


def _day(day: date, counted: Mapping[tuple[str, str], int] | None) -> DayFigures:
    def n(what: str, detail: str = "") -> int:
        return (counted or {}).get((what, detail), 0)

    def shown(what: str, detail: str = "") -> int | None:
        return None if counted is None else n(what, detail)

    def rate(part: int, whole: int) -> RateOut:
        made = Rate(part, whole)
        return RateOut(n=made.n, of=made.of, rate=made.value)

    def by(what: str) -> dict[str, int]:
        return {detail: value for (name, detail), value in sorted((counted or {}).items()) if name == what and value}

    came = n("answered") + n("missed")
    return DayFigures(
        day=day,
        calls=shown("calls", model.Direction.incoming.value),
        outgoing=shown("calls", model.Direction.outgoing.value),
        answered=shown("answered"),
        missed=shown("missed"),
        called_back=shown("called_back"),
        matters=shown("matters"),
        orders=shown("orders"),
        answer_rate=rate(n("answered"), came),
        in_time_rate=rate(n("in_time"), n("waited")),
        direct_rate=rate(n("direct"), n("valid")),
        call_back_rate=rate(n("called_back"), n("missed")),
        mean_wait_s=round(n("wait_s") / n("waited"), 1) if n("waited") else None,
        mean_talk_s=round(n("talk_s") / n("talked"), 1) if n("talked") else None,
        outcomes=by("outcome"),
        kinds=by("kind"),
    )
