"""The holders that a landlord reserves for, as its manager reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from reservations.models import Organisation
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.words import day


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
        Shown("Réservataire", lambda holder: Said(holder.name, link=_sheet(holder))),
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


def _state(holder: Organisation) -> Said:
    if holder.closed_on is not None:
        hint = f"réunie à une autre : {holder.merged_into}" if holder.merged_into else ""
        return Said(f"fermée le {day(holder.closed_on)}", hint=hint)
    if holder.people:  # type: ignore[attr-defined]
        return Said("a ses personnes", pill="ok")
    if holder.invited:  # type: ignore[attr-defined]
        return Said("invitée", hint=holder.invited, pill="wait")  # type: ignore[attr-defined]
    return Said("personne encore", pill="todo")


def _next(holder: Organisation) -> Said:
    """The first person of one that the landlord looks after; else nothing."""
    if not holder.mine:  # type: ignore[attr-defined]
        return Said("rien de votre côté")
    return Said("Inviter son responsable", link=f"{reverse('person-new')}?pour={holder.pk}")


def _sheet(holder: Organisation) -> str:
    """Where one corrects, merges or closes it; nowhere when that is not the landlord's to do."""
    return reverse("organisation-correct", args=[holder.pk]) if holder.mine else ""  # type: ignore[attr-defined]
