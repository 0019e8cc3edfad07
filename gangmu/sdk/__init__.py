"""The developer kit: all that a plug-in may import.

``gangmu.sdk.exchange`` is the port of order docking, ``gangmu.sdk.rows`` reads its plain rows, ``gangmu.sdk.testing``
holds stand-ins for the outside world.
"""
