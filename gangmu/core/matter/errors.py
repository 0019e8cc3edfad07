"""Refusals of the catalogue."""

from gangmu.kit.errors import HouseError


class CodeTaken(HouseError):
    """This code is in use, or was once: codes are never used again for something else."""

    code, status = "matter.code_taken", 409


class CodeMalformed(HouseError):
    """The code does not fit its tree."""

    code, status = "matter.code_malformed", 422


class LimitMalformed(HouseError):
    """A limit that cannot be read."""

    code, status = "matter.limit_malformed", 422


class NoNumberLeft(HouseError):
    """All numbers for local extensions of this class are used up; they are never re-issued."""

    code, status = "matter.no_number_left", 409
