"""Text: words of the screens, Chinese search keys, division codes, masks."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

from pypinyin import Style, lazy_pinyin

from gangmu.kit import privacy

LANGUAGES = ("zh-CN", "en")
_WORD = re.compile(r"[0-9a-z]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")


@lru_cache(maxsize=4)
def words(lang: str) -> dict[str, str]:
    """All texts of a language, from ``gangmu/locale/*.LANG.toml`` (keys are flat)."""
    found: dict[str, str] = {}
    folder = resources.files("gangmu") / "locale"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(f".{lang}.toml"):
            found.update(_flat(tomllib.loads(file.read_text("utf-8"))))
    return found


def _flat(table: dict[str, Any], start: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{start}{key}."))
        else:
            flat[start + key] = str(value)
    return flat


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def t(key: str, /, lang: str = "zh-CN", **params: Any) -> str:
    """The text of a key in a language; the key itself when nobody has written it."""
    said = words(lang if lang in LANGUAGES else "zh-CN").get(key)
    return key if said is None else said.format_map(_Blank(params))


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, lower case, single spaces, no control characters."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    if not plain.isprintable():
        plain = "".join(" " if unicodedata.category(ch)[0] in "CZ" else ch for ch in plain)
    return " ".join(plain.split())


def bigrams(text: str) -> list[str]:
    """What a text is found by: pairs of neighbouring Chinese characters (one alone if it stands alone), whole
    words of letters and digits, and trigrams of the words longer than three. Sorted, each once."""
    found: set[str] = set()
    folded = fold(text)
    if not folded.isascii():
        for run in _HAN.findall(folded):
            if len(run) == 1:
                found.add(run)
            else:
                found.update(map("".join, pairwise(run)))
    return sorted(found.union(*map(_word_grams, _WORD.findall(folded))))


@lru_cache(maxsize=50_000)
def _word_grams(word: str) -> tuple[str, ...]:
    word = word[:64]
    if len(word) <= 3:
        return (word,)
    return (word, *["~" + word[i : i + 3] for i in range(len(word) - 2)])


def query_grams(text: str) -> list[str]:
    """The grams that a text must have to be a match for this query. Parts of words match by trigrams; a Chinese
    character that stands alone narrows nothing, since texts are kept by pairs."""
    wanted: set[str] = set()
    folded = fold(text)
    for run in _HAN.findall(folded):
        wanted.update(run[i : i + 2] for i in range(len(run) - 1))
    for word in _WORD.findall(folded):
        word = word[:64]
        if len(word) > 3:
            wanted.update("~" + word[i : i + 3] for i in range(len(word) - 2))
        else:
            wanted.add(word)
    return sorted(wanted)


@lru_cache(maxsize=20_000)
def pinyin_key(text: str) -> str:
    """The key to sort Chinese names by: toneless pinyin, other characters as they are."""
    return " ".join(lazy_pinyin(fold(text), style=Style.NORMAL))[:200]


@lru_cache(maxsize=20_000)
def pinyin_initials(text: str) -> str:
    """First letters of the syllables: 井盖缺失 is ``jgqs``."""
    return "".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER))[:100].replace(" ", "")


def division_prefix(code: str) -> str:
    """The significant digits of a division code: ``370303000000`` is ``370303``, ``370300`` is ``3703``."""
    digits = code.strip()
    for length in (2, 4, 6, 9):
        if len(digits) > length and set(digits[length:]) == {"0"}:
            return digits[:length]
    return digits


def division_full(code: str) -> str:
    """A division code padded to the 12 digits that rows carry."""
    return code.strip().ljust(12, "0")


def mask_personal(text: str) -> str:
    """What is personal in free text, masked in the middle (``kit.privacy``)."""
    return privacy.mask(text)


def mask_phone(phone: str) -> str:
    """A phone as lists show it: 138****0000."""
    return phone if len(phone) < 7 else f"{phone[:3]}****{phone[-4:]}"


def mask_name(name: str) -> str:
    """A name as lists show it: 王**."""
    return name[:1] + "*" * max(1, min(len(name) - 1, 3)) if name else ""
