"""Official papers (公文): what stands on one, apart from how it is drawn. ``paper_docx`` and ``paper_pdf`` draw it.

The layout is that of GB/T 9704-2012: A4, a type area of 156 by 225 mm, 22 lines of 28 characters in size 3
(16 pt) FangSong, title in size 2 (22 pt), headings in SimHei and KaiTi, page numbers in size
4 (14 pt) between dashes, outside on each side of the sheet. A text may carry the address that it came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PAGE_MM = (210.0, 297.0)
TOP_MM, LEFT_MM = 37.0, 28.0
TYPE_MM = (156.0, 225.0)
RIGHT_MM = PAGE_MM[0] - LEFT_MM - TYPE_MM[0]
BOTTOM_MM = PAGE_MM[1] - TOP_MM - TYPE_MM[1]
LINES, CHARACTERS = 22, 28
POINTS_A_MM = 72 / 25.4
LINE_PT = TYPE_MM[1] * POINTS_A_MM / LINES
BODY_PT, TITLE_PT, PAGE_NO_PT, TABLE_PT, MASTHEAD_PT = 16.0, 22.0, 14.0, 12.0, 36.0
RED = "D7000F"

Style = Literal["body", "heading1", "heading2", "note", "right"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text, and the address that it leads back to."""

    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in one of the styles: body text begins two characters in."""

    runs: Sequence[Run]
    style: Style = "body"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: headings, then rows of texts; ``widths`` are shares of the type area."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Run]]
    widths: Sequence[float]


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper: red masthead, number, issuer and day above the red line; title and blocks below it."""

    masthead: str
    number: str
    issuer: str
    day: str
    title: str
    blocks: Sequence[Paragraph | Grid]
    foot: str = ""


def text(said: str, style: Style = "body") -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph((Run(said),), style)


def plain(paper: Paper) -> str:
    """All that a paper says, in order, one line a paragraph or row."""
    lines = [paper.masthead, paper.number, paper.issuer, paper.day, paper.title]
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            lines.append("".join(run.text for run in block.runs))
        else:
            lines.append("\t".join(block.heads))
            lines += ["\t".join(run.text for run in row) for row in block.rows]
    return "\n".join([*lines, paper.foot])
