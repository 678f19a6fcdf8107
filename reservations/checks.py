"""System checks (`./run manage check`, and before each command): what would otherwise break on the day it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError
from django.template import TemplateDoesNotExist, TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import FilterExpression, Node
from django.template.defaulttags import URLNode
from django.template.engine import Engine
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.urls import get_resolver

from reservations.queries.imprints import service_notice


def templates_hold(**_: Any) -> list[CheckMessage]:
    """Every template of the house compiles, includes and extends what exists, and leads to addresses that exist.

    Each fault names its file and its line.
    """
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)
    folders = [Path(folder) for folder in backend.engine.dirs]
    found = {str(path.relative_to(folder)): path for folder in reversed(folders) for path in folder.rglob("*.html")}
    return [
        Error(fault, obj=f"{_shown(path)}:{line}", id="equiflux.E001")
        for name, path in sorted(found.items())
        for line, fault in faults(backend.engine, name)
    ]


def faults(engine: Engine, name: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of one template, in French."""
    try:
        nodes = engine.get_template(name).nodelist
    except TemplateSyntaxError as error:
        yield _line(error), getattr(error, "raw_error_message", str(error))
        return
    for node in nodes.get_nodes_by_type(Node):
        fault = ""
        if isinstance(node, URLNode):
            fault = _no_address(node)
        elif isinstance(node, ExtendsNode):
            fault = _no_template(engine, node.parent_name)
        elif isinstance(node, IncludeNode):
            fault = _no_template(engine, node.template)
        if fault:
            yield _line(node), fault


def service_notice_is_published(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Before a service is open to the public (`check --deploy --database default`): it says who publishes it (loi
    n° 2004-575, art. 1-1), who hosts it, whom to write to. A database that does not answer gives nothing."""
    if not databases:
        return []
    try:
        published = service_notice() is not None
    except DatabaseError:
        return []
    if published:
        return []
    return [
        checks.Warning(
            "Les mentions légales du service ne sont pas publiées : éditeur, hébergeur, délégué, contact.",
            hint="Connectez-vous en exploitant et publiez-les : /mentions-legales/modifier/.",
            id="equiflux.W001",
        )
    ]


def _line(found: Any) -> int:
    """Where Django says that a node or an error is."""
    return found.token.lineno if found.token else 0


def _no_template(engine: Engine, named: FilterExpression | Node) -> str:
    """What is wrong with the name of a template, when it is written in full; empty otherwise."""
    if not isinstance(named, FilterExpression) or named.is_var or named.filters:
        return ""
    try:
        engine.get_template(str(named.var))
    except TemplateDoesNotExist:
        return f"il n’y a pas de gabarit « {named.var} »."
    except TemplateSyntaxError:
        return ""  # stated where it stands
    return ""


def _no_address(node: URLNode) -> str:
    """What is wrong with the name or the number of parameters of an address; empty when it is computed, or right."""
    if node.view_name.is_var:
        return ""
    name, count, keys = str(node.view_name.var), len(node.args), set(node.kwargs)
    taken = [set(parameters) for forms, *_ in get_resolver().reverse_dict.getlist(name) for _, parameters in forms]
    if any(keys == parameters if keys else count == len(parameters) for parameters in taken):
        return ""
    return f"aucune adresse « {name} » ne prend {count + len(keys)} paramètre(s)."


def _shown(path: Path) -> Path:
    """A file as one reads it from the root of the tree."""
    return path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path
