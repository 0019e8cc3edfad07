"""The named guards of flows: pure questions about the facts of an event, with parameters.

Each is registered under a name that flow data uses; its refusal has a stable reason key with words in both
languages. A stage above may register its own with `predicate`. Sources: domain facts 1.5 (guards of a real
specification), 1.7 (return, extension, suspension, appeal), 3.2 to 3.4 (hotline).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from gangmu.core.flow.model import ActFact, EvidenceFact, HolderOf, Refusal, StateKind
from gangmu.core.flow.stepping import PREDICATES, Ask, Asked, Predicate, given_evidence, text


def predicate(name: str, *, reads_args: bool = False, **params: str) -> Callable[[Ask], Ask]:
    """Register a guard. `params` maps each parameter to its meaning (see Predicate); `reads_args` keeps it from
    being asked before the actor has filled in the form."""

    def register(function: Ask) -> Ask:
        PREDICATES[name] = Predicate(name, function, {k.rstrip("_"): v for k, v in params.items()}, reads_args)
        return function

    return register


def _same_person(asked: Asked, act: ActFact) -> bool:
    return act.person is not None and act.person == asked.facts.actor.person


# --- who -------------------------------------------------------------------------------------------------


@predicate("not_doer", of="verbs")
def not_doer(asked: Asked) -> bool | Refusal:
    """Judge and doer differ: nobody who did one of `of` on this event, in any round and any post, may do this;
    and it takes a person, never a job or a machine."""
    if asked.facts.actor.person is None:
        return Refusal("flow.refused.needs_person")
    mine = next((a for a in asked.facts.acts if a.verb in asked.verbs("of") and _same_person(asked, a)), None)
    return Refusal("flow.refused.not_doer", {"did": mine.verb}) if mine else True


@predicate("needs_person")
def needs_person(asked: Asked) -> bool:
    return asked.facts.actor.person is not None


@predicate("of_source")
def of_source(asked: Asked) -> bool:
    """The system that the order came from decides this, by its application; nobody here in its place."""
    actor = asked.facts.actor
    return actor.person is None and any(role in actor.roles for role in asked.verb.roles)


@predicate("not_same_person", as_="verb")
def not_same_person(asked: Asked) -> bool | Refusal:
    """Two pairs of eyes: another person than the one who did `as` last."""
    last = asked.facts.last(asked.one("as"))
    if last is not None and _same_person(asked, last):
        return Refusal("flow.refused.not_same_person", {"did": last.verb})
    return True


@predicate("own_act", of="verbs")
def own_act(asked: Asked) -> bool:
    """Only whoever did the last of `of` may take it back."""
    last = asked.facts.last(*asked.verbs("of"))
    return last is not None and _same_person(asked, last)


@predicate("holder_only")
def holder_only(asked: Asked) -> bool | Refusal:
    """The acting person's organisation, post or role holds the matter now."""
    facts, state = asked.facts, asked.flow.state(asked.facts.state)
    if facts.holder_post is not None and facts.holder_post != facts.actor.post:
        return Refusal("flow.refused.not_your_task")
    if state.holder_of is HolderOf.lead_org:
        if facts.lead_org is None or not facts.actor.acts_for(facts.lead_org):
            return Refusal("flow.refused.not_your_org")
    elif state.holder_of is HolderOf.assignee and facts.assigned_handler not in (None, facts.actor.post):
        return Refusal("flow.refused.not_your_task")
    if facts.holder_org is not None and not facts.actor.acts_for(facts.holder_org):
        return Refusal("flow.refused.not_your_org")
    if facts.actor.roles and not {state.holder, *asked.verb.roles} & set(facts.actor.roles):
        return Refusal("flow.refused.not_your_role", {"role": state.holder})
    return True


@predicate("of_lead_org")
def of_lead_org(asked: Asked) -> bool:
    """Acts for the lead department."""
    return asked.facts.lead_org is not None and asked.facts.actor.acts_for(asked.facts.lead_org)


@predicate("of_orgs")
def of_orgs(asked: Asked) -> bool:
    """Acts for the lead department or an assisting one."""
    known = {*asked.facts.orgs, *filter(None, (asked.facts.lead_org,))}
    return any(asked.facts.actor.acts_for(org) for org in known)


@predicate("assignee_only")
def assignee_only(asked: Asked) -> bool:
    """Once a handler is named inside the department, only that post handles it."""
    return asked.facts.assigned_handler in (None, asked.facts.actor.post)


@predicate("same_clerk_owns", of="verbs", released_by="verbs?")
def same_clerk_owns(asked: Asked) -> bool:
    """谁立案谁负责: whoever did the first of `of` owns the case, until it is released to the pool."""
    owned, owner = False, None
    for act in asked.facts.acts:
        if act.verb in asked.verbs("released_by"):
            owned, owner = False, None
        elif act.verb in asked.verbs("of") and not owned and act.person is not None:
            owned, owner = True, act.person
    return not owned or owner == asked.facts.actor.person


