"""Settings: default < file < environment < admin screen. Every one works unset.

A stage declares its own in ``settings.py``::

    class EventSettings(Section, name="event"):
        draft_days: int = Field(30, ge=1, description="How long an unfinished form is kept, in days.")

The file is ``gangmu.toml`` in the data folder (``[event]`` tables); the environment is ``GANGMU_EVENT__DRAFT_DAYS``;
the admin screen writes rows of ``kit_setting``.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.engine import Connection

from gangmu.kit.errors import Invalid, NotFound
from gangmu.kit.tables import setting_row
from gangmu.kit.unit import Unit, each_second

_sections: dict[str, type["Section"]] = {}
_renamed: dict[str, str] = {}
_file: dict[str, Any] = {}
_admin: dict[str, Any] = {}


class Section(BaseModel):
    """The settings of one stage. ``formerly``: names that a setting had before, which still say what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    section: ClassVar[str] = ""
    admin: ClassVar[bool] = True
    variables: ClassVar[tuple[str, ...]] = ()
    formerly: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init_subclass__(
        cls, name: str = "", admin: bool = True, formerly: Mapping[str, tuple[str, ...]] | None = None, **kw: Any
    ) -> None:
        super().__init_subclass__(**kw)
        cls.section = name
        cls.admin = admin
        cls.formerly = formerly or {}
        _sections[name] = cls
        _renamed.update({old: f"{name}.{field}" for field, names in cls.formerly.items() for old in names})

    @classmethod
    def __pydantic_init_subclass__(cls, **kw: Any) -> None:
        cls.variables = tuple(_variable(dotted) for name in cls.model_fields for dotted in _names(cls, name))


class Made(NamedTuple):
    """The settings of a stage with what they were made of."""

    kind: type[Section]
    file: dict[str, Any]
    admin: dict[str, Any]
    said: tuple[str | None, ...]
    values: Any


_made: dict[str, Made] = {}


def _names(cls: type[Section], name: str) -> tuple[str, ...]:
    """What a setting is called, and was called before."""
    return (f"{cls.section}.{name}", *cls.formerly.get(name, ()))


def _variable(dotted: str) -> str:
    return f"GANGMU_{dotted.replace('.', '__')}".upper()


S = TypeVar("S", bound=Section)


def read_file(path: Path) -> None:
    """Read ``gangmu.toml``; ``Invalid`` with the place when it is none."""
    global _file
    if not path.exists():
        _file = {}
        return
    try:
        _file = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(field=path.name, reason=str(error)) from error


def load_admin(unit: Unit) -> None:
    """Take over what administrators have set."""
    take_over(unit.conn)


@each_second
def take_over(conn: Connection) -> None:
    """What administrators have set counts within a second in every process."""
    global _admin
    now = {row.name: row.value for row in conn.execute(sa.select(setting_row))}
    if now != _admin:
        _admin = now


def get(cls: type[S]) -> S:
    """The settings of a stage as they stand now: made anew when file, environment or administrators say otherwise."""
    said = tuple(map(os.environ.get, cls.variables))
    made = _made.get(cls.section)
    if made is None or made.kind is not cls or made.file is not _file or made.admin is not _admin or made.said != said:
        made = _made[cls.section] = Made(cls, _file, _admin, said, _read(cls))
    found: S = made.values
    return found


def _read(cls: type[S]) -> S:
    values = {name: found for name in cls.model_fields if (found := _found(cls, name)[0]) is not None}
    try:
        return cls(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = f"{cls.section}.{first['loc'][0] if first['loc'] else ''}"
        raise Invalid(field=field, reason=first["msg"]) from error


def _found(cls: type[Section], name: str) -> tuple[Any, str]:
    names = _names(cls, name)
    for dotted in names if cls.admin else ():
        if dotted in _admin:
            return _admin[dotted], "admin"
    for variable in map(_variable, names):
        if variable in os.environ:
            return _of_text(os.environ[variable]), "environment"
    for section, _, field in (dotted.partition(".") for dotted in names):
        if field in _file.get(section, {}):
            return _file[section][field], "file"
    return None, "default"


def _of_text(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def described() -> list[dict[str, Any]]:
    """Every setting: name, value, where it comes from, default, what it is for."""
    listed = []
    for section, cls in sorted(_sections.items()):
        now = get(cls)
        for name, field in cls.model_fields.items():
            listed.append(
                {
                    "name": f"{section}.{name}",
                    "value": getattr(now, name),
                    "source": _found(cls, name)[1],
                    "default": field.get_default(call_default_factory=True),
                    "about": field.description or "",
                    "admin": cls.admin,
                }
            )
    return listed


def put(unit: Unit, name: str, value: Any) -> None:
    """Set one from the admin screen, checked first. ``None`` goes back to file and default; a name that it had before
    is taken for the one it has."""
    name = _renamed.get(name, name)
    section, _, field = name.partition(".")
    cls = _sections.get(section)
    if cls is None or field not in cls.model_fields or not cls.admin:
        raise NotFound(what=name)
    before = unit.value(sa.select(setting_row.c.value).where(setting_row.c.name == name))
    if value is None:
        unit.run(sa.delete(setting_row).where(setting_row.c.name == name))
    else:
        try:
            cls(**{field: value})
        except ValidationError as error:
            raise Invalid(field=name, reason=error.errors()[0]["msg"]) from error
        adding = pg_insert(setting_row).values(name=name, value=value, changed_at=unit.now)
        unit.run(adding.on_conflict_do_update(index_elements=["name"], set_={"value": value, "changed_at": unit.now}))
    unit.note("set", f"setting:{name}", before=before, after=value)
    load_admin(unit)
