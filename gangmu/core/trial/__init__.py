"""Trying rules on what has happened (试运行), before they hold.

Comes in: a draft of a flow, a calendar with other days, a class of the catalogue. Goes out: how many of the past events
would have gone through, which would have been refused and why; whose deadlines would fall elsewhere; what still runs
under an older edition. Nothing is written but the explicit move of events to another version of their flow.
"""

from gangmu.core.trial.model import FlowTrial, Group
from gangmu.core.trial.service import move_events, try_flow

__all__ = ["FlowTrial", "Group", "move_events", "try_flow"]
