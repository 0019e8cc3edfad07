"""The city's kind over HTTP."""

from gangmu.base.city.model import Kind
from gangmu.kit.web import Schema


class Begun(Schema):
    """A fresh city of this kind is being founded; the house answers again when it is there."""

    kind: Kind
