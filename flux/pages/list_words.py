"""What the lists of programmes, conventions and rights in stock ask and answer."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from flux.queries.inventory import Overview as Inventory
from reservations.pages.pieces import link
from reservations.queries.conventions import Overview as Counts
from reservations.words import integer, plural


def programmes_question(*, only_new: bool) -> str:
    """The title of the list of programmes."""
    return "À qui iront les programmes neufs ?" if only_new else "Quels programmes sont les plus demandés ?"


def programmes_way(*, by_landlord: bool, only_new: bool) -> str:
    """Where the list is."""
    if not by_landlord:
        return format_html("{} › Programmes neufs", link(reverse("account-list"), "Comptes"))
    units = link(reverse("unit-list"), "Logements")
    if only_new:
        return format_html("{} › {} › Neufs", units, link(reverse("programme-list"), "Programmes"))
    return format_html("{} › Programmes", units)


def programmes_answer(count: int, unclassified: int, *, by_landlord: bool, only_new: bool) -> str:
    """How many there are, and what their class or their sharing is for."""
    if only_new:
        read = "" if by_landlord else " dont vous lisez la répartition"
        return (
            f"{integer(count)} {plural(count, 'programme neuf,programmes neufs')}{read}. À la première location, les "
            "logements d’un programme se partagent entre ceux qui l’ont financé ; ils entrent ensuite dans le flux."
        )
    left = ""
    if unclassified:
        left = f", dont {integer(unclassified)} sans classe d’attractivité"
    elif count:
        left = ", tous classés"
    return (
        f"{integer(count)} {plural(count, 'programme,programmes')}{left}. La règle partage aussi les logements très "
        "demandés : une classe compte dès la recommandation suivante."
    )


def conventions_question(*, show_landlord: bool, show_signatory: bool) -> str:
    """The title of the list of conventions."""
    if not show_landlord:
        return "À qui avez-vous promis une part du flux ?"
    return (
        "Qui a promis quelle part du flux, et à qui ?" if show_signatory else "Quelle part du flux vous est promise ?"
    )


def conventions_answer(counts: Counts) -> str:
    """How many are in force, and what is to be done of the others."""
    ending = ""
    if counts.ending:
        ends = plural(counts.ending, "elle finit,elles finissent")
        ending = f", dont {integer(counts.ending)} à renouveler : {ends} dans les 90 jours"
    said = [f"{integer(counts.in_force)} {plural(counts.in_force, 'convention,conventions')} en vigueur{ending}."]
    if counts.drafts:
        drafts = plural(counts.drafts, "brouillon est,brouillons sont")
        said.append(f"{integer(counts.drafts)} {drafts} à proposer.")
    if counts.proposed:
        proposed = plural(counts.proposed, "proposition attend,propositions attendent")
        said.append(f"{integer(counts.proposed)} {proposed} une signature.")
    return " ".join(said)


def titles_question(*, by_landlord: bool) -> str:
    """The title of the list of rights in stock."""
    if by_landlord:
        return "Que reste-t-il des anciennes réservations ?"
    return "Quels droits en stock vous reste-t-il ?"


def titles_answer(counts: Inventory, warning: int | None) -> str:
    """How many are living, borne by how many units, and how many end within `warning` days."""
    living = f"{integer(counts.living)} {plural(counts.living, 'titre en cours,titres en cours')}"
    known = f"{integer(counts.titles)} {plural(counts.titles, 'enregistré,enregistrés')}"
    units = f"{integer(counts.units)} {plural(counts.units, 'logement,logements')}"
    ending = ""
    if counts.ending and warning:
        ends = plural(counts.ending, "finit,finissent")
        ending = f" ; {integer(counts.ending)} {ends} d’ici {warning} {plural(warning, 'jour,jours')}"
    return f"{living} sur {known}, {plural(counts.living, 'porté,portés')} par {units}{ending}."
