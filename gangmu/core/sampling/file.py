"""The file of a drawing: a page to read, with the same content as signed data inside; and its check without a database.

The data stands between two marks in the page. Its signature is over everything in it, so a changed letter shows; each
journal entry whose bytes are inside is counted again to its link; signed heads of the journal stand beside them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeGuard

import orjson

from gangmu.core.dossier import paper
from gangmu.core.dossier.schema import DossierOut
from gangmu.core.sampling.errors import NoSample
from gangmu.kit import journal_proof, seal
from gangmu.kit.text import t
from gangmu.kit.unit import canonical

FORMAT = "gangmu-sample/1"
_BEGIN = '<script type="application/json" id="gangmu-sample">'
_END = "</script>"
_DATA = re.compile(re.escape(_BEGIN) + r"(.*?)" + re.escape(_END), re.DOTALL)
_PLACE = "<!--data-->"
_HEAD = ("id", "at", "by_name", "seed", "since", "until", "division", "wanted", "drawn", "among", "purpose")
POLICY = paper.POLICY


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file proves. ``why`` is empty when it holds; ``covered`` entries travel without their bytes, since these
    would tell of people; ``known`` is whether the key is one that the checker brought himself."""

    why: str
    cases: int
    entries: int
    counted: int
    covered: int
    heads: int
    at_head: int
    key: str
    known: bool

    @property
    def ok(self) -> bool:
        return not self.why


def written(said: Mapping[str, Any], dossiers: Sequence[DossierOut], lang: str) -> bytes:
    """The page with its signed data. The data names the digest of the page around it."""
    key, drawn = journal_proof.public_key(), said["drawn"]
    rows = "".join(_row(name, drawn[name], lang) for name in _HEAD)
    title = t("sampling.title", lang)
    parts = [f"<h1>{escape(title)}</h1><table><tbody>{rows}</tbody></table>"]
    parts += [f"<p>{escape(t('sampling.how', lang, public=key))}</p>"]
    parts += [paper.body(one, lang) for one in dossiers]
    page = paper.sheet(title, f"{''.join(parts)}{_PLACE}", lang)
    shown = digest(page.replace(_PLACE, "").encode())
    document = orjson.loads(canonical({**said, "format": FORMAT, "key": key, "page": shown}))
    signed = {"said": document, "signature": journal_proof.signed(document)}
    data = orjson.dumps(signed, option=orjson.OPT_SORT_KEYS).decode().replace("</", "<\\/")
    return page.replace(_PLACE, f"{_BEGIN}{data}{_END}").encode()


def _row(name: str, value: object, lang: str) -> str:
    shown = "—" if value in ("", None) else str(value)
    return f"<tr><th>{escape(t(f'sampling.field.{name}', lang))}</th><td>{escape(shown)}</td></tr>"


def read(content: bytes) -> dict[str, Any]:
    """The signed data of a file; ``NoSample`` when there is none."""
    try:
        found = _DATA.search(content.decode("utf-8"))
        document = orjson.loads(found[1]) if found else None
    except (UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise NoSample() from error
    if not _is_shaped(document):
        raise NoSample()
    return document


def _is_shaped(document: object) -> TypeGuard[dict[str, Any]]:
    """Whether everything that is looked at stands where it belongs; what it says is another question."""
    if not _has(document, said=dict, signature=str):
        return False
    said = document["said"]
    if said.get("format") != FORMAT or not _has(said, key=str, page=str, cases=list, journal=dict):
        return False
    if not _has(said["journal"], entries=list, heads=list):
        return False
    entries, heads = said["journal"]["entries"], said["journal"]["heads"]
    return all(_has(one, seq=int, entry=str, before=str, link=str) for one in entries) and all(
        isinstance(one, str) for one in heads
    )


def _has(found: object, **wanted: type) -> TypeGuard[dict[str, Any]]:
    return isinstance(found, dict) and all(isinstance(found.get(name), kind) for name, kind in wanted.items())


def check(content: bytes, key: str = "") -> Checked:
    """Prove a file: signature, links, heads. ``key`` is the node's public key (hex), got by another way than the file;
    without it the file proves only that it is whole and by whoever holds the key inside."""
    document = read(content)
    said = document["said"]
    inside: str = said["key"]
    entries, heads = said["journal"]["entries"], said["journal"]["heads"]
    cases = len(said["cases"])

    def told(why: str, found: journal_proof.Found | None = None) -> Checked:
        n = (found.counted, found.covered, found.at_head) if found else (0, 0, 0)
        return Checked(why, cases, len(entries), n[0], n[1], len(heads), n[2], inside, bool(key))

    if key and key.strip().lower() != inside:
        return told("the file is signed by another key than the one given")
    if not journal_proof.agrees(said, document["signature"], inside):
        return told("the signature does not agree: something was changed")
    if _shown(content) != said["page"]:
        return told("the page says something else than the signed data")
    found = journal_proof.check(entries, heads, inside)
    return told(found.wrong, found)


def _shown(content: bytes) -> str:
    """The digest of the page without its data."""
    return digest(_DATA.sub("", content.decode("utf-8")).encode())


def digest(content: bytes) -> str:
    return seal.sm3(content).hex()
