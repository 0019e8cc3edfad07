"""Facts of spreadsheets."""

from gangmu.kit.message import message


@message(version=1)
class SheetImportAsked:
    """A spreadsheet was handed in and waits to be taken in."""

    import_id: str
