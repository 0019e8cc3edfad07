"""Facts of imports."""

from gangmu.kit.message import message


@message(version=1)
class ImportAsked:
    """A file was handed in over the web and waits to be read."""

    batch_id: str
