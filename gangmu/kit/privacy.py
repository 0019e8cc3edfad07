"""Personal data in free text (个人信息): found by form, and masked where it is shown.

Numbers count by their form and checks (citizen numbers by checksum, cards by Luhn), names only after a word that
announces one: what is masked wrongly hides what an officer must read. Full-width digits and signs count as plain ones.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

_FULL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    0x00A0: 0x20,
    0x2014: 0x2D,
    0x2013: 0x2D,
}
_ANY = re.compile(
    r"\d{4}|\d[ .-]\d|@|[A-Z]\d|姓名|我叫|名叫|叫做|联系人|求人|诉人|报人|映人|电人|事人|[A-Z]·", re.IGNORECASE
)

_MOBILE = re.compile(
    r"(?<![\d*])(?<!\d\.)(?:(?:\+|00)86[ -]?|86[ -])?"
    r"(1[3-9]\d(?:\d{8}|([ .-])\d{4}\2\d{4}|[ -]\d{8}|\d{4}[ -]\d{4}|\d[ -]\d{3}[ -]\d{4})"
    r"|1([ .-])[3-9](?:\3\d){9})(?!\d)(?!\.\d)"
)
_LANDLINE = re.compile(r"(?<![\d*])(?:\(0[1-9]\d{1,2}\) ?|0[1-9]\d{1,2}[ -])([2-9]\d{6,7}|[2-9]\d{2,3}[ -]\d{4})(?!\d)")
_CITIZEN = re.compile(
    r"(?<![\d*])[1-9]\d{5}([ -]?)(?:18|19|20)\d{2}\1?[01]\d\1?[0-3]\d\1?\d{3}[\dX](?![\dA-Z])", re.IGNORECASE
)
_CITIZEN_OLD = re.compile(r"(?<![\d*])[1-9]\d{5}\d{2}[01]\d[0-3]\d\d{3}(?!\d)")
_CARD = re.compile(r"(?<![\d*])(?<!\d\.)(?:\d{15,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{3,4}(?:\1\d{1,3})?)(?!\d)(?!\.\d)")
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z])[·• .-]?"
    r"(?=[A-HJ-NP-Z]{0,2}\d|[A-HJ-NP-Z0-9]{2,3}\d)"
    r"([DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Z0-9])",
    re.IGNORECASE,
)
_MAIL = re.compile(r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}")
_CUE_ID = re.compile(r"(?:身份证|证件|公民身份|ID)[^\d]{0,12}$", re.IGNORECASE)
_CUE_CARD = re.compile(r"(?:卡号|银行卡|账号|帐号|账户|开户)[^\d]{0,12}$")

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章"
    "鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘"
    "景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商"
    "蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺肖闫代付尚"
)
_COMPOUND = "欧阳|太史|端木|上官|司马|东方|独孤|南宫|夏侯|诸葛|尉迟|皇甫|公孙|慕容|司徒|令狐|宇文|长孙|司空"
_CUED = re.compile(
    r"(?:(?:姓名|联系人|诉求人|投诉人|举报人|反映人|来电人|当事人|报案人|报修人)(?:姓名)?[ ]?(?:[::]|为|是|叫) ?"
    r"|(?:我叫|名叫|叫做) ?)"
    rf"((?:{_COMPOUND})[\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)"
    r"(?=$|[^\u4e00-\u9fff]|先生|女士|同志|小姐|电话|手机|身份|住在|住|家住|家在|今年|性别|反映|来电|投诉|称|的|地址|联系)"
)

_PROVINCES = {
    *range(11, 16),
    *range(21, 24),
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
    83,
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Found:
    """One piece: what it is, where it stands, how it is shown instead."""

    kind: str
    start: int
    end: int
    shown: str


def find(text: str) -> list[Found]:
    """What is personal in a text, in its order."""
    plain = text.translate(_FULL)
    if not _ANY.search(plain):
        return []
    taken: list[Found] = []
    for look in _LOOKS:
        for one in look(plain):
            if all(one.end <= held.start or held.end <= one.start for held in taken):
                taken.append(one)
    return sorted(taken, key=lambda one: one.start)


def mask(text: str) -> str:
    """The text with what is personal masked in the middle; unchanged where nothing is."""
    found = find(text)
    if not found:
        return text
    parts, at = [], 0
    for one in found:
        parts += [text[at : one.start], one.shown]
        at = one.end
    return "".join([*parts, text[at:]])


def mask_deep(value: Any) -> Any:
    """The same for every text in lists and mappings; keys, numbers and ids stay."""
    if type(value) is str:
        return mask(value)
    if isinstance(value, dict):
        return {name: mask_deep(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [mask_deep(one) for one in value]
    return value


def _digits(text: str) -> str:
    return "".join(ch for ch in text if ch.isdigit() or ch in "xX")


def _citizens(plain: str) -> Iterator[Found]:
    for found in _CITIZEN.finditer(plain):
        number = _digits(found.group()).upper()
        if len(number) == 18 and (
            is_citizen(number) or (_born(number[:2], number[6:14]) and _cued(_CUE_ID, plain, found))
        ):
            yield Found("citizen", found.start(), found.end(), f"{number[:6]}********{number[-4:]}")
    for found in _CITIZEN_OLD.finditer(plain):
        number = found.group()
        if _born(number[:2], "19" + number[6:12]) and _cued(_CUE_ID, plain, found):
            yield Found("citizen", found.start(), found.end(), f"{number[:6]}******{number[-3:]}")


def is_citizen(number: str) -> bool:
    """Whether 18 characters are a citizen number: province, day of birth, checksum (GB 11643)."""
    if len(number) != 18 or not number[:17].isdigit() or not _born(number[:2], number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def _born(province: str, day: str) -> bool:
    if int(province) not in _PROVINCES:
        return False
    try:
        return date(int(day[:4]), int(day[4:6]), int(day[6:8])).year >= 1880
    except ValueError:
        return False


def is_card(number: str) -> bool:
    """Whether digits pass the check of payment cards (Luhn)."""
    doubled = [int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _cards(plain: str) -> Iterator[Found]:
    for found in _CARD.finditer(plain):
        number = _digits(found.group())
        usual = number.startswith("62") or (len(number) == 16 and number[0] in "45")
        if len(number) < 15 or not is_card(number) or len(set(number)) < 3:
            continue
        if (usual and len(number) >= 16) or _cued(_CUE_CARD, plain, found):
            yield Found("card", found.start(), found.end(), f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}")


def _mobiles(plain: str) -> Iterator[Found]:
    for found in _MOBILE.finditer(plain):
        number = _digits(found.group(1))
        yield Found("phone", found.start(), found.end(), f"{number[:3]}****{number[-4:]}")


def _landlines(plain: str) -> Iterator[Found]:
    for found in _LANDLINE.finditer(plain):
        number = _digits(found.group(1))
        yield Found("phone", found.start(), found.end(), f"{plain[found.start() : found.start(1)]}****{number[-3:]}")


def _mails(plain: str) -> Iterator[Found]:
    for found in _MAIL.finditer(plain):
        name, _, at = found.group().partition("@")
        yield Found("mail", found.start(), found.end(), f"{name[:1]}***@{at}")


def _plates(plain: str) -> Iterator[Found]:
    for found in _PLATE.finditer(plain):
        yield Found("plate", found.start(), found.end(), f"{found.group(1)}***{found.group(2)[-2:]}")


def _names(plain: str) -> Iterator[Found]:
    for found in _CUED.finditer(plain):
        name = found.group(1)
        yield Found("name", found.start(1), found.end(1), f"{name[:1]}{'*' * max(1, len(name) - 1)}")


def _cued(cue: re.Pattern[str], plain: str, found: re.Match[str]) -> bool:
    return cue.search(plain, max(0, found.start() - 20), found.start()) is not None


_LOOKS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _citizens,
    _cards,
    _mobiles,
    _landlines,
    _mails,
    _plates,
    _names,
)
