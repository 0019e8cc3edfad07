"""``gangmu bench duty-tryout``: an edition of the duty list tried on very many events of the last month.

Eight counties with towns and communities, the whole shipped catalogue, a row a class and county, forty departments; the
edition changes one row in ten, ends some and adds rows of towns. Building the events does not count. The answer is held
against the suggestion asked event by event on a sample.
"""

import random
from datetime import datetime, timedelta

from gangmu import boot
from gangmu.base.org import service as org_service
from gangmu.base.org.model import OrgKind, OrgLevel
from gangmu.core.dispatch import edition, edition_store, service, trials
from gangmu.core.dispatch.service import Asked, DutyDraft
from gangmu.core.event import past as past_events
from gangmu.core.event.model import FAR
from gangmu.core.matter import service as matter_service
from gangmu.faces.bench import Args, Measured, private_folder, say
from gangmu.faces.bench._city import settle_people
from gangmu.kit import clock, ids
from gangmu.kit.actor import System
from gangmu.kit.ids import Id
from gangmu.kit.unit import open_unit, transaction

ROWS = 1_000_000
BATCH = 50_000
DEPARTMENTS = 40
SAMPLE = 300
COUNTIES = [f"99010{number}" for number in range(1, 9)]
TREES = ("urban_component", "urban_event", "hotline")


def run(args: Args) -> Measured:
    """Build the events in a database of its own, then try the edition on all of them."""
    rows = args.size(ROWS, ROWS)
    chance = random.Random(args.seed or 20261001)
    boot.load_stages()
    with private_folder() as folder, boot.node(folder):
        people = settle_people(DEPARTMENTS)
        departments = [org for name, org in people.orgs.items() if name.startswith("department")]
        edition_id, duties = _duty_list(chance, departments)
        say(f"building {rows:,} events")
        _events(chance, rows)
        say("trying the edition on them")
        me = System("bench")
        with open_unit(me, "bench") as unit:
            asked = trials.ask(unit, me, edition_id, 31)
        began = clock.monotonic()
        trials.run(lambda: open_unit(edition.EVERYTHING, "bench"), asked.id)
        seconds = clock.monotonic() - began
        with open_unit(me, "bench") as unit:
            trial, tried = trials.newest(unit, me, edition_id)
        assert trial is not None and tried is not None, trial
        wrong = _held_against(chance, edition_id)
    found = tried.found
    figures = {
        "events_per_s": found.events / seconds,
        "seconds": seconds,
        "changed": found.changed,
        "mismatches": wrong,
    }
    notes = {"events": found.events, "same": found.same, "shifts": len(found.shifts), "duty_rows": duties}
    return Measured(figures, found.events, notes={**notes, "sample": SAMPLE})


