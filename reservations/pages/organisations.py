"""What pages say of organisations.

* Every organisation, as whoever administers the service reads them.
* Territories, as who looks for a code reads them.
* The holders that a landlord reserves for, as its manager reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import reverse

from reservations.models import Organisation, Territory
from reservations.pages.pieces import below, beside, bold, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, of, plural


def organisations_table(found: Iterable[Organisation]) -> Table:
    """An organisation a row: what it is, what its nature gives it, who acts for it. Their territories, contingents and
    counts are fetched."""
    return Rows(
        found,
        Shown(
            "Organisation",
            lambda each: Text(
                below(bold(link(reverse("organisation-correct", args=[each.pk]), each.name)), _closed(each))
            ),
        ),
        Shown(Head("SIREN", "nw"), lambda each: each.siren),
        Shown("Nature", _nature),
        Shown(
            Head("Territoire", ""),
            lambda each: (
                beside(each.territory.name, muted(each.territory.code, "small")) if each.territory else muted("aucun")
            ),
        ),
        Shown(
            Head("Contingents", ""),
            lambda each: (
                below(*(holder.get_contingent_display() for holder in each.contingents.all())) or muted("aucun")
            ),
        ),
        Number("Personnes", _people),
    ).titled(
        "liste",
        "Organisations",
        "Les contingents suivent la nature (RPLS, rubrique 63).",
        none=beside(
            "Aucune organisation ne répond à cette recherche.", link(reverse("organisation-list"), "Tout afficher")
        ),
    )


def _closed(organisation: Organisation) -> str:
    return muted(f"fermée le {day(organisation.closed_on)}", "small") if organisation.closed_on else ""


def _nature(organisation: Organisation) -> str:
    """What it is; with its short name, for a landlord."""
    kind = organisation.get_kind_display()
    is_landlord = organisation.kind == Organisation.Kind.LANDLORD
    return f"{kind}, sigle {organisation.landlord.acronym}" if is_landlord else kind


def _people(organisation: Organisation) -> str:
    """How many act for it, which leads to them."""
    count = organisation.people  # type: ignore[attr-defined]  # set by `organisations`
    also = f" {plural(count, 'personne,personnes')} {of(organisation)}"
    return link(f"{reverse('person-list')}?mots={quote(organisation.name)}", integer(count), also=also)


#: Postal codes that are written of one place, before « … ».
CODES = 4


def territories_table(found: Iterable[Territory]) -> Table:
    """A territory a row, with its codes and what contains it, fetched."""
    note = "Population municipale ; source : INSEE et DGCL, code officiel géographique, licence ouverte 2.0."
    return Rows(
        found,
        Shown("Territoire", lambda each: Text(bold(each.name))),
        Shown("Échelle", lambda each: each.get_kind_display()),
        Shown(Head("Code", "nw"), lambda each: each.code),
        Shown(Head("Codes postaux", ""), lambda each: _postal(each.postal_codes)),
        Shown(Head("Département", ""), lambda each: _departement(each.departement)),
        Shown(
            "Intercommunalité",
            lambda each: below(each.epci.name, each.ept.name if each.ept else "") if each.epci else "–",
        ),
        Number("Population", lambda each: "–" if each.population is None else integer(each.population)),
    ).titled("liste", "Territoires trouvés", note)


def _departement(place: Territory | None) -> str:
    """« Aude (11) », « aucun : Saint-Martin (978), collectivité d’outre-mer »."""
    if place is None:
        return "–"
    named = f"{place.name} ({place.code})"
    return f"aucun : {named}, {place.get_kind_display()}" if place.has_no_departement else named


def no_territory(*, asked: bool) -> str:
    """What the search says before it is asked anything, or when it finds nothing."""
    if asked:
        return "Aucun territoire ne porte ce nom ni ce code. Essayez un seul mot du nom, ou le code postal."
    return "Les territoires trouvés apparaîtront ici dès que vous aurez écrit un nom ou un code."


def _postal(codes: list[str]) -> str:
    """« 11100, 11110 », the first of them when there are many."""
    return (", ".join(codes[:CODES]) + (", …" if len(codes) > CODES else "")) or "–"


@dataclass(frozen=True, slots=True)
class ActOnParty:
    """What is done to an organisation, in words; `others`: (address, words) of what else one may do from there."""

    verb: str
    question: str
    answer: str
    others: tuple[tuple[str, str], ...] = ()


def correcting(organisation: Organisation, *, may_close: bool) -> ActOnParty:
    """Its name, its SIREN, its territory; the address of one that writes to applicants."""
    address = ", l’adresse en tête de vos courriers" if organisation.kind == Organisation.Kind.LANDLORD else ""
    others = [("organisation-merge", "La réunir à une autre"), ("organisation-close", "La fermer")] if may_close else []
    return ActOnParty(
        "Corriger",
        "Que faut-il corriger ?",
        f"Le nom, le SIREN, le territoire{address}. La nature ({organisation.get_kind_display()}) ne change pas : les "
        "contingents la suivent.",
        tuple((reverse(name, args=[organisation.pk]), words) for name, words in others),
    )


def merging(organisation: Organisation) -> ActOnParty:
    """Another takes its place."""
    return ActOnParty(
        "Réunir",
        "Quelle organisation la remplace ?",
        "À compter de demain, ses conventions, ses droits en stock et les rôles de ses personnes passent à l’autre ; "
        "ses rangs deviennent les derniers. Ce qui a été vécu reste à son nom : orientations, comptes, bilans arrêtés. "
        "Cela ne se défait pas.",
        _back(organisation),
    )


def closing(organisation: Organisation) -> ActOnParty:
    """It takes part in nothing new."""
    return ActOnParty(
        "Fermer",
        "Pourquoi fermer cette organisation ?",
        "Plus rien ne se signera avec elle. Ce qui a été vécu se lit toujours, et ses personnes gardent cette lecture.",
        _back(organisation),
    )


def _back(organisation: Organisation) -> tuple[tuple[str, str], ...]:
    return ((reverse("organisation-correct", args=[organisation.pk]), "Revenir sans rien faire"),)


def holder_table(holders: Iterable[Organisation]) -> Table:
    """A row each: what is known of it, who acts for it, and what the manager may do next."""
    note = "Celles et ceux pour qui vous réservez : par convention, par un droit en stock, ou enregistrés par vous."
    return Rows(
        holders,
        Shown("Réservataire", lambda holder: Text(holder.name, link=_sheet(holder))),
        Shown("Nature", lambda holder: holder.get_kind_display()),
        Shown("SIREN", lambda holder: holder.siren),
        Shown("Territoire", lambda holder: holder.territory.name if holder.territory else "aucun"),
        Number("Personnes", lambda holder: holder.people),  # type: ignore[attr-defined]  # set by `holders_of`
        Shown("État", _state),
        Shown("À faire", _next),
    ).titled(
        "reservataires",
        "Vos réservataires",
        note,
        none="Aucun réservataire encore. Commencez par celui de votre première convention.",
    )


def _state(holder: Organisation) -> Text:
    if holder.closed_on is not None:
        hint = f"réunie à une autre : {holder.merged_into}" if holder.merged_into else ""
        return Text(f"fermée le {day(holder.closed_on)}", hint=hint)
    if holder.people:  # type: ignore[attr-defined]
        return Text("a ses personnes", pill="ok")
    if holder.invited:  # type: ignore[attr-defined]
        return Text("invitée", hint=holder.invited, pill="wait")  # type: ignore[attr-defined]
    return Text("personne encore", pill="todo")


def _next(holder: Organisation) -> Text:
    """The first person of one that the landlord looks after; else nothing."""
    if not holder.mine:  # type: ignore[attr-defined]
        return Text("rien de votre côté")
    return Text("Inviter son responsable", link=f"{reverse('person-new')}?pour={holder.pk}")


def _sheet(holder: Organisation) -> str:
    """Where one corrects, merges or closes it; nowhere when that is not the landlord's to do."""
    return reverse("organisation-correct", args=[holder.pk]) if holder.mine else ""  # type: ignore[attr-defined]
