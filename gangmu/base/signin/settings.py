"""Settings of signing in elsewhere."""

from pydantic import Field

from gangmu.kit.settings import Section


class SigninSettings(Section, name="signin"):
    """How the house speaks to those who vouch for people."""

    public_url: str = Field(
        "",
        max_length=200,
        pattern=r"^$|^https?://[^\s?#]+$",
        description="The address under which people reach the house, told to providers; empty: that of the request.",
    )
    seconds: float = Field(8, ge=1, le=60, description="How long one answer of a provider may take, in seconds.")
    plain: bool = Field(
        False, description="Providers may be reached without TLS; otherwise only those on this very machine may."
    )
