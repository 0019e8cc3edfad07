"""The invented people: the same for the same seed, each once, one account a role that anybody may use."""

from gangmu.base.access import shipped
from gangmu.base.access.model import check_password
from gangmu.demo import roster, terrain
from gangmu.demo.names import Names

LAND = terrain.make(1)
STAFF = roster.make(LAND, 1)


def shipped_roles() -> set[str]:
    return {role.id for role in shipped.roles() if role.kind != "application"}


def test_the_same_seed_gives_the_same_people():
    assert roster.make(terrain.make(1), 1) == STAFF
    assert [seat.person for seat in roster.make(LAND, 2).seats] != [seat.person for seat in STAFF.seats]


def test_nobody_is_there_twice():
    for what in ("person", "phone", "username", "key"):
        told = [getattr(seat, what) for seat in STAFF.seats]
        assert len(set(told)) == len(told) > 100


def test_every_role_has_one_account_for_people():
    assert sorted(seat.role for seat in STAFF.logins) == sorted(shipped_roles())
    assert len({seat.login for seat in STAFF.logins}) == len(STAFF.logins)


def test_the_password_keeps_the_rules_for_everybody():
    for seat in STAFF.seats:
        check_password(roster.PASSWORD, seat.username, 10)


def test_every_organisation_that_leads_has_a_lead_and_a_handler():
    for office in STAFF.offices:
        if office.cares or office.requests:
            lead = "town_officer" if office.kind == "town" else "dept_lead"
            assert STAFF.of(lead, office.key) and STAFF.of("handler", office.key), office.name


def test_every_town_has_a_patrol_and_every_community_a_grid_worker():
    towns = {row["code"] for row in LAND.divisions if row["level"] == "town"}
    communities = {row["code"] for row in LAND.divisions if row["level"] == "community"}
    assert {seat.division for seat in STAFF.of("patrol")} == towns
    assert {seat.division for seat in STAFF.of("grid_worker")} == communities


def test_the_roles_that_work_on_matters_have_people_besides_the_account():
    for role in (
        "clerk",
        "shift_leader",
        "dispatcher",
        "hotline_operator",
        "call_back",
        "patrol",
        "dept_lead",
        "handler",
    ):
        assert [seat for seat in STAFF.of(role) if not seat.login], role


def test_names_are_two_or_three_characters_and_phones_reach_nobody():
    names = Names(5)
    for _ in range(500):
        assert 2 <= len(names.name()) <= 3
        phone = names.phone()
        assert len(phone) == 11 and phone.isdigit() and not phone.startswith(("13", "14", "15", "16", "17", "18", "19"))


def test_offices_lie_under_offices_that_come_before():
    seen: set[str] = set()
    for office in STAFF.offices:
        assert not office.under or office.under in seen, office
        seen.add(office.key)
