"""Notify (告知): every reporter gets his answer, once, and somebody sees to it that it reaches him.

Comes in: ``ReporterAnswered`` of events. Goes out: one answer a reporter and message, in the list of those who call
back, on the page of who asks with his number, or passed on to the platform it came from. There is no gateway for text
messages here: a city that has one subscribes to ``AnswerMoved`` with a connector; until then a person calls.
"""

from gangmu.core.notify.model import Answer
from gangmu.core.notify.service import keep_answer, list_answers, list_of_report, mark_sent

__all__ = ["Answer", "keep_answer", "list_answers", "list_of_report", "mark_sent"]
