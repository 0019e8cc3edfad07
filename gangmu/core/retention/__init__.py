"""Retention (留存与删除): personal data is kept for a time and a reason, then erased, and that it is gone is proved.

Comes in: rules of the city, holds, a second person's word. Goes out: lists of what is due, erasures with a proof in the
journal, and the notice that tells people what is kept of them, made of the same rules.
"""

from gangmu.core.retention.model import Hold, Rule, Run
from gangmu.core.retention.service import confirm, propose, prove

__all__ = ["Hold", "Rule", "Run", "confirm", "propose", "prove"]
