"""CSV as cities write it."""

import codecs

import pytest

from gangmu.core.intake.errors import (
    FileEmpty,
    FileKind,
    FileMisnamed,
    FileMissing,
    FileTooLarge,
    FileTooWide,
    WrongColumns,
)
from gangmu.core.intake.readers import Limits
from tests.unit.intake.conftest import HEADER, a_row, csv_bytes, take


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("gbk", "gb18030"), ("utf-16", "utf-16-le")],
)
def test_encodings_are_recognised(write, encoding, told):
    taken = take(write(csv_bytes([HEADER, *[a_row(n) for n in range(30)]], encoding=encoding)))
    assert taken.notes["encoding"] == told
    assert [r.title for r in taken.good] == [f"第{n}号井盖缺失" for n in range(30)]


def test_utf16_big_endian_with_its_mark(write):
    body = codecs.BOM_UTF16_BE + csv_bytes([HEADER, a_row(1), a_row(2)], encoding="utf-16-be")
    assert len(take(write(body)).good) == 2


def test_utf16_without_a_mark(write):
    taken = take(write(csv_bytes([HEADER, *[["a" * 9, *a_row(n)[1:]] for n in range(9)]], encoding="utf-16-le")))
    assert len(taken.good) == 9


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(write, delimiter):
    taken = take(write(csv_bytes([HEADER, a_row(1), a_row(2)], delimiter=delimiter)))
    assert taken.notes["delimiter"] == delimiter
    assert len(taken.good) == 2


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(write, newline):
    body = csv_bytes([HEADER, a_row(1), a_row(2)]).decode().replace("\n", newline)
    assert len(take(write(body)).good) == 2


def test_a_title_and_a_date_above_the_header_are_passed_over(write):
    body = "某市诉求工单导出\n导出时间：2026-09-18\n\n".encode() + csv_bytes([HEADER, a_row(1)])
    taken = take(write(body))
    assert [r.number for r in taken.good] == ["T000001"]
    assert taken.read == 1


def test_text_over_several_lines_with_quotes_inside(write):
    row = a_row(1, 内容='第一行\n第二行,"引号"里\n第三行')
    taken = take(write([HEADER, row, a_row(2)]))
    assert taken.good[0].text == '第一行\n第二行,"引号"里\n第三行'
    assert len(taken.good) == 2


def test_a_quote_that_is_never_closed_costs_its_row_alone(write):
    lines = csv_bytes([HEADER, *[a_row(n) for n in range(1, 6)]]).decode().splitlines()
    lines[2] = lines[2].replace("T000002", '"T000002')
    taken = take(write("\n".join(lines) + "\n"))
    assert [r.number for r in taken.good] == ["T000001", "T000003", "T000004", "T000005"]
    assert taken.reasons() == ["broken_quotes"]
    assert taken.bad[0][0].at == 3


def test_two_broken_quotes_do_not_swallow_the_rows_between(write):
    lines = csv_bytes([HEADER, *[a_row(n) for n in range(1, 9)]]).decode().splitlines()
    lines[2] = lines[2].replace("热线", '"热线')
    lines[6] = lines[6].replace("投诉", '投诉"')
    taken = take(write("\n".join(lines) + "\n"))
    assert {r.number for r in taken.good} >= {f"T{n:06d}" for n in (1, 3, 4, 5, 7, 8)}
    assert taken.read == 8


def test_an_inch_mark_inside_a_plain_cell_is_text(write):
    assert (
        len(
            take(
                write(
                    csv_bytes([HEADER])
                    + ",".join(a_row(1, 标题='管径5"破裂'))
                    .encode()
                    .replace("井盖缺失,夜".encode(), "井盖缺失夜".encode())
                    + b"\n"
                )
            ).good
        )
        == 1
    )


def test_rows_of_another_width_are_bad_and_blank_tails_are_not(write):
    body = csv_bytes([HEADER, [*a_row(1), "", ""], a_row(2)[:6], [*a_row(3), "多余"], a_row(4)])
    taken = take(write(body))
    assert [r.number for r in taken.good] == ["T000001", "T000004"]
    assert taken.reasons() == ["wrong_width", "wrong_width"]


def test_a_broken_character_costs_its_row_alone(write):
    body = csv_bytes([HEADER, *[a_row(n) for n in range(1, 20)]]).split(b"\n")
    body[5] = body[5].replace("井盖".encode(), b"\xff\xfe\xba")
    taken = take(write(b"\n".join(body)))
    assert len(taken.good) == 18
    assert taken.reasons() == ["bad_encoding"]


def test_a_nul_costs_its_row_alone(write):
    body = csv_bytes([HEADER, a_row(1), a_row(2)]).replace(b"T000002", b"T0\x0002")
    taken = take(write(body))
    assert taken.reasons() == ["nul_byte"]
    assert len(taken.good) == 1


def test_controls_and_marks_of_direction_are_taken_out(write):
    taken = take(write([HEADER, a_row(1, 标题="井盖\x07缺失\u202e\ufeff")]))
    assert taken.good[0].title == "井盖缺失"


def test_huge_cells_and_endless_lines_are_bad_rows(write):
    body = csv_bytes([HEADER, a_row(1, 内容="长" * 300), a_row(2), a_row(3, 内容="x" * 70_000), a_row(4)])
    taken = take(write(body), limits=Limits(cell_chars=200, row_bytes=65_536))
    assert taken.reasons() == ["cell_too_long", "row_too_long"]
    assert [r.number for r in taken.good] == ["T000002", "T000004"]


def test_blank_lines_are_no_rows(write):
    body = csv_bytes([HEADER, a_row(1)]) + b"\n\n , \n" + b",,,,,,,,,,,,,\n" + csv_bytes([a_row(2)])
    taken = take(write(body))
    assert len(taken.good) == 2


def test_the_header_may_be_in_any_order_and_spelling(write):
    body = csv_bytes([["TIME", " Title ", "unknown", "ID"], ["2026-09-01 08:00", "a title", "?", "77"]])
    assert take(write(body)).good[0].number == "77"


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (b"", "a.csv", FileEmpty),
        (b"\n  \n\n", "a.csv", FileEmpty),
        (b"\xef\xbb\xbf", "a.csv", FileEmpty),
        (b"a,b\n1,2\n", "a.csv", WrongColumns),
        (b"PK\x03\x04rest", "a.csv", FileMisnamed),
        (b"plain text", "a.xlsx", FileMisnamed),
        (b"plain text", "a.parquet", FileMisnamed),
        (b"%PDF-1.7 ...", "a.csv", FileKind),
        (b"\x1f\x8b\x08", "a.csv.gz", FileKind),
        (b"name: x\n", "a.yaml", FileKind),
        (b"\x00" * 5000, "a.csv", FileEmpty),
        (bytes(range(256)) * 20 + b"\x00" * 9000, "a.csv", FileKind),
    ],
)
def test_files_that_are_none(write, content, name, error):
    with pytest.raises(error):
        take(write(content, name))


def test_missing_files_and_folders_say_so(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileMissing):
            take(path)


def test_limits_of_size_and_width(write):
    path = write([HEADER, a_row(1)])
    with pytest.raises(FileTooLarge):
        take(path, limits=Limits(file_bytes=10))
    with pytest.raises(FileTooWide):
        take(path, limits=Limits(columns=5))
