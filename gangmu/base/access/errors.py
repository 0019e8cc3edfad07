"""What can be refused at the door."""

from gangmu.kit.errors import HouseError


class SignInFailed(HouseError):
    """User name or password is wrong; which of them is not said."""

    code, status = "access.sign_in_failed", 401


class LockedOut(HouseError):
    """Too many failed sign-ins: the account rests until ``until``."""

    code, status = "access.locked_out", 423


class WeakPassword(HouseError):
    """The password breaks the rule named by ``rule``."""

    code, status = "access.weak_password", 422


class RolesExclude(HouseError):
    """These roles may not be held by one person."""

    code, status = "access.roles_exclude", 409


class WrongHolder(HouseError):
    """A role for applications given to a person, or the other way round."""

    code, status = "access.wrong_holder", 409


class NoPost(HouseError):
    """The person holds no post, so cannot act."""

    code, status = "access.no_post", 403


class MustChangePassword(HouseError):
    """The first password must be changed before anything else."""

    code, status = "access.must_change_password", 403
