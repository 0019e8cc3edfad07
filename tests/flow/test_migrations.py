"""One line of migrations: forward, back, forward again, on filled tables; and equal to the tables in code."""

import psycopg

from gangmu.migrations import runner


def test_the_database_is_what_the_code_says(db):
    assert runner.differences(db.uri_owner) == []
    assert runner.current(db.uri_owner) == runner.head()


def test_forward_again_changes_nothing_on_filled_tables(city, database):
    event = city.report()
    runner.up(database.uri_owner)
    assert city.sign_in("clerk").sees(event)["title"] == event["title"]


def test_every_step_goes_back_and_forward(city, database):
    city.report()
    seen = [runner.head()]
    while seen[-1] is not None:
        runner.down(database.uri_owner, "-1")
        seen.append(runner.current(database.uri_owner))
    assert len(set(seen)) == len(seen) > 20
    runner.up(database.uri_owner)
    assert runner.differences(database.uri_owner) == []


def test_the_application_may_not_change_history(city, database):
    city.report()
    for table in ("journal_entry", "journal_seal", "event_act", "evidence", "event_report"):
        with psycopg.connect(database.uri) as app:
            try:
                app.execute(f"DELETE FROM {table}")
            except psycopg.errors.InsufficientPrivilege:
                continue
        raise AssertionError(table)


def test_the_application_may_not_change_tables(database):
    with psycopg.connect(database.uri) as app:
        try:
            app.execute("ALTER TABLE event ADD COLUMN x int")
        except psycopg.errors.InsufficientPrivilege:
            return
    raise AssertionError("altered")


def test_one_head():
    assert runner.head() is not None
