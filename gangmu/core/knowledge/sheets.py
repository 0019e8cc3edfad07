"""The knowledge base as a spreadsheet: out for those who keep it in Excel, in again row by row as editions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gangmu.base import places
from gangmu.base.access import Located, sees
from gangmu.base.org import org_names
from gangmu.base.org import service as org_service
from gangmu.core.knowledge import service, store
from gangmu.core.knowledge.model import Content, Entry, State
from gangmu.kit.actor import Actor
from gangmu.kit.ids import Id
from gangmu.kit.sheet_kinds import BadRow, Column, Line, Outcome, SheetKind, sheet_kind
from gangmu.kit.text import division_full, fold, t
from gangmu.kit.unit import Unit

_Key = tuple[str, str, Id]
_SAID = ("question", "answer", "note", "tree", "code", "owner", "division", "source", "basis", "verified")


def rows(unit: Unit, actor: Actor) -> Iterator[Mapping[str, Any]]:
    """The entries that one may change, drafts included."""
    found = store.list_changeable(unit, seen_by=actor)
    owners = org_names(unit, {row.owner for row in found})
    for row in found:
        yield {
            **{name: getattr(row, name) for name in _SAID if name != "owner"},
            "owner": owners.get(row.owner, ""),
            "words": list(row.words),
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "state": row.state,
        }


@dataclass(slots=True)
class TakeEntries:
    """New entries are written, differing ones get their next edition, equal ones stay."""

    unit: Unit
    actor: Actor
    only_look: bool
    there: dict[_Key, Entry]
    owners: Mapping[str, Id]
    divisions: frozenset[str]

    def take(self, line: Line) -> Outcome:
        content = self._content(line)
        was = self.there.get(_key(content.question, content.division, content.owner))
        if was is None:
            service.check(self.unit, self.actor, content)
            if not self.only_look:
                service.add_entry(self.unit, self.actor, content, line.get("state", "in_force") == State.in_force)
            return "added"
        if _same(was, content, line):
            return "unchanged"
        service.check(self.unit, self.actor, content)
        if not self.only_look:
            service.change_entry(self.unit, self.actor, was.id, content, was.version, t("knowledge.by_sheet"))
        return "changed"

    def end(self) -> None:
        """Every row has been written already."""

    def _content(self, line: Line) -> Content:
        owner = self.owners.get(" ".join(line["owner"].split()))
        if owner is None:
            raise BadRow("owner", "unknown_org", value=line["owner"])
        given = line["division"]
        division = division_full(given) if given.isdigit() and len(given) in (4, 6, 9, 12) else ""
        if division not in self.divisions:
            raise BadRow("division", "unknown_division", value=given)
        if not sees(self.actor, store.MANAGE, Located(division, (owner,))):
            raise BadRow("owner", "not_yours", value=line["owner"])
        return Content(
            question=line["question"],
            answer=line["answer"],
            owner=owner,
            division=division,
            note=line["note"],
            words=line.list("words"),
            tree=line["tree"],
            code=line["code"],
            source=line["source"],
            basis=line["basis"],
            verified=line.is_true("verified"),
            valid_from=_day(line["valid_from"]),
            valid_to=_day(line["valid_to"]),
        )


def _key(question: str, division: str, owner: Id) -> _Key:
    return fold(question), division, owner


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _same(was: Entry, content: Content, line: Line) -> bool:
    told = [name for name in _SAID if name in ("owner", "question") or line.has(name)]
    days = (content.valid_from or was.valid_from) == was.valid_from and content.valid_to == was.valid_to
    same_words = not line.has("words") or tuple(fold(word) for word in content.words) == was.words
    return days and same_words and all(getattr(was, name) == getattr(content, name) for name in told)


def _start(unit: Unit, actor: Actor, only_look: bool) -> TakeEntries:
    there = {_key(row.question, row.division, row.owner): row for row in store.list_changeable(unit, seen_by=actor)}
    owners = {one.name: one.id for one in org_service.list_orgs(unit, actor) if one.active}
    divisions = frozenset(one.code for one in places.list_divisions(unit, actor))
    return TakeEntries(unit, actor, only_look, there, owners, divisions)


sheet_kind(
    SheetKind(
        id="knowledge",
        can_read=store.MANAGE,
        can_write=store.MANAGE,
        order=60,
        columns=(
            Column("question", must=True, most=300, width=36),
            Column("answer", must=True, most=8000, width=60),
            Column("note", most=4000, width=24),
            Column("words", many=True, width=24),
            Column("tree", form="code", width=14),
            Column("code", form="code", width=12),
            Column("owner", must=True, fill=True, width=28),
            Column("division", must=True, form="code", fill=True),
            Column("source", most=300, width=24),
            Column("basis", width=30),
            Column("verified", form="truth", width=10),
            Column("valid_from", form="date", width=14),
            Column("valid_to", form="date", width=14),
            Column("state", choices=("draft", "in_force", "ended"), width=10),
        ),
        key=("question", "division", "owner"),
        rows=rows,
        start=_start,
        batch=200,
    )
)
