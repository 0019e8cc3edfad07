"""Tools without city words: clock, ids, settings, errors, the unit of work, pages, text, files, web.

Nothing here knows what an event, a department or a grid is. Everything above leans on it.
"""
