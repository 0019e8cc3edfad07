"""What a simulated person gives with an act (办理内容): photos, words, a condition, who shall do it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from gangmu.demo import speech
from gangmu.demo.choices import Choice
from gangmu.demo.client import Client

Json = Mapping[str, Any]
Photo = Callable[..., str]


class Giver:
    """Fills in what a verb asks for. ``photo`` takes a picture and gives the file's id. People of ``logins`` are given
    no work: they are there for who tries the demo."""

    def __init__(self, chance: Random, logins: Collection[str], photo: Photo, now: Callable[[], datetime]) -> None:
        self._chance, self._logins, self._photo, self._now = chance, logins, photo, now

    def given(self, client: Client, choice: Choice, event: Json) -> dict[str, Any]:
        """What the chosen verb asks for."""
        body: dict[str, Any] = {}
        for need in choice.needs:
            kind, _, stage = need.partition(":")
            if kind == "evidence":
                clean = stage != "before" and choice.verb != "check_fail"
                place = event["address"] or event["title"]
                taken = self._photo(client, place, self._now(), event["lon"], event["lat"], clean=clean)
                body.setdefault("evidence", []).append({"file": taken, "kind": stage or "after"})
            elif kind == "reason":
                body["reason"] = speech.reason(self._chance, choice.verb)
            elif kind == "answer":
                body["answer"] = self._answer(client, event)
            elif kind in ("outcome", "satisfaction"):
                body[kind] = choice.outcome if kind == "outcome" else choice.satisfaction
            elif kind == "until":
                body["until"] = (self._now() + timedelta(days=self._chance.randrange(7, 30))).isoformat()
            elif kind == "filing_condition":
                rows = client.get(f"/matter/classes/{event['matter']}")["conditions"]
                body["condition_id"] = rows[0]["id"]
            elif kind == "closing_condition":
                body["closing_condition_id"] = self._closing(client, event)
            elif kind == "lead_org":
                body["lead_org"] = suggested(client, event)
            elif kind == "handler":
                body["handler_post"] = self._handler(client, event)
        return {name: value for name, value in body.items() if value}

    def _closing(self, client: Client, event: Json) -> str | None:
        if event["condition"]:
            closings = client.get(f"/matter/conditions/{event['condition']}")["closing"]
        else:
            rows = client.get(f"/matter/classes/{event['matter']}")["conditions"]
            closings = rows[0]["closing"] if rows else []
        return closings[0]["id"] if closings else None

    def _handler(self, client: Client, event: Json) -> str | None:
        posts = client.get("/posts", org=event["lead_org"], role="handler")["items"]
        free = [post["id"] for post in posts if post["person_name"] not in self._logins]
        return self._chance.choice(free) if free else None

    def _answer(self, client: Client, event: Json) -> str:
        if not event["matter"]:
            return speech.done_text(self._chance, "", "")
        row = client.get(f"/matter/classes/{event['matter']}")
        return speech.done_text(self._chance, row["tree"], row["code"])


def suggested(client: Client, event: Json) -> str | None:
    """The organisation that the duty list suggests first."""
    found = client.get("/dispatch/suggest", event=event["id"])["items"]
    return str(found[0]["lead_org"]) if found else None
