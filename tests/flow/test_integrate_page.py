"""The integrator's quick start: every block of it is run in order, as a newcomer would, against a house that works."""

import os
import re
import subprocess
from pathlib import Path

from gangmu.core.webhook import model
from gangmu.faces.cli._given import listen
from tests.city import PASSWORD
from tests.flow.ground import found
from tests.web.browser import served

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "integrate.md").read_text("utf-8")
ARRIVED = """
for turn in $(seq 300); do grep -q 'event.opened.*event_id' received.txt && break; sleep 0.2; done
cat received.txt
"""


def test_the_blocks_of_the_page_run_in_order(city, tmp_path, monkeypatch):
    found(city)
    monkeypatch.setenv("GANGMU_WEBHOOK__INSIDE_NETWORKS", "true")
    (tmp_path / "receiver.py").write_text(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], "utf-8")
    script = "trap 'kill $(jobs -p)' EXIT\n" + "\n".join(re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)) + ARRIVED
    free = listen("127.0.0.1", 0)
    port = free.getsockname()[1]
    free.close()
    with served() as address:
        told = {"GANGMU": address, "ADMIN": "security_admin", "PASSWORD": PASSWORD, "PORT": str(port)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={**os.environ, **told, "no_proxy": "*"},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert re.search(r"^evt_\S+ \S+$", said, re.MULTILINE) and re.search(r"^\d+ events; next: ", said, re.MULTILINE)
    assert "event: ready" in said
    assert re.search(r'^event\.opened \{.*"event_id": "evt_', said, re.MULTILINE)


def test_the_page_names_settings_and_kinds_that_are_there():
    listed = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    for name in re.findall(r"`((?:webhook|access)\.[a-z_]+)(?: = [a-z]+)?`", PAGE):
        if name not in ("access.refused",):
            assert f"`{name}`" in listed, name
    told = set(re.findall(r"`((?:event|report|deadline)\.[a-z]+)`", PAGE))
    assert told == set(model.KINDS)
