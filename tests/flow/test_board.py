"""The wall screen's figures: equal to a slow recount after every story, each with the events behind it, no words."""

from collections import Counter
from datetime import timedelta

import pytest

from gangmu.core.board import model, service, store
from gangmu.core.board.shipped import ways
from gangmu.core.event import reading
from gangmu.core.event.bulk import ForeignReport, take_reports
from gangmu.kit import clock, ids
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, TOWN, Browser
from tests.flow.ground import PLACE, found, key, matter_of, shot
from tests.flow.test_loop_hotline import called

ME = System("test")


@pytest.fixture
def ground(city):
    found(city)
    return city


def caught_up(city):
    """Let the board hear of everything, as a worker does twice a second."""
    city.settle()
    while True:
        with open_unit(ME, "keep") as unit:
            if not service.keep(unit):
                break
        city.settle()


def board(city, who="leader"):
    caught_up(city)
    answer = city.sign_in(who).get("/api/board")
    assert answer.status_code == 200, answer.text
    return answer.json()


def stage(said, name):
    return next((one for one in said["stages"] if one["id"] == name), None)


def behind(city, who="leader", **asked):
    answer = city.sign_in(who).get("/api/board/events", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def accepted(city, **given):
    return city.sign_in("clerk").do(city.report("patrol", **given), "accept")


def filed(city, **given):
    condition = matter_of(city.sign_in("clerk"), "urban_component", "0101")["conditions"][0]
    return city.sign_in("shift_leader").do(accepted(city, **given), "register", condition_id=condition["id"])


def dispatched(city, **given):
    return city.sign_in("dispatcher").do(filed(city, **given), "dispatch", lead_org=city.orgs["市政处"])


def handled(city, event):
    """A department does it and confirms."""
    handler = city.sign_in("handler")
    city.sign_in("dept_lead").do(event, "assign", handler_post=city.posts["handler"])
    handler.do(event, "start")
    evidence = [shot(handler, "before"), shot(handler, "after")]
    handler.do(event, "submit", answer="已更换井盖", evidence=evidence)
    return city.sign_in("dept_lead").do(event, "confirm")


def recounted():
    """The stock and the squares counted slowly, event by event."""
    counts, squares = Counter(), Counter()
    with open_unit(ME, "recount") as unit:
        after = None
        while events := reading.walk(unit, ME, after, 100, open_only=True):
            after = events[-1].id
            stands = store.standings(unit, [one.id for one in events], seen_by=ME)
            for one in events:
                place = model.town(one.division)
                where = ways().stage(one.flow, one.state, one.status)
                counts[None, place, None, "stock", f"{where}|{one.lateness or 'calm'}"] += 1
                for reason in stands[one.id].reasons:
                    counts[None, place, None, "why", reason] += 1
                x, y = model.square(one.lon, one.lat)
                if x is None:
                    counts[None, place, None, "nowhere", ""] += 1
                    continue
                for level in model.LEVELS:
                    squares[(level, *model.at_level(x, y, level), place)] += 1
        kept, on_map = store.recount(unit, seen_by=ME)
    now = {key: n for key, n in kept.items() if key[0] is None}
    return dict(counts), now, dict(squares), {key: n for key, (n, _, _) in on_map.items()}


def is_true():
    slow, kept, slow_map, kept_map = recounted()
    assert kept == slow
    assert kept_map == slow_map


def test_stock_and_flow_follow_every_act_and_open(ground):
    first = ground.report("patrol", lon=PLACE[0], lat=PLACE[1])
    second = accepted(ground, division=TOWN, lon=PLACE[0] + 0.3, lat=PLACE[1])
    third = dispatched(ground)
    said = board(ground)
    assert [stage(said, name)["stock"] for name in ("reported", "accepted", "filed", "dispatched")] == [1, 1, 0, 1]
    assert [stage(said, name)["came_in"] for name in ("reported", "accepted", "filed", "dispatched")] == [3, 2, 1, 1]
    assert [stage(said, name)["went_out"] for name in ("reported", "accepted", "filed")] == [2, 1, 1]
    assert stage(said, "closed")["stock"] is None and stage(said, "void") is None
    assert (said["total"]["open"], said["total"]["nowhere"], said["quality"]) == (3, 1, "good")
    is_true()
    for name in ("reported", "accepted", "filed", "dispatched"):
        one = stage(said, name)
        assert len(behind(ground, figure="stage", key=name)) == one["stock"]
        assert len(behind(ground, figure="in", key=name)) == one["came_in"]
        assert len(behind(ground, figure="out", key=name)) == one["went_out"]
    assert behind(ground, figure="stage", key="dispatched") == [third["id"]]
    assert set(behind(ground, figure="open")) == {first["id"], second["id"], third["id"]}
    assert behind(ground, figure="nowhere") == [third["id"]]


def test_void_merge_and_unmerge_leave_no_trace_in_the_stock(ground):
    void = accepted(ground)
    ground.sign_in("shift_leader").do(void, "void", reason="重复上报", answer="已并入他案")
    one, other = (ground.report("patrol", lon=PLACE[0], lat=PLACE[1]) for _ in range(2))
    clerk = ground.sign_in("clerk")
    body = {"into": one["id"], "reason": "同一处"}
    answer = clerk.post(f"/api/events/{other['id']}/merge", json=body, headers=key())
    assert answer.status_code == 200, answer.text
    said = board(ground)
    assert (said["total"]["open"], stage(said, "void")["came_in"], stage(said, "merged")["came_in"]) == (1, 1, 1)
    assert stage(said, "reported")["went_out"] == 2
    assert behind(ground, figure="in", key="merged") == [other["id"]]
    is_true()
    reports = clerk.get(f"/api/events/{one['id']}/reports").json()["items"]
    moved = [item["id"] for item in reports if item["id"] != reports[0]["id"]]
    answer = clerk.post(f"/api/events/{one['id']}/unmerge", json={"report_ids": moved, "reason": "两处"}, headers=key())
    assert answer.status_code == 200, answer.text
    said = board(ground)
    assert (said["total"]["open"], stage(said, "merged")["went_out"], stage(said, "reported")["came_in"]) == (2, 1, 4)
    is_true()


def test_late_and_near_turn_by_time_alone_and_stand_on_the_map(ground):
    event = dispatched(ground, lon=PLACE[0], lat=PLACE[1])
    said = board(ground)
    assert (said["total"]["late"], said["abnormal"]) == (0, [])
    ground.forward(days=40)
    said = board(ground)
    assert (said["total"]["late"], stage(said, "dispatched")["late"]) == (1, 1)
    worst = said["abnormal"][0]
    assert (worst["id"], worst["reasons"], worst["lateness"]) == (event["id"], ["danger_late"], "late")
    assert [(one["id"], one["n"]) for one in said["reasons"]] == [("danger_late", 1)]
    assert behind(ground, figure="why", key="danger_late") == behind(ground, figure="open", lateness="late")
    box = f"{PLACE[0] - 0.5},{PLACE[1] - 0.5},{PLACE[0] + 0.5},{PLACE[1] + 0.5}"
    answer = ground.sign_in("leader").get("/api/board/map", params={"bbox": box, "zoom": 10}).json()
    assert [(spot["n"], spot["late"]) for spot in answer["spots"]] == [(1, 1)]
    assert behind(ground, figure="square", key=answer["spots"][0]["square"]) == [event["id"]]
    near = ground.sign_in("leader").get("/api/board/map", params={"bbox": box, "zoom": 16}).json()
    assert [spot["id"] for spot in near["spots"]] == [event["id"]]
    is_true()


def test_departments_are_judged_once_a_limit_with_both_parts(ground):
    kept, missed = dispatched(ground), dispatched(ground)
    handled(ground, kept)
    department = board(ground)["departments"][0]
    assert department["name"] == "市政处"
    assert department["today"] == {"n": 1, "d": 1, "rate": 1.0, "few": True}
    ground.forward(days=40)
    said = board(ground)
    late = behind(ground, figure="verdict", org=ground.orgs["市政处"], days=7, verdict="late")
    # the day on which it ran out lies within the week or before, by the calendar
    assert len(late) == sum(one["week"]["d"] - one["week"]["n"] for one in said["departments"])
    with open_unit(ME, "verdicts") as unit:
        found = store.verdicts(unit, [kept["id"], missed["id"]], seen_by=ME)
    assert sorted((one.event, one.on_time) for one in found.values()) == sorted(
        [(kept["id"], True), (missed["id"], False)]
    )
    handled(ground, missed)
    caught_up(ground)
    with open_unit(ME, "verdicts") as unit:
        assert len(store.verdicts(unit, [kept["id"], missed["id"]], seen_by=ME)) == 2


def test_a_limit_missed_by_an_order_that_was_late_already_is_counted(ground):
    """Nobody signs, so it is late soon; days later the handling is missed as well, and that is the department's."""
    event, _ = called(ground)
    city_dispatcher = ground.sign_in("dispatcher")
    event = city_dispatcher.do(event, "dispatch", lead_org=ground.orgs["环卫处"], reason="按职责派单")
    ground.forward(days=4)
    board(ground)
    assert city_dispatcher.sees(event)["lateness"] == "late"
    ground.forward(days=60)
    board(ground)
    with open_unit(ME, "verdicts") as unit:
        found = store.verdicts(unit, [event["id"]], seen_by=ME)
    assert [(one.org, one.on_time) for one in found.values()] == [(ground.orgs["环卫处"], False)]


def test_a_silent_source_is_silent_and_never_nought(ground):
    ground.report("patrol")
    said = {one["id"]: one for one in board(ground)["sources"]}
    assert (said["patrol"]["quality"], said["patrol"]["today"]) == ("good", 1)
    assert (said["sensor"]["quality"], said["sensor"]["today"], said["sensor"]["last_at"]) == ("never", None, None)
    ground.forward(days=2)
    later = board(ground)
    patrol = later["sources"][0]
    assert (patrol["id"], patrol["quality"], patrol["today"]) == ("patrol", "silent", None)
    assert patrol["last_at"] == said["patrol"]["last_at"]
    assert (
        ground.sign_in("leader").get("/api/board/events", params={"figure": "heard", "key": "patrol"}).json()["items"]
        == []
    )


def test_alarms_are_told_apart_from_what_opens(ground):
    alarm = {"channel": "sensor", "text": "水位超限", "division": HERE}
    answer = ground.sign_in("clerk").post("/api/reports", json=alarm, headers=key())
    assert answer.status_code == 201 and answer.json()["event"] is None, answer.text
    sensor = next(one for one in board(ground)["sources"] if one["id"] == "sensor")
    assert (sensor["quality"], sensor["today"], sensor["alarms"]) == ("good", 0, 1)
    assert behind(ground, figure="heard", key="sensor") == []


def test_every_department_is_told(ground):
    day = service.day_of(clock.now())
    with open_unit(ME, "verdicts") as unit:
        store.add_counts(unit, {(day, HERE, ids.new("org"), "verdict", "on_time"): 1 for _ in range(45)})
    assert len(board(ground)["departments"]) == 45


def test_a_caller_more_is_heard_and_a_crowd_is_abnormal(ground):
    event = ground.report("patrol")
    for number in range(5):
        ground.report(
            "clerk", channel="hotline12345", join_event_id=event["id"],
            reporter={"name": "王小二", "phone": f"1361234560{number}"},
        )  # fmt: skip
    said = board(ground)
    assert next(one for one in said["sources"] if one["id"] == "hotline12345")["today"] == 5
    assert behind(ground, figure="heard", key="hotline12345") == [event["id"]] * 5
    assert said["abnormal"][0]["reasons"] == ["crowd"] and said["abnormal"][0]["callers"] >= 5
    assert "王小二" not in str(said) and "13612345" not in str(said)


def test_returned_supervised_and_instructed_are_sorted_by_consequence(ground):
    events = [dispatched(ground) for _ in range(3)]
    ground.sign_in("dept_lead").do(events[0], "return", reason="不属本处职责")
    ground.sign_in("supervisor").do(events[1], "supervise", reason="群众反映强烈")
    ground.sign_in("leader").do(events[2], "instruct", reason="请今日内办结")
    said = board(ground)
    assert [(one["id"], one["reasons"]) for one in said["abnormal"]] == [
        (events[2]["id"], ["instructed"]),
        (events[1]["id"], ["supervised"]),
        (events[0]["id"], ["disputed"]),
    ]
    assert [one["score"] for one in said["abnormal"]] == sorted(
        (one["score"] for one in said["abnormal"]), reverse=True
    )
    is_true()


def test_a_batch_stands_on_the_board_too(ground):
    now = clock.now()
    rows = [
        ForeignReport(
            channel="hotline12345", kind="complaint", title=f"第{n}件", text="路灯不亮", received_at=now,
            happened_at=now, division=HERE, number=f"B{n}", flow="hotline_order", life="open" if n % 3 else "closed",
            lon=PLACE[0], lat=PLACE[1],
        )
        for n in range(12)
    ]  # fmt: skip
    with open_unit(ME, "load") as unit:
        take_reports(unit, ME, rows, "batch")
    said = board(ground)
    assert said["total"]["open"] == 8
    assert next(one for one in said["sources"] if one["id"] == "hotline12345")["today"] == 12
    assert stage(said, "reported")["came_in"] == 12
    is_true()


def test_the_events_behind_a_figure_come_page_by_page(ground):
    now, many = clock.now(), 205
    rows = [
        ForeignReport(
            channel="hotline12345", kind="complaint", title=f"第{n}件", text="路灯不亮", received_at=now,
            happened_at=now, division=HERE, number=f"P{n}", flow="hotline_order",
            target_at=now - timedelta(hours=n % 7) if n % 2 else None,
        )
        for n in range(many)
    ]  # fmt: skip
    with open_unit(ME, "load") as unit:
        take_reports(unit, ME, rows, "pages")
    said = board(ground)
    assert said["total"]["open"] == many and said["total"]["late"] > 0
    leader = ground.sign_in("leader")
    late, heard = said["total"]["late"], {"figure": "heard", "key": "hotline12345"}
    asked = ({"figure": "open"}, many), ({"figure": "open", "lateness": "late"}, late), (heard, many)
    for figure, whole in (*asked, ({"figure": "abnormal"}, late), ({"figure": "why", "key": "late"}, late)):
        found, after = [], None
        while True:
            page = leader.get("/api/board/events", params={**figure, **({"after": after} if after else {})}).json()
            found += [one["id"] for one in page["items"]]
            after = page["next"]
            assert page["more"] == (after is not None)
            if after is None:
                break
        assert len(found) == len(set(found)) == whole, figure
    wrong = leader.get("/api/board/events", params={"figure": "open", "after": "nonsense"})
    assert wrong.status_code == 422 and wrong.json()["code"] == "invalid"


def test_the_board_says_what_opens_at_the_desk(ground):
    assert {"event", "alarm"} <= set(board(ground, "shift_leader")["opens"])
    assert "dead_letters" not in board(ground)["opens"] and not board(ground)["is_key"]


def test_making_it_again_changes_no_figure(ground):
    for _ in range(2):
        dispatched(ground, lon=PLACE[0], lat=PLACE[1])
    ground.report("patrol", division=TOWN)
    before = board(ground)
    with open_unit(ME, "rebuild") as unit:
        assert service.rebuild(unit) == (3, 0)
    after = board(ground)
    assert (after["total"], after["stages"]) == (before["total"], before["stages"])
    with open_unit(ME, "forget") as unit:
        service.forget(unit)
    assert board(ground)["stages"] == before["stages"]
    is_true()


def test_who_stands_elsewhere_sees_nothing_and_who_may_not_is_refused(ground):
    ground.report("clerk@there", division=THERE, lon=PLACE[0], lat=PLACE[1])
    assert board(ground, "shift_leader@there")["total"]["open"] == 1
    here = board(ground, "shift_leader")
    assert (here["total"]["open"], here["abnormal"]) == (0, [])
    assert all(one["today"] in (0, None) for one in here["sources"])
    assert behind(ground, "shift_leader", figure="open") == []
    box = f"{PLACE[0] - 1},{PLACE[1] - 1},{PLACE[0] + 1},{PLACE[1] + 1}"
    for zoom in (9, 16):
        asked = {"bbox": box, "zoom": zoom}
        assert ground.sign_in("shift_leader").get("/api/board/map", params=asked).json()["spots"] == []
    for who in ("handler", "patrol", "system_admin"):
        assert ground.sign_in(who).get("/api/board").status_code == 403, who


def test_a_screen_reads_figures_and_nothing_else(ground):
    event = ground.report("patrol", text="王小二家门口井盖缺失，电话13612345678", address="人民路12号")
    body = {"name": "大厅屏", "roles": ["screen_app"], "org": ground.orgs["监督中心"], "division": HERE}
    opened = ground.sign_in("security_admin").post("/api/applications", json=body, headers=key())
    assert opened.status_code == 201, opened.text
    caught_up(ground)
    screen = Browser(ground.app)
    screen.headers["authorization"] = f"Bearer {opened.json()['token']}"
    said = screen.get("/api/board")
    assert said.status_code == 200 and said.json()["total"]["open"] == 1
    assert (said.json()["opens"], said.json()["is_key"]) == ([], True)
    listed = screen.get("/api/board/events", params={"figure": "open"})
    assert [one["id"] for one in listed.json()["items"]] == [event["id"]]
    for answer in (said, listed):
        assert not any(word in answer.text for word in ("王小二", "13612345678", "人民路", "门口"))
    assert screen.get("/api/layers").status_code == 200
    for path in ("/api/events", f"/api/events/{event['id']}", "/api/orgs", "/api/overview/lead", "/api/live"):
        assert screen.get(path).status_code == 403, path
    refused = screen.post(f"/api/events/{event['id']}/acts/accept", json={}, headers=key())
    assert refused.status_code == 403


def test_figures_that_lag_say_so(ground):
    ground.report("patrol")
    caught_up(ground)
    assert board(ground)["quality"] == "good"
    event = ground.report("patrol")
    with open_unit(ME, "old") as unit:
        store.mark(unit, [event["id"]], clock.real_now() - timedelta(minutes=5))
    answer = ground.sign_in("leader").get("/api/board").json()
    assert answer["quality"] == "late" and answer["as_of"] < clock.now().isoformat()
    assert board(ground)["quality"] == "good"
