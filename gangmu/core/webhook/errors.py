"""What can be refused on webhooks."""

from gangmu.kit.errors import HouseError


class NotPaused(HouseError):
    """The webhook is at work already."""

    code, status = "webhook.not_paused", 409


class NotDead(HouseError):
    """The delivery has not been laid aside."""

    code, status = "webhook.not_dead", 409
