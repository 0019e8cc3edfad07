"""Routes of organisations, people and posts."""

from typing import Annotated

from fastapi import Depends, Query

from gangmu.base.org import service
from gangmu.base.org.errors import HasWork, OrgEnded
from gangmu.base.org.model import Person, Post
from gangmu.base.org.schema import (
    HangingOut,
    Hangings,
    OrgChange,
    OrgEnd,
    OrgIn,
    OrgOut,
    Orgs,
    People,
    PersonChange,
    PersonIn,
    PersonOut,
    PhoneIn,
    PhoneOut,
    PostChange,
    PostEnd,
    PostIn,
    PostMove,
    PostOut,
    Posts,
)
from gangmu.kit.errors import Conflict, Invalid, NotFound, StaleWrite
from gangmu.kit.ids import Id
from gangmu.kit.text import t
from gangmu.kit.web import Edge, Paging, Routes

routes = Routes("org")
Words = Annotated[str, Query(max_length=60)]


def _person(person: Person) -> PersonOut:
    return PersonOut(
        id=person.id, name=person.name, active=person.active, has_phone=bool(person.phone), version=person.version
    )


def _post(at: Edge, post: Post) -> PostOut:
    return PostOut.model_validate(service.post_names(at.unit, [post.id])[post.id])


@routes.get("/orgs", can="org.read", answers=Orgs)
def list_orgs(at: Edge, q: Words = "", kind: Words = "") -> Orgs:
    """组织树 / The organisations, ordered by division and name."""
    return Orgs(items=[OrgOut.model_validate(org) for org in service.list_orgs(at.unit, at.actor, q, kind)])


@routes.post("/orgs", can="org.manage", answers=OrgOut, errors=[Conflict, Invalid, NotFound], status=201)
def add_org(body: OrgIn, at: Edge) -> OrgOut:
    """新建组织 / Found an organisation."""
    made = service.add_org(at.unit, at.actor, body.name, body.kind, body.level, body.division, body.parent, body.duties)
    return OrgOut.model_validate(made)


@routes.get("/orgs/{org_id}/hanging", can="org.manage", answers=Hangings, errors=[NotFound])
def org_hanging(org_id: Id, at: Edge) -> Hangings:
    """组织名下事项 / What hangs on an organisation, by kind: it must go elsewhere before it ends."""
    return _hangings(at, org_id)


@routes.post(
    "/orgs/{org_id}/end", can="org.manage", answers=OrgOut, errors=[HasWork, Invalid, NotFound, OrgEnded, StaleWrite]
)
def end_org(org_id: Id, body: OrgEnd, at: Edge) -> OrgOut:
    """撤销组织 / End an organisation; with a successor its posts and what lies below go there."""
    return OrgOut.model_validate(service.end_org(at.unit, at.actor, org_id, body.successor))


def _hangings(at: Edge, thing: Id) -> Hangings:
    found = service.hanging(at.unit, at.actor, thing)
    titled = [HangingOut(kind=one.kind, title=t(f"org.hanging.{one.kind}", at.lang), count=one.count) for one in found]
    return Hangings(items=titled)


@routes.put(
    "/orgs/{org_id}", can="org.manage", answers=OrgOut, errors=[Conflict, HasWork, Invalid, NotFound, StaleWrite]
)
def change_org(org_id: Id, body: OrgChange, at: Edge) -> OrgOut:
    """修改组织 / Rename, move or close an organisation."""
    return OrgOut.model_validate(service.change_org(at.unit, at.actor, org_id, **body.model_dump()))


@routes.get("/people", can="org.read", answers=People)
def list_people(at: Edge, paging: Annotated[Paging, Depends()], q: Words = "") -> People:
    """人员 / People who work here, by name."""
    found = service.list_people(at.unit, at.actor, paging.page, q)
    return People(items=[_person(person) for person in found.items], next=found.next)


@routes.post("/people", can="org.manage", answers=PersonOut, errors=[Invalid], status=201)
def add_person(body: PersonIn, at: Edge) -> PersonOut:
    """新增人员 / Take somebody on."""
    return _person(service.add_person(at.unit, at.actor, body.name, body.phone))


@routes.post("/people/{person_id}/phone", can="person.phone", answers=PhoneOut, errors=[NotFound])
def read_phone(person_id: Id, body: PhoneIn, at: Edge) -> PhoneOut:
    """查看电话 / Somebody's phone in clear, for a purpose; journaled."""
    return PhoneOut(phone=service.phone_of(at.unit, at.actor, person_id, body.purpose) or "")


@routes.put("/people/{person_id}", can="org.manage", answers=PersonOut, errors=[HasWork, Invalid, NotFound, StaleWrite])
def change_person(person_id: Id, body: PersonChange, at: Edge) -> PersonOut:
    """修改人员 / Correct somebody's name or phone, or let them go."""
    return _person(service.change_person(at.unit, at.actor, person_id, **body.model_dump()))


@routes.get("/posts", can="org.read", answers=Posts)
def list_posts(at: Edge, person: Id | None = None, org: Id | None = None, role: Words = "") -> Posts:
    """岗位 / Posts held now, by person, organisation or role."""
    found = service.list_posts(at.unit, at.actor, person, org, role)
    return Posts(items=[PostOut.model_validate(post) for post in found])


@routes.post("/posts", can="org.manage", answers=PostOut, errors=[Invalid, NotFound, OrgEnded], status=201)
def add_post(body: PostIn, at: Edge) -> PostOut:
    """设岗 / Put somebody into a post. Its roles are granted by the security administrator."""
    made = service.add_post(
        at.unit, at.actor, body.person, body.org, body.title, body.division, (), body.valid_from, body.valid_to
    )
    return _post(at, made)


@routes.get("/posts/{post_id}/hanging", can="org.manage", answers=Hangings, errors=[NotFound])
def post_hanging(post_id: Id, at: Edge) -> Hangings:
    """岗位名下事项 / What is in hand at a post, by kind: it is handed over before the post ends."""
    return _hangings(at, post_id)


@routes.post("/posts/{post_id}/end", can="org.manage", status=204, errors=[HasWork, NotFound, StaleWrite])
def end_post(post_id: Id, body: PostEnd, at: Edge) -> None:
    """撤岗 / End a post, now or at a time."""
    service.end_post(at.unit, at.actor, post_id, body.at)


@routes.post(
    "/posts/{post_id}/move",
    can="org.manage",
    answers=PostOut,
    errors=[HasWork, Invalid, NotFound, OrgEnded, StaleWrite],
)
def move_post(post_id: Id, body: PostMove, at: Edge) -> PostOut:
    """调动 / End a post and open one in another organisation; its roles are granted anew."""
    made = service.move_post(at.unit, at.actor, post_id, body.org, body.title, body.division, body.at)
    return _post(at, made)


@routes.put("/posts/{post_id}", can="org.manage", answers=PostOut, errors=[HasWork, Invalid, NotFound, StaleWrite])
def change_post(post_id: Id, body: PostChange, at: Edge) -> PostOut:
    """调岗 / Rename, move or end a post."""
    return _post(at, service.change_post(at.unit, at.actor, post_id, **body.model_dump()))
