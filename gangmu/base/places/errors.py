"""What can go wrong with places."""

from gangmu.kit.errors import HouseError


class BadDivisionCode(HouseError):
    """Not a division code: 4, 6, 9 or 12 digits."""

    code, status = "places.bad_division_code", 422

    def __init__(self, given: str) -> None:
        super().__init__(given=given[:40], field="division")


class GridCodesSpent(HouseError):
    """A community has used all 999 sequences of its unit grids; voided ones are never given again."""

    code, status = "places.grid_codes_spent", 409

    def __init__(self, area: str) -> None:
        super().__init__(area=area)


class EditionTaken(HouseError):
    """The label belongs to an edition of boundaries with another content."""

    code, status = "places.edition_taken", 409

    def __init__(self, label: str) -> None:
        super().__init__(label=label)


class AnotherCity(HouseError):
    """This node has been founded for another division."""

    code, status = "places.another_city", 409

    def __init__(self, founded: str, asked: str) -> None:
        super().__init__(founded=founded, asked=asked)


class NoCity(HouseError):
    """No city has been founded on this node yet."""

    code, status = "places.no_city", 409


class BadValidity(HouseError):
    """A change would begin before the validity of what it changes."""

    code, status = "places.bad_validity", 422

    def __init__(self, about: str, begins: str) -> None:
        super().__init__(about=about, begins=begins, field="valid_from")


class GridVoid(HouseError):
    """The grid has been voided; its code is never used again."""

    code, status = "places.grid_void", 409

    def __init__(self, grid: str) -> None:
        super().__init__(grid=grid)


class FileUnreadable(HouseError):
    """A file cannot be read as what it should be."""

    code, status = "places.file_unreadable", 422

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file=file, reason=reason, field="file")


class CorrectionDecided(HouseError):
    """The proposed correction has been decided already."""

    code, status = "places.correction_decided", 409

    def __init__(self, correction: str, state: str) -> None:
        super().__init__(correction=correction, state=state)