# --- when ------------------------------------------------------------------------------------------------


@predicate("before_overdue", stage="stage")
def before_overdue(asked: Asked) -> bool | Refusal:
    stage = asked.one("stage")
    return stage not in asked.facts.overdue or Refusal("flow.refused.before_overdue", {"stage": stage})


@predicate("overdue_stage", stage="stage")
def overdue_stage(asked: Asked) -> bool | Refusal:
    stage = asked.one("stage")
    return stage in asked.facts.overdue or Refusal("flow.refused.overdue_stage", {"stage": stage})


@predicate("not_suspended")
def not_suspended(asked: Asked) -> bool:
    return not asked.flow.state(asked.facts.state).pauses


@predicate("only_after", state="state")
def only_after(asked: Asked) -> bool | Refusal:
    """The event is in `state` or has been there."""
    state = asked.one("state")
    been = asked.facts.state == state or any(state in (a.to_state, a.from_state) for a in asked.facts.acts)
    return been or Refusal("flow.refused.only_after", {"state": state})


@predicate("until_within", reads_args=True, days="number")
def until_within(asked: Asked) -> bool | Refusal:
    """args.until lies ahead and at most so many days away."""
    until, now, days = asked.args.get("until"), asked.facts.now, asked.number("days")
    if until is None:
        return True
    if not isinstance(until, datetime) or until.tzinfo is None or not now < until <= now + timedelta(days=days):
        return Refusal("flow.refused.until_within", {"days": days})
    return True


@predicate("last_until_ahead", verb="verb")
def last_until_ahead(asked: Asked) -> bool:
    """The end date that was asked for has not passed while waiting."""
    asking = asked.facts.last(asked.one("verb"))
    until = asking.args.get("until") if asking else None
    if isinstance(until, str):
        until = datetime.fromisoformat(until)
    return not isinstance(until, datetime) or until > asked.facts.now


# --- how often, and after what ---------------------------------------------------------------------------


@predicate("max_times", verb="verb", n="number", by="word?")
def max_times(asked: Asked) -> bool | Refusal:
    """`verb` was done fewer than `n` times; `by="org"` counts those of the acting department only,
    `by="person"` those of the acting person."""
    verb, n, by = asked.one("verb"), asked.number("n"), asked.one("by", "event")
    actor = asked.facts.actor
    done = [a for a in asked.facts.acts if a.verb == verb]
    if by == "org":
        done = [a for a in done if a.org is not None and actor.acts_for(a.org)]
    elif by == "person":
        done = [a for a in done if a.person == actor.person]
    return len(done) < n or Refusal("flow.refused.max_times", {"verb": verb, "n": n})


@predicate("once", verb="verb")
def once(asked: Asked) -> bool | Refusal:
    verb = asked.one("verb")
    return asked.facts.count(verb) == 0 or Refusal("flow.refused.once", {"verb": verb})


@predicate("no_open_request", kind="word", opened_by="verbs", settled_by="verbs")
def no_open_request(asked: Asked) -> bool | Refusal:
    opened = asked.facts.last_index(*asked.verbs("opened_by"))
    settled = asked.facts.last_index(*asked.verbs("settled_by"))
    return opened <= settled or Refusal("flow.refused.no_open_request", {"kind": asked.one("kind")})


@predicate("not_after", verb="verb", unless="verbs?")
def not_after(asked: Asked) -> bool | Refusal:
    """`verb` was never done, or one of `unless` came after it. With verb="return", unless=["submit"]: a dispatcher
    who got a case back from a department may not push it to closing before somebody has worked on it."""
    verb = asked.one("verb")
    done = asked.facts.last_index(verb)
    lifted = asked.facts.last_index(*asked.verbs("unless"))
    return done < 0 or lifted > done or Refusal("flow.refused.not_after", {"verb": verb})


@predicate("done_before", verb="verb", since="verbs?")
def done_before(asked: Asked) -> bool | Refusal:
    """`verb` was done, after the last of `since` if given."""
    verb = asked.one("verb")
    done = asked.facts.last_index(verb)
    fresh = done >= 0 and done > asked.facts.last_index(*asked.verbs("since"))
    return fresh or Refusal("flow.refused.done_before", {"verb": verb})


@predicate("verified_first", verb="verb", outcomes="words", unless_channels="channels?")
def verified_first(asked: Asked) -> bool:
    """Verification before filing: what the public, a sensor or a camera reports is looked at first, and the last
    look must have confirmed it. Channels of the trade itself are exempt."""
    if asked.facts.channel in asked.many("unless_channels"):
        last = asked.facts.last(asked.one("verb"))
        return last is None or last.args.get("outcome") in asked.many("outcomes")
    last = asked.facts.last(asked.one("verb"))
    return last is not None and last.args.get("outcome") in asked.many("outcomes")


