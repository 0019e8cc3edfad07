"""Structured log lines on stderr, without personal data. ``log.info("event accepted", event=id)``.

Of an exception a line tells its class, the code of a house error and where it came from; never its text and never the
values around it, which may be somebody's name, a phone or a session.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from gangmu.kit import privacy
from gangmu.kit.errors import HouseError

DEEPEST = 12


def _where(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """``exc_info`` as class, code and places."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    told: list[str] = []
    while isinstance(error, BaseException) and len(told) < 5:
        code = error.code if isinstance(error, HouseError) else getattr(error, "sqlstate", None)
        frames = traceback.extract_tb(error.__traceback__)[-DEEPEST:]
        places = [f"{frame.filename.rsplit('/gangmu/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
        told.append(f"{type(error).__name__}{f' {code}' if code else ''} at {' > '.join(places)}")
        error = error.__cause__ or error.__context__
    if told:
        line["exception"] = "\n  because of ".join(told)
    return line


def _masked(logger: Any, name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What looks personal in a value that got here all the same."""
    for key, value in line.items():
        if type(value) is str and key != "timestamp":
            line[key] = privacy.mask(value)
    return line


def set_up(as_json: bool = False, level: str = "info") -> None:
    """Called once at the edge."""
    shown: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _masked,
            _where,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the stderr of the moment, not of this call
        cache_logger_on_first_use=False,
    )


log: Any = structlog.get_logger("gangmu")
