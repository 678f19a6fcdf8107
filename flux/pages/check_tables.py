"""The checks of landlords, in tables: how many findings each has, and what the State received beside each cap."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flux.pages.caps import cap_read, verdict_name, verdict_pill
from flux.pages.checks import Reading
from flux.queries.state_cap import CapAccount
from flux.words import gap, units
from reservations.models import Landlord, Territory
from reservations.pages.checks.caps import by_order, whose
from reservations.pages.pieces import bold, button, pill
from reservations.pages.table import Number, Rows, Said, Shown, Table, acting
from reservations.words import day, integer, of, percent, plural, towards


def listed_answer(count: int, place: Territory | None) -> str:
    """How many landlords were checked, and on what. `place`: what the reader oversees."""
    where = f" sur ce qui porte sur {towards(place)}" if place else ""
    checked = f"{integer(count)} {plural(count, 'bailleur contrôlé,bailleurs contrôlés')}{where}"
    return f"{checked}. Ouvrez un bailleur pour lire chaque point, son article et quoi faire."


def checks_table(readings: Iterable[Reading]) -> Table:
    """A landlord a row: how many findings are against the law, and how many to watch."""
    note = "Contraire au droit : à corriger. À surveiller : les parties en jugent."
    return Rows(
        readings,
        Shown("Bailleur", lambda each: str(each.landlord)),
        Number("Contraires au droit", lambda each: _counted(len(each.refusals), "late")),
        Number("À surveiller", lambda each: _counted(len(each.warnings), "todo")),
        Shown(
            acting(),
            lambda each: button(
                reverse("check-detail", args=[each.landlord.pk]), "Lire", also=f" les contrôles {of(each.landlord)}"
            ),
        ),
    ).titled(
        "liste",
        "Points relevés",
        note,
        none="Aucun bailleur n’a encore de convention signée ni de droit en stock sur votre territoire.",
    )


def _counted(found: int, kind: str) -> Said:
    return Said(integer(found), pill=kind if found else "")


def question(landlord: Landlord, *, own: bool) -> str:
    """What the page of a landlord asks."""
    whose_conventions = "Vos conventions" if own else f"Les conventions {of(landlord)}"
    return f"{whose_conventions} respectent‑elles le droit ?"


def answer(reading: Reading) -> SafeString:
    """Do the conventions of a landlord keep to the law?"""
    against, watched = len(reading.refusals), integer(len(reading.warnings))
    if against:
        points = f"{integer(against)} {plural(against, 'point contraire,points contraires')} au droit"
        return format_html("Non : {}, et {} à surveiller.", bold(points), watched)
    rest = f"{watched} à surveiller" if reading.warnings else "rien à surveiller aujourd’hui"
    return format_html("Oui : {}, et {}.", bold("0 point contraire au droit"), rest)


def nothing_against(reading: Reading) -> str:
    """What is kept, where nothing is against the law; a cap may be passed that is not."""
    if reading.caps_kept:
        return "Rien : les plafonds, les territoires et les périodes sont respectés."
    return (
        "Rien : les territoires et les périodes sont respectés. Un plafond est passé : lisez pourquoi sous "
        "« À surveiller »."
    )


def cap_answer(account: CapAccount) -> SafeString:
    """What the State received beside a cap, and how that is read."""
    received = f"{integer(account.received)} {plural(account.received, 'logement reçu,logements reçus')}"
    entered = f"{integer(account.net)} {plural(account.net, 'entré,entrés')} dans le flux"
    return format_html(
        "{} {}, {} : {} sur {}, pour un plafond de {}. {}",
        pill(verdict_name(account.verdict), verdict_pill(account.verdict)),
        account.departement,
        whose(account.capped),
        received,
        entered,
        units(account.exact),
        cap_read(account),
    )


def cap_table(account: CapAccount, today: date) -> Table:
    """A year of the convention of the State a row: what entered the flow, the cap, what was kept."""
    note = (
        f"En logements. Plafond au {day(today)} : {percent(account.cap.share)} du flux{by_order(account.cap)}. Gardés :"
        " orientés et à confirmer, sans les logements rendus, que « Reçus » compte encore dans le compte quand leur"
        " tour a compté. Écart : gardés − plafond exact."
    )
    return Rows(
        account.years,
        Shown("Exercice", lambda each: str(each.exercise), "Ensemble"),
        Number("Entrés dans le flux", lambda each: each.net, account.net),
        Number("Plafond exact", lambda each: units(each.cap), units(account.exact)),
        Number("Gardés", lambda each: each.received, account.received),
        Number("Écart de l’année", lambda each: gap(each.gap), ""),
        Number("Cumul", lambda each: gap(each.cumulated), gap(account.last.cumulated)),
        Shown("Lecture", lambda each: Said(verdict_name(each.verdict), pill=verdict_pill(each.verdict)), ""),
    ).titled(
        f"plafond-{account.departement.pk}-{account.capped.code}",
        f"{account.departement}, {whose(account.capped)}",
        note,
    )
