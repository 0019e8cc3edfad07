"""Personal data in free text: found by form, precise, and masked so that masking again changes nothing."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangmu.kit import privacy
from gangmu.kit.text import mask_personal

FULL = str.maketrans("0123456789X@+-:", "０１２３４５６７８９Ｘ＠＋－：")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请拨打13812345678联系我", "请拨打138****5678联系我"),
        ("电话138 1234 5678", "电话138****5678"),
        ("电话138-1234-5678。", "电话138****5678。"),
        ("手机+86 13812345678", "手机138****5678"),
        ("手机0086-13812345678", "手机138****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("1381 234 5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("家里0533-2345678白天有人", "家里0533-****678白天有人"),
        ("（0533）2345678", "（0533）****678".replace("（", "(").replace("）", ")")),
        ("身份证11010519491231002X", "身份证110105********002X"),
        ("11010519491231002x，谢谢", "110105********002X，谢谢"),
        ("身份证号：110105194912310021", "身份证号：110105********0021"),  # mistyped, but announced
        ("身份证 110105491231002", "身份证 110105******002"),
        ("卡号6222 0200 0000 0000 0005 8", "卡号6222 0200 0000 0000 0005 8"),  # no card: the check fails
        ("4111 1111 1111 1111", "4111 1111 1111 1111"),  # a sample, all alike
        ("转到4539578763621486", "转到4539********1486"),
        ("银行卡：6217 0012 3456 7890 122", "银行卡：6217***********0122"),
        ("车牌鲁C12345堵门", "车牌鲁C***45堵门"),
        ("鲁C·A1B2C乱停", "鲁C***2C乱停"),
        ("京AD12345充电", "京A***45充电"),
        ("邮箱 wang.xiaoer@example.com.cn", "邮箱 w***@example.com.cn"),
        ("姓名：王小二，住东路", "姓名：王**，住东路"),
        ("联系人:欧阳修13812345678", "联系人:欧**138****5678"),
        ("我叫张三，今年", "我叫张*，今年"),
        ("投诉人为李四先生", "投诉人为李*先生"),
    ],
)
def test_found_and_masked(text, shown):
    assert privacy.mask(text) == shown
    assert mask_personal(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "路口井盖缺失，行人绊倒",
        "案号370303202609180001",
        "订单202609180001234567",
        "热线12345，急救120，报警110",
        "2026-09-18 17:30:00",
        "经度117.13812345678，纬度36.8",
        "面积13812345678.5平方米",
        "1 3 5 7 9 11 13 15 17 19 21",
        "部件编码3703030013812345678901",
        "我叫了好几次都没人来",
        "联系人不在家",
        "姓名不详",
        "我叫王府井大街的物业来看",
        "川A级景区门口",
        "云B区、新A座",
        "@所有人",
        "网址 http://a@b",
        "3号楼2单元101室",
        "0533-12345",
        "",
    ],
)
def test_what_is_not_personal_stays(text):
    assert privacy.mask(text) == text


@given(
    st.text(alphabet="路口井盖缺失。，请 来看 ", max_size=12),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-"]),
    st.booleans(),
    st.sampled_from(["", "+86", "+86 ", "0086-"]),
)
def test_every_mobile_is_masked_however_it_is_written(around, number, gap, full, before):
    written = before + gap.join((number[:3], number[3:7], number[7:]))
    shown = privacy.mask(around + (written.translate(FULL) if full else written) + around)
    assert number[3:7] not in re.sub(r"\D", "", shown) or number[3:7] in number[:3] + number[7:]
    assert f"{number[:3]}****{number[-4:]}" in shown


@given(st.integers(110000, 659000), st.dates(), st.integers(0, 999))
def test_every_citizen_number_that_checks_is_masked(place, born, nth):
    body = f"{place}{born:%Y%m%d}{nth:03}"
    if len(body) != 17 or not 1880 <= born.year <= 2099 or place // 10000 not in privacy._PROVINCES:
        return
    total = sum(int(d) * w for d, w in zip(body, privacy._WEIGHTS, strict=True))
    number = body + "10X98765432"[total % 11]
    assert privacy.is_citizen(number)
    assert privacy.mask(f"我的号码是{number}。") == f"我的号码是{number[:6]}********{number[-4:]}。"


@settings(max_examples=300)
@given(st.text(alphabet="0123456789 -.@Xx鲁C王小二姓名：我叫a.cn（）+*·138", max_size=60))
def test_masking_again_changes_nothing_and_never_breaks(text):
    shown = privacy.mask(text)
    assert privacy.mask(shown) == shown
    for one in privacy.find(text):
        assert 0 <= one.start < one.end <= len(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40))
def test_plain_words_stay(text):
    if not any(cue in text for cue in ("我叫", "名叫", "叫做")):
        assert privacy.mask(text) == text


def test_long_texts_take_no_time():
    for text in ("1" * 20_000, "1 3 " * 5_000, "6222 " * 4_000, "a" * 20_000 + "@", "我叫" * 10_000, "鲁C" * 10_000):
        began = time.perf_counter()
        privacy.mask(text)
        assert time.perf_counter() - began < 1.0


def test_deep():
    assert privacy.mask_deep({"a": ["13812345678", {"b": "王"}], "n": 13812345678}) == {
        "a": ["138****5678", {"b": "王"}],
        "n": 13812345678,
    }
