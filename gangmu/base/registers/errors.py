"""What can go wrong with registers."""

from gangmu.kit.errors import HouseError


class BadComponentCode(HouseError):
    """Not a component code of 16 digits, or one whose class or county is not there."""

    code, status = "registers.bad_component_code", 422

    def __init__(self, given: str, reason: str) -> None:
        super().__init__(given=given[:40], reason=reason, field="code")


class ComponentCodesSpent(HouseError):
    """A county has used all serials of a class; those of voided components are never given again."""

    code, status = "registers.component_codes_spent", 409

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix=prefix)


class ExtensionCodesSpent(HouseError):
    """No number is left for a local class."""

    code, status = "registers.extension_codes_spent", 409

    def __init__(self, above: str) -> None:
        super().__init__(above=above)


class ComponentVoid(HouseError):
    """The component has been voided; it is only read any more."""

    code, status = "registers.component_void", 409

    def __init__(self, component: str) -> None:
        super().__init__(component=component)
