"""A matter that came in without a class gets it when it is filed: the class decides the conditions."""


def classes(browser, q):
    return browser.get("/api/matter/classes", params={"tree": "urban_component", "q": q}).json()["items"]


def conditions(browser, row):
    return browser.get(f"/api/matter/classes/{row['id']}").json()["conditions"]


def test_filing_gives_the_class(city):
    event = city.report()
    assert event["matter"] is None
    city.sign_in("clerk").do(event, "accept")
    leader = city.sign_in("shift_leader")
    cover, other = classes(leader, "上水井盖")[0], classes(leader, "行道树")[0]
    condition = conditions(leader, cover)[0]
    wrong = leader.do(event, "register", 422, condition_id=condition["id"], matter_id=other["id"])
    assert wrong["params"]["field"] == "condition_id"
    filed = leader.do(event, "register", condition_id=condition["id"], matter_id=cover["id"])
    assert (filed["matter"], filed["condition"]) == (cover["id"], condition["id"])
    assert filed["matter_title"]
