"""The log tells where something broke, never what it was about."""

import io

import structlog

from gangmu.kit import log
from gangmu.kit.errors import Invalid

SECRET = "王小二 13612345678"


def test_an_exception_is_logged_without_its_words_and_values(monkeypatch):
    out = io.StringIO()
    log.set_up(as_json=True)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out))

    def breaks(name: str) -> None:
        try:
            raise ValueError(f"no place for {name}")
        except ValueError as error:
            raise Invalid(field="name", reason=name) from error

    try:
        breaks(SECRET)
    except Invalid as error:
        structlog.get_logger("gangmu").error("request failed", exc_info=error)
    said = out.getvalue()
    assert "Invalid invalid" in said and "ValueError" in said and "in breaks" not in said and " breaks" in said
    assert "136" not in said and "王" not in said
