"""Board (大屏): what a wall screen shows of a whole city, counted while it happens.

Comes in: messages of events, disputes and instructions; an event that one of them names is looked at anew as it stands,
so that a lost, late or doubled message changes no figure. Goes out: stock and today's flow by stage, sources with
their silence, departments' verdicts, what is abnormal by consequence, the map by squares; each figure with its time,
its quality and the events behind it, without a word of personal data.
"""

from gangmu.core.board.model import Standing, Verdict

__all__ = ["Standing", "Verdict"]
