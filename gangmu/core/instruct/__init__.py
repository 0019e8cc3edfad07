"""Instruct (批示): what a leader wants done about an event or a set of them, by whom, until when, and what came of it.

Comes in: instructions of leaders and supervisors, receipts and answers of those addressed. Goes out: who has read and
answered what, chased when it is late; ``InstructionMoved``. On the timeline of each event it stands as an act.
"""

from gangmu.core.instruct.model import Instruction
from gangmu.core.instruct.service import count_open, give, list_instructions

__all__ = ["Instruction", "count_open", "give", "list_instructions"]
