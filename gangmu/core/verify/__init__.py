"""Verify and check (核实、核查): somebody else looks on the spot, before a matter is filed and after it was handled.

Comes in: flows that send a field task, results with photos of the people in the street. Goes out: tasks for another
person than the doer, the nearest free one first; the result moves the event on in the same transaction.
"""

from gangmu.core.verify.model import Task
from gangmu.core.verify.service import finish, get_task, list_tasks, reassign

__all__ = ["Task", "finish", "get_task", "list_tasks", "reassign"]
