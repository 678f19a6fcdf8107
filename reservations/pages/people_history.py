"""What was done on people and organisations, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.html import format_html

from reservations.models import HistoryEntry, Membership, User
from reservations.pages.pieces import beside, bold, hint
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.queries.people_history import USER, subjects_of
from reservations.words import day, hour

Act = HistoryEntry.Act


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act, in words. `about_at`, `by_at`: the e-mails that tell two people of one name apart; empty for others."""

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
    """What the person is told at sign-in."""
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
    """What the person is told by e-mail of an act on their account: its subject, and the sentence."""
    match entry.act:
        case Act.WARNED:
            on = day(date.fromisoformat(entry.details["closes_on"][1]))
            said = f"Vous ne vous êtes pas connecté depuis longtemps. Sans connexion, votre compte sera fermé le {on}."
        case Act.CLOSED:
            said = f"Votre compte a été fermé {_moment(entry)} par {_by(entry)}."
        case Act.ADDRESS:
            old, new = entry.details["email"]
            said = f"L’adresse de votre compte est devenue {new} {_moment(entry)} ; c’était {old}."
        case Act.FACTOR:
            said = f"Un second facteur a été ajouté à votre compte {_moment(entry)}{_factor(entry)}."
        case Act.FACTOR_GONE:
            said = f"Un second facteur a été retiré de votre compte {_moment(entry)} par {_by(entry)}{_factor(entry)}."
        case _:
            said = sentence(entry)
    return f"Votre compte : {entry.get_act_display()}", said


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
    told = next((value for value in entry.details.get("factor", []) if value), "")
    return f" : {told}" if told else ""


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
    told = {name: next(value for value in values if value) for name, values in entry.details.items()}
    return f"{Membership.Role(told['role']).label} ({told['organisation']})"


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
