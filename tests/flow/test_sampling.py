"""Cases drawn by lot: the same seed draws the same, one file proves itself without the house, every tampering shows."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gangmu.base import access, org
from gangmu.base.access.errors import RolesExclude
from gangmu.core import sampling
from gangmu.core.sampling import file
from gangmu.core.sampling.errors import NoSample
from gangmu.kit import clock, ids, journal, journal_proof, journal_search, seal
from gangmu.kit.actor import System
from gangmu.kit.unit import open_unit
from tests.city import HERE, THERE, City, hire
from tests.conftest import Db
from tests.flow.ground import key

ME = System("test")
CHINA = timedelta(hours=8)
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def audited(city: City, database: Db) -> City:
    """The city with an auditor of cases in one county and in the other, and six matters there."""
    with open_unit(ME, "hire") as unit:
        for label, code in (("", HERE), ("@there", THERE)):
            hire(unit, city, f"case_auditor{label}", "case_auditor", city.orgs[f"监督中心{label}"], code)
    journal_search.use(database.folder / "journal")
    for number in range(5):
        city.report(text=f"路灯不亮 {number}")
    city.report("clerk", channel="hotline12345", text="联系人电话13612345678，井盖缺失", reporter={"name": "王小二"})
    city.report("clerk@there", division=THERE, text="别县的事")
    city.settle()
    sealed(database)
    return city


def sealed(database: Db) -> None:
    while journal.seal_tail(database.folder / "journal"):
        pass


def today() -> str:
    return (clock.now() + CHINA).date().isoformat()


def draw(city: City, who: str = "case_auditor", expect: int = 200, **given: Any) -> bytes:
    day = clock.now() + CHINA
    body = {"seed": "s1", "since": (day - timedelta(days=2)).date().isoformat(), "until": today(), "n": 3, **given}
    answer = city.sign_in(who, fresh=True).post("/api/samples", json=body, headers=key())
    assert answer.status_code == expect, answer.text
    return bytes(answer.content)


def said(content: bytes) -> dict[str, Any]:
    return dict(file.read(content)["said"])


def changed(content: bytes, how: Any) -> bytes:
    """The file with its data changed by a function."""
    document = file.read(content)
    how(document["said"])
    data = json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
    return file._DATA.sub(lambda _: f"{file._BEGIN}{data}{file._END}", content.decode()).encode()


def public() -> str:
    return seal.keys().verifier.public_bytes_raw().hex()


def test_one_file_with_everything_proves_itself(audited):
    content = draw(audited)
    found = sampling.check(content, public())
    assert found.ok and found.known and found.cases == 3 and found.entries == found.counted + found.covered
    assert found.entries >= 3 and found.heads >= 1  # bytes that look like a number of somebody travel covered
    told = said(content)
    assert (told["drawn"]["among"], told["drawn"]["drawn"]) == (6, 3)
    for case in told["cases"]:
        assert {"event", "clocks", "evidence", "acts", "journal"} <= case["dossier"].keys() and case["clear"] is None
        assert case["dossier"]["event"]["case_no"] in content.decode()
    assert b"<h1>" in content and b"http" not in re.sub(rb"\"[^\"]*\"", b"", content)[:200]


def test_the_same_seed_draws_the_same_and_anybody_can_draw_it_again(audited):
    one, two = (said(draw(audited))["cases"] for _ in range(2))
    drawn = [case["dossier"]["event"]["id"] for case in one]
    assert drawn == [case["dossier"]["event"]["id"] for case in two]
    everything = [case["dossier"]["event"]["id"] for case in said(draw(audited, n=50))["cases"]]
    lots = sorted(everything, key=lambda one: hashlib.sha256(f"s1/{ids.parse(one).uuid}".encode()).hexdigest())
    assert len(everything) == 6 and everything == lots and drawn == lots[:3]
    other = [case["dossier"]["event"]["id"] for case in said(draw(audited, seed="another", n=6))["cases"]]
    assert sorted(other) == sorted(everything) and other != everything


def test_people_are_masked_unless_there_is_a_purpose(audited):
    content = draw(audited, n=6)
    assert b"13612345678" not in content and "王小二" not in content.decode()
    covered = sampling.check(content, public())
    assert covered.ok and covered.covered >= 1
    for entry in said(content)["journal"]["entries"]:
        assert b"13612345678" not in base64.b64decode(entry.get("body", ""))
    clear = draw(audited, n=6, purpose="2026 年案卷质量抽查")
    found = sampling.check(clear, public())
    assert found.ok and found.covered == 0 and found.counted == found.entries
    assert "13612345678" in json.dumps(said(clear)["cases"])
    entries = audited.sign_in("audit_admin").get("/api/journal", params={"limit": 20}).json()["items"]
    read = [change for entry in entries for change in entry["changes"] if change["do"] == "read personal"]
    assert any(change["purpose"] == "2026 年案卷质量抽查" for change in read)


def test_the_drawing_stands_in_the_journal_and_in_the_list(audited):
    content = draw(audited)
    drawn = said(content)["drawn"]
    entry = audited.sign_in("audit_admin").get("/api/journal", params={"about": drawn["id"]}).json()["items"][0]
    note = next(change for change in entry["changes"] if change["do"] == "draw sample")
    assert note["among"] == 6 and len(note["events"]) == 3
    rows = audited.sign_in("case_auditor", fresh=True).get("/api/samples").json()["items"]
    assert [(row["id"], row["digest"]) for row in rows] == [(drawn["id"], file.digest(content))]
    assert audited.sign_in("case_auditor@there", fresh=True).get("/api/samples").json()["items"] == []


def test_the_auditor_acts_on_nothing_and_draws_in_his_own_division(audited):
    assert said(draw(audited, "case_auditor@there"))["drawn"]["among"] == 1
    draw(audited, expect=403, division=THERE)
    for who in ("audit_admin", "system_admin", "clerk", "leader"):
        draw(audited, who, expect=403)
    event = audited.report()
    auditor = audited.sign_in("case_auditor", fresh=True)
    assert auditor.post(f"/api/events/{event['id']}/acts/note", json={"reason": "x"}, headers=key()).status_code == 403
    assert auditor.post("/api/reports", json={"channel": "patrol", "text": "x"}, headers=key()).status_code == 403
    with open_unit(ME, "test") as unit:
        post = org.add_post(unit, ME, audited.actor("audit_admin").person, audited.orgs["监督中心"], "审计", HERE)
        with pytest.raises(RolesExclude):
            access.grant_roles(unit, ME, post.id, ("audit_admin", "case_auditor"))


@pytest.mark.parametrize(
    "how",
    [
        lambda told: told["drawn"].update(among=60),
        lambda told: told["cases"].pop(),
        lambda told: told["cases"][0]["dossier"]["event"].update(case_no="1"),
        lambda told: (
            told["cases"][0]["dossier"]["clocks"].append(told["cases"][0]["dossier"]["clocks"][0])
            if told["cases"][0]["dossier"]["clocks"]
            else told["cases"].clear()
        ),
        lambda told: told["journal"]["entries"].pop(0),
        lambda told: told["journal"]["heads"].pop(),
        lambda told: told.update(key="00" * 32),
    ],
)
def test_what_is_changed_inside_shows(audited, how):
    content = draw(audited)
    found = sampling.check(changed(content, how), public())
    assert not found.ok and found.why


def test_what_is_changed_on_the_page_shows(audited):
    content = draw(audited)
    assert not sampling.check(content.replace(b"<h1>", b"<h1>!", 1), public()).ok
    with pytest.raises(NoSample):
        sampling.check(b"<html></html>", public())


@pytest.mark.parametrize(
    "how",
    [
        lambda whole: whole.update(said=[]),
        lambda whole: whole.update(signature=None),
        lambda whole: whole["said"].update(journal=[]),
        lambda whole: whole["said"].pop("cases"),
        lambda whole: whole["said"].update(cases=7),
        lambda whole: whole["said"].pop("page"),
        lambda whole: whole["said"].update(key=7),
        lambda whole: whole["said"]["journal"].update(entries={"a": 1}),
        lambda whole: whole["said"]["journal"].update(entries=["a"]),
        lambda whole: whole["said"]["journal"]["entries"][0].update(seq="x"),
        lambda whole: whole["said"]["journal"].update(heads=[{}]),
    ],
)
def test_what_is_mangled_is_no_drawing(audited, how):
    """Signed anew by a key of anybody's, so that the shape alone speaks."""
    document = file.read(draw(audited))
    how(document)
    data = json.dumps(document).replace("</", "<\\/")
    with pytest.raises(NoSample):
        sampling.check(f"<html>{file._BEGIN}{data}{file._END}</html>".encode())


