"""Who may: accounts, sessions, roles as bundles of permissions on posts, and the clauses made of them.

Comes in: sign-ins, grants. Goes out: ``require`` for acts, ``scope`` as an SQL clause for rows, ``explain`` for
``gangmu why``. The three administrators (三员: system, security, audit) exclude each other.
"""

from gangmu.base.access.model import Located, explain
from gangmu.base.access.scoping import require, scope, sees, thing, within
from gangmu.base.access.service import actor_of_post, grant_roles, identify, list_roles, open_account

__all__ = [
    "Located",
    "actor_of_post",
    "explain",
    "grant_roles",
    "identify",
    "list_roles",
    "open_account",
    "require",
    "scope",
    "sees",
    "thing",
    "within",
]
