"""The matter catalogue (事项目录): classes of components, events and requests, and their filing conditions.

Comes in: shipped code trees, edits of the city, workbooks. Goes out: a class or a condition by the id that an event
pins, the conditions that a class can be filed under on a day, the national code to report a class upwards.
"""

from gangmu.core.matter.model import Condition, Matter, Part, Tree, read_limit
from gangmu.core.matter.service import (
    conditions_for,
    find_class,
    get_class,
    get_classes,
    get_condition,
    national_code,
)

__all__ = [
    "Condition",
    "Matter",
    "Part",
    "Tree",
    "conditions_for",
    "find_class",
    "get_class",
    "get_classes",
    "get_condition",
    "national_code",
    "read_limit",
]
