"""Gangmu 纲目: one net that governs the whole city, from something noticed to it being put right."""

__version__ = "0.1.0"
