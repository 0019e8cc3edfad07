"""What can be wrong with founding a city anew."""

from gangmu.kit.errors import HouseError


class NotForReset(HouseError):
    """A real city is never founded anew, nor any by somebody whom the setting does not name."""

    code, status = "city.not_for_reset", 403


class NobodyToReset(HouseError):
    """No supervisor runs this house, so nobody would carry it out."""

    code, status = "city.nobody_to_reset", 409
