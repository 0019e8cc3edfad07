"""Errors that name the rule that was broken. Texts live in ``locale/*.toml`` under the code."""

from typing import Any


class HouseError(Exception):
    """Base of all expected errors. ``code`` is stable and documented, ``status`` is its HTTP status,
    keyword values fill the placeholders of the translated text and travel in the problem document."""

    code = "house.error"
    status = 400

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params

    def __str__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code} ({said})" if said else self.code


class NotFound(HouseError):
    """The thing is not there, or the asker may not know that it is."""

    code, status = "not_found", 404


class BadId(HouseError):
    """A text that should be an id is none."""

    code, status = "bad_id", 404


class Invalid(HouseError):
    """A value breaks a rule: ``field`` names it, ``reason`` says which."""

    code, status = "invalid", 422


class StaleWrite(HouseError):
    """Somebody else changed the thing meanwhile."""

    code, status = "stale_write", 409


class Conflict(HouseError):
    """The thing is there already, under another name."""

    code, status = "conflict", 409


class Refused(HouseError):
    """The actor may not do this here."""

    code, status = "access.refused", 403


class NotSignedIn(HouseError):
    """Nobody is signed in, or the session has ended."""

    code, status = "access.not_signed_in", 401


class TooLarge(HouseError):
    """A body or file is larger than the house takes."""

    code, status = "too_large", 413


class Busy(HouseError):
    """Something the house needs does not answer now; trying again may help."""

    code, status = "busy", 503


class NoRoom(HouseError):
    """The disk is full: what was sent is not kept, nothing of it is. It may be sent again when there is room."""

    code, status = "no_room", 507
