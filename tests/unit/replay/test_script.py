"""What a record knows, as acts at their own times; and the main case of a duplicate."""

from datetime import UTC, datetime, timedelta

from gangmu.core.event.bulk import ForeignReport
from gangmu.core.flow import replay as flow_replay
from gangmu.core.flow.model import Acting
from gangmu.core.flow.reading import parse
from gangmu.core.flow.replay import Case, PastAct
from gangmu.core.flow.service import shipped_data
from gangmu.core.replay.script import FLOW, Phase, cues, is_open_on
from gangmu.core.replay.service import Row, batches, find_mains
from tests.unit.replay.rows import a_reading, an_incoming

CAME = datetime(2016, 5, 25, 15, tzinfo=UTC)
UNTIL = CAME + timedelta(days=90)


def a_report(**given) -> ForeignReport:
    plain = {"number": "1", "channel": "bulk", "kind": "report", "title": "t", "text": "t", "division": "991500000000"}
    return ForeignReport(**{**plain, "happened_at": CAME, "received_at": CAME, "flow": FLOW, **given})


def test_the_acts_of_a_case_that_ended():
    ended = CAME + timedelta(days=2)
    found = list(cues(a_report(life="closed", closed_at=ended, outcome="Resolved"), UNTIL))
    assert [(cue.verb, cue.at) for cue in found] == [
        ("sign", CAME),
        ("dispatch", CAME),
        ("start", CAME),
        ("reply", ended),
        ("confirm", ended),
        ("source_closes", ended),
    ]
    assert [cue.phase for cue in found] == sorted(cue.phase for cue in found)


def test_hand_overs_are_spread_between_start_and_end():
    ended = CAME + timedelta(days=4)
    found = list(cues(a_report(life="closed", closed_at=ended, facts={"transfers": 3}), UNTIL))
    given = [cue for cue in found if cue.verb == "give_back"]
    assert [cue.at - CAME for cue in given] == [timedelta(days=n) for n in (1, 2, 3)]
    assert [cue.hand for cue in found if cue.verb == "dispatch"] == [0, 1, 2, 3]
    assert all(cue.reason for cue in given)


def test_an_open_case_waits_and_a_void_one_is_withdrawn():
    assert [cue.verb for cue in cues(a_report(), UNTIL)] == ["sign", "dispatch", "start"]
    *_, last = cues(a_report(life="void", closed_at=CAME), UNTIL)
    assert (last.verb, bool(last.reason)) == ("source_withdraws", True)


def test_the_flow_lets_every_case_of_the_script_through():
    way = parse(shipped_data(FLOW))
    ended = CAME + timedelta(days=9)
    for life in ("open", "closed", "void"):
        for transfers in (0, 1, 41):
            case = Case(way.start)
            row = a_report(life=life, closed_at=None if life == "open" else ended, facts={"transfers": transfers})
            for cue in cues(row, UNTIL):
                lead = case.lead_org if cue.role == "dept_lead" else None
                args = {**cue.args, "reason": cue.reason, "lead_org": f"org{cue.hand}"}
                done = PastAct(cue.verb, cue.at, Acting(None, None, lead, (), (cue.role,)), args, (), cue.role)
                flow_replay.act(way, case, "bulk", done)
            assert case.state == {"open": "handling", "closed": "closed", "void": "withdrawn"}[life]


def test_a_case_that_ends_on_a_bare_day_is_open_on_it():
    assert is_open_on(CAME, None, CAME) and is_open_on(CAME, CAME, CAME)
    assert not is_open_on(CAME, CAME, CAME + timedelta(days=1))
    assert not is_open_on(CAME, None, CAME - timedelta(days=1))
    assert Phase.opens < Phase.merges < Phase.hands_on < Phase.ends


def a_row(number: str, day: int, end: int | None, *, dup: bool = False, street: str = "Elm") -> Row:
    return an_incoming(
        number, CAME + timedelta(days=day), None if end is None else CAME + timedelta(days=end), dup, street
    )


def test_a_duplicate_goes_to_the_earliest_case_still_open_there():
    rows = [
        a_row("closed before", 0, 2),
        a_row("earliest open", 1, 9),
        a_row("later", 2, None),
        a_row("elsewhere", 0, None, street="Oak"),
        a_row("dup", 5, 6, dup=True),
        a_row("dup of the last day", 9, 9, dup=True),
        a_row("dup of a dup", 0, 1, dup=True, street="Ash"),
        a_row("dup too", 0, 1, dup=True, street="Ash"),
    ]
    assert find_mains(rows) == {"dup": "earliest open", "dup of the last day": "earliest open"}


def test_a_duplicate_travels_with_its_main_case():
    rows = [a_row(f"{number}", number, None, street=f"{number}") for number in range(6)]
    reading = a_reading([*rows, a_row("dup", 99, None, dup=True, street="0")])
    found = [[one.raw.at for one in part] for part in batches(reading, size=3)]
    numbers = [[reading.rows[at].found.number for at in part] for part in found]
    assert numbers == [["0", "dup", "1"], ["2", "3", "4"], ["5"]]
