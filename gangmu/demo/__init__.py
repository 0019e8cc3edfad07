"""The demo (演示): an invented city that is founded in a few seconds and goes on living.

Comes in: an empty node, a seed. Goes out: places, people of every role, duties, some days of history made by the real
use cases; then ``Life``, simulated callers, patrols, clerks and departments that work over the public HTTP API.
"""

from gangmu.demo.founding import found

__all__ = ["found"]
