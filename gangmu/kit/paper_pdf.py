"""A paper as PDF (reportlab). Without fonts of its own the reader's STSong is named, which every PDF reader has; a
city that owns the fonts of the standard names their files in the settings, and they are embedded."""

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import IO, Any

from pydantic import Field
from reportlab.lib.colors import HexColor, black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, HRFlowable, PageTemplate, Spacer, Table, TableStyle
from reportlab.platypus import Paragraph as Flow

from gangmu.kit import paper as kit
from gangmu.kit import settings
from gangmu.kit.log import log
from gangmu.kit.paper import Grid, Paper, Paragraph, Run
from gangmu.kit.settings import Section

MIME = "application/pdf"
READERS_OWN = "STSong-Light"
_MM = kit.POINTS_A_MM


class PaperSettings(Section, name="paper"):
    """Fonts that papers embed."""

    body_font: str = Field("", description="A TrueType file for body text (FangSong); empty: the reader's own STSong.")
    heading_font: str = Field("", description="A TrueType file for headings (SimHei); empty: as body text.")
    title_font: str = Field("", description="A TrueType file for title and masthead; empty: as body text.")


@lru_cache(maxsize=16)
def _font(file: str) -> str:
    """The name under which a font file is known here; the reader's own where there is none, or it cannot be read."""
    if file:
        name = f"house-{Path(file).stem}"
        try:
            pdfmetrics.registerFont(TTFont(name, file))
            return name
        except (TTFError, OSError) as error:
            log.warning("font cannot be used", file=file, why=str(error)[:200])
    pdfmetrics.registerFont(UnicodeCIDFont(READERS_OWN))
    return READERS_OWN


def write(out: IO[bytes], paper: Paper) -> None:
    """Write a paper as PDF."""
    chosen = settings.get(PaperSettings)
    body = _font(chosen.body_font)
    heading = _font(chosen.heading_font) if chosen.heading_font else body
    title = _font(chosen.title_font) if chosen.title_font else body
    margins = {"leftMargin": kit.LEFT_MM * _MM, "topMargin": kit.TOP_MM * _MM}
    margins |= {"rightMargin": kit.RIGHT_MM * _MM, "bottomMargin": kit.BOTTOM_MM * _MM}
    size = (kit.PAGE_MM[0] * _MM, kit.PAGE_MM[1] * _MM)
    made = BaseDocTemplate(out, pagesize=size, title=paper.title, author=paper.issuer, **margins)
    frame = Frame(made.leftMargin, made.bottomMargin, made.width, made.height, 0, 0, 0, 0)
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, page: _page_number(canvas, page, body)))
    made.build(_story(paper, body, heading, title))


def _page_number(canvas: Any, page: Any, font: str) -> None:
    """Between dashes, 7 mm below the type area, outside: right on odd pages, left on even ones."""
    canvas.saveState()
    canvas.setFont(font, kit.PAGE_NO_PT)
    down = page.bottomMargin - 7 * _MM - kit.PAGE_NO_PT / 2
    said = f"— {page.page} —"
    if page.page % 2:
        canvas.drawRightString(page.leftMargin + page.width - kit.PAGE_NO_PT, down, said)
    else:
        canvas.drawString(page.leftMargin + kit.PAGE_NO_PT, down, said)
    canvas.restoreState()


def _story(paper: Paper, body: str, heading: str, title: str) -> list[Flowable]:
    def style(font: str, size: float, **more: Any) -> ParagraphStyle:
        more.setdefault("leading", max(kit.LINE_PT, size * 1.3))
        return ParagraphStyle("one", fontName=font, fontSize=size, wordWrap="CJK", **more)

    indent = {"firstLineIndent": 2 * kit.BODY_PT, "alignment": TA_JUSTIFY}
    styles = {
        "body": style(body, kit.BODY_PT, **indent),
        "heading1": style(heading, kit.BODY_PT, **indent),
        "heading2": style(body, kit.BODY_PT, **indent),
        "note": style(body, kit.PAGE_NO_PT, **indent),
        "right": style(body, kit.BODY_PT, alignment=TA_RIGHT),
    }
    red = HexColor(f"#{kit.RED}")
    centre = style(body, kit.BODY_PT, alignment=TA_CENTER)
    story: list[Flowable] = [
        Flow(escape(paper.masthead), style(title, kit.MASTHEAD_PT, alignment=TA_CENTER, textColor=red)),
        Spacer(1, kit.BODY_PT),
        Flow(escape(paper.number), centre),
        _edges(paper, style(body, kit.BODY_PT), style(body, kit.BODY_PT, alignment=TA_RIGHT)),
        HRFlowable(width="100%", thickness=2.2, color=red, spaceBefore=2, spaceAfter=kit.LINE_PT),
        Flow(escape(paper.title), style(title, kit.TITLE_PT, alignment=TA_CENTER)),
        Spacer(1, kit.LINE_PT),
    ]
    small = {"alignment": TA_CENTER, "leading": kit.TABLE_PT * 1.4}
    cell, head = style(body, kit.TABLE_PT, **small), style(heading, kit.TABLE_PT, **small)
    first = style(body, kit.TABLE_PT, leading=kit.TABLE_PT * 1.4)
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            story.append(Flow("".join(map(_marked, block.runs)), styles[block.style]))
        else:
            story.append(_grid(block, first, cell, head))
    if paper.foot:
        story += [
            HRFlowable(width="100%", thickness=0.8, color=black, spaceBefore=kit.LINE_PT / 2, spaceAfter=2),
            Flow(escape(paper.foot), style(body, kit.PAGE_NO_PT)),
        ]
    return story


def _edges(paper: Paper, left: ParagraphStyle, right: ParagraphStyle) -> Table:
    """The issuer at the left edge, the day at the right."""
    half = kit.TYPE_MM[0] * _MM / 2
    one = Table([[Flow(escape(paper.issuer), left), Flow(escape(paper.day), right)]], colWidths=[half, half])
    one.setStyle(TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    return one


def _marked(run: Run) -> str:
    said = escape(run.text)
    return f'<a href="{escape(run.link, quote=True)}"><u>{said}</u></a>' if run.link else said


def _named(run: Run, style: ParagraphStyle) -> Flow:
    """What a row is about, at the left; as far in as it says by full-width blanks."""
    plain = run.text.lstrip("\u3000")
    deep = len(run.text) - len(plain)
    return Flow(_marked(Run(plain, run.link)), ParagraphStyle("named", style, leftIndent=deep * kit.TABLE_PT))


def _grid(block: Grid, first: ParagraphStyle, cell: ParagraphStyle, head: ParagraphStyle) -> Table:
    whole = sum(block.widths)
    widths = [kit.TYPE_MM[0] * _MM * share / whole for share in block.widths]
    rows = [[Flow(escape(text), head) for text in block.heads]]
    rows += [[_named(row[0], first), *(Flow(_marked(run), cell) for run in row[1:])] for row in block.rows]
    made = Table(rows, colWidths=widths, repeatRows=1, spaceBefore=kit.TABLE_PT / 2, spaceAfter=kit.TABLE_PT)
    made.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return made
