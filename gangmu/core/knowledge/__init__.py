"""The knowledge base (知识库): what callers are told, who answers for it, and what is missing from it.

Comes in: entries of their owners, corrections of operators, uses by answered calls, searches without answer. Goes out:
entries found by a search that forgives, editions, requests that wait for their owner, and the numbers of the service
(``numbers``: limits and counts as data).
"""

from gangmu.core.knowledge.model import Content, Correction, Entry, Found
from gangmu.core.knowledge.service import add_entry, find_entries, note_gap, note_uses, search

__all__ = [
    "Content",
    "Correction",
    "Entry",
    "Found",
    "add_entry",
    "find_entries",
    "note_gap",
    "note_uses",
    "search",
]
