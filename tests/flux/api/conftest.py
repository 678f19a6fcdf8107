"""The year that the screens show, for the API too."""

from tests.flux.views.conftest import year

__all__ = ["year"]
