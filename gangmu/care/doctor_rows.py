"""What doctor looks at in the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gangmu.care import findings
from gangmu.care.findings import Finding, fault, note, warning
from gangmu.care.patient import Patient
from gangmu.core.deadline.settings import DeadlineSettings
from gangmu.core.event.settings import EventSettings
from gangmu.core.webhook.settings import WebhookSettings
from gangmu.kit import clock, settings
from gangmu.kit.engine.existing import OLDEST
from gangmu.migrations import runner

_SAFETY = ("fsync", "full_page_writes", "synchronous_commit")


def tables(patient: Patient) -> Iterator[Finding]:
    """The tables are those of this version."""
    stands = patient.value("SELECT version_num FROM alembic_version") if "alembic_version" in patient.tables else None
    if stands is None:
        yield fault("tables_none")
    elif not runner.is_known(stands):
        yield fault("tables_newer", stands=stands, newest=runner.head())
    elif stands != runner.head():
        yield warning("tables_behind", stands=stands, newest=runner.head())


def server(patient: Patient) -> Iterator[Finding]:
    """Version, safety of what was acknowledged, connections, whose the tables are."""
    yield from findings.of_version(patient.conn.info.server_version // 10000, OLDEST)
    yield from findings.of_safety({name: patient.value(f"SHOW {name}") for name in _SAFETY})
    used = patient.value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    most = int(patient.value("SHOW max_connections"))
    yield from findings.of_connections(most, used, patient.rules.connections)
    if patient.value("SELECT pg_get_userbyid(relowner) = current_user FROM pg_class WHERE relname = 'journal_entry'"):
        yield note("owns_tables")


def clocks(patient: Patient) -> Iterator[Finding]:
    """The database's clock against ours, and the newest entry against both: a clock that was turned back shows."""
    theirs: datetime = patient.value("SELECT clock_timestamp()")
    yield from findings.of_clocks((theirs - clock.real_now()).total_seconds(), patient.rules.clock_skew_s)
    newest = patient.value("SELECT recorded_at FROM journal_entry ORDER BY id DESC LIMIT 1")
    ahead = (newest - patient.real_now).total_seconds() if newest is not None else 0.0
    if ahead > max(60.0, patient.rules.clock_skew_s):
        yield fault("clock_back", minutes=round(ahead / 60))
    if patient.rows("SELECT FROM kit_clock"):
        yield note("clock_virtual", shown=f"{patient.now:%Y-%m-%d %H:%M}")


def zone(patient: Patient) -> Iterator[Finding]:
    """The city's time zone is one."""
    name = settings.get(EventSettings).time_zone
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield fault("zone", zone=name)


def journal(patient: Patient) -> Iterator[Finding]:
    """The sealer keeps up."""
    waiting, oldest = patient.rows("SELECT count(*), min(entry::text) FROM journal_unsealed")[0]
    if patient.is_up and oldest is not None and (late := _age(patient, oldest)) > patient.rules.seal_late_s:
        yield fault("unsealed", count=waiting, seconds=round(late))


def outbox(patient: Patient) -> Iterator[Finding]:
    """The relay keeps up."""
    waiting, oldest = patient.rows("SELECT count(*), min(id::text) FROM outbox")[0]
    if patient.is_up and oldest is not None and (late := _age(patient, oldest)) > patient.rules.outbox_late_s:
        yield fault("outbox_late", count=waiting, seconds=round(late))


def jobs(patient: Patient) -> Iterator[Finding]:
    """Dead letters, jobs that fail again and again, jobs and timers that nobody runs."""
    dead = patient.rows("SELECT count(*), min(name) FROM job WHERE state = 'dead'")[0]
    if dead[0]:
        yield warning("dead_letters", count=dead[0], name=dead[1])
    failing = patient.rows("SELECT count(*), min(name) FROM job WHERE state = 'ready' AND attempts >= 3")[0]
    if failing[0]:
        yield warning("jobs_failing", count=failing[0], name=failing[1])
    if not patient.is_up:
        return
    due = patient.now - timedelta(seconds=patient.rules.jobs_late_s)
    late = "SELECT count(*), min(name) FROM job WHERE state = 'ready' AND attempts = 0 AND run_at < %s AND message IS "
    for what, condition in (("timers_late", "NULL"), ("jobs_late", "NOT NULL")):
        count, name = patient.rows(late + condition, due)[0]
        if count:
            yield fault(what, count=count, name=name)


def calendars(patient: Patient) -> Iterator[Finding]:
    """The holidays of this year and the next are in the calendars that clocks run on."""
    used = {settings.get(EventSettings).calendar or "cn", settings.get(DeadlineSettings).calendar}
    for name in sorted(used):
        query = "SELECT years FROM calendar WHERE name = %s ORDER BY version DESC LIMIT 1"
        found = patient.rows(query, name)
        if not found:
            yield fault("calendar_none", calendar=name)
        else:
            years = found[0][0]
            yield from findings.of_calendar(name, years if isinstance(years, list) else None, patient.now.date())


def unverified(patient: Patient) -> Iterator[Finding]:
    """Rows that wait for somebody to hold them against the official text."""
    query = (
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'verified' AND table_schema = 'public'"
        " AND data_type = 'boolean' ORDER BY table_name"
    )
    counted = {}
    for (table,) in patient.rows(query):
        count = patient.value(f'SELECT count(*) FROM "{table}" WHERE NOT verified')
        if count:
            counted[table] = count
    if counted:
        most = max(counted, key=lambda name: counted[name])
        yield note("unverified", count=sum(counted.values()), tables=len(counted), most=most)


def links(patient: Patient) -> Iterator[Finding]:
    """Docked systems that are silent or refuse."""
    if not {"docking_link", "docking_alarm"} <= patient.tables:
        return
    query = (
        "SELECT coalesce(l.name, '?'), a.kind FROM docking_alarm a LEFT JOIN docking_link l ON l.id = a.link"
        " WHERE a.cleared_at IS NULL AND a.kind IN ('silent', 'denied', 'stuck') ORDER BY a.since"
    )
    for name, kind in patient.rows(query):
        yield warning("link_silent" if kind == "silent" else "link_stuck", link=name)


def webhooks(patient: Patient) -> Iterator[Finding]:
    """Applications that are not reached any more."""
    if "webhook" not in patient.tables:
        return
    after = settings.get(WebhookSettings).alarm_after
    query = "SELECT name, state = 'paused' FROM webhook WHERE why = 'failing' OR fails >= %s ORDER BY name"
    for name, is_paused in patient.rows(query, after):
        if is_paused:
            yield warning("webhook_paused", name=name)
        else:
            yield warning("webhook_failing", name=name)


def sessions(patient: Patient) -> Iterator[Finding]:
    """Sessions that nobody uses any more."""
    before = patient.real_now - timedelta(days=patient.rules.sessions_days)
    count = patient.value("SELECT count(*) FROM session WHERE seen_at < %s", before)
    if count:
        yield note("sessions_old", count=count, days=patient.rules.sessions_days)


def _age(patient: Patient, entry: str) -> float:
    """How long ago an id was made, by the time in it."""
    return patient.real_now.timestamp() - (UUID(entry).int >> 80) / 1000
