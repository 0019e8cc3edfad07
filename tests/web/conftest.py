"""The desk in Debian's chromium, on a real server over a database of the test's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.city import City
from tests.conftest import Db
from tests.web import town
from tests.web.browser import Desks, served


@pytest.fixture
def desk(city: City, database: Db, chromium: Browser) -> Iterator[Desks]:
    """The small city with its divisions, served; desks to sit down at. Fails the test for any outside request,
    console error or failed answer."""
    town.found(city)
    with served() as address:
        desks = Desks(chromium, address)
        try:
            yield desks
        finally:
            found = desks.close()
    assert not found, "\n".join(found)
