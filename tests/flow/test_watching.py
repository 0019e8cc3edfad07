"""What a house tells those who watch it: figures, health, a log; and that none of it tells of people."""

import json
import os
import re
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from gangmu import boot
from gangmu.kit import clock, ids, jobs, log, metrics
from gangmu.kit.actor import System
from gangmu.kit.tables import journal_unsealed
from gangmu.kit.unit import open_unit, transaction
from tests.city import Browser
from tests.flow.running import House

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")
PHONE, NAME, ID_CARD = "13612345678", "欧阳震华", "11010519491231002X"
SECRET = f"{NAME} 家住幸福里七号，电话 {PHONE}，身份证 {ID_CARD}"


@pytest.fixture
def local(city):
    """A client on the house's own machine."""
    return TestClient(city.app, base_url="http://testserver", client=("127.0.0.1", 5000))


def figures(text: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()) if key != "pid")
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_every_figure_stands_on_the_page_and_is_told(city, local):
    city.report()
    city.settle()
    text = local.get("/metrics").text
    told = {re.sub(r"_(bucket|count|sum)$", "", name.partition("{")[0]) for name in figures(text)}
    listed = set(re.findall(r"^\| `(gangmu_\w+)` \|", PAGE, re.MULTILINE))
    assert told == listed
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = re.sub(r"_(bucket|count|sum)$", "", sample.name)
            row = re.search(rf"^\| `{name}` \|(.*?)\|", PAGE, re.MULTILINE)
            assert row and set(sample.labels) - {"le"} == set(filter(None, row[1].strip().split(", ")))


def test_figures_follow_what_happens(city, local):
    """A request, a job, an entry: each is counted; nothing but the template of a route is told."""
    before = figures(local.get("/metrics").text)
    event = city.report()
    city.sign_in("clerk").sees(event)
    city.settle()
    after = figures(local.get("/metrics").text)

    def grown(start: str) -> float:
        return sum(value - before.get(name, 0) for name, value in after.items() if name.startswith(start))

    assert grown("gangmu_http_requests_total{method=POST,process=web,route=/api/reports,status=201}") == 1
    assert grown("gangmu_http_request_seconds_count{process=web,route=/api/events/{event_id}}") == 1
    assert grown("gangmu_jobs_run_total") > 0 and grown("gangmu_messages_relayed_total") > 0
    assert after["gangmu_journal_unsealed{}"] > before["gangmu_journal_unsealed{}"]
    assert after["gangmu_database_bytes{}"] > 1_000_000 and after["gangmu_process_resident_bytes{process=web}"] > 1e7
    assert str(event["id"]) not in local.get("/metrics").text


def test_who_may_read_the_figures(city, local, monkeypatch):
    afar = TestClient(city.app, base_url="http://testserver", client=("203.0.113.9", 5000))
    assert afar.get("/metrics").status_code == 403
    assert local.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403
    assert local.get("/metrics").status_code == 200
    monkeypatch.setenv("GANGMU_METRICS__TOKEN", "a-long-token")
    assert afar.get("/metrics", headers={"authorization": "Bearer a-long-token"}).status_code == 200
    assert afar.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 403
    assert afar.get("/metrics", headers={"authorization": "Bearer "}).status_code == 403
    monkeypatch.setenv("GANGMU_METRICS__TOKEN", "")
    assert afar.get("/metrics", headers={"authorization": "Bearer "}).status_code == 403
    assert city.sign_in("clerk").get("/api/metrics").status_code == 403
    assert "gangmu_ticks" in city.sign_in("system_admin").get("/api/metrics").text


def test_each_process_is_told_and_dead_ones_are_forgotten(tmp_path):
    (tmp_path / "run").mkdir()
    mine = tmp_path / "run" / f"metrics-work-{os.getppid()}.prom"
    mine.write_text("# TYPE gangmu_journal_sealed counter\ngangmu_journal_sealed_total 41.0\n")
    gone = tmp_path / "run" / "metrics-work-4194999.prom"
    gone.write_text("# TYPE gangmu_journal_sealed counter\ngangmu_journal_sealed_total 1000.0\n")
    stale = tmp_path / "run" / f"metrics-web-{os.getppid()}.prom"
    stale.write_text("# TYPE gangmu_journal_sealed counter\ngangmu_journal_sealed_total 5e12\n")
    long_ago = clock.real_now().timestamp() - 3600
    os.utime(stale, (long_ago, long_ago))
    told = {
        (sample.name, sample.labels["process"], sample.labels["pid"]): sample.value
        for family in metrics.Together(tmp_path, "web").collect()
        for sample in family.samples
    }
    assert told["gangmu_journal_sealed_total", "work", str(os.getppid())] == 41.0
    assert told["gangmu_journal_sealed_total", "web", str(os.getpid())] < 5e12
    assert told["gangmu_process_started_seconds", "web", str(os.getpid())] <= clock.real_now().timestamp()
    assert not gone.exists() and not stale.exists()


def test_a_publisher_writes_and_takes_away(tmp_path):
    publisher = metrics.Publisher(tmp_path, "work")
    publisher.write()
    assert "gangmu_processes" in (tmp_path / "run" / f"metrics-work-{os.getpid()}.prom").read_text()
    publisher.close()
    assert list((tmp_path / "run").glob("*.prom")) == []


