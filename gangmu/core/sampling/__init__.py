"""Sampling (案卷抽查): an auditor of cases draws closed and open matters by lot and takes their dossiers with him.

Comes in: a seed, a time, a division, a number, and a purpose if people are to be read in clear. Goes out: one file with
dossiers, clocks, digests of evidence and journal entries that prove themselves outside the database, signed by the
node; the drawing stands in the journal.
"""

from gangmu.core.sampling.file import Checked, check
from gangmu.core.sampling.service import Draw, draw

__all__ = ["Checked", "Draw", "check", "draw"]
