"""What stands in the invented city and who is on duty there: components (部件) along its streets, a rota (值班表) of
its centres with somebody on every shift, the present one included."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from gangmu.base.registers import importing
from gangmu.base.roster import service as rota
from gangmu.base.roster.model import DutyKind, Slot
from gangmu.base.roster.service import PatternDraft
from gangmu.demo.people import FOUNDER, SOURCE, Settled
from gangmu.demo.roster import Roster
from gangmu.demo.terrain import Terrain
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit

ZONE = ZoneInfo("Asia/Shanghai")
KINDS = ("0101", "0102", "0103", "0104", "0137", "0205", "0305", "0402")
STATES = ("good",) * 18 + ("damaged", "lost")
HOURS = (("白班", "08:00", "16:00"), ("中班", "16:00", "00:00"), ("夜班", "00:00", "08:00"))
CREWS = (
    ("supervision", "shift_leader", DutyKind.shift_leader, "值班长轮值"),
    ("command", "dispatcher", DutyKind.dispatch, "派遣轮值"),
    ("hotline", "hotline_operator", DutyKind.seat, "坐席轮值"),
)


def survey_components(terrain: Terrain, seed: int) -> int:
    """Covers, lamps, bins and trees at the house numbers: one or two each, a few of them damaged or lost."""
    chance = Random(seed)
    rows = [
        {
            "kind": chance.choice(KINDS),
            "division": place["division"],
            "state": chance.choice(STATES),
            "lon": f"{float(place['lon']) + chance.uniform(-2e-4, 2e-4):.6f}",
            "lat": f"{float(place['lat']) + chance.uniform(-2e-4, 2e-4):.6f}",
            "road": f"{place['road']}{place['house_no']}",
            "first_on": date(2024, chance.randint(1, 12), chance.randint(1, 28)).isoformat(),
        }
        for place in terrain.addresses
        for _ in range(chance.randint(1, 2))
    ]
    with open_unit(FOUNDER, "survey the components") as unit:
        return importing.import_components(unit, FOUNDER, rows, source=SOURCE).accepted


def lay_out_rota(staff: Roster, settled: Settled) -> int:
    """Three shifts a day for each centre, this month and the next."""
    made = 0
    for office, role, kind, title in CREWS:
        crew = tuple(settled.posts[seat.key] for seat in staff.seats if (seat.office, seat.role) == (office, role))
        org = settled.orgs[office]
        with open_unit(FOUNDER, "lay out the rota") as unit:
            slots = tuple(Slot(name, starts, ends) for name, starts, ends in HOURS)
            pattern = rota.add_pattern(unit, FOUNDER, org, PatternDraft(title, kind.value, slots, crew, rest_hours=8))
            made += _present(unit, org, kind, crew[0])
            for month in _months(unit.now.astimezone(ZONE)):
                made += len(rota.lay_out(unit, FOUNDER, pattern.id, month)[0])
    return made


def _present(unit: Unit, org: Id, kind: DutyKind, post: Id) -> int:
    """Somebody is there now: the pattern only fills shifts to come."""
    here = unit.now.astimezone(ZONE)
    slot = here.hour // 8
    begun = datetime.combine(here.date(), time(slot * 8), ZONE)
    name = HOURS[(slot + 2) % 3][0]
    rota.add_shift(unit, FOUNDER, org, kind.value, post, begun, begun + timedelta(hours=8), slot=name)
    return 1


def _months(now: datetime) -> tuple[str, str]:
    following = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    return f"{now:%Y-%m}", f"{following:%Y-%m}"
