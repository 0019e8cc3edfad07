"""What can go wrong between the house and a provider."""

from gangmu.kit.errors import HouseError


class ProviderRefused(HouseError):
    """The provider did not sign the person in; ``reason`` is its own word."""

    code, status = "signin.provider_refused", 403


class ProviderSilent(HouseError):
    """The provider does not answer in time."""

    code, status = "signin.provider_silent", 503


class ProviderWrong(HouseError):
    """What the provider answered cannot be trusted: ``reason`` says what is wrong with it."""

    code, status = "signin.provider_wrong", 502


class TryEnded(HouseError):
    """This way in was begun in another browser, too long ago, or not at all."""

    code, status = "signin.try_ended", 400


class NotLinked(HouseError):
    """The provider knows the person, but no account here is linked to him yet."""

    code, status = "signin.not_linked", 403


class NoMatch(HouseError):
    """What the provider says of the person is not this account's."""

    code, status = "signin.no_match", 409


class AlreadyLinked(HouseError):
    """The account, or the person at the provider, is linked already."""

    code, status = "signin.already_linked", 409


class MappingTooHigh(HouseError):
    """Administrators are not made by a mapping alone: somebody must confirm it."""

    code, status = "signin.mapping_too_high", 409
