"""Who is there when (值班): leave, stand-ins, shift patterns, the rota, swaps of shifts.

Comes in: editors' patterns and shifts, people's leave and swaps. Goes out: ``on_duty`` at a time, who stands in a post,
the shifts of a person, what a rota lacks.
"""

from gangmu.base.roster.model import DutyKind, Shift
from gangmu.base.roster.service import OnDuty, named, on_duty, shifts_of, stand_in_of

__all__ = ["DutyKind", "OnDuty", "Shift", "named", "on_duty", "shifts_of", "stand_in_of"]
