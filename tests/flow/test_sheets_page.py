"""The how-to page of spreadsheets: every block on it runs."""

from tests.flow.ground import found
from tests.flow.test_dispatch_pages import run_blocks, signed_in


def test_the_page_of_spreadsheets(city):
    found(city)
    run_blocks("spreadsheets.md", {"steward": signed_in(city, "data_steward"), "settle": city.settle})
