"""What the search asks, answers, and says when it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attributions.households.models import CommitteeSession, Proposal
from attributions.households.pages.applications import household
from attributions.households.pages.files import NAMES
from attributions.households.queries.stage import Stage
from attributions.search.destinations import PageFound
from attributions.search.queries import Found, HouseholdFound, OrganisationFound, Some, UnitFound
from flux.models import Programme
from flux.pages.units import headline
from reservations.models import Membership, Territory, User
from reservations.pages.pieces import below, beside, bold, link, muted
from reservations.words import day, hour, integer, of, plural, towards


@dataclass(frozen=True, slots=True)
class Section:
    """The results of one kind: its anchor, its heading, how many more there are, and a line (HTML) for each."""

    anchor: str
    heading: str
    more: str
    lines: Sequence[str]


def question(text: str) -> str:
    """The title."""
    return f"Que désigne « {text} » ?" if text else "Que cherchez-vous ?"


def answer(found: Found | None, text: str) -> str:
    """How many results of each kind; what to write as long as nothing is asked."""
    if found is None and text:
        return format_html("Écrivez au moins {} lettres ou chiffres.", bold(2))
    if found is None:
        return format_html(
            "Écrivez un nom, une référence, une rue ou une commune : accents, majuscules et ordre ne comptent pas. "
            "{} mot pour l’instant.",
            bold(0),
        )
    if not found.count:
        return format_html("{} résultat parmi ce que vous pouvez voir.", bold(0))
    kinds = (
        (found.pages, "page ou acte,pages ou actes"),
        (found.households, "ménage,ménages"),
        (found.units, "logement,logements"),
        (found.programmes, "programme,programmes"),
        (found.sessions, "séance,séances"),
        (found.people, "collègue,collègues"),
        (found.organisations, "organisation,organisations"),
        (found.territories, "territoire,territoires"),
    )
    counted = ", ".join(f"{_counted(each)} {plural(each.count, forms)}" for each, forms in kinds if each.count)
    whole = bold(f"{_counted(found).capitalize()} {plural(found.count, 'résultat,résultats')}")
    if found.near:
        return format_html("Rien ne contient ces mots ; {} s’en approchent : {}.", whole, counted)
    return format_html("{} : {}.", whole, counted)


def _counted(found: Found | Some[Any]) -> str:
    return f"{'plus de ' if found.beyond else ''}{integer(found.count)}"


def nothing(found: Found | None, member: Membership) -> str:
    """What is written where results would be; empty when there are some."""
    if found is None:
        return (
            "Le champ de recherche est en haut de chaque page. Par exemple : RH-03, Voltaire, Narbonne, Action "
            "Logement, ou le jour d’une séance : 12/03/2026."
        )
    if found.count:
        return ""
    fewer = "Essayez moins de mots, ou le début d’un nom."
    if member.is_landlord:
        return f"{fewer} Vous cherchez parmi les logements de votre parc et les demandes que vous avez reçues."
    listed = link(reverse("vacancy-list"), "la liste des logements libérés")
    if member.is_holder:
        return format_html(
            "{} Vous cherchez parmi les logements orientés vers vous et les demandes que vous avez enregistrées ; les "
            "autres logements se lisent sans adresse dans {}.",
            fewer,
            listed,
        )
    return format_html("{} Les logements se lisent sans adresse dans {}.", fewer, listed)


def sections(found: Found, member: Membership) -> list[Section]:
    """The kinds of which something was found, what one acts on first."""
    kinds = (
        ("pages", "Pages et actes", "premiers", found.pages, _page),
        ("menages", "Ménages", "premiers", found.households, _household),
        ("logements", "Logements", "premiers", found.units, partial(_unit, member=member)),
        ("programmes", "Programmes", "premiers", found.programmes, _programme),
        ("organisations", "Organisations", "premières", found.organisations, _organisation),
        ("seances", "Séances", "dernières", found.sessions, _session),
        ("collegues", "Collègues", "premiers", found.people, partial(_person, member=member)),
        ("territoires", "Territoires", "premiers", found.territories, _place),
    )
    return [_section(*kind) for kind in kinds if kind[3].count]


def _section[Row](
    anchor: str, heading: str, first: str, found: Some[Row], line: Callable[[Row], SafeString]
) -> Section:
    shown = len(found.rows)
    more = f"les {shown} {first} sur {_counted(found)} : précisez les mots" if found.count > shown else ""
    return Section(anchor, heading, more, [line(row) for row in found.rows])


def _page(found: PageFound) -> SafeString:
    return link(found.address, bold(found.words))


def _household(found: HouseholdFound) -> SafeString:
    """Who asks, how the number ends; each candidacy in progress, and each lease, opens on its own page."""
    request = found.application
    name = link(reverse("application-detail", args=[request.pk]), bold(request.name))
    about = f"{household(request)} · demande qui finit par {request.ending}"
    if request.closed_on is not None:
        about = f"{about} · radiée le {day(request.closed_on)}"
    candidacies = [
        link(reverse("proposal-detail", args=[each.pk]), _candidacy(each), css="small") for each in found.candidacies
    ]
    return below(beside(name, muted(about)), *candidacies)


def _candidacy(proposal: Proposal) -> str:
    """Where it is; of one that is housed, the day of its lease."""
    unit = f"{proposal.vacancy.unit.reference}, {proposal.vacancy.unit.commune}"
    if signed_on := vars(proposal)["signed_on"]:
        return f"Bail du {unit} : signé le {day(signed_on)}"
    return f"Candidature au {unit} : {proposal.get_status_display()}"


def _unit(found: UnitFound, member: Membership) -> SafeString:
    unit = found.unit
    title = beside(link(reverse("unit-detail", args=[unit.pk]), bold(unit.reference)), headline(unit))
    about = f"{unit.address}, {unit.commune} · {unit.programme}"
    if not member.is_landlord:
        about = f"{about} · {unit.landlord}"
    return below(title, muted(about), _vacancy(found))


def _vacancy(found: UnitFound) -> SafeString:
    """Where what is to be done of it is: its latest vacancy, with where it is."""
    vacancy = found.vacancy
    if vacancy is None:
        return SafeString("")
    stage = getattr(vacancy, "staged", None)
    where = f", {NAMES[Stage(stage.stage)]}" if stage is not None else ""
    address = reverse("vacancy-detail", args=[vacancy.pk])
    return link(address, f"Libéré, déclaré le {day(vacancy.registered_on)}{where}", css="small")


def _programme(programme: Programme) -> SafeString:
    return below(
        link(reverse("programme-detail", args=[programme.pk]), bold(programme)),
        muted(f"{programme.commune} · {programme.landlord}"),
    )


def _session(session: CommitteeSession) -> SafeString:
    title = f"Séance du {day(session.held_at)} à {hour(session.held_at)}"
    about = f"{session.committee} · {session.committee.landlord}"
    return below(link(reverse("session-detail", args=[session.pk]), bold(title)), muted(about))


def _person(person: User, member: Membership) -> SafeString:
    """A colleague, and how to write to them; whoever manages people goes to their roles."""
    name = bold(person.full_name)
    if member.part.manages_people:
        name = link(f"{reverse('person-list')}?mots={person.email}", name)
    return below(name, link(f"mailto:{person.email}", person.email, css="small"))


def _organisation(found: OrganisationFound) -> SafeString:
    organisation = found.organisation
    about = muted(f"{organisation.get_kind_display()}, SIREN {organisation.siren}")
    accounts = [
        link(
            reverse("account", args=[each.pk]),
            f"Compte {each.exercise}, {each.departement}",
            also=f" {of(each.landlord)}",
            css="small",
        )
        for each in found.ledgers
    ]
    lines = [
        link(
            reverse("statement", args=[each.ledger_id, each.holder_id]),
            f"Relevé {each.ledger.exercise} {of(each.holder)} chez {towards(each.ledger.landlord)}, "
            f"{each.ledger.departement}",
            css="small",
        )
        for each in found.lines
    ]
    conventions = [
        link(
            reverse("convention-detail", args=[each.pk]),
            f"Convention {of(each.organisation)} avec {towards(each.landlord)}, {each.perimeter}, "
            f"{each.get_status_display()}",
            css="small",
        )
        for each in found.conventions
    ]
    balances = [
        link(
            reverse("balance-review", args=[each.landlord_id, each.exercise, each.departement.code]),
            f"Bilan {each.exercise} {of(each.landlord)}, {each.departement}",
            css="small",
        )
        for each in found.balances
    ]
    return below(beside(bold(organisation), about), *accounts, *lines, *conventions, *balances)


def _place(place: Territory) -> SafeString:
    kind = f"{place.get_kind_display()}, {place.code}"
    about = f"{kind}, {place.departement}" if place.departement else kind
    address = f"{reverse('vacancy-list')}?territory={place.pk}"
    listed = link(address, "Logements libérés", also=f" : {place}, {place.get_kind_display()}", css="small")
    return below(beside(bold(place), muted(about)), listed)
