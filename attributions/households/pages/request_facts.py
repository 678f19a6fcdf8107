"""A request and its household: who asks, until when that is kept, and what may be done of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.forms import Form
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html

from attributions.households.models import Application, ApplicationAlias
from attributions.households.pages.applications import household
from reservations.pages.acts import Act
from reservations.pages.facts import UNKNOWN, Fact, facts, yes_or_no
from reservations.pages.pieces import beside, bold, link, muted
from reservations.words import day, integer, plural


def request_answer(request: Application, proposed: int, kept_until: date | None) -> str:
    """Does the request go on, how many times was the household proposed, until when its identity is kept."""
    journal = link(reverse("access-journal"), "journal")
    read = format_html("Cette lecture est inscrite au {}.", journal)
    if request.closed_on is not None:
        closed = format_html(
            "Demande {} : {}.", bold(f"radiée le {day(request.closed_on)}"), request.get_closure_display()
        )
        kept: str = ""
        if kept_until is not None:
            kept = format_html("Identité conservée jusqu’au {}, puis effacée.", bold(day(kept_until)))
        return beside(closed, kept, read)
    since: str = ""
    if request.requested_on is not None:
        since = format_html(" depuis le {}", bold(day(request.requested_on)))
    told = format_html(
        "Demande active{}, {} {}. L’identité est conservée tant qu’elle est active, puis pendant la durée que dit la "
        "page {}.",
        since,
        bold(integer(proposed)),
        plural(proposed, "candidature,candidatures"),
        link(reverse("personal-data"), "Données personnelles"),
    )
    return beside(told, read)


def identity_facts(request: Application, aliases: Iterable[ApplicationAlias]) -> tuple[Fact, ...]:
    """Who asks, under which numbers."""
    return facts(
        ("Nom", request.name or UNKNOWN),
        ("Date de naissance", day(request.birth_date) if request.birth_date else "non renseignée"),
        ("Nationalité", request.get_nationality_display() or "non renseignée"),
        ("Numéro unique", request.number),
        *(("Autre numéro", beside(each.number, muted(f"depuis le {day(each.recorded_at)}"))) for each in aliases),
    )


def household_facts(request: Application) -> tuple[Fact, ...]:
    """What is known of the household."""
    labelled = f", labellisé le {day(request.labelled_on)}" if request.labelled_on else ""
    income = UNKNOWN if request.income is None else f"{integer(request.income)} €"
    score = "non renseignée"
    if request.score is not None:
        score = f"{integer(request.score)} {plural(request.score, 'point,points')}"
    units = "non renseignées" if request.income_units is None else localize(request.income_units)
    return facts(
        ("Composition", household(request)),
        ("Revenu fiscal de référence", income),
        ("Unités de consommation", str(units)),
        ("Quartile de ressources", UNKNOWN if request.income_quartile is None else str(request.income_quartile)),
        ("Priorité", f"{request.priority_words}{labelled}"),
        ("Renouvellement urbain", "relogement" if request.urban_renewal else "non"),
        ("Agent de l’État", yes_or_no(request.state_agent)),
        ("Travailleur essentiel", yes_or_no(request.essential_worker)),
        ("Cotation", score),
    )


def keeping_acts(request: Application, alias: Form, closure: Form) -> Iterator[Act]:
    """Of a request that goes on, to who registers requests."""
    yield Act(
        "Ajouter un autre numéro",
        reverse("application-alias", args=[request.pk]),
        "Quand deux demandes fusionnent, celle‑ci reste : les deux numéros mènent à elle, qui garde la date de la plus "
        "ancienne (CCH, R441-2-8 f). Ce que seule l’autre disait du ménage y est repris ; là où elles diffèrent, "
        "celle‑ci garde ce qu’elle dit.",
        "Ajouter ce numéro",
        fields=(alias["number"],),
        opens=bool(alias.errors),
        binds=True,
    )
    yield Act(
        "Radier la demande",
        reverse("application-close", args=[request.pk]),
        "Les six causes de la loi, et elles seules (CCH, R441-2-8). Les candidatures en cours se terminent d’abord, "
        "chacune avec son motif. Pour une fusion, ajoutez plutôt l’autre numéro à la demande qui reste.",
        "Radier la demande",
        fields=(closure["cause"], closure["on"]),
        opens=bool(closure.errors),
        binds=True,
    )


def reopening_act(request: Application, form: Form) -> Act:
    """Of a request that was closed by mistake."""
    return Act(
        "Rouvrir la demande",
        reverse("application-reopen", args=[request.pk]),
        "La demande redevient active : ses candidats peuvent signer, et la durée de conservation de son identité ne "
        "court plus. L’historique garde la radiation.",
        "Rouvrir la demande",
        fields=(form["why"],),
        opens=bool(form.errors),
        binds=True,
    )
