"""What pages say of imprints.

* What a control of the imprints found, in sentences; and the head that a paper carries.
* What was done on people and organisations, in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from reservations.models import HistoryEntry, Imprint, Membership, Organisation, User
from reservations.pages.pieces import beside, bold, hint
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.queries.imprints import Altered, Broken, Change
from reservations.queries.log import (
    WITNESSES,
    LogDifference,
    LogFault,
    holds_checkpoint,
    printed_heads,
    read_checkpoint_name,
)
from reservations.queries.people import USER, subjects_of
from reservations.words import day, hour

#: How a row was altered, of « cette ligne ».
DONE = {
    Change.ADDED: "ajoutée hors de l’application",
    Change.CHANGED: "modifiée hors de l’application",
    Change.REMOVED: "effacée hors de l’application",
    Change.REWRITTEN: "réécrite alors qu’elle s’écrit une seule fois",
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


def territory_words(territory: str) -> str:
    """« commune 11262 : ce territoire n’est pas celui du code officiel géographique. »"""
    return f"{territory} : ce territoire n’est pas celui du code officiel géographique."


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


Act = HistoryEntry.Act


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act, in words. `about_at`, `by_at`: the e-mails that state two people of one name apart; empty for others."""

    entry: HistoryEntry
    about: str
    about_at: str
    words: str
    by: str
    by_at: str


def history_lines(entries: Iterable[HistoryEntry]) -> list[HistoryLine]:
    """Each act in words, with the name of whom it is about. Two queries, however many."""
    lines = []
    for entry, about in subjects_of(entries):
        name, at = (about.full_name, about.email) if isinstance(about, User) else (str(about), "")
        lines.append(HistoryLine(entry, name, at, _words(entry), _by(entry), entry.by.email if entry.by else ""))
    return lines


def sentence(entry: HistoryEntry) -> str:
    """What the person reads at sign-in."""
    moment = _moment(entry)
    match entry.act:
        case Act.PASSWORD:
            through = "avec un lien donné par" if entry.details else "par"
            return f"Votre mot de passe a été changé {moment} {through} {_by(entry)}."
        case Act.LOCKED:
            return (
                f"Beaucoup d’essais de connexion à votre compte ont échoué, depuis plusieurs endroits, {moment} : "
                "quelqu’un cherche peut-être à entrer à votre place."
            )
        case Act.WARNED:
            on = date.fromisoformat(entry.details["closes_on"][1])
            return f"Votre compte devait être fermé le {day(on)} : personne ne s’en servait. Il reste ouvert."
        case _:
            done = "donné" if entry.act == Act.GRANTED else "retiré"
            return f"Le rôle {_role(entry)} vous a été {done} {moment} par {_by(entry)}."


def notice(entry: HistoryEntry) -> tuple[str, str]:
    """The e-mail that notifies the person of an act on their account: its subject, and the sentence."""
    match entry.act:
        case Act.WARNED:
            on = day(date.fromisoformat(entry.details["closes_on"][1]))
            text = f"Vous ne vous êtes pas connecté depuis longtemps. Sans connexion, votre compte sera fermé le {on}."
        case Act.CLOSED:
            text = f"Votre compte a été fermé {_moment(entry)} par {_by(entry)}."
        case Act.ADDRESS:
            old, new = entry.details["email"]
            text = f"L’adresse de votre compte est devenue {new} {_moment(entry)} ; c’était {old}."
        case Act.FACTOR:
            text = f"Un second facteur a été ajouté à votre compte {_moment(entry)}{_factor(entry)}."
        case Act.FACTOR_GONE:
            text = f"Un second facteur a été retiré de votre compte {_moment(entry)} par {_by(entry)}{_factor(entry)}."
        case _:
            text = sentence(entry)
    return f"Votre compte : {entry.get_act_display()}", text


def _moment(entry: HistoryEntry) -> str:
    return f"le {day(entry.at)} à {hour(entry.at)}"


