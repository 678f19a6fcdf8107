"""What a screen reader is given: the accessibility tree of Chromium, in its order, a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

Node = dict[str, Any]

#: The head of a digest: it depends on the numbers that the database gave.
DIGEST = re.compile(r"\b[0-9a-f]{12}\b")

#: Stated with their name, and not looked into: it is made of what they hold.
WHOLE = {
    "heading": "titre",
    "link": "lien",
    "button": "bouton",
    "image": "image",
    "img": "image",
    "textbox": "champ",
    "searchbox": "champ de recherche",
    "combobox": "liste de choix",
    "checkbox": "case",
    "radio": "choix",
    "DisclosureTriangle": "à déplier",
    "columnheader": "colonne",
}
#: Stated with their name, then read.
ENTERED = {
    "table": "tableau",
    "navigation": "navigation",
    "form": "formulaire",
    "search": "recherche",
    "banner": "en-tête",
    "main": "contenu",
    "contentinfo": "pied de page",
    "group": "groupe",
    "radiogroup": "groupe",
    "alert": "alerte",
    "status": "annonce",
    "list": "liste",
    "row": "ligne",
    "region": "partie",
}
STATES = {
    "required": "obligatoire",
    "invalid": "en erreur",
    "checked": "coché",
    "disabled": "inactif",
    "expanded": "déplié",
}


def spoken(page: Page) -> list[str]:
    """The page as it is read, from its top to its end."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    nodes: list[Node] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    by_id = {node["nodeId"]: node for node in nodes}
    lines = [f"page « {page.title()} »", *read(nodes[0], by_id)]
    return [DIGEST.sub("…", line) for line in lines]


def read(node: Node, by_id: dict[str, Node]) -> Iterator[str]:
    """This node and what it holds."""
    role, name = value(node, "role"), " ".join(value(node, "name").split())
    inside = [by_id[each] for each in node.get("childIds", []) if each in by_id]
    if node.get("ignored"):
        pass
    elif role in WHOLE:
        yield f"{WHOLE[role]}{level(node)} « {name} »{states(node)}"
        return
    elif role == "StaticText":
        if name:
            yield name
        return
    elif role in ENTERED:
        yield f"{ENTERED[role]}{f' « {name} »' if name and role not in {'row', 'alert', 'status'} else ''}"
    for each in inside:
        yield from read(each, by_id)


def value(node: Node, key: str) -> str:
    """The text of a role, a name, a value; empty when there is none."""
    return str(node.get(key, {}).get("value", ""))


def level(node: Node) -> str:
    """The rank of a heading."""
    found = [each["value"]["value"] for each in node.get("properties", []) if each["name"] == "level"]
    return f" {found[0]}" if found else ""


def states(node: Node) -> str:
    """What is stated after the name: what is typed, required, in error, and the help that is tied to it."""
    held = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
    rows = [words for name, words in STATES.items() if held.get(name) in (True, "true")]
    rows += [f"contient « {value(node, 'value')} »"] if value(node, "value") else []
    rows += [" ".join(value(node, "description").split())] if value(node, "description") else []
    return "".join(f", {each}" for each in rows)
