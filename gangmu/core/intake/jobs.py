"""Uploads are read behind the answer: chunk by chunk, each in a unit of its own, going on where a crash stopped."""

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from gangmu.core.intake import profile as profiles
from gangmu.core.intake import run, service
from gangmu.kit import files, jobs
from gangmu.kit.actor import System
from gangmu.kit.errors import HouseError
from gangmu.kit.ids import Id
from gangmu.kit.unit import Unit, open_unit
from gangmu.messages.intake import ImportAsked


@jobs.on(ImportAsked, name="intake.read")
def read(unit: Unit, fact: ImportAsked) -> None:
    """Read the file of a batch that waits. A batch that is done already (a message that came twice) is left alone."""
    actor = System("import")
    batch = service.get_batch(unit, actor, Id(fact.batch_id))
    if batch.state != "running" or batch.file is None:
        return
    ref = files.get(unit, batch.file)
    plan = profiles.parse(batch.profile, batch.source)

    def opening() -> AbstractContextManager[Unit]:
        return open_unit(actor, "import of an upload")

    with tempfile.TemporaryDirectory(prefix="gangmu-import-") as folder:
        path = Path(folder) / batch.file_name
        path.symlink_to(files.path_of(ref.digest).resolve())
        source = run.Source(path, plan, batch.profile, batch.most, batch.file, batch.id)
        try:
            run.run_file(opening, actor, source)
        except HouseError as refused:
            with opening() as last:
                service.end_batch(last, actor, batch.id, state="broken", why=refused.code)
