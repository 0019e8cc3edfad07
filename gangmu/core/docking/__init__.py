"""Order docking (工单对接): living beside the systems that a city keeps: a hotline, a case system, an upper platform.

Comes in: orders and acts of other systems, by connectors (``gangmu.connectors``). Goes out: our acts with receipts row
by row, a daily account per link. A foreign number belongs to one event; codes are translated by each link's mappings,
and what nobody has mapped waits, with its reason, until somebody has.
"""
