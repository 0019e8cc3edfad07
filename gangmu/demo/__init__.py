"""The demo (演示): an invented city that is founded in a few seconds and goes on living.

Comes in: an empty node, a seed. Goes out: places, people of every role, duties, some days of history made by the real
use cases (``found``); the accounts to try it with (``accounts``); simulated callers, patrols, clerks and departments
that go on working over the public HTTP API (``live``).
"""

from gangmu.demo.founding import HalfFounded, found
from gangmu.demo.ground import is_laid
from gangmu.demo.life import Life, Pace
from gangmu.demo.reception import accounts, live

__all__ = ["HalfFounded", "Life", "Pace", "accounts", "found", "is_laid", "live"]
