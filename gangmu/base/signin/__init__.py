"""Signing in elsewhere (统一身份认证): providers that vouch for people by OIDC or CAS, beside local accounts.

Comes in: what a provider says of somebody. Goes out: a session of the account that this somebody is linked to, and
proposals of posts after what the provider says of his groups. Nobody is linked by an e-mail that was not verified.
"""
