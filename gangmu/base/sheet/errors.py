"""What is refused about spreadsheets."""

from gangmu.kit.errors import HouseError


class UnknownKind(HouseError):
    """No spreadsheet of that kind, or not for this asker."""

    code, status = "sheet.unknown_kind", 404


class UnknownImport(HouseError):
    """No import with that id, or not the asker's."""

    code, status = "sheet.unknown_import", 404


class ImportOver(HouseError):
    """The import has begun or ended already; its state says which."""

    code, status = "sheet.import_over", 409


class ExportOnly(HouseError):
    """Spreadsheets of this kind are given out, not taken in."""

    code, status = "sheet.export_only", 409


class NothingToHandOut(HouseError):
    """What was to be handed out once has been fetched, or there was nothing."""

    code, status = "sheet.nothing_to_hand_out", 404
