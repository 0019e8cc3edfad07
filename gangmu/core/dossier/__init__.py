"""The dossier (案卷) of an event: everything that is kept of it, in one piece, to be read, printed and filed.

Comes in: an event that one may see. Goes out: its reports, acts, clocks, obligations, field tasks, evidence with
digests, answers, docking receipts and journal entries. Also what its texts say in clear, for a purpose. Reading is
journaled.
"""
