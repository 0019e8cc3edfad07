"""Behind a reverse proxy: the page's nginx (Debian's, where it can be had) or a small one that does the same."""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gangmu.faces.cli._given import listen
from gangmu.faces.cli._process import web_config
from gangmu.faces.http import watched
from gangmu.faces.http.settings import WebSettings
from gangmu.kit import settings
from gangmu.kit.errors import Invalid
from tests.city import City
from tests.flow.test_webhooks import application

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "reverse-proxy.md").read_text("utf-8")
NAME = "gangmu.example.gov.cn"


@contextmanager
def house(city: City) -> Iterator[int]:
    """The house as a web process serves it; its port."""
    at = listen("127.0.0.1", 0)
    server = uvicorn.Server(web_config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    try:
        yield at.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(15)
        at.close()


def get(connection: http.client.HTTPConnection, path: str, **head: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in head.items()})
    return connection.getresponse()


def held_to(city: City, network: str) -> str:
    """The token of an application that may call from one address alone."""
    made = application(city)
    body = {"roles": made["roles"], "org": made["org"], "division": made["division"], "networks": [network]}
    assert city.sign_in("security_admin").put(f"/api/applications/{made['id']}", json=body).status_code == 200
    return f"Bearer {made['token']}"


def test_the_word_of_a_trusted_proxy_is_taken_and_of_nobody_else(city, monkeypatch):
    token = held_to(city, "203.0.113.7")
    for trusted, status in (('["127.0.0.1"]', 200), ('["192.0.2.1"]', 401), ("[]", 401)):
        monkeypatch.setenv("GANGMU_WEB__TRUSTED_PROXIES", trusted)
        with house(city) as port:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=200)
            answer = get(line, "/api/events", Authorization=token, X_Forwarded_For="203.0.113.7")
            assert answer.status == status, trusted
            line.close()


def test_what_is_no_address_is_refused(monkeypatch):
    monkeypatch.setenv("GANGMU_WEB__TRUSTED_PROXIES", '["proxy"]')
    with pytest.raises(Invalid):
        settings.get(WebSettings)


# --- nginx ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nginx(tmp_path_factory) -> Path | None:
    """Debian's nginx: installed, or its package unpacked here (not installed); None where there is no way."""
    found = shutil.which("nginx")
    if found:
        return Path(found)
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return None
    place = tmp_path_factory.mktemp("nginx")
    subprocess.run(["apt-get", "download", "nginx"], cwd=place, capture_output=True, check=False, timeout=120)
    for package in place.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, place], check=False)
    made = place / "usr" / "sbin" / "nginx"
    works = made.exists() and subprocess.run([made, "-v"], capture_output=True, check=False).returncode == 0
    return made if works else None


def certificate(place: Path) -> tuple[Path, Path]:
    """A certificate of our own for the page's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (place / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "key.pem").write_bytes(key.private_bytes(*plain))
    return place / "fullchain.pem", place / "key.pem"


@contextmanager
def in_front(program: Path, place: Path, house_port: int) -> Iterator[Callable[[], http.client.HTTPSConnection]]:
    """The page's servers on ports of this test, with its certificate; gives TLS lines to it."""
    chain, key = certificate(place)
    ports = []
    for _ in range(2):
        free = listen("127.0.0.1", 0)
        ports.append(free.getsockname()[1])
        free.close()
    text = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)[0]
    text = text.replace("listen 443", f"listen 127.0.0.1:{ports[0]}").replace(
        "listen 80", f"listen 127.0.0.1:{ports[1]}"
    )
    text = re.sub(r"/etc/ssl/gangmu/fullchain.pem", str(chain), text).replace("/etc/ssl/gangmu/key.pem", str(key))
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{house_port}")
    paths = "".join(
        f"{kind}_temp_path {place}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""  # the folders of this test are root's alone
    config = f"{user}daemon off; pid {place}/pid; error_log {place}/log; worker_processes 1;\nevents {{}}\n"
    (place / "nginx.conf").write_text(f"{config}http {{\naccess_log off;\n{paths}{text}\n}}\n")
    place.chmod(0o755)
    running = subprocess.Popen([program, "-p", place, "-c", place / "nginx.conf"], stderr=subprocess.PIPE)
    trust = ssl.create_default_context(cafile=str(chain))

    def line() -> http.client.HTTPSConnection:
        made = http.client.HTTPSConnection("127.0.0.1", ports[0], timeout=200, context=trust)
        made._context.check_hostname = False
        return made

    try:
        for _ in range(600):
            try:
                line().connect()
                break
            except OSError:
                assert running.poll() is None, running.stderr.read() if running.stderr else ""
                threading.Event().wait(0.05)
        yield line
    finally:
        running.terminate()
        running.wait(20)
        if running.stderr:
            running.stderr.close()


def test_every_stream_of_the_house_is_named_by_the_page():
    """In its table, and by a location of its nginx that does not buffer."""
    unbuffered = re.findall(r"location (=|~) (\S+) \{([^}]*proxy_buffering off;[^}]*)\}", PAGE)
    for path in watched.STREAMS:
        assert f"`{path}`" in PAGE, path
        assert any(said == path if how == "=" else re.search(said, path) for how, said, _ in unbuffered), path


def test_the_nginx_of_the_page(city, nginx, tmp_path):
    if nginx is None:
        pytest.skip("NO NGINX HERE: the page's nginx was not tried (apt-get install nginx, or let apt-get download it)")
    token = held_to(city, "127.0.0.1")
    with house(city) as port, in_front(nginx, tmp_path, port) as line:
        asking = line()
        answer = get(asking, "/api/health")
        body, head = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        assert answer.status == 200 and b"ok" in body
        assert head["strict-transport-security"] == "max-age=31536000"
        policies = [value for name, value in answer.getheaders() if name.lower() == "content-security-policy"]
        assert len(policies) == 1 and "frame-ancestors 'none'" in policies[0]
        # what a client writes about himself is not believed
        answer = get(asking, "/api/events", Authorization=token, X_Forwarded_For="203.0.113.7")
        assert answer.status == 200, answer.read()
        answer.read()
        # bodies: beyond nginx's usual megabyte; the house itself refuses JSON that is too large
        asking.request("POST", "/api/reports", body=b"x" * 3_000_000, headers={"content-type": "application/json"})
        answer = asking.getresponse()
        assert answer.status == 413 and b"too_large" in answer.read()
        # the stream's first part comes at once, not when the stream ends
        live = line()
        answer = get(live, "/api/live", Authorization=token)
        said = b"".join(answer.readline() for _ in range(4))
        assert answer.status == 200 and b"event: ready" in said
        live.close()
        asking.close()