def _words(entry: HistoryEntry) -> str:
    return _of_a_person(entry) if entry.subject == USER else _of_an_organisation(entry)


def _of_a_person(entry: HistoryEntry) -> str:
    own = entry.by_id == entry.subject_id
    if entry.act in (Act.GRANTED, Act.REVOKED):
        return f"{'Rôle donné' if entry.act == Act.GRANTED else 'Rôle retiré'} : {_role(entry)}"
    return {
        Act.RECORDED: "Compte ouvert",
        Act.PASSWORD: _password(entry, own=own),
        Act.SIGNED_IN: "Première connexion avec le mot de passe donné",
        Act.INVITED: "Lien donné pour un nouveau mot de passe",
        Act.CLOSED: "Compte fermé" if entry.by_id else "Compte fermé : personne ne s’en servait",
        Act.WARNED: "Avertissement : sans connexion, le compte sera fermé",
        Act.ADDRESS: "Adresse électronique changée",
        Act.FACTOR: f"Second facteur ajouté{_factor(entry)}",
        Act.FACTOR_GONE: f"Second facteur retiré{_factor(entry)}",
        Act.LOCKED: "Connexions suspendues : trop d’essais depuis plusieurs endroits",
    }[Act(entry.act)]


def _factor(entry: HistoryEntry) -> str:
    factor = next((value for value in entry.details.get("factor", []) if value), "")
    return f" : {factor}" if factor else ""


def _password(entry: HistoryEntry, *, own: bool) -> str:
    if entry.details:
        return "Mot de passe choisi avec un lien donné par quelqu’un d’autre"
    return "Mot de passe changé par la personne" if own else "Mot de passe donné par quelqu’un d’autre"


def _of_an_organisation(entry: HistoryEntry) -> str:
    match entry.act:
        case Act.INVITED:
            role = Membership.Role(entry.details["role"][1]).label
            return f"Invitation de {entry.details['email'][1]} ({role})"
        case Act.MERGED:
            gone, stays = entry.details["from"]
            return f"{gone} réunie à « {stays} » : {entry.why}"
        case Act.REVIEWED:
            return "Revue annuelle : chacun garde son rôle"
        case Act.CLOSED:
            return f"Organisation fermée : {entry.why}"
        case _:
            return "Organisation enregistrée" if entry.act == Act.RECORDED else "Organisation corrigée"


def _role(entry: HistoryEntry) -> str:
    """« réservataire (Action Logement) »."""
    granted = {name: next(value for value in values if value) for name, values in entry.details.items()}
    return f"{Membership.Role(granted['role']).label} ({granted['organisation']})"


def _by(entry: HistoryEntry) -> str:
    if entry.by is not None:
        return entry.by.full_name
    if entry.act in (Act.WARNED, Act.CLOSED):
        return "le délai d’un compte sans usage"
    return "personne d’identifié" if entry.act == Act.LOCKED else "une commande du serveur"


def history_table(lines: Iterable[HistoryLine]) -> Table:
    """An act a row, the latest first."""
    note = (
        "Le plus récent d’abord. Un acte que vous ne reconnaissez pas ? Demandez à qui l’a fait, et prévenez "
        "l’administrateur."
    )
    return Rows(
        lines,
        Shown(
            Head("Quand", "nw"),
            lambda each: format_html(
                '<time datetime="{}">{}, {}</time>',
                timezone.localtime(each.entry.at).isoformat(),
                day(each.entry.at),
                hour(each.entry.at),
            ),
        ),
        Shown("Compte", lambda each: beside(bold(each.about), hint(each.about_at) if each.about_at else "")),
        Shown("Acte", lambda each: each.words),
        Shown("Par", lambda each: beside(each.by, hint(each.by_at) if each.by_at else "")),
    ).titled(
        "actes",
        "Actes sur les comptes",
        note,
        head_at=1,
        none="Rien n’a été fait sur votre compte depuis que l’historique existe.",
    )
