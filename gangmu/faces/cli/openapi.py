"""The OpenAPI document of the HTTP face, as JSON; needs no database."""

import orjson

from gangmu import boot
from gangmu.faces.http.app import described


def command() -> None:
    """Print the document."""
    boot.load_stages()
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    print(orjson.dumps(described(boot.make_app()), option=options).decode())
