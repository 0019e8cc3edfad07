"""Hand-over (交接班): what a shift leaves to the next, what has changed since one's last, what is in hand at a post,
and notices to who is on duty.

Comes in: rotas of ``base.roster``, events, messages of deadlines and obligations. Goes out: hand-overs, notices.
"""

from gangmu.core.handover.model import HandOver, Notice
from gangmu.core.handover.service import changed_since, sign, tell_on_duty, write

__all__ = ["HandOver", "Notice", "changed_since", "sign", "tell_on_duty", "write"]
