"""An order of the city's 12345 goes there and back: every act, clock and account equal."""

from gangmu.core.docking import visits
from gangmu.sdk.testing.hotline import Faults
from tests.flow.docked import account, answered, docked, events, push, signed_and_sent


def test_an_order_goes_there_and_back(city):
    with docked(city) as (town, link):
        number = town.issue(1, acts=False)[0]
        told = visits.pull(link)
        assert (told.orders, told.waiting) == (1, 0)
        event = events(city)[0]
        assert (event["flow"], event["state"], event["foreign_no"]) == ("docked_order", "arrived", number)

        # --- their deadline is ours, to the second, and stays so through dispatch
        theirs = town.orders[number].due_at
        event = signed_and_sent(city, event)
        clocks = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/clocks").json()
        assert clocks, "the panel of deadlines"
        assert push(city, link) == 1  # the signing; a dispatch inside is nobody's business over there
        assert town.act_codes(number) == ["SIGN"]
        answered(city, event)
        assert push(city, link) == 1
        assert town.act_codes(number) == ["SIGN", "REPLY"]
        assert town.orders[number].acts[1]["text"] == "已派人修复，现场恢复通行"

        # --- the city closes it, and the two accounts agree
        visits.pull(link)
        closed = city.sign_in("dispatcher").sees(event)
        assert (closed["status"], closed["state"], closed["satisfaction"]) == ("closed", "closed", "very_satisfied")
        drawn = account(link)
        assert drawn["equal"] is True and drawn["ours"] == {"received": 1, "open": 0, "answered": 1, "returned": 0}
        assert drawn["theirs"] == drawn["ours"]
        assert theirs == town.orders[number].due_at


def test_what_is_told_twice_late_and_out_of_order_is_taken_once(city):
    faults = Faults(late=0.2, repeat=0.5, reorder=0.8, drop=0.3)
    with docked(city, faults) as (town, link):
        numbers = town.issue(300)
        for _ in range(60):
            try:
                visits.pull(link)
            except Exception as error:  # noqa: BLE001
                assert type(error).__name__ == "LinkDown", error
                continue
            break
        got = events(city)
        assert sorted(event["foreign_no"] for event in got) == sorted(numbers)
        drawn = account(link)
        assert drawn["equal"] is True, drawn["differing"][:5]
        assert drawn["ours"]["received"] == 300
