"""Overview (一览): what the shift leader, the department and the leader look at first.

Comes in: messages of events, from which days are counted; the maintained counts of open events; instructions and
disputes. Goes out: queues with count and oldest age, load and clocks of a department, late, repeated and supervised
by department and place; every number with the filter of the list that it stands for. Keeps what a person's desk
remembers (ticked first steps, letter size).
"""

from gangmu.core.overview.model import Filter, Place

__all__ = ["Filter", "Place"]
