"""Settings of webhooks."""

from pydantic import Field

from gangmu.kit.settings import Section


class WebhookSettings(Section, name="webhook"):
    """How applications are called, and when they are given up."""

    timeout_s: float = Field(
        5, gt=0, le=60, description="How long an application may take to answer one call, in seconds."
    )
    tries: int = Field(8, ge=1, le=100, description="How often a call is tried before it is laid aside.")
    away_s: int = Field(
        600, ge=1, le=86_400, description="The longest pause between two tries, in seconds; it doubles."
    )
    alarm_after: int = Field(
        6, ge=1, le=1000, description="After how many failed calls in a row the alarm of a webhook is raised."
    )
    pause_after: int = Field(
        20,
        ge=1,
        le=1000,
        description="After how many failed calls in a row a webhook is paused.",
    )
    inside_networks: bool = Field(
        False,
        description="Allow addresses in networks of our own (loopback, private, link-local); else they are refused.",
    )
    rotate_hours: int = Field(
        24,
        ge=0,
        le=720,
        description="For how many hours calls also bear the signature by the secret that was replaced.",
    )
    keep_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="How long calls are kept with their attempts, and may wait while a webhook is paused, in days.",
    )
    turn_s: float = Field(
        10, ge=0, le=600, description="For how many seconds a webhook is called before another one has its turn."
    )
    at_once: int = Field(4, ge=1, le=32, description="How many webhooks are called at the same time.")
