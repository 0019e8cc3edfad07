"""Spreadsheets are taken in behind the answer, and forgotten when their time is over."""

from gangmu.base.sheet import service
from gangmu.kit import jobs
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit
from gangmu.messages.sheet import SheetImportAsked


@jobs.on(SheetImportAsked, name="sheet.take_in")
def take_in(unit: Unit, fact: SheetImportAsked) -> None:
    """Take a spreadsheet in, batch after batch, each in a unit of its own. A job that died half-way goes on behind what
    it had taken; one whose import is over does nothing."""
    service.carry_on(Id(fact.import_id))


jobs.chore("sheet.sweep", 3600)(service.sweep)
