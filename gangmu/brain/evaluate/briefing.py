"""Briefings (简报): the figures of a day, week, month, quarter or year as an official paper. Each figure leads
back to the matters that it counted; nothing is said that the tables do not hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from gangmu.base import org, places
from gangmu.brain.evaluate import figures
from gangmu.brain.evaluate.figures import AREA, DEPARTMENT, Line, Table, Wanted
from gangmu.brain.evaluate.model import Figure, Period, Rate, Span
from gangmu.brain.evaluate.schema import cause_of, words
from gangmu.kit.actor import Actor
from gangmu.kit.page import Page
from gangmu.kit.paper import Grid, Paper, Paragraph, Run, text
from gangmu.kit.text import division_prefix, mask_personal, t
from gangmu.kit.unit import Unit
from gangmu.kit.zone import zone

OVERALL = ("accepted_count", "filed_count", "dispatched_count", "archived_count")
SHARES = ("closing", "closing_in_time", "handling_in_time", "rework")
DEPARTMENTS = ("handling", "handling_in_time", "rework", "overdue_unhandled_count")
AREAS = ("filed_count", "closing", "closing_in_time", "overdue")
HOTLINE = ("signing_in_time", "order_in_time", "responding", "resolving", "satisfying")
MOST_EXCLUSIONS = 20
_NARROW, _WIDE = 1.0, 2.4


@dataclass(frozen=True, slots=True)
class _Page:
    """What every sentence needs: the language, the house's address, and how a figure is written."""

    lang: str
    address: str

    def say(self, key: str, **params: object) -> str:
        return t(f"briefing.{key}", self.lang, **params)

    def figure(self, table: Table, rate: Rate, line: Line) -> Run:
        """A figure that leads to what it counted."""
        asked = {"period": table.wanted.period.name, "scope": table.wanted.scope, "level": table.wanted.level}
        if table.publication is not None:
            asked["publication"] = str(table.publication.id)
        asked["counted"] = f"{rate.id}:{line.key}"
        return Run(self.value(rate, line.figures[rate.id]), f"{self.address}/evaluate?{urlencode(asked)}")

    def value(self, rate: Rate, figure: Figure) -> str:
        if figure.value is None:
            return t(f"evaluate.why.{figure.why}", self.lang)
        if figure.is_count:
            return self.say("matters", n=figure.numerator)
        if rate.unit != "%":
            return f"{figure.value:.2f}"
        return f"{figure.value * 100:.1f}%"


def compose(unit: Unit, actor: Actor, wanted: Wanted, address: str, lang: str) -> Paper:
    """The briefing of a period, as the asker may see it: published where it is, else as it stands."""
    page = _Page(lang, address.rstrip("/"))
    asked = replace(wanted, score="", rates=(), division="", org=None, post=None, unit_grid="", flow="")
    by_department = figures.table(unit, actor, replace(asked, scope=DEPARTMENT))
    by_area = figures.table(unit, actor, replace(asked, scope=AREA, level=_level(actor)))
    earlier = replace(
        asked, period=wanted.period.before(), edition=None, publication=None, scope=AREA, level=_level(actor)
    )
    before = figures.table(unit, actor, earlier)
    sections: list[Callable[[], Sequence[Paragraph | Grid]]] = [
        lambda: _overall(page, by_area, before),
        lambda: _lines(page, by_department, DEPARTMENTS, "departments"),
        lambda: _lines(page, by_area, AREAS, "areas"),
        lambda: _hotline(page, by_area, before),
        lambda: _exclusions(unit, actor, asked, page),
    ]
    blocks: list[Paragraph | Grid] = []
    for number, section in enumerate(filter(None, (make() for make in sections)), 1):
        head, *rest = section
        title = head.runs[0].text if isinstance(head, Paragraph) else ""
        blocks += [text(page.say("heading", number=page.say(f"number.{number}"), title=title), "heading1"), *rest]
    blocks.append(text(_about(page, by_area), "note"))
    who = org.org_names(unit, [actor.org]) if actor.org else {}
    issuer = who.get(actor.org, "") if actor.org else ""
    place = places.division_names(unit, [actor.division]).get(actor.division, "") if actor.division else ""
    span, today = wanted.period.span.value, unit.now.astimezone(zone())
    return Paper(
        masthead=page.say(f"masthead.{span}", place=place),
        number=_number(page, wanted.period),
        issuer=issuer or place,
        day=page.say("day", year=today.year, month=today.month, day=today.day),
        title=page.say("title", place=place, period=_named(page, wanted.period)),
        blocks=blocks,
        foot=page.say("foot", issuer=issuer or place),
    )


def _level(actor: Actor) -> str:
    """Areas one step below the asker's own: a city's by county, a county's by town, a town's by community."""
    digits = len(division_prefix(actor.division))
    return "county" if digits <= 4 else "town" if digits <= 6 else "community"


def _number(page: _Page, period: Period) -> str:
    """The issue: the how-manieth period of its year."""
    count = {
        Span.day: period.start.timetuple().tm_yday,
        Span.week: period.start.isocalendar().week,
        Span.month: period.start.month,
        Span.quarter: (period.start.month + 2) // 3,
        Span.year: 1,
    }[period.span]
    year = period.start.isocalendar().year if period.span is Span.week else period.start.year
    return page.say("number_of", year=year, n=count)


