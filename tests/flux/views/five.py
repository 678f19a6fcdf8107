"""Five conventions as their parties negotiate them, typed in the forms by the landlord's manager and signed by each
party on its own account: the State, Action Logement, a large town, a small town by yearly steps, an EPCI and the State.

They are of Toits de l'Orb, in the Aude, from 1 January 2026, for a year renewed tacitly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reservations.models import Convention, Organisation, ReservationHolder, User
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from tests.flux.views.test_convention import TERMS
from tests.flux.views.test_convention_rates import rows
from tests.world import PASSWORD, Role, World, siren

SignIn = Callable[[str], Client]
Typed = dict[str, Any]

#: The evening when they are signed, before they begin.
SIGNED = datetime(2025, 11, 20, 9, tzinfo=UTC)
PERIOD = {"starts_on": "01/01/2026", "ends_on": "31/12/2026"}
RENEWED = {"renewal_months": "12", "renewal_times": "2", "notice_months": "3"}
#: Who signs for each party, the landlord apart.
PARTIES = {"state": "bob", "als": "anna", "city": "chloe", "village": "sonia", "epci": "eric"}
NAMES = tuple(PARTIES)

#: The guarantee of the town: so much of a share.
LOAN = "garantie d’emprunt : {} %, emprunt jusqu’au 31/12/2031 ; délibération 2012-45"

#: What the State's model settles, by the item of the arrêté that asks for it (article 1, 3° to 11°).
CLAUSES = {
    "clause_publics": "L’éligibilité s’établit par la labellisation du service instructeur de l’État.",
    "clause_signal": "Le bailleur signale chaque logement avec son loyer, ses charges et sa date de disponibilité.",
    "clause_files": "Un dossier comprend les pièces de la liste nationale et l’attestation d’enregistrement.",
    "clause_carence": "Le demandeur qui ne répond pas à deux sollicitations est réputé défaillant.",
    "clause_decisions": "Le bailleur notifie chaque décision de la commission sous huit jours.",
    "clause_support": "Un diagnostic social accompagne les ménages qui en ont besoin.",
    "clause_taken_back": "Un logement repris pour une location est compensé dans l’année.",
    "clause_leases": "Le bailleur informe l’État de chaque bail signé et de chaque refus.",
    "clause_dalo_refusal": "Le refus d’un ménage reconnu prioritaire est motivé par écrit.",
    "clause_evaluation": "Les parties évaluent la convention chaque printemps.",
}


def once_a_day(sign_in: SignIn) -> SignIn:
    """Each person signs in once a day, and goes on."""
    known: dict[tuple[str, date], Client] = {}

    def client_of(name: str) -> Client:
        key = name, timezone.localdate()
        if key not in known:
            known[key] = sign_in(name)
        return known[key]

    return client_of


def settle(world: World) -> None:
    """A small town, and somebody who signs for each party."""
    village = register_organisation(
        siren=siren(61),
        name="Ville de Sigean",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Sigean"],
    )
    world.holders["village"] = ReservationHolder.objects.get(organisation=village)
    acting = {"anna": world.als, "sonia": village, "eric": world.epci}
    for name, organisation in acting.items():
        user = User(email=f"{name}@exemple.test", full_name=name.capitalize())
        user.set_password(PASSWORD)
        user.save()
        world.people[name] = user
        grant_membership(user=user, organisation=organisation, role=Role.HOLDER_STAFF)


def organisation_of(world: World, name: str) -> Organisation:
    return Organisation.objects.get(pk=world.holders["priority" if name == "state" else name].organisation_id)


def typed(world: World) -> dict[str, Typed]:
    """What is typed in the form of each."""
    hold = {name: holder.pk for name, holder in world.holders.items()}

    def share(name: str, percent: str, rank: int) -> Typed:
        return {f"percent_{hold[name]}": percent, f"rank_{hold[name]}": str(rank)}

    common, aude = TERMS | PERIOD | RENEWED, {"perimeter": str(world.places["Aude"].pk)}
    by_district = rows({"qpv": "qpv:en QPV", "percent": "20"}, {"qpv": "qpv:hors QPV", "percent": "27"})
    whose = {"rate_0_contingent": str(hold["priority"]), "rate_1_contingent": str(hold["priority"])}
    return {
        "state": common
        | aude
        | share("priority", "25", 1)
        | share("agents", "3", 2)
        | by_district
        | whose
        | {"rate_rows": "2", f"declined_{hold['agents']}": ["typology:T1"]}
        | {"publics": ["DALO", "PRIORITY", "LABELLED"], "outside_publics": "REFUSED", "file_days": "15"}
        | {"dalo_refusal_said": "on", "signal_days": "5", "proposal_days": "30", "new_candidates_days": "10"}
        | {"returns_effect": "NO", "fallback_1": "STATE", "fallback_2": "LANDLORD"}
        | CLAUSES,
        "als": common
        | aude
        | share("als", "20", 3)
        | {"counting_point": "LEASED", "carry_over": "CAPPED", "carry_over_cap": "2,5", "proposal_days": "15"}
        | {"day_unit": "POSTPONED", "opens_on": "AVAILABLE", "first_letting_counts": "on"},
        "city": common
        | share("city", "12", 4)
        | {f"grounds_{hold['city']}": f"{LOAN.format('8')}\napport de terrain : 4 %"}
        | rows({"typology": "T4, T5", "percent": "15", "grounds": f"{LOAN.format('10')}\napport de terrain : 5 %"})
        | {"rate_rows": "1", "rate_0_contingent": str(hold["city"]), "carry_over": "FULL"},
        "village": common
        | share("village", "10", 5)
        | rows({"year": "2027", "percent": "12"}, {"year": "2028", "percent": "14"})
        | {f"rate_{place}_contingent": str(hold["village"]) for place in range(2)}
        | {"rate_rows": "2", "day_unit": "CALENDAR", "august_suspended": "on", "proposal_days": "30"},
        "epci": common
        | share("epci", "6,25", 6)
        | {"others": [str(world.state.pk)], "management": "DELEGATED", "proposal_days": "25"}
        | {"fallback_1": "MAYOR", "fallback_2": "NEXT", "fallback_3": "LANDLORD"},
    }


def write(
    world: World, zoe: Client, name: str, given: Mapping[str, Any], *, like: Convention | None = None
) -> Convention:
    """The draft that the landlord's manager types."""
    where = f"{reverse('convention-draft')}?organisation={organisation_of(world, name).pk}"
    answer = zoe.post(where + (f"&like={like.pk}" if like else ""), given)
    assert answer.status_code == 302, answer.context["form"].errors
    return Convention.objects.latest("pk")


def act(client: Client, name: str, row: Convention, *more: Any, **given: Any) -> Any:
    """An act of a convention, from its page; the page that follows."""
    return client.post(reverse(f"convention-{name}", args=[row.pk, *more]), given, follow=True)


def sign(sign_in: SignIn, name: str, row: Convention) -> Convention:
    """By each party from its own account: in force once the last has signed, and not before."""
    people = ["zoe", PARTIES[name], *(["bob"] if name == "epci" else [])]
    for person in people:
        assert Convention.objects.get(pk=row.pk).is_open, "in force before all have signed"
        assert act(sign_in(person), "sign", row).status_code == 200
    row = Convention.objects.get(pk=row.pk)
    assert row.status == Convention.Status.SIGNED, name
    return row


def all_signed(world: World, sign_in: SignIn) -> dict[str, Convention]:
    """The five, typed then signed."""
    settle(world)
    zoe = sign_in("zoe")
    return {name: sign(sign_in, name, write(world, zoe, name, given)) for name, given in typed(world).items()}
