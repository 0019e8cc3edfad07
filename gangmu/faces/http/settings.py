"""Settings of the web face."""

from ipaddress import ip_network

from pydantic import Field, field_validator

from gangmu.kit.settings import Section


class WebSettings(Section, name="web", admin=False):
    """What stands in front of the house."""

    trusted_proxies: list[str] = Field(
        ["127.0.0.1", "::1"],
        description="Addresses and networks of reverse proxies whose word on the client's address and scheme is taken.",
    )

    heartbeat_s: int = Field(
        15, ge=1, le=300, description="After so many seconds of silence a live stream says that it is alive."
    )
    rights_every_s: int = Field(
        60, ge=1, le=600, description="A live stream asks anew for the rights of its browser at least this often."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def are_addresses(cls, given: list[str]) -> list[str]:
        for one in given:
            ip_network(one, strict=False)
        return given
