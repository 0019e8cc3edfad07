"""What can be refused on drawings."""

from gangmu.kit.errors import HouseError


class NoSample(HouseError):
    """The file is no drawing of this house."""

    code, status = "sampling.no_sample", 422


class NotSealed(HouseError):
    """The journal of the cases is not sealed yet: a moment later it is."""

    code, status = "sampling.not_sealed", 503
