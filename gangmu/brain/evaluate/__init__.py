"""Evaluation (绩效评价): rates counted from facts, each with its numerator, its denominator and the matters behind it.

Comes in: messages of events, clocks, obligations, field tasks, calls and the knowledge base. Goes out: figures by area,
department and post for any day, week, month, quarter or year, scores and grades, published periods that stay as they
were; and of single matters whether they were closed in time (``judge``).
"""

from gangmu.brain.evaluate.judging import Judged, judge, judged_of

__all__ = ["Judged", "judge", "judged_of"]
