"""What kind of city this is (城市类别): a real one, the demo, or one to practise in; and founding the latter two anew.

Comes in: a line in ``gangmu.toml`` of the data folder, a wish for a fresh city. Goes out: the mark that every screen
shows, and the wish for whoever runs the house. Stages that score people ask ``scores_people()`` first.
"""

from gangmu.base.city.model import Kind
from gangmu.base.city.service import ask_reset, kind, may_reset, scores_people

__all__ = ["Kind", "ask_reset", "kind", "may_reset", "scores_people"]
