"""Registers of what stands in the city: its components (部件) with their owners, states and surveys.

Comes in: surveys, files, spreadsheets. Goes out: components by code, class, road, owner or near a point; the map.
"""

from gangmu.base.registers.importing import import_components
from gangmu.base.registers.model import Accuracy, Component, State
from gangmu.base.registers.service import find_components, get_component, list_near

__all__ = [
    "Accuracy",
    "Component",
    "State",
    "find_components",
    "get_component",
    "import_components",
    "list_near",
]