def test_readiness(city, db, local):
    def told() -> tuple[int, dict[str, object]]:
        answer = local.get("/readyz").json()
        return answer["status"], {name: is_so for name, is_so in answer.get("params", answer).items() if name in parts}

    parts = ("database", "tables", "journal")

    with transaction() as conn:
        conn.execute(sa.delete(journal_unsealed))
    well = dict.fromkeys(parts, True)
    assert told() == ("ok", well) and local.get("/healthz").json() == {"status": "ok"}

    long_ago = ids.new_uuid().int - (3600_000 << 80)
    with transaction() as conn:
        conn.execute(sa.text("INSERT INTO journal_unsealed VALUES (:id)"), {"id": ids.UUID(int=long_ago)})
    assert told() == (503, {**well, "journal": False})
    with transaction() as conn:
        conn.execute(sa.delete(journal_unsealed))

    import psycopg

    with psycopg.connect(db.uri_owner, autocommit=True) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0014'")
    assert told() == (503, {**well, "tables": False})


def test_without_a_database_it_lives_but_is_not_ready(tmp_path):
    boot.load_stages()
    app = boot.make_app()
    with boot.open_database("postgresql://nobody@127.0.0.1:9/none"):
        client = TestClient(app, client=("127.0.0.1", 1))
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503 and answer.json()["code"] == "house.not_ready"
        assert answer.json()["params"]["what"] == "database, tables, journal"
        assert client.get("/metrics").status_code == 503


@jobs.timer("watching.test")
def _fails(unit, about, token, payload):
    """A job of this test that fails with somebody's data in its hands."""
    raise ValueError(f"cannot call {SECRET}")


def test_a_day_of_acts_leaves_no_personal_word_in_the_log(city, capfd, monkeypatch):
    """Names, phones and numbers go in by every door, also where things go wrong; the log is read word by word."""
    monkeypatch.setenv("GANGMU_LOG__REQUESTS", "true")
    log.set_up(as_json=True)
    try:
        clerk = city.sign_in("clerk", fresh=True)
        reporter = {"name": NAME, "phone": PHONE}
        paper = {"file": (f"{NAME}.pdf", b"%PDF-1.4\n%day\n", "application/pdf")}
        kept = clerk.post("/api/files", files=paper).json()["id"]
        event = city.report(
            channel="hotline12345", text=SECRET, address=f"{NAME}门前", reporter=reporter, attachments=[kept]
        )
        clerk.do(event, "note", text=SECRET, reason=SECRET, expect=clerk_note(clerk, event))
        for path in ("events", "search", "calls", "answers", "components", "knowledge"):
            clerk.get(f"/api/{path}", params={"q": SECRET, "text": SECRET, "phone": PHONE, "number": PHONE})
        clerk.get(f"/api/nowhere/{PHONE}/{NAME}")
        clerk.get(f"/{PHONE}", headers={"x-request-id": PHONE * 9, "referer": SECRET.encode().hex()})
        clerk.get("/api/events", headers={"x-request-id": PHONE})
        clerk.post("/api/reports", json={"text": SECRET, "unknown": ID_CARD})
        clerk.post("/api/reports", content=SECRET.encode(), headers={"content-type": "application/json"})
        Browser(city.app).post("/api/session", json={"username": PHONE, "password": SECRET})
        with open_unit(System("test"), "test") as unit:
            unit.at(clock.now(), "watching.test", SECRET, SECRET, text=SECRET)
        city.settle()
        given = clerk.get("/api/events", headers={"x-request-id": "from-the-proxy-1"})
        assert given.headers["x-request-id"] == "from-the-proxy-1"
        out, err = capfd.readouterr()
    finally:
        log.set_up()
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    for word in (PHONE, NAME, ID_CARD, "幸福里", "震华"):
        assert word not in out + err, next(line for line in err.splitlines() if word in line)
    asked = [line for line in lines if line["event"] == "request"]
    assert {"request", "method", "route", "status", "ms", "actor"} <= set(asked[0]) and len(asked) >= 12
    assert {"/api/reports", "/api/session"} <= {line["route"] for line in asked}
    person = str(clerk.me["person"])
    assert any(line["actor"] == person and line["route"] == "/api/reports" for line in asked)
    assert any(line["request"] == "from-the-proxy-1" for line in asked)
    assert any(line["event"] == "job failed" and line["name"] == "watching.test" for line in lines)


def clerk_note(clerk: Browser, event: dict[str, object]) -> int:
    """What a note is answered with here: the day goes on either way."""
    body = {"text": SECRET, "reason": SECRET}
    return clerk.post(f"/api/events/{event['id']}/acts/note", json=body).status_code


@pytest.mark.slow
def test_a_running_house_tells_of_both_its_processes(tmp_path):
    folder = tmp_path / "city"
    folder.mkdir()
    os.chmod(folder, 0o711)
    (folder / "gangmu.toml").write_text("[log]\nas_json = true\nrequests = true\n\n[engine]\nshared_buffers_mb = 32\n")
    house = House(folder).start(within_s=240)
    try:
        assert json.loads(house.get("/readyz")[1])["status"] == "ok"
        until = time.monotonic() + 60
        told: dict[str, float] = {}
        while "gangmu_processes{process=work}" not in told:
            assert time.monotonic() < until, told
            told = figures(house.get("/metrics")[1].decode())
            time.sleep(0.1)
        assert told["gangmu_processes{process=web}"] == 1
        assert house.get("/api/events")[0] == 401
    finally:
        house.stop()
    lines = [json.loads(line) for line in house.log.read_text().splitlines() if line.startswith("{")]
    assert any(line["event"] == "request" and line["status"] == 401 for line in lines)
