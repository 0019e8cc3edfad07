"""What a simulated person does next with a matter in front of him (选择): a pure choice among the verbs that the house
offers him, by the usual ways of his role.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

USUAL: Mapping[str, Mapping[str, float]] = {
    "clerk": {"accept": 10, "send_verify": 8, "refuse": 6, "send_check": 10, "grant_appeal": 2, "refuse_appeal": 1},
    "shift_leader": {"register": 10, "close": 10, "rework": 10, "void": 0.2, "ask_again": 0.2},
    "dispatcher": {
        "sign": 6, "dispatch": 10, "grant_extension": 3, "refuse_extension": 1, "approve_suspension": 2,
        "refuse_suspension": 1, "accept_return": 3, "refuse_return": 1, "raise_dispute": 0.3,
        "endorse_appeal": 2, "refuse_appeal": 1,
    },
    "dept_lead": {
        "receive": 0.6, "assign": 8, "sign": 10, "confirm": 10, "return": 0.25, "request_return": 0.25,
        "request_extension": 0.3, "redo_inside": 0.4, "reject_reply": 0.4, "screen_out_extension": 1,
    },
    "town_officer": {"assign": 8, "sign": 10, "confirm": 10, "request_extension": 0.3, "redo_inside": 0.3},
    "handler": {"start": 10, "submit": 10, "reply": 10, "contact": 1, "ask_extension": 0.25},
    "patrol": {"verify_done": 10, "check_pass": 9, "check_fail": 1},
    "grid_worker": {"verify_done": 10, "check_pass": 9, "check_fail": 1},
    "hotline_operator": {"classify": 10, "answer": 10},
    "call_back": {"visit": 10, "close": 10, "redo": 6, "attempt_visit": 0.8},
    "supervisor": {"designate": 10, "supervise": 0.2},
}  # fmt: skip
OUTCOMES: Mapping[str, Sequence[tuple[str, float]]] = {
    "verify_done": (("confirmed", 9), ("not_found", 1)),
    "answer": (("knowledge", 5), ("expert_seat", 1)),
    "classify": (("in_scope", 9), ("urgent", 1)),
    "reply": (("solved", 7), ("explained", 2), ("planned", 1)),
    "visit": (("solved", 8), ("unsolved", 1), ("unreached", 1)),
    "refuse": (("not_found", 1),),
}
_ANSWERED = ("enquiry", "suggestion", "praise")
_TRUSTED = ("patrol", "grid", "transfer", "upper")


@dataclass(frozen=True, slots=True)
class Choice:
    """A verb with what must be given; ``outcome`` and ``satisfaction`` are chosen already."""

    verb: str
    needs: tuple[str, ...]
    outcome: str = ""
    satisfaction: str = ""


def choose(chance: Random, role: str, event: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> Choice | None:
    """The verb that somebody of this role takes next, or None when he leaves it for now."""
    offered = {verb["id"]: verb for verb in event["verbs"] if not verb["refused_because"]}
    weights = {name: weight for name, weight in USUAL.get(role, {}).items() if name in offered}
    _sense(weights, event, timeline)
    wanted = {name: weight for name, weight in weights.items() if weight > 0}
    if not wanted:
        return None
    name = chance.choices(list(wanted), list(wanted.values()))[0]
    verb = offered[name]
    outcome = _outcome(chance, verb)
    extra = ["outcome"] if verb["outcomes"] and "outcome" in verb["takes"] else []
    satisfaction = ""
    if name == "visit":
        extra.append("satisfaction")
        satisfaction = _grade(chance, outcome)
    return Choice(name, (*verb["requires"], *extra), outcome, satisfaction)


def _sense(weights: dict[str, float], event: Mapping[str, Any], timeline: Sequence[Mapping[str, Any]]) -> None:
    """What nobody in his senses would do here."""
    looked = [act for act in timeline if act["verb"] == "verify_done"]
    found = bool(looked) and looked[-1]["args"].get("outcome") == "confirmed"
    if "accept" in weights:
        weights["accept"] *= found or (not looked and event["channel"] in _TRUSTED)
        weights["send_verify"] = weights.get("send_verify", 0) * (not looked and event["channel"] not in _TRUSTED)
        weights["refuse"] = weights.get("refuse", 0) * (bool(looked) and not found)
    if "answer" in weights:
        weights["answer"] *= event["kind"] in _ANSWERED
        weights["classify"] = weights.get("classify", 0) * (event["kind"] not in _ANSWERED)
    if "redo" in weights:
        weights["close"] = 0


def _outcome(chance: Random, verb: Mapping[str, Any]) -> str:
    known = [item["id"] for item in verb["outcomes"]]
    usual = [(name, weight) for name, weight in OUTCOMES.get(verb["id"], ()) if name in known]
    if usual:
        return chance.choices([name for name, _ in usual], [weight for _, weight in usual])[0]
    return known[0] if known else ""


def _grade(chance: Random, outcome: str) -> str:
    if outcome == "unreached":
        return ""
    if outcome == "unsolved":
        return chance.choice(("dissatisfied", "very_dissatisfied"))
    return chance.choices(("very_satisfied", "satisfied", "fairly_satisfied"), (5, 4, 2))[0]
