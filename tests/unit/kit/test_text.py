"""Text: what is found by what, masks, division codes, words of the screens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangmu.kit import text

WORDS = st.text(alphabet="井盖路灯不亮破损ABCabc123 ，。-", max_size=40)


@given(WORDS, WORDS, WORDS)
def test_a_text_is_found_by_every_part_of_a_chinese_run(before, part, after):
    whole = text.fold(before + part + after)
    chinese = "".join(ch for ch in part if "\u3400" <= ch <= "\u9fff")
    if len(chinese) >= 2 and chinese in whole:
        assert set(text.query_grams(chinese)) <= set(text.bigrams(whole))


@given(st.text(max_size=200))
def test_no_text_breaks_the_folding(any_text):
    folded = text.fold(any_text)
    assert folded == text.fold(folded) and folded == folded.strip()
    grams = text.bigrams(any_text)
    assert grams == sorted(set(grams))


@pytest.mark.parametrize(
    ("whole", "query", "found"),
    [
        ("人民路井盖缺失", "井盖", True),
        ("人民路井盖缺失", "盖井", False),
        ("Manhole COVER missing", "cover", True),
        ("Manhole cover missing", "over", True),
        ("编号 ABC-12345", "2345", True),
        ("全角ＡＢＣ１２３", "abc123", True),
        ("井", "井", True),
        ("王小二", "小三", False),
    ],
)
def test_what_is_found_by_what(whole, query, found):
    assert (set(text.query_grams(query)) <= set(text.bigrams(whole))) is found


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("370303000000", "370303"),
        ("370300", "3703"),
        ("370000000000", "37"),
        ("370303001000", "370303001"),
        ("370303001002", "370303001002"),
        ("3703", "3703"),
        ("370310", "370310"),
        ("", ""),
        ("000000000000", "00"),
    ],
)
def test_significant_digits_of_a_division(code, prefix):
    assert text.division_prefix(code) == prefix


@given(st.sampled_from([2, 4, 6, 9, 12]), st.integers(min_value=1, max_value=10**12 - 1))
def test_a_division_and_its_prefix_are_one_place(length, number):
    code = str(number).rjust(12, "1")[:length]
    full = text.division_full(code)
    assert len(full) == 12 and full.startswith(text.division_prefix(full))
    assert text.division_full(text.division_prefix(full)) == full


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812340000", "138****0000"), ("110", "110"), ("0533-1234567", "053****4567"), ("", "")]
)
def test_masked_phones(phone, shown):
    assert text.mask_phone(phone) == shown


@pytest.mark.parametrize(("name", "shown"), [("王小二", "王**"), ("王", "王*"), ("欧阳慕容雪", "欧***"), ("", "")])
def test_masked_names(name, shown):
    assert text.mask_name(name) == shown


def test_numbers_of_people_in_free_text_are_masked():
    said = "致电13812345678，身份证37030319900101123X，订单20260918000123456789"
    masked = text.mask_personal(said)
    assert "138****5678" in masked and "370303********123X" in masked and "20260918000123456789" in masked


def test_sort_and_search_keys_of_names():
    assert text.pinyin_key("井盖缺失") == "jing gai que shi" and text.pinyin_initials("井盖缺失") == "jgqs"
    assert sorted(["张", "李", "王"], key=text.pinyin_key) == ["李", "王", "张"]


def test_a_missing_word_shows_its_key_and_missing_values_nothing():
    assert text.t("no.such.key") == "no.such.key"
    assert "{" not in text.t("invalid", "en", field="x")
    assert text.t("not_found", "fr") == text.t("not_found", "zh-CN")
