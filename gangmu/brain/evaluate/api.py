"""Routes of evaluation: tables, trends, what was counted, published periods, rates and scores."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import ModuleType
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from gangmu.base.signin.settings import SigninSettings
from gangmu.brain.evaluate import book, briefing, counting, figures, model, periods, rules
from gangmu.brain.evaluate.errors import (
    BadPeriod,
    BadRule,
    NobodyScored,
    NotADraft,
    NotAllHeard,
    PeriodOpen,
    PeriodWaits,
    ScoreElsewhere,
    SecondPerson,
)
from gangmu.brain.evaluate.figures import Wanted
from gangmu.brain.evaluate.model import Term
from gangmu.brain.evaluate.schema import (
    ChangedFigure,
    CountedList,
    CountedOut,
    DifferenceOut,
    DifferencesOut,
    EvaluationRateOut,
    EvaluationRuleIn,
    EvaluationRuleOut,
    FigureOut,
    LevelName,
    PartName,
    PeriodIn,
    PeriodList,
    PointOut,
    PublicationOut,
    RuleCheckIn,
    RuleList,
    RuleProblems,
    RulesOut,
    ScopeName,
    ScoreOut,
    TableOut,
    TrendOut,
    term,
)
from gangmu.brain.evaluate.service import PUBLISHED, day_of
from gangmu.brain.evaluate.settings import EvaluateSettings
from gangmu.kit import paper_docx, paper_pdf, settings
from gangmu.kit.errors import Invalid, NotFound, Refused
from gangmu.kit.ids import Id
from gangmu.kit.sheet_writing import MIME
from gangmu.kit.text import mask_personal, t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("evaluate")
READ = "evaluate.read"
ASKING = [BadPeriod, Invalid, NobodyScored, NotFound, ScoreElsewhere]
Short = Annotated[str, Query(max_length=60)]


class Asking:
    """Query values of a table. ``period``: 2026-11-30, 2026-W48, 2026-11, 2026-Q4 or 2026 (this month without one).
    ``live``: as counted now, also where it is published; ``edition``: that publication of it by one's own division;
    ``publication``: that very one."""

    def __init__(
        self,
        period: Annotated[str, Query(max_length=20)] = "",
        scope: ScopeName = "department",
        level: LevelName = "town",
        division: Annotated[str, Query(pattern=r"^(\d{12})?$")] = "",
        org: Id | None = None,
        post: Id | None = None,
        unit_grid: Short = "",
        flow: Short = "",
        rates: Annotated[str, Query(max_length=1000, description="ids, comma between")] = "",
        group: Annotated[str, Query(max_length=60, description="only rates of this group, or of the usual one")] = "",
        score: Short = "",
        live: bool = False,
        edition: Annotated[int | None, Query(ge=1, le=10_000)] = None,
        publication: Id | None = None,
    ) -> None:
        self.period = period
        chosen = tuple(part.strip() for part in rates.split(",") if part.strip())
        self.rest: dict[str, Any] = {
            "scope": scope,
            "level": level,
            "division": division,
            "org": org,
            "post": post,
            "unit_grid": unit_grid,
            "flow": flow,
            "rates": chosen,
            "group": group,
            "score": score,
            "live": live,
            "edition": edition,
            "publication": publication,
        }

    def wanted(self, at: Edge) -> Wanted:
        usual = model.period_of(model.Span.month, day_of(at.unit.now))
        return Wanted(model.parse_period(self.period) if self.period else usual, **self.rest)


Asked = Annotated[Asking, Depends()]


@routes.get("/evaluate/table", can=READ, answers=TableOut, errors=ASKING)
def table(asked: Asked, at: Edge) -> TableOut:
    """考核表 / The figures of a period by area, department or post, as published or as they stand."""
    wanted = asked.wanted(at)
    found = figures.table(at.unit, at.actor, wanted)
    return TableOut.of(found, periods.is_open(at.unit, wanted.period), at.actor.person, at.lang)


@routes.get("/evaluate/table.xlsx", can=READ, errors=ASKING)
def table_book(asked: Asked, at: Edge) -> StreamingResponse:
    """导出考核表 / The same table as a workbook: values, their parts, and how each is counted."""
    wanted = asked.wanted(at)
    out: IO[bytes] = SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115
    book.write(out, figures.table(at.unit, at.actor, wanted), at.lang)
    at.unit.note("export evaluation", wanted.period.name, scope=wanted.scope)
    return _file(out, f"evaluation-{wanted.period.name}-{wanted.scope}.xlsx", MIME)


@routes.get("/evaluate/briefing.docx", can=READ, errors=ASKING)
def briefing_docx(asked: Asked, at: Edge) -> StreamingResponse:
    """Word 简报 / The period as an official paper in Word; each figure leads back to what it counted."""
    return _briefing(asked.wanted(at), at, paper_docx)


@routes.get("/evaluate/briefing.pdf", can=READ, errors=ASKING)
def briefing_pdf(asked: Asked, at: Edge) -> StreamingResponse:
    """PDF 简报 / The same paper as PDF."""
    return _briefing(asked.wanted(at), at, paper_pdf)


def _briefing(wanted: Wanted, at: Edge, drawn: ModuleType) -> StreamingResponse:
    address = settings.get(SigninSettings).public_url or str(at.request.base_url)
    paper = briefing.compose(at.unit, at.actor, wanted, address, at.lang)
    out: IO[bytes] = SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115
    drawn.write(out, paper)
    form = drawn.__name__.rpartition("_")[2]
    at.unit.note("export briefing", wanted.period.name, form=form)
    return _file(out, f"{paper.title}.{form}", drawn.MIME)


def _file(out: IO[bytes], name: str, mime: str) -> StreamingResponse:
    out.seek(0)

    def parts() -> Iterator[bytes]:
        with out:
            while piece := out.read(1 << 16):
                yield piece

    told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(parts(), media_type=mime, headers=told)


@routes.get("/evaluate/counted", can=READ, answers=CountedList, errors=ASKING)
def counted(
    asked: Asked,
    at: Edge,
    paging: Annotated[Paging, Depends()],
    rate: Short,
    part: PartName = "denominator",
    key: Short = "",
) -> CountedList:
    """穿透 / What a figure counted, newest first: of its numerator, its denominator, or what it left out; ``key`` is
    the line's."""
    found = figures.counted(at.unit, at.actor, asked.wanted(at), key, rate, part, paging.page)
    orgs, posts = figures.names_of(at.unit, found.items)
    return CountedList(items=[CountedOut.of(row, orgs, posts, at.lang) for row in found.items], next=found.next)


