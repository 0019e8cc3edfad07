"""Entries stand as their days say; a search forgives; what is kept of one that found nothing names nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gangmu.core.knowledge import model
from gangmu.core.knowledge.model import Content, Standing
from gangmu.core.knowledge.service import names_told
from gangmu.kit import ids
from gangmu.kit.errors import Invalid

ORG = ids.new("org")
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = date(2026, 3, 2)
TOLD = Content("住房公积金怎么提取", "到窗口申请。", ORG, "990101", words=("取公积金", "取公积金 "))


def an_entry(**given):
    return model.opened(ids.new("kno"), replace(model.checked(TOLD), **given), NOW, DAY, None, True)


def test_an_entry_stands_as_its_days_say():
    entry = an_entry(valid_from=date(2026, 3, 1), valid_to=date(2026, 4, 1))
    assert entry.standing(date(2026, 2, 28)) is Standing.coming
    assert entry.standing(DAY) is Standing.in_force
    assert entry.standing(date(2026, 4, 1)) is Standing.expired
    assert entry.expires_within(DAY, 30) and not entry.expires_within(DAY, 29)
    assert replace(entry, state="draft").standing(DAY) is Standing.draft


def test_what_is_no_entry_is_refused_and_the_rest_tidied():
    assert model.checked(TOLD).words == ("取公积金",)
    assert model.checked(TOLD).division == "990101000000"
    for wrong in ({"question": "  "}, {"answer": ""}, {"code": "01"}, {"valid_from": DAY, "valid_to": DAY}):
        with pytest.raises(Invalid):
            model.checked(replace(TOLD, **wrong))


@pytest.mark.parametrize("q", ["住房公积金提取", "公积金", "公鸡金怎么提取", "公积金怎么取出来", "房屋公积金提取"])
def test_a_search_forgives(q):
    keys = model.keys_of(an_entry())
    question = model.asked(q, [("公积金", "房屋公积金")])
    assert model.score(question, keys.head, keys.grams) >= 0.3, q


def test_what_has_nothing_in_common_scores_nothing():
    keys = model.keys_of(an_entry())
    assert model.score(model.asked("路灯不亮"), keys.head, keys.grams) == 0
    assert model.score(model.asked(""), keys.head, keys.grams) == 0
    assert model.asked("zfgjj").letters == "zfgjj" and "zfgjj" in keys.initials


def test_nearness_of_an_area():
    assert model.fits_place("990101000000", "990101001000") == 6
    assert model.fits_place("990100000000", "990101001000") == 4
    assert model.fits_place("990102000000", "990101001000") == -1
    assert model.fits_place("990101001000", "990101000000") == 0


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("我叫王小二，电动车上牌", "电动车上牌"),
        ("电动车上牌 138 1234 5678", "电动车上牌"),
        ("张先生问 370303199001011234 落户", "问 落户"),
        ("王建国先生的社保卡丢了", "的社保卡丢了"),
        ("a@b.cn 发票", "发票"),
    ],
)
def test_a_gap_names_nobody(said, kept):
    found = model.without_persons(said, 24, names_told())
    assert kept in found and not any(char.isdigit() for char in found)
    assert "王小二" not in found and "王建国" not in found
