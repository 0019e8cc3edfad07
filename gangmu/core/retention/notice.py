"""The privacy notice (隐私告知): what is kept of people, how long and why, made of the rules themselves so that it is
true."""

from collections.abc import Iterable

from gangmu.core.retention.model import Rule
from gangmu.core.retention.schema import NoticeOut, NoticeRule
from gangmu.core.retention.settings import RetentionSettings
from gangmu.kit import keeping, settings
from gangmu.kit.text import t

LEAD = ("who", "why", "sealed", "read", "erase", "text")
RIGHTS = ("ask", "mend", "complain")


def words_of(kind: str, lang: str) -> dict[str, str]:
    """Title, what, moment and action of a kind."""
    action = keeping.kinds()[kind].action
    found = {name: t(f"retention.kind.{kind}.{name}", lang) for name in ("title", "what", "moment")}
    return {**found, "action_title": t(f"retention.action.{action}", lang)}


def days_said(days: int, lang: str) -> str:
    """A term as people say it: whole years where it is such."""
    if days % 365 == 0:
        return t("retention.year" if days == 365 else "retention.years", lang, n=days // 365)
    return t("retention.days", lang, n=days)


def notice(rules: Iterable[Rule], lang: str) -> NoticeOut:
    """The notice in a language."""
    made = []
    for rule in rules:
        said = words_of(rule.kind, lang)
        basis = rule.basis_zh if lang.startswith("zh") else rule.basis_en
        made.append(
            NoticeRule(
                title=said["title"],
                what=said["what"],
                moment=said["moment"],
                keep=days_said(rule.keep_days, lang),
                action=said["action_title"],
                basis=basis or rule.basis_zh or rule.basis_en,
                verified=rule.verified,
            )
        )
    return NoticeOut(
        title=t("retention.notice.title", lang),
        lead=[t(f"retention.notice.{name}", lang) for name in LEAD],
        rules=made,
        rights=[t(f"retention.notice.{name}", lang) for name in RIGHTS],
        contact=settings.get(RetentionSettings).contact or t("retention.notice.contact", lang),
    )


def page(said: NoticeOut, lang: str) -> str:
    """The notice as a page of the handbook."""
    heads = [t(f"retention.head.{name}", lang) for name in ("title", "keep", "action", "basis")]
    lines = [f"# {said.title}", "", *[line for part in said.lead for line in (part, "")]]
    lines += [f"| {' | '.join(heads)} |", "|---|---|---|---|"]
    unverified = t("retention.mark", lang, unverified=t("retention.unverified", lang))
    for one in said.rules:
        mark = "" if one.verified else unverified
        lines.append(t("retention.row", lang, **one.model_dump(exclude={"verified"}), mark=mark))
    lines += ["", *[line for part in said.rights for line in (part, "")], said.contact]
    return "\n".join(lines)