@routes.get("/evaluate/exclusions", can=READ, answers=CountedList, errors=ASKING)
def exclusions(asked: Asked, at: Edge, paging: Annotated[Paging, Depends()]) -> CountedList:
    """剔除与豁免 / Matters of a period that rates leave out, each with its cause, its reason and who approved it."""
    found = figures.exclusions(at.unit, at.actor, asked.wanted(at), paging.page)
    orgs, posts = figures.names_of(at.unit, found.items)
    return CountedList(items=[CountedOut.of(row, orgs, posts, at.lang) for row in found.items], next=found.next)


@routes.get("/evaluate/trend", can=READ, answers=TrendOut, errors=ASKING)
def trend(asked: Asked, at: Edge, many: Annotated[int, Query(ge=1, le=31)] = 12) -> TrendOut:
    """趋势 / The last periods up to this one, all lines together."""
    points, rates = figures.trend(at.unit, at.actor, asked.wanted(at), many)
    few = settings.get(EvaluateSettings).few
    return TrendOut(
        rates=[EvaluationRateOut.of(one, at.lang) for one in rates],
        points=[PointOut.of(one, few) for one in points],
        as_of=at.unit.now,
    )


# --- periods ------------------------------------------------------------------------------------------------


@routes.get("/evaluate/periods", can=READ, answers=PeriodList)
def list_periods(at: Edge, period: Annotated[str, Query(max_length=20)] = "") -> PeriodList:
    """考核周期 / Periods that were drafted or published, the newest first."""
    found = periods.list_periods(at.unit, at.actor, period)
    return PeriodList(items=[PublicationOut.of(one, at.actor.person) for one in found])


@routes.post(
    "/evaluate/periods",
    can=periods.PUBLISH,
    answers=PublicationOut,
    status=201,
    errors=[BadPeriod, Invalid, NobodyScored, PeriodOpen, PeriodWaits, Refused],
)
def prepare(body: PeriodIn, at: Edge) -> PublicationOut:
    """拟定 / Prepare a period that is over; a correction of a published one gives its reason."""
    return PublicationOut.of(periods.prepare(at.unit, at.actor, body.period, body.reason), at.actor.person)


@routes.get("/evaluate/periods/{period_id}", can=READ, answers=PublicationOut, errors=[NotFound])
def get_period(period_id: Id, at: Edge) -> PublicationOut:
    """周期详情 / One draft or publication."""
    return PublicationOut.of(periods.get_period(at.unit, at.actor, period_id), at.actor.person)


