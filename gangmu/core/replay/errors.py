"""What can be wrong when records are replayed."""

from gangmu.kit.errors import HouseError


class NoRule(HouseError):
    """The profile says under no rule how its source sets targets."""

    code, status = "replay.no_rule", 422

    def __init__(self, profile: str) -> None:
        super().__init__(profile=profile)


class NotItsOwn(HouseError):
    """The folder holds a city that lives in the present."""

    code, status = "replay.not_its_own", 409

    def __init__(self, city: str) -> None:
        super().__init__(city=city)
