"""Files of foreign orders: fetched from where the link allows, taken in like uploads, hung onto the event."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

from gangmu.core.docking import fetching, link_store, taking, visits
from gangmu.core.docking.schema import LinkChange
from gangmu.kit import clock
from gangmu.kit.ids import Id
from gangmu.kit.unit import open_unit
from gangmu.sdk.exchange import ForeignOrder, Link
from tests.flow.docked import STEWARD, get, linked, post
from tests.flow.ground import found


@dataclass
class Shelf:
    """Where files lie over there: path to status, type and content; who asked with which token."""

    address: str = ""
    files: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def shelf(**files: tuple[int, str, bytes]) -> Iterator[Shelf]:
    told = Shelf(files={f"/files/{name}": row for name, row in files.items()})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers.get("authorization", "")))
            status, mime, body = told.files.get(self.path, (404, "text/plain", b"no"))
            self.send_response(status)
            self.send_header("content-type", mime)
            if status == 302:
                self.send_header("location", "http://127.0.0.1/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def handed_over(link: Id, *files: Link, message: str = "m1", number: str = "N1") -> None:
    order = ForeignOrder(message=message, number=number, at=clock.now(), text="路口井盖缺失", files=files)
    with open_unit(STEWARD, "test") as unit:
        told = taking.take(unit, link_store.get_link(unit, link, seen_by=STEWARD), [order], "callback")
        assert told.orders == 1, told


def of_event(city, number: str = "N1"):
    event = next(
        one for one in city.sign_in("dispatcher").get("/api/events").json()["items"] if one["foreign_no"] == number
    )
    docking = city.sign_in("dispatcher").get(f"/api/events/{event['id']}/docking").json()
    return event, {one["name"]: one for one in docking["files"]}


def test_files_hang_on_the_event_with_their_source(city):
    found(city)
    pdf = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
    with shelf(a=(200, "image/jpeg", a_photo()), b=(200, "application/pdf", pdf)) as there:
        link = linked(city, there.address)
        handed_over(link, Link("现场.jpg", f"{there.address}/files/a"), Link("说明.pdf", "/files/b"))
        event, files = of_event(city)
        assert {one["state"] for one in files.values()} == {"waiting"}
        assert fetching.fetch(link) == 2
        event, files = of_event(city)
        assert {name: one["state"] for name, one in files.items()} == {"现场.jpg": "fetched", "说明.pdf": "fetched"}
        assert {token for _, token in there.asked} == {"Bearer secret-of-the-city"}
        dispatcher = city.sign_in("dispatcher")
        proofs = dispatcher.get(f"/api/events/{event['id']}/evidence").json()["items"]
        assert [(one["kind"], one["source"], one["mime"]) for one in proofs] == [
            ("report", "市12345 N1", "image/jpeg"),
            ("report", "市12345 N1", "application/pdf"),
        ]
        assert dispatcher.get(f"/api/files/{files['现场.jpg']['file']}").status_code == 200
        assert city.sign_in("dispatcher@there").get(f"/api/files/{files['现场.jpg']['file']}").status_code == 404
        assert fetching.fetch(link) == 0, "what is here is not fetched again"


def test_what_may_not_come_in_is_refused_and_says_why(city):
    found(city)
    with shelf(
        page=(200, "text/html", b"<html><script>1</script>"), liar=(200, "image/png", a_photo()),
        broken=(200, "image/jpeg", a_photo()[:400]), empty=(200, "image/jpeg", b""), moved=(302, "text/plain", b""),
        closed=(403, "text/plain", b"no"),
    ) as there, shelf(x=(200, "image/jpeg", a_photo())) as other:  # fmt: skip
        link = linked(city, there.address)
        names = ("page", "liar", "broken", "empty", "moved", "closed", "gone")
        handed_over(
            link,
            *[Link(name, f"{there.address}/files/{name}") for name in names],
            Link("elsewhere", f"{other.address}/files/x"),
            Link("metadata", "http://169.254.169.254/latest"),
            Link("script", "file:///etc/passwd"),
            Link("login", f"http://me:secret@{there.address[7:]}/files/page"),
        )
        fetching.fetch(link)
        _, files = of_event(city)
        assert {name: (one["state"], one["why"]) for name, one in files.items()} == {
            "page": ("refused", "wrong_kind"),
            "liar": ("refused", "wrong_kind"),
            "broken": ("refused", "damaged"),
            "empty": ("refused", "empty"),
            "moved": ("refused", "moved"),
            "closed": ("refused", "denied"),
            "gone": ("refused", "gone"),
            "elsewhere": ("refused", "foreign_host"),
            "metadata": ("refused", "foreign_host"),
            "script": ("refused", "bad_address"),
            "login": ("refused", "bad_address"),
        }
        assert other.asked == [] and "secret" not in str(files)

        # --- the link allows the host now: fetched again by who keeps the link, without the link's token
        with open_unit(STEWARD, "test") as unit:
            assert visits.given_of(unit, link)["address"] == there.address
        allow = {"address": there.address, "token": "secret-of-the-city", "file_hosts": other.address[7:]}
        was = get(city, "system_admin", "/links")["items"][0]
        change = {name: was[name] for name in LinkChange.model_fields if name in was} | {"settings": allow}
        post(city, "system_admin", f"/links/{link}", change, method="PUT")
        post(city, "handler", f"/files/{files['elsewhere']['id']}/again", expect=403)
        post(city, "dispatcher", f"/files/{files['elsewhere']['id']}/again")
        assert fetching.fetch(link) == 1
        _, files = of_event(city)
        assert files["elsewhere"]["state"] == "fetched" and other.asked == [("/files/x", "")]


def test_one_who_does_not_answer_is_asked_again_and_then_told_of(city, monkeypatch):
    monkeypatch.setenv("GANGMU_DOCKING__TRIES", "3")
    monkeypatch.setenv("GANGMU_DOCKING__TIMEOUT_S", "2")
    found(city)
    with shelf(a=(500, "text/plain", b"later")) as there:
        link = linked(city, there.address)
        handed_over(link, Link("a", "/files/a"))
        for tries in (1, 2):
            assert fetching.fetch(link) == 0
            _, files = of_event(city)
            assert (files["a"]["state"], files["a"]["why"], files["a"]["tries"]) == ("waiting", "no_answer", tries)
            assert fetching.fetch(link) == 0 and of_event(city)[1]["a"]["tries"] == tries, "not before its time"
            city.forward(minutes=20)
        assert fetching.fetch(link) == 1
        _, files = of_event(city)
        assert files["a"]["state"] == "dead"
        listed = get(city, "dispatcher", f"/links/{link}/files", state="dead")["items"]
        assert [one["name"] for one in listed] == ["a"]
        alarms = get(city, "dispatcher", "/links")["items"][0]["alarms"]
        assert [(one["kind"], one["count"]) for one in alarms] == [("files", 1)]
        there.files["/files/a"] = (200, "image/jpeg", a_photo())
        post(city, "dispatcher", f"/files/{files['a']['id']}/again")
        assert get(city, "dispatcher", "/links")["items"][0]["alarms"] == []
        assert fetching.fetch(link) == 1
        assert of_event(city)[1]["a"]["state"] == "fetched"


def test_of_very_many_files_some_stay_there(city):
    found(city)
    with shelf(a=(200, "image/jpeg", a_photo())) as there:
        link = linked(city, there.address)
        handed_over(link, *[Link(f"f{n}", f"/files/a?n={n}") for n in range(25)], Link("again", "/files/a?n=0"))
        _, files = of_event(city)
        assert len(files) == 25 and sum(one["why"] == "too_many" for one in files.values()) == 5
