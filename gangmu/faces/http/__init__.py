"""The HTTP face: collects the stages' routes, serves the screens, turns every error into problem+json."""

from gangmu.faces.http.app import make_app

__all__ = ["make_app"]
