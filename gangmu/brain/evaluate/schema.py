"""Evaluation over HTTP: every figure with its parts, why it has no value, and the way to the matters it counted."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from gangmu.brain.evaluate.figures import Line, Point, Table
from gangmu.brain.evaluate.model import Figure, Period, Rate, Term
from gangmu.brain.evaluate.period_store import Publication, Rule
from gangmu.brain.evaluate.scoring import Score, Scored
from gangmu.kit.ids import Id
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Schema

ScopeName = Literal["area", "department", "post"]
LevelName = Literal["city", "county", "town", "community", "grid"]
PartName = Literal["numerator", "denominator", "excluded"]
OTHERS = ("tel", "kno")


class FigureOut(Schema):
    """``value`` null means that there is none, ``why`` says why: nothing_due, all_excluded. ``few``: so few matters
    that the value says little."""

    rate: str
    value: float | None
    numerator: int
    denominator: int
    excluded: int
    why: str
    few: bool

    @classmethod
    def of(cls, rate: str, one: Figure, few: int) -> "FigureOut":
        return cls(
            rate=rate,
            value=one.value,
            numerator=one.numerator,
            denominator=one.denominator,
            excluded=one.excluded,
            why=one.why,
            few=not one.is_count and 0 < one.base < few,
        )


class TermOut(Schema):
    word: str
    title: str
    stage: str
    minus: bool


class EvaluationRateOut(Schema):
    """A rate as it is declared."""

    id: str
    title: str
    note: str
    group: str
    numerator: list[TermOut]
    denominator: list[TermOut]
    scopes: list[str]
    flows: list[str]
    channels: list[str]
    roles: list[str]
    leaves_out: list[str]
    unit: str
    better: str
    source: str
    mark: str
    verified: bool

    @classmethod
    def of(cls, one: Rate, lang: str) -> "EvaluationRateOut":
        return cls(
            id=one.id,
            title=words(one.title, lang),
            note=words(one.note, lang),
            group=one.group,
            numerator=[term(each, lang) for each in one.numerator],
            denominator=[term(each, lang) for each in one.denominator],
            scopes=list(one.scopes),
            flows=list(one.flows),
            channels=list(one.channels),
            roles=list(one.roles),
            leaves_out=list(one.leaves_out),
            unit=one.unit,
            better=one.better,
            source=one.source,
            mark=one.mark,
            verified=one.verified,
        )


def term(one: Term, lang: str) -> TermOut:
    return TermOut(word=one.word, title=t(f"evaluate.word.{one.word}", lang), stage=one.stage, minus=one.minus)


def words(given: Mapping[str, str], lang: str) -> str:
    return given.get("en" if lang == "en" else "zh") or next(iter(given.values()), "")


class BandOut(Schema):
    at_least: float
    points: float


class ScorePartOut(Schema):
    rate: str
    weight: float
    inverted: bool
    bands: list[BandOut]


class GradeOut(Schema):
    name: str
    at_least: float


class ScoreOut(Schema):
    """A weighted composition with its grades, the best first."""

    id: str
    title: str
    note: str
    scope: str
    levels: list[str] = Field(description="of areas, those it is made for; none: all")
    parts: list[ScorePartOut]
    grades: list[GradeOut]
    source: str
    mark: str
    verified: bool

    @classmethod
    def of(cls, one: Score, lang: str) -> "ScoreOut":
        return cls(
            id=one.id,
            title=words(one.title, lang),
            note=words(one.note, lang),
            scope=one.scope,
            levels=list(one.levels),
            parts=[
                ScorePartOut(
                    rate=part.rate,
                    weight=part.weight,
                    inverted=part.inverted,
                    bands=[BandOut(at_least=band.at_least, points=band.points) for band in part.bands],
                )
                for part in one.parts
            ],
            grades=[GradeOut(name=grade.name, at_least=grade.at_least) for grade in one.grades],
            source=one.source,
            mark=one.mark,
            verified=one.verified,
        )


class ScoredOut(Schema):
    """``value`` null: ``why`` is no_data (of the rate ``about``) or too_few."""

    value: float | None
    grade: str
    why: str
    about: str
    points: dict[str, float | None]

    @classmethod
    def of(cls, one: Scored | None) -> "ScoredOut | None":
        if one is None:
            return None
        return cls(value=one.value, grade=one.grade, why=one.why, about=one.about, points=dict(one.points))


class LineOut(Schema):
    """One line: an area, a department (under ``parent``, ``depth`` deep) or a post (``parent`` names its
    organisation). ``place`` only where the city ranks."""

    key: str
    name: str
    parent: str
    depth: int
    figures: list[FigureOut]
    score: ScoredOut | None
    place: int | None

    @classmethod
    def of(cls, one: Line, few: int) -> "LineOut":
        return cls(
            key=one.key,
            name=one.name,
            parent=one.parent,
            depth=one.depth,
            figures=[FigureOut.of(rate, figure, few) for rate, figure in one.figures.items()],
            score=ScoredOut.of(one.scored),
            place=one.place,
        )


class PeriodOut(Schema):
    """A span of days; ``open`` while it is not over."""

    name: str
    span: str
    start: date
    end: date
    open: bool

    @classmethod
    def of(cls, one: Period, is_open: bool) -> "PeriodOut":
        return cls(name=one.name, span=one.span.value, start=one.start, end=one.end, open=is_open)


class PublicationOut(Schema):
    """A period as drafted or published, and its edition."""

    id: Id
    period: str
    start: date
    end: date
    division: str
    edition: int
    state: str
    reason: str
    prepared_name: str
    prepared_at: datetime
    published_name: str
    published_at: datetime | None
    facts: int
    mine: bool

    @classmethod
    def of(cls, one: Publication, person: Id | None) -> "PublicationOut":
        return cls(
            id=one.id,
            period=one.period,
            start=one.start,
            end=one.end,
            division=one.division,
            edition=one.edition,
            state=one.state,
            reason=one.reason,
            prepared_name=one.prepared_name,
            prepared_at=one.prepared_at,
            published_name=one.published_name,
            published_at=one.published_at,
            facts=one.facts,
            mine=one.prepared_by == person,
        )


class TableOut(Schema):
    """A table of figures. ``publication`` null: as it stands at ``as_of``. ``groups``: of rates of the scope; ``group``
    the one that is shown, empty for all of them."""

    period: PeriodOut
    scope: str
    level: str
    groups: list[str]
    group: str
    rates: list[EvaluationRateOut]
    score: ScoreOut | None
    lines: list[LineOut]
    total: LineOut
    publication: PublicationOut | None
    as_of: datetime
    few: int

    @classmethod
    def of(cls, one: Table, is_open: bool, person: Id | None, lang: str) -> "TableOut":
        return cls(
            period=PeriodOut.of(one.wanted.period, is_open),
            scope=one.wanted.scope,
            level=one.wanted.level,
            groups=list(one.groups),
            group=one.group,
            rates=[EvaluationRateOut.of(rate, lang) for rate in one.rates],
            score=ScoreOut.of(one.score, lang) if one.score else None,
            lines=[LineOut.of(line, one.few) for line in one.lines],
            total=LineOut.of(one.total, one.few),
            publication=PublicationOut.of(one.publication, person) if one.publication else None,
            as_of=one.as_of,
            few=one.few,
        )


class CountedOut(Schema):
    """A fact behind a figure. ``about``: the call or knowledge entry that it was counted of, where it is no event.
    Number and title are null for who may not see the matter itself. ``late_s``: so much too late; ``excluded``: why
    rates leave it out, with the reason given and who approved it."""

    id: str
    word: str
    word_title: str
    about: str
    about_title: str
    event: Id | None
    case_no: str | None
    title: str | None
    status: str | None
    at: datetime
    n: int
    division: str
    stage: str
    role: str
    org: Id | None
    org_name: str
    post: Id | None
    post_name: str
    due_at: datetime | None
    done_at: datetime | None
    late_s: int | None
    excluded: str
    excluded_title: str
    why: str
    approved_by: str
    approved_at: datetime | None
    cause: str

    @classmethod
    def of(cls, row: Mapping[str, Any], orgs: Mapping[Id, str], posts: Mapping[Id, str], lang: str) -> "CountedOut":
        values = {name: row[name] for name in cls.model_fields if name in row}
        values["title"] = mask_personal(row["title"]) if row["title"] else row["title"]
        values["why"] = mask_personal(row["why"])
        kind = row["subject"].partition("_")[0]
        other = kind in OTHERS
        return cls(
            **values,
            about=row["subject"] if other else "",
            about_title=t(f"evaluate.about.{kind}", lang) if other else "",
            word_title=t(f"evaluate.word.{row['word']}", lang),
            org_name=orgs.get(row["org"], ""),
            post_name=posts.get(row["post"], ""),
            excluded_title=t(f"evaluate.excluded.{row['excluded']}", lang) if row["excluded"] else "",
            cause=cause_of(row, lang),
        )


def _lasted(seconds: int, lang: str) -> str:
    """The two largest units that there are: days and hours, or hours and minutes."""
    minutes = max(1, seconds // 60)
    units = (("days", minutes // 1440), ("hours", minutes // 60 % 24), ("minutes", minutes % 60))
    first = next(at for at, (_, n) in enumerate(units) if n)
    told = [t(f"evaluate.lasted.{name}", lang, n=n) for name, n in units[first : first + 2] if n]
    return (" " if lang == "en" else "").join(told)


def cause_of(row: Mapping[str, Any], lang: str) -> str:
    """In words: left out for what, late by how much, in time, or still to come."""
    if row["excluded"]:
        return t(f"evaluate.cause.{row['excluded']}", lang)
    if row["late_s"]:
        return t("evaluate.cause.late", lang, time=_lasted(int(row["late_s"]), lang))
    if row["due_at"] is None:
        return ""
    if row["done_at"] is None:
        return t("evaluate.cause.not_done", lang)
    return t("evaluate.cause.in_time", lang)


class CountedList(Schema):
    items: list[CountedOut]
    next: str | None


class PointOut(Schema):
    """One period of a trend."""

    period: PeriodOut
    figures: list[FigureOut]
    published: bool

    @classmethod
    def of(cls, one: Point, few: int) -> "PointOut":
        return cls(
            period=PeriodOut.of(one.period, one.open),
            figures=[FigureOut.of(rate, figure, few) for rate, figure in one.figures.items()],
            published=one.publication is not None,
        )


class TrendOut(Schema):
    rates: list[EvaluationRateOut]
    points: list[PointOut]
    as_of: datetime


class RulesOut(Schema):
    """What is counted and scored today."""

    rates: list[EvaluationRateOut]
    scores: list[ScoreOut]
    words: list[TermOut]
    ranking: bool


class PeriodList(Schema):
    items: list[PublicationOut]


class PeriodIn(Schema):
    period: str = Field(max_length=20, description="2026-11-30, 2026-W48, 2026-11, 2026-Q4 or 2026")
    reason: str = Field("", max_length=1000, description="needed where it was published before")


class DifferenceOut(Schema):
    """A fact that a correction counts otherwise; null before: it was not there, null now: it is there no more."""

    id: str
    event: Id | None
    word: str
    word_title: str
    at_before: datetime | None
    at_now: datetime | None
    excluded_before: str | None
    excluded_now: str | None
    why: str | None


class ChangedFigure(Schema):
    """A figure that a correction changed."""

    scope: str
    key: str
    name: str
    before: FigureOut
    now: FigureOut


class DifferencesOut(Schema):
    """What an edition changed against the one before it."""

    edition: int
    before: int
    reason: str
    figures: list[ChangedFigure]
    facts: list[DifferenceOut]


class EvaluationRuleOut(Schema):
    """An edition of a rate or a score as a row."""

    id: Id
    kind: str
    key: str
    division: str
    edition: int
    state: str
    definition: dict[str, Any]
    reason: str
    valid_from: date
    made_name: str
    made_at: datetime
    published_name: str
    published_at: datetime | None
    mine: bool

    @classmethod
    def of(cls, one: Rule, person: Id | None) -> "EvaluationRuleOut":
        return cls(
            id=one.id,
            kind=one.kind,
            key=one.key,
            division=one.division,
            edition=one.edition,
            state=one.state,
            definition=dict(one.definition),
            reason=one.reason,
            valid_from=one.valid_from,
            made_name=one.made_name,
            made_at=one.made_at,
            published_name=one.published_name,
            published_at=one.published_at,
            mine=one.made_by is not None and one.made_by == person,
        )


class RuleList(Schema):
    items: list[EvaluationRuleOut]


class RuleCheckIn(Schema):
    kind: Literal["rate", "score"]
    definition: dict[str, Any] = Field(description="as the shipped ones: id, title, numerator ...; or id, parts ...")


class EvaluationRuleIn(RuleCheckIn):
    valid_from: date
    reason: str = Field(max_length=1000)


class RuleProblems(Schema):
    """What stands in the way of a definition; empty when it holds."""

    problems: list[str]
