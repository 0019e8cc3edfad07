"""What can be wrong when records are replayed."""

from gangmu.kit.errors import HouseError


class NoRule(HouseError):
    """The profile says under no rule how its source sets targets."""

    code, status = "replay.no_rule", 422

    def __init__(self, profile: str) -> None:
        super().__init__(profile=profile)