def test_a_head_that_is_signed_but_says_nothing_is_none(audited):
    for said in ({"seq": 1, "link": "a", "after": []}, {"seq": "x", "link": "a", "after": {"seq": 0, "link": ""}}):
        signature = base64.b64encode(
            seal.keys().signer.sign(json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
        )
        line = json.dumps({**said, "signature": signature.decode()})
        assert "head" in journal_proof.check([], [line], public()).wrong


def test_a_forger_with_a_key_of_his_own_is_found_by_the_right_key_and_by_the_links(audited, monkeypatch, tmp_path):
    content, right = draw(audited, purpose="抽查"), public()
    told = said(content)
    entry = next(one for one in told["journal"]["entries"] if "body" in one)
    body = base64.b64decode(entry["body"]).replace(b"insert", b"update")
    entry["body"] = base64.b64encode(body).decode()
    before = seal.keys()
    try:
        seal.use(seal.Keys.load(tmp_path / "forged"))
        kept = {name: value for name, value in told.items() if name not in ("format", "key", "page")}
        forged = file.written({**kept, "cases": []}, [], "en")
        own = public()
    finally:
        seal.use(before)
    assert "another key" in sampling.check(forged, right).why
    found = sampling.check(forged, own)  # his signature agrees, the journal does not
    assert not found.ok and ("head" in found.why or "bytes" in found.why)


def test_the_command_proves_without_a_database(audited, tmp_path: Path):
    path, public_key = tmp_path / "sample.html", tmp_path / "signer.pub"
    path.write_bytes(draw(audited))
    public_key.write_bytes(seal.keys().verifier.public_bytes_raw())
    line = [sys.executable, "-W", "ignore", "-m", "gangmu", "--lang", "en", "dossier", "verify", str(path), "--json"]
    done = subprocess.run([*line, "--key", str(public_key)], capture_output=True, text=True, check=False, env=ENV)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"] and json.loads(done.stdout)["cases"] == 3
    done = subprocess.run(line[:-1], capture_output=True, text=True, check=False, env=ENV)
    assert done.returncode == 0 and f"key {public()[:16]} (not given" in done.stdout, done.stderr
    for absent in (tmp_path / "absent.pub", path):
        done = subprocess.run([*line, "--key", str(absent)], capture_output=True, text=True, check=False, env=ENV)
        assert done.returncode == 2 and "is no public key" in done.stderr and done.stdout == "", done.stderr
    path.write_bytes(path.read_bytes().replace(b'"among":6', b'"among":7'))
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=ENV)
    assert done.returncode == 1 and not json.loads(done.stdout)["ok"]
