"""A count in words, in the language of the asker."""

from datetime import datetime

from gangmu.core.deadline.limit import Limit, Meaning
from gangmu.core.deadline.steps import Reason, Step
from gangmu.kit.text import t

_DAY = 86_400


def moment(at: datetime, lang: str, *, beside: datetime | None = None) -> str:
    """``2026-09-18 Fri 17:00``; only the clock time when it is on the same day as ``beside``."""
    clock = at.strftime("%H:%M:%S" if at.second else "%H:%M")
    if beside is not None and beside.date() == at.date():
        return clock
    return f"{at:%Y-%m-%d} {t(f'deadline.weekday.{at.weekday()}', lang)} {clock}"


def amount(seconds: float, lang: str, *, days: bool = False) -> str:
    """A length of time: ``1 h 30 min``; with ``days`` also days of 24 hours."""
    left, parts = round(abs(seconds)), []
    units = [("day", _DAY)] if days else []
    for name, size in [*units, ("hour", 3600), ("minute", 60), ("second", 1)]:
        number, left = divmod(left, size)
        if number:
            parts.append(t(f"deadline.amount.{name}", lang, number=number))
    return " ".join(parts) or t("deadline.amount.minute", lang, number=0)


def counted(step: Step, lang: str) -> str:
    """What a step counts."""
    if step.unit == "d":
        return t("deadline.amount.day", lang, number=f"{step.counted:g}")
    return amount(step.counted, lang, days=step.why is Reason.natural)


def span(step: Step, lang: str) -> str:
    """From when to when."""
    if step.first == step.last:
        return moment(step.first, lang)
    return f"{moment(step.first, lang)} – {moment(step.last, lang, beside=step.first)}"


def reason(step: Step, lang: str) -> str:
    """Why it counts, or why not."""
    key = step.why.value
    if step.why is Reason.rest and step.names:
        key = "rest_named"
    names = t("deadline.amount.names", lang).join(step.names)
    said = t(f"deadline.step.{key}", lang, counted=counted(step, lang), names=names)
    return said + (t("deadline.step.provisional", lang) if step.is_provisional else "")


def limit(given: Limit, meaning: Meaning, lang: str) -> str:
    """A limit in words: 4 working hours."""
    number = f"{given.amount.normalize():f}"
    said = t(f"deadline.kind.{given.kind.value}{'.one' if given.amount == 1 else ''}", lang, number=number)
    if given.is_in_days:
        said += t(f"deadline.meaning.{meaning.value}", lang)
    if given.season:
        said += t("deadline.kind.season", lang, season=given.season)
    return said
