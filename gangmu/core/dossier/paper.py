"""The dossier on paper (案卷打印): one page of HTML with its own styles, without scripts, every word escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from gangmu.core.dossier.schema import DossierOut
from gangmu.kit.text import t, words
from gangmu.kit.zone import zone as city_zone

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_STYLE = """
body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; color: #000; background: #fff;
  max-width: 186mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 16pt; text-align: center; margin: 0 0 2mm; } h2 { font-size: 12pt; margin: 6mm 0 1.5mm; }
p { margin: 0 0 2mm; white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; } thead { display: table-header-group; }
th, td { border: 0.3pt solid #666; padding: 0.8mm 1.5mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; } th { background: #eee; font-weight: 600; } tr { break-inside: avoid; }
code { font: 7.5pt/1.3 monospace; word-break: break-all; } .foot { margin-top: 6mm; font-size: 8.5pt; color: #333; }
@page { size: A4; margin: 14mm 12mm 16mm; } @media print { body { margin: 0; padding: 0; max-width: none; } }
"""
_COLUMNS: dict[str, tuple[str, ...]] = {
    "reports": ("received_at", "channel", "reporter", "text", "address", "foreign_no"),
    "acts": ("done_at", "verb_title", "to_state_title", "actor_name", "org_name", "reason"),
    "clocks": ("title", "limit_text", "started_at", "due_at", "stopped_at", "overdue"),
    "obligations": ("org_name", "role", "state", "since", "until", "done_at"),
    "disputes": ("raised_at", "org_name", "reason", "state", "decided_at", "lead_name", "decision"),
    "tasks": ("opened_at", "kind", "who", "ask", "done_at", "result", "reason"),
    "evidence": ("received_at", "kind", "mime", "taken_at", "digest"),
    "instructions": ("made_at", "by_name", "text", "due_at", "answered_at", "answer"),
    "answers": ("at", "way", "state", "text", "sent_at"),
    "docked": ("link_name", "number", "handed_at", "their_due_at", "our_due_at", "their_state"),
    "receipts": ("at", "verb", "state", "sent_at", "receipt_code", "receipt_text"),
    "journal": ("recorded_at", "seq", "kind", "who", "cause", "did"),
}
_EVENT = (
    "case_no",
    "state_title",
    "matter_title",
    "division_name",
    "address",
    "lead_org_name",
    "condition_text",
    "reported_at",
    "due_at",
    "closed_at",
    "foreign_no",
)


def page(dossier: DossierOut, lang: str) -> str:
    """The page of a dossier in a language."""
    zone = city_zone()
    at = dossier.as_of.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    foot = t("dossier.foot", lang, who=dossier.read_by, at=at)
    title = f"{t('dossier.title', lang)} {dossier.event.case_no}".strip()
    return sheet(title, f"{body(dossier, lang)}<p class=foot>{escape(foot)}</p>", lang)


def sheet(title: str, inside: str, lang: str) -> str:
    """A page of HTML with our styles around what is inside (which is escaped already)."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{inside}</body></html>"
    )


def body(dossier: DossierOut, lang: str) -> str:
    """A dossier without the page around it."""
    zone = city_zone()
    event = dossier.event
    facts = _table(
        ((t(f"dossier.field.{name}", lang), _cell(getattr(event, name), lang, zone, name)) for name in _EVENT), ()
    )
    parts = [
        f"<h1>{escape(t('dossier.title', lang))}</h1>",
        f"<p><strong>{escape(event.title)}</strong></p>",
        facts,
        f"<p>{escape(event.text)}</p>",
    ]
    for name, columns in _COLUMNS.items():
        parts.append(_section(name, columns, getattr(dossier, name), lang, zone))
    return "".join(parts)


def _section(name: str, columns: Sequence[str], rows: Sequence[BaseModel], lang: str, zone: ZoneInfo) -> str:
    head = f"<h2>{escape(t(f'dossier.part.{name}', lang))}</h2>"
    if not rows:
        return f"{head}<p>{escape(t('dossier.none', lang))}</p>"
    cells = ([_cell(getattr(row, column), lang, zone, column) for column in columns] for row in rows)
    return head + _table(cells, [t(f"dossier.field.{column}", lang) for column in columns])


def _table(rows: Iterable[Sequence[str]], head: Sequence[str]) -> str:
    top = f"<thead><tr>{''.join(f'<th>{escape(word)}</th>' for word in head)}</tr></thead>" if head else ""
    lines = "".join(f"<tr>{''.join(_td(cell, not head and n == 0) for n, cell in enumerate(row))}</tr>" for row in rows)
    return f"<table>{top}<tbody>{lines}</tbody></table>"


def _td(cell: str, is_head: bool) -> str:
    return f"<th>{escape(cell)}</th>" if is_head else f"<td>{cell}</td>"


def _cell(value: object, lang: str, zone: ZoneInfo, column: str) -> str:
    """A value as it is printed, escaped."""
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return escape(t(f"dossier.{'yes' if value else 'no'}", lang))
    if isinstance(value, datetime):
        return escape(value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, list):
        return escape(", ".join(str(one) for one in value))
    if column == "digest":
        return f"<code>{escape(str(value))}</code>"
    if isinstance(value, BaseModel):
        shown = [str(getattr(value, name)) for name in ("name", "phone") if getattr(value, name, "")]
        return escape(" ".join(shown)) or "—"
    return escape(words(lang).get(f"dossier.word.{column}.{value}", str(value)))
