"""Who is there: organisations, people and conventions around Narbonne."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils import timezone

from flux.models import DecisionWindow, RoutingPolicy
from flux.operations.starting import set_decision_window
from flux.operations.stock import set_routing_policy
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder, Territory, User
from reservations.operations.convention import draft_convention, sign_convention
from reservations.operations.convention_signature import sign_on_account
from reservations.operations.convention_terms import QuotaTerms, proposed_terms, share_of
from reservations.operations.party import register_landlord, register_organisation
from reservations.operations.person import grant_membership, register_user
from reservations.operations.service_notice import publish_service_notice
from reservations.operations.terms import ConventionTerms
from reservations.queries.parties import DEMO_PASSWORD
from reservations.queries.signatories import SIGNING, awaited

#: Known SIREN of the demonstration's landlords; its presence states that the story is already there.
ROBINE, CORBIERES = "999000003", "999000011"
#: The SIREN of each other organisation of the cast.
OTHERS = {
    "state": "999000086",
    "action_logement": "999000037",
    "city": "999000045",
    "sigean": "999000052",
    "agglomeration": "999000060",
}

Kind = Organisation.Kind
Role = Membership.Role
Contingent = ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Cast:
    """The parties of the story."""

    robine: Landlord
    corbieres: Landlord
    state: Organisation
    action_logement: Organisation
    city: Organisation
    sigean: Organisation
    agglomeration: Organisation

    @classmethod
    def again(cls) -> Cast:
        """The same, read from the database where they are registered."""
        landlords = Landlord.objects.select_related("organisation__territory")
        organisations = Organisation.objects.select_related("territory")
        return cls(
            robine=landlords.get(organisation__siren=ROBINE),
            corbieres=landlords.get(organisation__siren=CORBIERES),
            **{name: organisations.get(siren=siren) for name, siren in OTHERS.items()},
        )

    def holder(self, organisation: Organisation, contingent: int) -> ReservationHolder:
        return ReservationHolder.objects.select_related("organisation").get(
            organisation=organisation, contingent=contingent
        )

    def person(self, login: str) -> User:
        return User.objects.get_by_natural_key(login)


def gather(*, since: date, until: date) -> Cast:
    """Register everybody, and sign the conventions for a period."""
    aude = Territory.objects.get(kind=Territory.Kind.DEPARTEMENT, code="11")
    narbonne, sigean = (Territory.objects.get(kind=Territory.Kind.COMMUNE, code=code) for code in ("11262", "11379"))
    agglomeration = narbonne.epci
    cast = Cast(
        robine=register_landlord(siren=ROBINE, name="Robine Habitat", acronym="RH", territory=aude),
        corbieres=register_landlord(siren=CORBIERES, name="Corbières Logis", acronym="CL", territory=aude),
        state=register_organisation(
            siren=OTHERS["state"], name="Préfecture de l’Aude", article="la", kind=Kind.STATE, territory=aude
        ),
        action_logement=register_organisation(
            siren=OTHERS["action_logement"], name="Action Logement", kind=Kind.ACTION_LOGEMENT
        ),
        city=register_organisation(
            siren=OTHERS["city"], name="Ville de Narbonne", article="la", kind=Kind.COMMUNE, territory=narbonne
        ),
        sigean=register_organisation(
            siren=OTHERS["sigean"], name="Commune de Sigean", article="la", kind=Kind.COMMUNE, territory=sigean
        ),
        agglomeration=register_organisation(
            siren=OTHERS["agglomeration"],
            name="Le Grand Narbonne",
            article="le",
            kind=Kind.EPCI,
            territory=agglomeration,
        ),
    )
    _invite(cast)
    _sign(cast, since=since, until=until)
    for landlord, mode in (
        (cast.robine, RoutingPolicy.Mode.AUTOMATIC),
        (cast.corbieres, RoutingPolicy.Mode.CONFIRM),
    ):
        set_routing_policy(landlord=landlord, mode=mode, starts_on=since, by=manager_of(landlord), today=since)
        set_decision_window(landlord=landlord, length=1, days=0, starts_on=since, by=manager_of(landlord), today=since)
        _plan_together(landlord, date(since.year + 1, 1, 1))
    return cast


def _plan_together(landlord: Landlord, starts_on: date) -> None:
    """Its second year is lived under version 2 of the rule, announced to the holders in the middle of December."""
    chosen = date(starts_on.year - 1, 12, 15)
    length, days = DecisionWindow.PROPOSED_LENGTH, DecisionWindow.PROPOSED_DAYS
    set_decision_window(
        landlord=landlord, length=length, days=days, starts_on=starts_on, by=manager_of(landlord), today=chosen
    )


def _invite(cast: Cast) -> None:
    operator = register_organisation(siren="999000078", name="Équiflux", kind=Kind.OPERATOR)
    robine, corbieres = cast.robine.organisation, cast.corbieres.organisation
    for login, name, roles in (
        ("attribution@robine-habitat.example", "Service attribution", [(robine, Role.LANDLORD_STAFF)]),
        ("direction@robine-habitat.example", "Direction de la gestion locative", [(robine, Role.LANDLORD_MANAGER)]),
        ("attribution@corbieres-logis.example", "Service attribution", [(corbieres, Role.LANDLORD_STAFF)]),
        ("direction@corbieres-logis.example", "Direction", [(corbieres, Role.LANDLORD_MANAGER)]),
        ("logement@prefecture-aude.example", "Bureau du logement", [(cast.state, Role.STATE_OFFICER)]),
        ("reservation@action-logement.example", "Service réservation", [(cast.action_logement, Role.HOLDER_STAFF)]),
        ("logement@narbonne.example", "Service logement", [(cast.city, Role.HOLDER_STAFF)]),
        (
            "habitat@grand-narbonne.example",
            "Service habitat",
            [(cast.agglomeration, Role.EPCI_OFFICER), (cast.agglomeration, Role.HOLDER_STAFF)],
        ),
        ("administration@equiflux.example", "Administration", [(operator, Role.ADMINISTRATOR)]),
    ):
        user = register_user(email=login, full_name=name, password=DEMO_PASSWORD)
        for organisation, role in roles:
            grant_membership(user=user, organisation=organisation, role=role)
    publish_service_notice(
        by=user,
        now=timezone.now(),
        name="Équiflux, démonstration",
        publisher="Équiflux, exploitant inventé pour la démonstration, 1 rue des Halles, 11000 Carcassonne",
        director="La direction d’Équiflux",
        host="Le poste qui a lancé la démonstration : rien n’en sort",
        officer="donnees@equiflux.example",
        contact="aide@equiflux.example",
    )


def _sign(cast: Cast, *, since: date, until: date) -> None:
    """Both landlords sign with the four holders; Sigean has a draft on the table, in calendar days.

    The first one agreed on delays, and looks for the agglomeration's candidates itself.
    """
    signed_on = date(since.year - 1, 12, 15)
    for landlord, city_percent, agglomeration_percent in ((cast.robine, "12", "6"), (cast.corbieres, "8", "5.5")):
        for organisation, quotas in (
            (cast.state, [(Contingent.STATE_PRIORITY, "25", 1), (Contingent.STATE_AGENTS, "5", 2)]),
            (cast.action_logement, [(Contingent.ACTION_LOGEMENT, "20", 3)]),
            (cast.city, [(Contingent.AUTHORITY, city_percent, 4)]),
            (cast.agglomeration, [(Contingent.AUTHORITY, agglomeration_percent, 5)]),
        ):
            terms = _terms(cast, organisation, since) if landlord == cast.robine else None
            _draft_and_sign(
                cast, landlord, organisation, quotas, since=since, until=until, signed_on=signed_on, terms=terms
            )
    _draft_and_sign(
        cast,
        cast.corbieres,
        cast.sigean,
        [(Contingent.AUTHORITY, "10", 6)],
        since=date(until.year, 1, 1),
        until=date(until.year + 2, 12, 31),
        signed_on=None,
        terms=_village_terms(cast, date(until.year, 1, 1)),
    )


def _terms(cast: Cast, organisation: Organisation, since: date) -> ConventionTerms:
    """The usual terms, with ten more working days after a refusal; the agglomeration delegates its management."""
    delegated = organisation == cast.agglomeration
    return replace(
        proposed_terms(organisation, since),
        proposal_days=20,
        new_candidates_days=10,
        management=Convention.Management.DELEGATED if delegated else Convention.Management.DIRECT,
    )


def _village_terms(cast: Cast, since: date) -> ConventionTerms:
    """Those of a town whose housing office is one person: calendar days, August set aside, one candidate enough."""
    return replace(
        proposed_terms(cast.sigean, since),
        day_unit=Convention.DayUnit.CALENDAR,
        august_suspended=True,
        opens_on=Convention.Opening.WORKS,
        signal_days=10,
        proposal_days=30,
        minimum_candidates=1,
    )


def _draft_and_sign(
    cast: Cast,
    landlord: Landlord,
    organisation: Organisation,
    quotas: list[tuple[Contingent, str, int]],
    *,
    since: date,
    until: date,
    signed_on: date | None,
    terms: ConventionTerms | None = None,
) -> None:
    own = organisation.kind in Organisation.OWN_TERRITORY
    perimeter = organisation.territory if own else landlord.organisation.territory
    assert perimeter is not None
    manager = manager_of(landlord)
    draft = draft_convention(
        landlord=landlord,
        organisation=organisation,
        perimeter=perimeter,
        starts_on=since,
        ends_on=until,
        quotas=[
            QuotaTerms(cast.holder(organisation, contingent), share_of(Decimal(percent)), rank)
            for contingent, percent, rank in quotas
        ],
        by=manager,
        terms=terms,
    )
    if signed_on is not None:
        sign_by_each(draft, signed_on)


def sign_by_each(convention: Convention, on: date) -> Convention:
    """Each party signs on its account, the landlord first; it binds."""
    for party in awaited(convention):
        by = User.objects.filter(memberships__organisation=party.organisation, memberships__role__in=SIGNING)
        convention = sign_on_account(
            convention=convention, organisation=party.organisation, by=by.order_by("pk")[0], today=on
        )
    return sign_convention(convention=convention, signed_on=on, by=manager_of(convention.landlord), today=on)


def manager_of(landlord: Landlord) -> User:
    """The person who acts for a landlord."""
    return User.objects.get(memberships__organisation=landlord.organisation, memberships__role=Role.LANDLORD_MANAGER)
