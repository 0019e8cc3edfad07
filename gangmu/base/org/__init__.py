"""Who the city is: organisations (组织), people (人员) and the posts (岗位) in which people act.

Comes in: administrators' edits, founding and roster imports. Goes out: organisations and posts by id, the tree
below an organisation, who holds a post of a role where. Rights are made of this by ``base.access``.
"""

from gangmu.base.org.model import Post, PostOf
from gangmu.base.org.service import (
    add_org,
    add_person,
    add_post,
    branch_of,
    chain_of,
    get_post,
    list_holders,
    org_names,
    post_names,
)

__all__ = [
    "Post",
    "PostOf",
    "add_org",
    "add_person",
    "add_post",
    "branch_of",
    "chain_of",
    "get_post",
    "list_holders",
    "org_names",
    "post_names",
]