def _named(page: _Page, period: Period) -> str:
    last = period.end.fromordinal(period.end.toordinal() - 1)
    parts = {"year": period.start.year, "month": period.start.month, "day": period.start.day}
    more = {"last_month": last.month, "last_day": last.day, "quarter": (period.start.month + 2) // 3}
    return page.say(f"period.{period.span.value}", **parts, **more)


def _some(table: Table, names: Sequence[str]) -> list[Rate]:
    """Of the rates wanted those that the table has, in the order wanted."""
    known = {rate.id: rate for rate in table.rates}
    return [known[name] for name in names if name in known]


def _overall(page: _Page, now: Table, before: Table) -> list[Paragraph | Grid]:
    counts: list[Run] = [Run(page.say("overall_counts"))]
    for at, rate in enumerate(_some(now, OVERALL)):
        counts += [Run(page.say("join") if at else ""), Run(words(rate.title, page.lang) + page.say("value.joint"))]
        counts.append(page.figure(now, rate, now.total))
    counts.append(Run(page.say("stop")))
    shares: list[Run] = []
    for rate in _some(now, SHARES):
        shares += _share(page, now, before, rate)
    return [text(page.say("overall")), Paragraph(counts), *([Paragraph(shares)] if shares else [])]


def _share(page: _Page, now: Table, before: Table, rate: Rate) -> list[Run]:
    """One rate with its parts, and against the period before where both stand on enough."""
    figure = now.total.figures[rate.id]
    said = [Run(words(rate.title, page.lang) + page.say("value.joint")), page.figure(now, rate, now.total)]
    if figure.value is not None:
        said.append(Run(page.say("parts", part=figure.numerator, whole=figure.denominator)))
    was = before.total.figures.get(rate.id)
    if figure.value is not None and was is not None and was.value is not None and rate.unit == "%":
        if min(figure.base, was.base) < now.few:
            said.append(Run(page.say("few")))
        else:
            points = round((figure.value - was.value) * 100, 1)
            key = "same" if points == 0 else "up" if points > 0 else "down"
            said.append(Run(page.say(key, points=abs(points))))
    return [*said, Run(page.say("stop"))]


def _lines(page: _Page, table: Table, names: Sequence[str], kind: str) -> list[Paragraph | Grid]:
    """A table of lines, in the order of the tree: nobody is ranked."""
    rates = _some(table, names)
    wanted = {rate.id for rate in rates}
    told = [replace(line, figures={k: v for k, v in line.figures.items() if k in wanted}) for line in table.lines]
    lines = [line for line in told if not line.idle]
    if not lines or not rates:
        return [text(page.say(kind)), text(page.say("nothing"))]
    rows = []
    for line in (*lines, table.total):
        name = ("　" * line.depth + line.name) or line.key or page.say("total")
        rows.append([Run(name), *(page.figure(table, rate, line) for rate in rates)])
    heads = [page.say(f"head.{kind}"), *(words(rate.title, page.lang) for rate in rates)]
    grid = Grid(heads, rows, [_WIDE, *(_NARROW for _ in rates)])
    idle = len(told) - len(lines)
    return [text(page.say(kind)), grid, *([text(page.say(f"idle.{kind}", n=idle))] if idle else [])]


def _hotline(page: _Page, now: Table, before: Table) -> list[Paragraph | Grid]:
    rates = [rate for rate in _some(now, HOTLINE) if now.total.figures[rate.id].base]
    if not rates:
        return []
    said: list[Run] = []
    for rate in rates:
        said += _share(page, now, before, rate)
    return [text(page.say("hotline")), Paragraph(said)]


def _exclusions(unit: Unit, actor: Actor, asked: Wanted, page: _Page) -> list[Paragraph | Grid]:
    """What the rates leave out, in sight: the matter, why, and who approved it."""
    found = figures.exclusions(unit, actor, asked, Page(MOST_EXCLUSIONS)).items
    if not found:
        return [text(page.say("exclusions")), text(page.say("no_exclusions"))]
    rows = [_excluded(row, page) for row in found]
    heads = [page.say(f"head.{name}") for name in ("case", "out", "reason", "approver")]
    return [text(page.say("exclusions")), Grid(heads, rows, [2.2, 1.5, 1.8, 0.9])]


def _excluded(row: Mapping[str, object], page: _Page) -> list[Run]:
    case, event = str(row["case_no"] or ""), str(row["event"] or "")
    link = f"{page.address}/events/{event}" if case and event else ""
    why = mask_personal(str(row["why"] or ""))
    return [Run(case or "—", link), Run(cause_of(row, page.lang)), Run(why or "—"), Run(str(row["approved_by"] or "—"))]


def _about(page: _Page, table: Table) -> str:
    used = _some(table, (*SHARES, *DEPARTMENTS, *AREAS, *HOTLINE))
    unsure = [words(rate.title, page.lang) for rate in used if not rate.verified]
    at = table.as_of.astimezone(zone()).strftime("%Y-%m-%d %H:%M")
    edition = page.say("edition", n=table.publication.edition) if table.publication else page.say("live")
    unverified = page.say("unverified", rates=page.say("join").join(dict.fromkeys(unsure))) if unsure else ""
    return page.say("about", at=at, edition=edition, few=table.few) + unverified