def _duty_list(chance: random.Random, departments: list[Id]) -> tuple[Id, int]:
    """A row a class and county, and an edition that changes a tenth of them. The edition and how many rows."""
    with open_unit(System("bench"), "duties") as unit:
        me = unit.actor
        town = org_service.add_org(unit, me, "示范街道", OrgKind.town, OrgLevel.town, "990101001000", None)
        day = service.today(unit)
        rows = []
        for one in matter_service.list_classes(unit, me):
            for county in COUNTIES:
                draft = DutyDraft(one.tree, one.code, county, "county", chance.choice(departments), basis="三定规定")
                rows.append(service.row_of(draft, county.ljust(12, "0"), day - timedelta(days=365), None))
        edition.store.add_duties(unit, rows, "bench")
        made = edition.open_edition(unit, me, "bench", day, "bench")
        changes = []
        for row in chance.sample(rows, len(rows) // 10):
            other = chance.choice([org for org in departments if org != row.lead_org])
            do = chance.choice(("change", "change", "change", "end"))
            new = service.row_of(edition._draft_of(row), row.division, day, row.id)
            lead = row.lead_org if do == "end" else other
            changes.append(edition._change_of(made.id, do, _with_lead(new, lead), row))
        for row in chance.sample([one for one in rows if one.division.startswith("990101")], 40):
            draft = DutyDraft(row.tree, row.code, "990101001000", "town", town.id, basis="履职清单")
            new = service.row_of(draft, "990101001000", day, None)
            changes.append(edition._change_of(made.id, "add", new, None))
        edition_store.add_changes(unit, changes, "bench")
    return made.id, len(rows)


def _with_lead(row: edition.Duty, lead: Id) -> edition.Duty:
    return edition.replace(row, lead_org=lead)


def _events(chance: random.Random, rows: int) -> None:
    """Events of the last month, loaded by COPY."""
    with open_unit(System("bench"), "classes") as unit:
        classes = [one.id.uuid for one in matter_service.list_classes(unit, unit.actor) if one.level > 1]
    weights = [1 / (number + 1) for number in range(len(classes))]  # a few classes make most of the work
    divisions = [
        f"{county}{town:03d}{community:03d}"
        for county in COUNTIES
        for town in range(1, 9)
        for community in range(1, 21)
    ]
    now, made = clock.now(), 0
    while made < rows:
        batch = min(BATCH, rows - made)
        _load(chance, chance.choices(classes, weights, k=batch), divisions, now, made, rows)
        made += batch
        say(f"  {made:,}")
    with transaction() as conn:
        conn.exec_driver_sql("ANALYZE event")


def _load(
    chance: random.Random, classes: list[object], divisions: list[str], now: datetime, made: int, rows: int
) -> None:
    span = timedelta(days=30) / rows
    with transaction() as conn, conn.connection.cursor() as cursor, cursor.copy(_COPY) as stream:
        for number, matter in enumerate(classes, made):
            division = chance.choice(divisions)
            reported = now - span * (rows - number)
            stream.write_row(
                (
                    ids.new_uuid(), f"{division[:6]}-{reported:%Y%m%d}-{number:08d}", "路面破损", "patrol", matter,
                    "urban_case", 1, "closed", "closed", division, FAR, reported, reported,
                )
            )  # fmt: skip


def _held_against(chance: random.Random, edition_id: Id) -> int:
    """How many of a sample get another answer when each is asked by itself, before and after the release."""
    with open_unit(System("bench"), "sample") as unit:
        me = unit.actor
        one = edition.get_edition(unit, me, edition_id)
        changes = edition_store.changes_of(unit, edition_id, seen_by=me)
        day = service.today(unit)
        holding = edition_store.list_holding(unit, day, seen_by=me)
        old = edition.lists(unit, day, unit.now, holding)
        new = edition.lists(unit, day, unit.now, edition.list_after(one, changes, holding))
        asked, _, _ = edition.asked_of(unit, me, _counted(unit))
        sample = chance.sample(asked, min(SAMPLE, len(asked)))
        wrong = sum(_lead(old.first(p.tree, p.code, p.division)) != _alone(unit, p) for p in sample)
        foreseen = [_lead(new.first(p.tree, p.code, p.division)) for p in sample]
        edition.release(unit, me, edition_id, one.version, "bench")
        return wrong + sum(_alone(unit, p) != then for p, then in zip(sample, foreseen, strict=True))


def _counted(unit: edition.Unit) -> dict[tuple[Id | None, str], int]:
    since = unit.now - timedelta(days=31)
    rows = past_events.list_places(unit, edition.EVERYTHING, since, unit.now)
    return {(row.matter, row.division): row.n for row in rows}


def _alone(unit: edition.Unit, place: edition.Asked) -> object:
    found = service.suggest(unit, unit.actor, Asked(place.tree, place.code, place.division))
    return _lead(found[0] if found else None)


def _lead(found: edition.model.Suggestion | None) -> object:
    return found.lead_org if found else None


_COPY = (
    "COPY event (id, case_no, title, channel, matter, flow, flow_version, state, status, division, due_sort,"
    " reported_at, moved_at) FROM STDIN"
)