@predicate("last_outcome", verb="verb", key="word", among="words")
def last_outcome(asked: Asked) -> bool | Refusal:
    """The last `verb` said one of `among` under `key` (outcome or satisfaction)."""
    verb = asked.one("verb")
    last = asked.facts.last(verb)
    said = last.args.get(asked.one("key")) if last else None
    return said in asked.many("among") or Refusal("flow.refused.last_outcome", {"verb": verb})


@predicate("content_or", visit="verb", solved="words", satisfied="words", unless="verbs")
def content_or(asked: Asked) -> bool:
    """A discontent caller is followed up before closing: the last visit was content, or one of `unless` was done."""
    return asked.facts.last(*asked.verbs("unless")) is not None or not _discontent(asked)


@predicate("discontent_visit", visit="verb", solved="words", satisfied="words")
def discontent_visit(asked: Asked) -> bool:
    """The caller said that it is not solved or that he is not satisfied."""
    return _discontent(asked)


def _discontent(asked: Asked) -> bool:
    visit = asked.facts.last(asked.one("visit"))
    if visit is None:
        return False
    satisfaction = text(visit.args.get("satisfaction"))
    unsolved = text(visit.args.get("outcome")) not in asked.many("solved")
    return unsolved or (bool(satisfaction) and satisfaction not in asked.many("satisfied"))


@predicate("satisfaction_unless", reads_args=True, outcomes="words")
def satisfaction_unless(asked: Asked) -> bool | Refusal:
    """A grade of satisfaction, unless the caller could not be asked."""
    asked_for = text(asked.args.get("outcome")) not in asked.many("outcomes")
    given = bool(text(asked.args.get("satisfaction")))
    return given or not asked_for or Refusal("flow.refused.needs_satisfaction", {"need": "satisfaction"})


# --- the department --------------------------------------------------------------------------------------


@predicate("internal_assignment_revoked")
def internal_assignment_revoked(asked: Asked) -> bool:
    """A department revokes its internal assignment before it gives the case back."""
    return asked.facts.assigned_handler is None


@predicate("dispute_not_bound", binding="verbs", free="verbs")
def dispute_not_bound(asked: Asked) -> bool:
    """A binding designation ends the dispute: the department designated may not give it back."""
    last = asked.facts.last(*asked.verbs("binding"), *asked.verbs("free"))
    return last is None or last.verb not in asked.verbs("binding")


@predicate("other_org_than", reads_args=True, verb="verb", given_by="verbs")
def other_org_than(asked: Asked) -> bool | Refusal:
    """Not to the department that has just given it back: that takes a designation."""
    acts = asked.facts.acts[: asked.facts.last_index(asked.one("verb")) + 1]
    given = next((a for a in reversed(acts) if a.verb in asked.verbs("given_by")), None)
    refusing = text(given.args.get("lead_org")) if given else ""
    again = bool(refusing) and text(asked.args.get("lead_org")) == refusing
    return not again or Refusal("flow.refused.other_org_than")


@predicate("has_lead_org")
def has_lead_org(asked: Asked) -> bool:
    return asked.facts.lead_org is not None


@predicate("no_open_task", kind="word")
def no_open_task(asked: Asked) -> bool | Refusal:
    kind = asked.one("kind")
    return kind not in asked.facts.open_tasks or Refusal("flow.refused.no_open_task", {"kind": kind})


@predicate("origin_in", states="states")
def origin_in(asked: Asked) -> bool:
    """Was the side state entered from one of `states`?"""
    for act in reversed(asked.facts.acts):
        before = asked.flow.find_state(act.from_state)
        if before is not None and before.kind is not StateKind.side and act.from_state != act.to_state:
            return before.id in asked.many("states")
    return False


# --- evidence --------------------------------------------------------------------------------------------


@predicate("fresh_evidence", reads_args=True, kinds="words", since="verbs")
def fresh_evidence(asked: Asked) -> bool | Refusal:
    """At least one piece of one of `kinds` that was made after the last of `since` and never used before."""
    since = asked.facts.last(*asked.verbs("since"))
    kinds = asked.many("kinds")
    pieces = [e for e in (*given_evidence(asked.args), *asked.facts.evidence) if e.kind in kinds]
    if not pieces:
        return Refusal("flow.refused.needs_evidence", {"need": "evidence:" + kinds[0] if kinds else "evidence"})
    if all(piece.reused for piece in pieces):
        return Refusal("flow.refused.evidence_reused")
    start = since.at if since else None
    return any(_fresh(piece, start) for piece in pieces) or Refusal("flow.refused.fresh_evidence")


def _fresh(piece: EvidenceFact, since: datetime | None) -> bool:
    made = piece.taken_at or piece.received_at
    return not piece.reused and (since is None or made >= since)
