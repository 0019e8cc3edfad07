"""The inbox: views with maintained counts, late first, keyset pages, saved views, search by every way."""

from tests.city import HERE, THERE


def view(browser, name):
    return next(v for v in browser.get("/api/inbox").json()["views"] if v["id"] == name)


def test_counts_follow_every_act_without_counting_rows(city):
    events = [city.report(text=f"第{n}处垃圾堆积") for n in range(3)]
    city.report("clerk@there", division=THERE)
    clerk, leader = city.sign_in("clerk"), city.sign_in("shift_leader")
    assert (view(clerk, "open")["count"], view(clerk, "todo")["count"]) == (3, 3)
    clerk.do(events[0], "accept")
    assert view(clerk, "todo")["count"] == 2
    assert view(leader, "todo")["count"] == 1
    assert view(clerk, "urban_case.reported")["count"] == 2


def test_counts_are_the_same_after_folding(city):
    from gangmu.core.event import jobs

    events = [city.report() for _ in range(3)]
    clerk = city.sign_in("clerk")
    clerk.do(events[0], "accept")
    before = clerk.get("/api/inbox").json()["views"]
    jobs.fold()
    assert clerk.get("/api/inbox").json()["views"] == before


def test_a_department_counts_what_it_leads(city):
    lead = city.sign_in("dept_lead")
    city.report()
    assert view(lead, "open")["count"] == 0


def test_late_ones_come_first_and_are_counted(city):
    first = city.report(text="先报的")
    city.forward(hours=1)
    second = city.report(text="后报的")
    city.settle()
    clerk = city.sign_in("clerk")
    items = clerk.get("/api/events", params={"view": "todo"}).json()["items"]
    assert [item["id"] for item in items] == [first["id"], second["id"]]
    assert [item["lateness"] for item in items] == ["late", ""]
    assert view(clerk, "late")["count"] == 1
    late = clerk.get("/api/events", params={"late": "late"}).json()["items"]
    assert [item["id"] for item in late] == [first["id"]]


def test_pages_hold_every_event_once(city):
    wanted = {city.report(text=f"第{n}件")["id"] for n in range(7)}
    clerk, seen, after = city.sign_in("clerk"), [], None
    while True:
        page = clerk.get("/api/events", params={"limit": 3, **({"after": after} if after else {})}).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(wanted)


def test_a_view_is_saved_for_its_owner_alone(city):
    clerk = city.sign_in("clerk")
    kept = clerk.post("/api/inbox/views", json={"name": "本街道", "filter": {"division": HERE, "late": "late"}})
    assert kept.status_code == 201
    mine = [v for v in clerk.get("/api/inbox").json()["views"] if v["own"]]
    assert [v["name"] for v in mine] == ["本街道"]
    assert not [v for v in city.sign_in("dispatcher").get("/api/inbox").json()["views"] if v["own"]]
    assert clerk.delete(f"/api/inbox/views/{kept.json()['id']}").status_code == 204


def test_an_event_is_found_by_words_number_initials_and_phone(city):
    lamp = city.report(text="中山路128号路灯不亮", reporter={"name": "李明", "phone": "139 1234 5678"})
    city.report(text="公园长椅损坏")
    clerk = city.sign_in("hotline_operator")
    for q in ("路灯", "中山路 不亮", "128号", lamp["case_no"], lamp["case_no"].lower(), "13912345678"):
        found = [item["id"] for item in clerk.get("/api/search", params={"q": q}).json()["items"]]
        assert found == [lamp["id"]], q
    assert clerk.get("/api/search", params={"q": "不存在的词"}).json()["items"] == []


def test_filters_narrow_the_list(city):
    here = city.report(text="有坐标", lon=118.05, lat=36.81)
    city.report(text="没有坐标")
    clerk = city.sign_in("clerk")

    def ids(**params):
        return [item["id"] for item in clerk.get("/api/events", params=params).json()["items"]]

    assert ids(bbox="118.0,36.8,118.1,36.9") == [here["id"]]
    assert len(ids(division=HERE)) == 2
    assert ids(division=THERE) == []
    assert clerk.get("/api/events", params={"bbox": "nonsense"}).status_code == 422
    assert clerk.get("/api/events", params={"after": "nonsense"}).status_code == 422
