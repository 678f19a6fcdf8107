"""What pages say of list words.

* What the lists of programmes, conventions and rights in stock ask and answer.
* What a list says when it has no line: what to do, or what will bring the first one.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from flux.models import Ledger
from flux.pages.statement import figure_name
from flux.queries.accounts import AccountLine
from flux.queries.statement import Figure
from flux.queries.stock import Overview as Inventory
from reservations.pages.pieces import beside, link
from reservations.pages.table import unmatched
from reservations.queries.conventions import Overview as Counts
from reservations.words import integer, plural, towards


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
    rows = [f"{integer(counts.in_force)} {plural(counts.in_force, 'convention,conventions')} en vigueur{ending}."]
    if counts.drafts:
        drafts = plural(counts.drafts, "brouillon est,brouillons sont")
        rows.append(f"{integer(counts.drafts)} {drafts} à proposer.")
    if counts.proposed:
        proposed = plural(counts.proposed, "proposition attend,propositions attendent")
        rows.append(f"{integer(counts.proposed)} {proposed} une signature.")
    return " ".join(rows)


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


def no_vacancy(*, filtered: bool, can_declare: bool) -> str:
    """Of the vacant units."""
    if filtered:
        return unmatched("Aucun logement libéré", reverse("vacancy-list"))
    if can_declare:
        return (
            "Aucun logement n’est encore déclaré libéré. Déclarez le premier : sa destination se calcule en quelques "
            "secondes."
        )
    return (
        "Aucun logement libéré pour l’instant là où vous avez un droit ou un regard. Le prochain apparaîtra ici, avec "
        "sa destination."
    )


def no_title(*, filtered: bool, may_manage: bool, by_landlord: bool) -> str:
    """Of the rights in stock."""
    if filtered:
        return unmatched("Aucun titre", reverse("stock-right-list"))
    if may_manage:
        bring = link(reverse("file-import-new", args=["droits"]), "Importez l’inventaire de vos réservations")
        return format_html("Aucun droit en stock. {}, ou enregistrez un droit.", bring)
    if by_landlord:
        return "Aucun droit en stock. Votre responsable peut importer l’inventaire des réservations."
    return (
        "Aucun bailleur n’a enregistré de droit en stock à votre nom. Un titre apparaîtra ici dès qu’un bailleur "
        "l’enregistrera."
    )


def no_bearer(right: int, *, may_manage: bool) -> str:
    """Of the units that bear a right in stock."""
    assign = link(reverse("stock-right-assign", args=[right]), "Rattachez un logement") if may_manage else ""
    return beside("Aucun logement ne porte ce droit : tant qu’il n’en a pas, il ne sert à rien.", assign)


def no_unit(*, filtered: bool, may_declare: bool, may_manage: bool) -> str:
    """Of the stock of a landlord, or of the units routed to a holder."""
    if filtered:
        return unmatched("Aucun logement", reverse("unit-list"))
    if may_manage:
        bring = link(reverse("file-import-new", args=["logements"]), "Importez votre fichier RPLS")
        return format_html("Votre parc est vide. {} : les logements apparaîtront ici.", bring)
    if may_declare:
        return "Le parc est vide. Votre responsable peut importer le fichier RPLS."
    return (
        "Aucun logement n’est orienté vers vous pour l’instant. La fiche d’un logement se lit chez son bailleur et "
        "chez le réservataire vers lequel il est orienté."
    )


def no_programme(*, by_landlord: bool, only_new: bool) -> str:
    """Of the programmes."""
    if not by_landlord:
        return (
            "Aucun programme neuf pour l’instant. Vous lirez ici la répartition de ceux où vous avez une part, ou qui "
            "se livrent sur votre territoire."
        )
    if only_new:
        return "Aucun programme neuf. Enregistrez-en un avant sa livraison, pour répartir sa première location."
    return "Aucun programme pour l’instant. Ils apparaîtront ici avec l’import de votre fichier RPLS."


def no_account(*, first: bool, by_landlord: bool) -> str:
    """Of the accounts, of first lettings or of each year."""
    none = "Aucun compte pour l’instant."
    if first:
        return f"{none} Un compte s’ouvre avec la première mise en location d’un programme réparti."
    if by_landlord:
        opens = f"{none} Un compte s’ouvre avec le premier logement déclaré libéré dans un département."
        return beside(opens, link(reverse("vacancy-declare"), "Déclarer un logement libéré"))
    return f"{none} Un compte s’ouvre dès qu’un bailleur de votre territoire déclare un logement libéré."


def no_convention(*, filtered: bool, can_draft: bool) -> str:
    """Of the conventions."""
    if filtered:
        return unmatched("Aucune convention", reverse("convention-list"))
    if can_draft:
        return (
            "Aucune convention pour l’instant. Préparez la première : tant qu’aucune n’est signée, chaque logement "
            "libéré vous revient."
        )
    return "Aucune convention pour l’instant. Elles apparaîtront ici dès que le bailleur en préparera une avec vous."


def none_behind(line: AccountLine, book: Ledger, figure: Figure, *, hidden: bool) -> str:
    """Of the units behind a figure of a statement."""
    out = "Ces logements se trouvent hors de votre territoire : vous en lisez le nombre, pas la liste."
    none = f"Aucun logement {figure_name(figure)} pour {towards(line.holder)} à cette date."
    back = link(reverse("statement", args=[book.pk, line.holder.pk]), "Revenir au relevé")
    return beside(out if hidden else none, back)


def none_elsewhere(address: str, *, filtered: bool) -> str:
    """Of the units that went to a holder, or elsewhere."""
    if filtered:
        return unmatched("Aucun logement libéré", address)
    return "Rien à lister. Le prochain logement libéré apparaîtra ici, avec sa destination et la raison en une phrase."


def no_holder(*, filtered: bool) -> str:
    """Of the holders that have a convention, or lack one."""
    if filtered:
        return unmatched("Aucun réservataire", reverse("compliance"))
    return (
        "Aucune convention ni droit en stock pour l’instant. Ils apparaîtront ici dès qu’un bailleur en enregistrera."
    )


def no_forecast(*, own: bool) -> str:
    """Of the forecasts: one’s own, or those received."""
    if own:
        say = "Aucun prévisionnel : il s’en prépare un par département où vous avez des logements."
        return beside(say, link(reverse("unit-list"), "Voir vos logements"))
    return "Aucun prévisionnel reçu pour l’instant. Chaque bailleur vous enverra le sien ici avant le 28 février."