@routes.post(
    "/evaluate/periods/{period_id}/publish",
    can=periods.PUBLISH,
    answers=PublicationOut,
    errors=[NobodyScored, NotADraft, NotAllHeard, NotFound, Refused, SecondPerson],
)
def publish(period_id: Id, at: Edge) -> PublicationOut:
    """发布 / Freeze the period with all that it counts. Usually somebody else than who prepared it."""
    return PublicationOut.of(periods.publish(at.unit, at.actor, period_id), at.actor.person)


@routes.delete("/evaluate/periods/{period_id}", can=periods.PUBLISH, status=204, errors=[NotADraft, NotFound, Refused])
def withdraw(period_id: Id, at: Edge) -> None:
    """撤回拟定 / Take a draft back."""
    periods.withdraw(at.unit, at.actor, period_id)


@routes.get("/evaluate/periods/{period_id}/differences", can=READ, answers=DifferencesOut, errors=[NotFound])
def differences(period_id: Id, at: Edge) -> DifferencesOut:
    """更正对比 / What a correction changed: figures and the facts behind them."""
    newer = periods.get_period(at.unit, at.actor, period_id)
    older = periods.before(at.unit, at.actor, newer)
    if older is None or newer.state != PUBLISHED:
        raise NotFound(what=str(period_id))
    rows = periods.differences(at.unit, at.actor, newer, older)
    few = settings.get(EvaluateSettings).few
    changed = [
        ChangedFigure(
            scope=one.scope,
            key=one.key,
            name=one.name,
            before=FigureOut.of(one.rate, one.before, few),
            now=FigureOut.of(one.rate, one.now, few),
        )
        for one in figures.compared(at.unit, at.actor, newer, older)
    ]
    for row in rows:
        row["why"] = mask_personal(row["why"]) if row["why"] else row["why"]
    facts = [DifferenceOut(**row, word_title=t(f"evaluate.word.{row['word']}", at.lang)) for row in rows]
    return DifferencesOut(
        edition=newer.edition, before=older.edition, reason=newer.reason, figures=changed, facts=facts
    )


# --- rules --------------------------------------------------------------------------------------------------


@routes.get("/evaluate/rules", can=READ, answers=RulesOut, errors=[BadPeriod])
def today(at: Edge, period: Annotated[str, Query(max_length=20)] = "") -> RulesOut:
    """指标与评分 / The rates and scores of a period (this month), and the words that rates are made of."""
    given = model.parse_period(period) if period else model.period_of(model.Span.month, day_of(at.unit.now))
    rates, scores = rules.on_day(at.unit, given, at.actor.division)
    return RulesOut(
        rates=[EvaluationRateOut.of(one, at.lang) for one in rates.values()],
        scores=[ScoreOut.of(one, at.lang) for one in scores.values()],
        words=[term(Term(word), at.lang) for word in counting.WORDS],
        ranking=settings.get(EvaluateSettings).ranking,
    )


@routes.get("/evaluate/rules/editions", can=READ, answers=RuleList)
def editions(at: Edge, kind: Short = "", key: Short = "") -> RuleList:
    """定义的版本 / All editions of rates and scores, drafts too."""
    return RuleList(
        items=[EvaluationRuleOut.of(one, at.actor.person) for one in rules.list_rules(at.unit, at.actor, kind, key)]
    )


@routes.post("/evaluate/rules/check", can=rules.DEFINE, answers=RuleProblems)
def check(body: RuleCheckIn, at: Edge) -> RuleProblems:
    """校验定义 / Whether a rate or a score can hold: weights, bands, grades, words. Changes nothing."""
    return RuleProblems(
        problems=rules.check(at.unit, body.kind, body.definition, at.actor.division, day_of(at.unit.now))
    )


@routes.post(
    "/evaluate/rules", can=rules.DEFINE, answers=EvaluationRuleOut, status=201, errors=[BadRule, Invalid, Refused]
)
def write(body: EvaluationRuleIn, at: Edge) -> EvaluationRuleOut:
    """新版定义 / A new edition of a rate or a score, with its reason; it counts when it is published."""
    made = rules.write(at.unit, at.actor, body.kind, body.definition, body.valid_from, body.reason)
    return EvaluationRuleOut.of(made, at.actor.person)


@routes.post(
    "/evaluate/rules/{rule_id}/publish",
    can=rules.DEFINE,
    answers=EvaluationRuleOut,
    errors=[BadRule, NotADraft, NotFound, Refused, SecondPerson],
)
def publish_rule(rule_id: Id, at: Edge) -> EvaluationRuleOut:
    """发布定义 / Let an edition count from its day on."""
    return EvaluationRuleOut.of(rules.publish(at.unit, at.actor, rule_id), at.actor.person)
