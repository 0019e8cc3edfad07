"""The words that a flow is written with: what a verb can ask for, the grades of content, the effects of a step."""

from collections.abc import Mapping

REQUIREMENTS: Mapping[str, str] = {
    # what a verb can ask for: the argument it is read from
    "reason": "reason",
    "filing_condition": "condition_id",
    "closing_condition": "closing_condition_id",
    "lead_org": "lead_org",
    "assistants": "assistants",
    "handler": "handler_post",
    "answer": "answer",
    "until": "until",
    "satisfaction": "satisfaction",
    "outcome": "outcome",
    "target": "to_state",
    "evidence": "evidence",
}
"""Also `evidence:<kind>`, for example `evidence:after`; kinds are free words: near far reference before after check."""

SATISFACTION = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "very_dissatisfied")
"""The five grades 非常满意 满意 基本满意 不满意 非常不满意 (domain facts 3.5)."""

EFFECTS: dict[str, str] = {
    "assign_case_number": "gives the case its number; does nothing when it has one",
    "set_condition": "freezes the filing condition args.condition_id and its limits for this event",
    "set_closing_condition": "records args.closing_condition_id",
    "set_lead_org": "makes args.lead_org the lead and args.assistants the assistants, opens their obligations",
    "lead_town": "makes the town of the event's place (or args.lead_org) its holder; nobody owes anything yet",
    "keep_town": "the town of the event's place goes on seeing it",
    "clear_lead_org": "ends the obligation of the lead that gave it back; it stays in the history",
    "add_assistants": "adds args.assistants with their own obligations",
    "host_done": "the lead's obligation is done: the department has confirmed",
    "assist_done": "the obligation of the acting organisation as an assistant is done",
    "set_handler": "args.handler_post handles it inside the department",
    "take_handler": "the acting post handles it inside the department, when nobody was assigned",
    "clear_handler": "nobody is assigned inside the department any more",
    "open_verify_task": "a field task `verify` for another person than the doer",
    "close_verify_task": "the verify task is done with args.outcome and args.evidence",
    "cancel_verify_task": "the verify task is called back",
    "open_check_task": "a field task `check` for another person than the doer",
    "close_check_task": "the check task is done with args.outcome and args.evidence",
    "cancel_check_task": "the check task is called back",
    "open_dispute": "a dispute record: who gave it back and why",
    "bind_designation": "settles open disputes in favour of args.lead_org, binding",
    "settle_dispute": "settles open disputes without a designation",
    "extend_deadline": "adds one original limit to the current handle deadline",
    "set_suspended": "suspended until args.until (or the `until` of the request), with a timer that resumes it",
    "clear_suspended": "the suspension ends",
    "rework_clock": "the new handle clock follows the rework policy of the city",
    "mark_supervised": "the event is under supervision",
    "record_instruction": "a leader's instruction for the timeline and the holder's inbox",
    "record_answer": "keeps args.answer as the answer to the reporters",
    "answer_reporters": "every reporter of the event is answered, with args.answer or the reason",
    "record_outcome": "keeps args.outcome",
    "record_satisfaction": "keeps args.satisfaction and args.outcome of the visit",
    "exempt_overdue": "adds an exemption from the statistics; the overdue fact stays",
    "exempt_scope": "takes the event out of the evaluated scope; it stays visible with reason and approver",
    "release_owner": "the case goes back to the clerks' pool",
}
"""Named effects that a step can have. A stage that carries one out subscribes by this name."""
