"""What a control of the imprints found, in sentences; and the head that a paper carries."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from reservations.models import Imprint, Organisation
from reservations.queries.imprints import Altered, Broken, Change
from reservations.queries.log import (
    WITNESSES,
    LogDifference,
    LogFault,
    holds_checkpoint,
    printed_heads,
    read_checkpoint_name,
)

#: How a row was altered, of « cette ligne ».
DONE = {
    Change.ADDED: "ajoutée hors de l’application",
    Change.CHANGED: "modifiée hors de l’application",
    Change.REMOVED: "effacée hors de l’application",
}


def altered_words(found: Altered) -> str:
    """« bail n° 12 : cette ligne a été modifiée hors de l’application. »"""
    return f"{named(found.table)} n° {found.row} : cette ligne a été {DONE[found.change]}."


def named(table: str) -> str:
    """« bail »: how a kept table is called; its own name for one that no version knows."""
    model = Altered(table, 0, Change.CHANGED).model
    return str(model._meta.verbose_name) if model else table


def broken_words(found: Broken) -> str:
    """« compte 12 : la chaîne des faits est rompue à partir du n° 345. »"""
    chain = "registre de la maison" if found.chain == Imprint.HOUSE else f"compte {found.chain}"
    return f"{chain} : la chaîne des faits est rompue à partir du n° {found.position}."


#: How the verifiable log differs from what it was, at a place.
LOG_FAULTS = {
    LogFault.MISSING: "la feuille n° {at} manque",
    LogFault.LEAF: "la feuille n° {at} n’est plus celle qui a été écrite",
    LogFault.SALT: "le contenu de la feuille n° {at} n’est plus celui qui a été écrit",
    LogFault.NODE: "le nœud n° {at} n’est plus celui de ses feuilles",
    LogFault.COSIGNED: "l’état de {at} feuilles qu’un témoin a contresigné n’est pas celui du journal",
    LogFault.CHECKPOINT: "le point de contrôle signé pour {at} feuilles n’est plus celui du journal",
}


def log_words(found: LogDifference) -> str:
    """« journal vérifiable : la feuille n° 12 manque. »"""
    return f"journal vérifiable : {LOG_FAULTS[found.fault].format(at=found.at)}."


def forgotten_words(printed: str) -> str:
    """« 12-345-0f3a…, imprimé ou envoyé, n’est plus ce que la base contient. »"""
    return f"{printed}, imprimé ou envoyé, n’est plus ce que la base contient."


def disarmed_words(control: str) -> str:
    """« flux_flowentry.append_only : ce contrôle de la base n’est plus celui du logiciel. »"""
    return f"{control} : ce contrôle de la base n’est plus celui du logiciel."


def imprint_words(chains: Collection[int]) -> str:
    """What a paper carries of these chains, and of that of the house: « Empreinte des faits : 12-345-0f3a…,
    0-8812-9c1d…. Gardez ce papier… ». One statement a chain."""
    return printed_words(printed_heads(chains))


def printed_words(written: str) -> str:
    """The same of heads that were written down; nothing before papers carried them."""
    if not written:
        return "Empreinte des faits : aucun fait n’était encore écrit."
    return f"Empreinte des faits : {written}. Gardez ce papier : elle dira si l’un d’eux a été réécrit depuis."


#: What the code of a paper is for whoever does not see it.
CODE = "Code à scanner : la page dira si le journal contient encore ce qui est imprimé ici"
#: A checkpoint among the words that a paper carries.
CARRIED = re.compile(r"\bjournal-\d+-[0-9a-f]+")


def scanned_address(checkpoint: str) -> str:
    """Where the code of a paper leads: the page that says whether the log still contains what is printed."""
    return f"{settings.SITE_URL}{reverse('log')}?etat={checkpoint}"


def checkpoint_code(printed: str) -> str:
    """The QR code of the checkpoint that a paper carries, as a drawing; nothing where it carries none."""
    found = CARRIED.search(printed)
    if found is None:
        return ""
    code = segno.make(scanned_address(found[0]), error="m", micro=False)
    drawn = code.svg_inline(scale=2, border=4, dark="#000", light="#fff", omitsize=False, title=CODE)
    return format_html('<p class="qr" role="img" aria-label="{}">{}</p>', CODE, mark_safe(drawn))  # noqa: S308 - ours


def witnessed_words(witnesses: Sequence[Organisation]) -> str:
    """Who signed the state of the log in turn: « témoigné » with two organisations, and not before."""
    if len(witnesses) >= WITNESSES:
        *others, last = [each.name for each in witnesses]
        known = "qu’il contient tout ce qu’ils en avaient déjà vu, et l’ont signé"
        return f"Témoigné : {', '.join(others)} et {last} ont vérifié {known}."
    who = f"Un seul organisme, {witnesses[0].name}, l’a" if witnesses else "Aucun autre organisme ne l’a encore"
    return f"{who} signé à son tour. Il en faut deux différents pour que cet état soit témoigné."


def scanned_words(text: str) -> str:
    """What the page answers to the code of a paper; nothing when what is asked is no checkpoint."""
    found = read_checkpoint_name(text)
    if found is None:
        return ""
    if holds_checkpoint(*found):
        return (
            "Le journal contient encore toutes les écritures dont ce papier est tiré. Pour ne pas nous croire sur "
            "parole, vérifiez-le vous-même, plus bas."
        )
    return (
        "Le journal ne contient pas ce qui est imprimé sur ce papier. Comparez l’empreinte avec celle du papier ; si "
        "elle est la même, gardez-le et prévenez les autres réservataires : des écritures ont changé depuis."
    )
