"""Tests are strict once, here, for everybody."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tests.world import World, build_world


class UndefinedVariable(str):
    """A template variable that does not exist fails the test instead of showing nothing."""

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, variable: object) -> str:
        raise AssertionError(f"Undefined template variable: {variable}")


@pytest.fixture(scope="session", autouse=True)
def strict_templates() -> Iterator[None]:
    """`string_if_invalid` that raises; the engine is built once a session."""
    from django.template import engines

    engine = engines["django"].engine
    before, engine.string_if_invalid = engine.string_if_invalid, UndefinedVariable("%s")
    yield
    engine.string_if_invalid = before


@pytest.fixture(autouse=True)
def quick_passwords(settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def world(db: None) -> World:
    """Robine Habitat and its holders; see tests/world.py."""
    return build_world()


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Client]:
    """`sign_in("chloe")` → a client signed in as that person, with CSRF checks on."""

    def client_of(name: str) -> Client:
        client = Client()
        client.force_login(world.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of


@pytest.fixture(scope="session")
def service_environment() -> dict[str, str]:
    """The addresses of the real services that `./run test` started."""
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}
