"""Briefings: an official paper in Word and PDF whose every figure is one of the tables and leads back to them."""

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from gangmu.kit import clock, paper, paper_docx, paper_pdf
from gangmu.kit.paper import Grid, Paper, Paragraph, Run, text
from tests.city import City
from tests.flow.cases import Cases
from tests.flow.ground import key

MONTH = {"period": "2026-10"}


@pytest.fixture
def told(city: City) -> Cases:
    """A month with one matter in time, one late, and one still with the department."""
    cases = Cases(city)
    event = cases.dispatched()
    cases.later(hours=1)
    cases.closed(cases.checked(cases.handled(event)))
    event = cases.dispatched(text="又一处井盖破损，夜间无照明", division="990101000000")
    cases.later(days=1)
    cases.closed(cases.checked(cases.handled(event)))
    cases.dispatched(text="第三处井盖下沉")
    cases.later(days=30)
    city.settle()
    return cases


def asked(cases: Cases, form: str, who: str = "evaluator", lang: str = "zh-CN", **more: Any) -> Any:
    params, spoken = {**MONTH, **more}, {"accept-language": lang}
    answer = cases.city.sign_in(who).get(f"/api/evaluate/briefing.{form}", params=params, headers=spoken)
    assert answer.status_code == 200, answer.text
    return answer


def lines(book: Any) -> list[str]:
    return [line.text for line in book.paragraphs]


def test_the_paper_says_what_the_table_says(told: Cases) -> None:
    book = docx.Document(io.BytesIO(asked(told, "docx").content))
    said = "\n".join(lines(book))
    assert told.figure("closing_in_time", **MONTH, scope="area")[:2] == (1, 3)
    assert "按期结案率33.3%，即1/3" in said
    assert "2026年第10期" in said and "2026年10月城市运行管理情况" in said
    assert re.search(r"一、总体情况\n.*二、部门办理情况\n.*三、区域情况", said, re.DOTALL)
    departments = [[cell.text for cell in row.cells] for row in book.tables[0].rows]
    mine = next(row for row in departments if row[0].strip() == "市政处")
    assert mine[departments[0].index("处置率")] == "66.7%"
    assert "尚未发布" in said and "未经核实" in said


def test_every_figure_leads_back_to_the_matters_it_counted(told: Cases) -> None:
    book = docx.Document(io.BytesIO(asked(told, "docx").content))
    links = {one.target_ref for one in book.part.rels.values() if one.is_external}
    assert len(links) > 10
    for link in links:
        query = parse_qs(urlsplit(link).query)
        rate, _, line = query["counted"][0].partition(":")
        of = {"period": query["period"][0], "scope": query["scope"][0], "level": query["level"][0]}
        answer = told.city.sign_in("evaluator").get("/api/evaluate/counted", params={**of, "rate": rate, "key": line})
        assert answer.status_code == 200, answer.text
    one = next(link for link in links if "counted=closing%3A&" in f"{link}&" and "scope=area" in link)
    assert (
        len(told.counted("closing", **{k: v[0] for k, v in parse_qs(urlsplit(one).query).items() if k != "counted"}))
        == 3
    )


def test_the_sheet_is_that_of_the_standard(told: Cases) -> None:
    book = docx.Document(io.BytesIO(asked(told, "docx").content))
    section = book.sections[0]
    sizes = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(one / Mm(1)) for one in sizes] == [210, 297, 37, 28]
    assert round((section.page_width - section.left_margin - section.right_margin) / Mm(1)) == 156
    assert round((section.page_height - section.top_margin - section.bottom_margin) / Mm(1)) == 225
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:linePitch")) == "580" and grid.get(qn("w:type")) == "lines"
    masthead = book.paragraphs[0].runs[0]
    assert str(masthead.font.color.rgb) == paper.RED and masthead.text.endswith("城市运行月报")
    body = next(line for line in book.paragraphs if line.text.startswith("本期"))
    assert body.runs[0].font.size == Pt(16) and body.paragraph_format.first_line_indent == Pt(32)
    assert "仿宋" in body.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))
    assert book.settings.odd_and_even_pages_header_footer


def test_a_published_month_is_the_one_that_is_told(told: Cases) -> None:
    city = told.city
    made = city.sign_in("evaluator").post("/api/evaluate/periods", json=MONTH, headers=key())
    assert made.status_code == 201, made.text
    done = city.sign_in("supervisor").post(f"/api/evaluate/periods/{made.json()['id']}/publish", headers=key())
    assert done.status_code == 200, done.text
    said = "\n".join(lines(docx.Document(io.BytesIO(asked(told, "docx").content))))
    assert "已发布第1版" in said


def test_nobody_reads_a_briefing_of_what_is_not_his(told: Cases) -> None:
    book = docx.Document(io.BytesIO(asked(told, "docx", "evaluator@there").content))
    said = "\n".join(lines(book))
    assert "西区" in said and "，即1/3" not in said and "无应办" in said
    assert told.city.sign_in("system_admin").get("/api/evaluate/briefing.pdf", params=MONTH).status_code == 403


def test_the_pdf_has_the_same_figures_and_links(told: Cases) -> None:
    found = asked(told, "pdf").content
    assert found.startswith(b"%PDF-") and found.rstrip().endswith(b"%%EOF")
    assert found.count(b"/URI") > 10
    assert b"STSong-Light" in found


def test_english_readers_get_it_in_english(told: Cases) -> None:
    said = "\n".join(lines(docx.Document(io.BytesIO(asked(told, "docx", lang="en").content))))
    assert "Closed in time 33.3% (1/3)" in said and "1. Overall" in said


ODD = 'A & B <b>"x"</b> 甲/乙 \u3000空'


def test_odd_characters_stand_as_they_are_in_both_forms() -> None:
    one = Paper(
        ODD,
        "1",
        ODD,
        "2026",
        ODD,
        [text(ODD), Paragraph([Run(ODD, "http://127.0.0.1/?a=1&b=<2>")]), Grid(["h"], [[Run(ODD)]], [1])],
        ODD,
    )
    out = io.BytesIO()
    paper_docx.write(out, one)
    book = docx.Document(io.BytesIO(out.getvalue()))
    assert ODD in lines(book) and book.tables[0].rows[1].cells[0].text == ODD
    out = io.BytesIO()
    paper_pdf.write(out, one)
    assert out.getvalue().startswith(b"%PDF-")
    assert paper.plain(one).count(ODD) == 7


def test_long_tables_go_on_over_pages_with_their_headings() -> None:
    rows = [[Run(f"第{n}行"), Run(str(n))] for n in range(200)]
    one = Paper("报", "1", "甲", "2026", "题", [Grid(["名称", "数"], rows, [2, 1])])
    out = io.BytesIO()
    paper_pdf.write(out, one)
    assert len(re.findall(rb"/Type /Page\b", out.getvalue())) >= 4
    out = io.BytesIO()
    paper_docx.write(out, one)
    table = docx.Document(io.BytesIO(out.getvalue())).tables[0]
    assert len(table.rows) == 201 and table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_the_clock_of_the_paper_is_the_city_s(told: Cases) -> None:
    day = clock.now() + timedelta(hours=8)
    said = "\n".join(lines(docx.Document(io.BytesIO(asked(told, "docx").content))))
    assert f"{day.year}年{day.month}月{day.day}日" in said
