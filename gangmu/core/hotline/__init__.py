"""The hotline (12345 政务服务便民热线): calls, answered on the line or made an order of, and what is missed.

Comes in: facts of the telephone system, the keys of an operator. Goes out: calls with their outcome and history,
orders as reports of ``core.event``, hand-overs to emergency lines that stay followed up, missed calls with their clock,
figures of calls and matters. Answers come from ``core.knowledge``.
"""

from gangmu.core.hotline.endings import close, hand_over, make_order
from gangmu.core.hotline.model import Call, Fact, HandOver, Missed, Outcome
from gangmu.core.hotline.service import begin
from gangmu.core.hotline.telephone import CallFact, take_fact

__all__ = [
    "Call",
    "CallFact",
    "Fact",
    "HandOver",
    "Missed",
    "Outcome",
    "begin",
    "close",
    "hand_over",
    "make_order",
    "take_fact",
]
