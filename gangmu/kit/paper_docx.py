"""A paper as a Word document (python-docx). Fonts are named as the standard does; the reader's machine has them."""

from typing import IO, Any

from docx import Document
from docx.document import Document as Book
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from gangmu.kit import paper as kit
from gangmu.kit.paper import Grid, Paper, Paragraph, Run

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FANGSONG, HEI, KAI, SONG, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
_FONTS = {"body": FANGSONG, "heading1": HEI, "heading2": KAI, "note": KAI, "right": FANGSONG}
_TWIPS = 20
# 28 characters of 16 pt are wider than 156 mm: each gives up a little. (A grid of characters would do it too, but not
# every word processor reads it the same.)
_CLOSER = round((kit.TYPE_MM[0] * kit.POINTS_A_MM / kit.CHARACTERS - kit.BODY_PT) * _TWIPS)


def write(out: IO[bytes], paper: Paper) -> None:
    """Write a paper as DOCX."""
    book = Document()
    book.core_properties.title = paper.title
    book.core_properties.author = paper.issuer
    usual = book.styles["Normal"]
    usual.font.name, usual.font.size = FANGSONG, Pt(kit.BODY_PT)
    usual.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANGSONG)
    _page(book)
    _masthead(book, paper)
    line = _line(book, ALIGN.CENTER)
    _say(line, Run(paper.title), TITLE, kit.TITLE_PT)
    _line(book)
    below_grid = False
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            _paragraph(book, block, below_grid)
        else:
            _grid(book, block)
        below_grid = isinstance(block, Grid)
    if paper.foot:
        line = _line(book)
        _border(line, "top", "000000", 6)
        _say(line, Run(paper.foot), FANGSONG, kit.PAGE_NO_PT)
    book.save(out)


def _page(book: Book) -> None:
    section = book.sections[0]
    section.page_width, section.page_height = Mm(kit.PAGE_MM[0]), Mm(kit.PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(kit.TOP_MM), Mm(kit.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(kit.LEFT_MM), Mm(kit.RIGHT_MM)
    section.footer_distance = Mm(kit.BOTTOM_MM - 7 - 5)  # the number's line lies 7 mm below the type area
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(kit.LINE_PT * _TWIPS)))
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(grid)
    book.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], ALIGN.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], ALIGN.LEFT)


def _page_number(line: Line, align: ALIGN) -> None:
    line.alignment = align
    away = Pt(kit.PAGE_NO_PT)
    line.paragraph_format.right_indent, line.paragraph_format.left_indent = (
        (away, None) if align == ALIGN.RIGHT else (None, away)
    )
    _say(line, Run("— "), SONG, kit.PAGE_NO_PT)
    for kind, inner in (("begin", None), (None, "PAGE"), ("end", None)):
        run = line.add_run()
        _font(run, SONG, kit.PAGE_NO_PT)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = inner
        run._r.append(mark)
    _say(line, Run(" —"), SONG, kit.PAGE_NO_PT)


def _masthead(book: Book, paper: Paper) -> None:
    line = book.paragraphs[0] if book.paragraphs else book.add_paragraph()
    line.alignment = ALIGN.CENTER
    line.paragraph_format.space_after = Pt(kit.BODY_PT)
    run = line.add_run(paper.masthead)
    _font(run, TITLE, kit.MASTHEAD_PT)
    run.font.color.rgb = RGBColor.from_string(kit.RED)
    _say(_line(book, ALIGN.CENTER), Run(paper.number), FANGSONG, kit.BODY_PT)
    line = _line(book)
    tabs = line.paragraph_format.tab_stops
    tabs.add_tab_stop(Mm(kit.TYPE_MM[0]), alignment=2)  # to the right edge
    _say(line, Run(f"{paper.issuer}\t{paper.day}"), FANGSONG, kit.BODY_PT)
    _border(line, "bottom", kit.RED, 18)
    _line(book)


def _line(book: Book, align: ALIGN | None = None) -> Line:
    line = book.add_paragraph()
    if align is not None:
        line.alignment = align
    form = line.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    form.line_spacing = Pt(kit.LINE_PT)
    return line


def _paragraph(book: Book, block: Paragraph, below_grid: bool) -> None:
    line = _line(book, ALIGN.RIGHT if block.style == "right" else ALIGN.JUSTIFY)
    if block.style != "right":
        line.paragraph_format.first_line_indent = Pt(2 * kit.BODY_PT)
    line.paragraph_format.keep_with_next = block.style.startswith("heading")
    if below_grid:
        line.paragraph_format.space_before = Pt(kit.TABLE_PT)
    for run in block.runs:
        _say(line, run, _FONTS[block.style], kit.PAGE_NO_PT if block.style == "note" else kit.BODY_PT)


def _grid(book: Book, block: Grid) -> None:
    table = book.add_table(rows=1, cols=len(block.heads))
    table.style = "Table Grid"
    table.autofit = False
    for cell, head in zip(table.rows[0].cells, block.heads, strict=True):
        _cell(cell, Run(head), HEI)
    again = OxmlElement("w:tblHeader")  # the headings stand again on every page
    table.rows[0]._tr.get_or_add_trPr().append(again)
    for row in block.rows:
        for at, (cell, run) in enumerate(zip(table.add_row().cells, row, strict=True)):
            _cell(cell, run, FANGSONG, ALIGN.CENTER if at else ALIGN.LEFT)
    whole = sum(block.widths)
    for at, share in enumerate(block.widths):
        width = table.columns[at].width = Mm(kit.TYPE_MM[0] * share / whole)
        for cell in table.columns[at].cells:
            cell.width = width


def _cell(cell: Any, run: Run, font: str, align: ALIGN = ALIGN.CENTER) -> None:
    line = cell.paragraphs[0]
    line.alignment = align
    free = OxmlElement("w:snapToGrid")  # small letters, out of the grid
    free.set(qn("w:val"), "0")
    line._p.get_or_add_pPr().insert_element_before(free, "w:spacing", "w:ind", "w:jc", "w:rPr")
    form = line.paragraph_format
    form.space_before = form.space_after = Pt(2)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(kit.TABLE_PT * 1.4)
    _say(line, run, font, kit.TABLE_PT)


def _say(line: Line, said: Run, font: str, size: float) -> None:
    if not said.link:
        _font(line.add_run(said.text), font, size)
        return
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), line.part.relate_to(said.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = line.add_run(said.text)
    _font(run, font, size)
    run.font.underline = True
    link.append(run._r)
    line._p.append(link)


def _font(run: Any, font: str, size: float) -> None:
    run.font.name = font
    run.font.size = Pt(size)
    form = run._r.get_or_add_rPr()
    form.get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if size == kit.BODY_PT:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), str(_CLOSER))
        form.insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u")


def _border(line: Line, side: str, colour: str, eighths: int) -> None:
    borders = OxmlElement("w:pBdr")
    edge = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        edge.set(qn(f"w:{name}"), value)
    borders.append(edge)
    line._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
