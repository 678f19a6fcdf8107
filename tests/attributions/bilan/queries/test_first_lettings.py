"""First lettings in the balance: out of the net flow, in the shares of the conventions that count them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import Client
from django.urls import reverse

from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.scope import balances_of, territories
from attributions.bilan.queries.transmissions import whole_balance
from attributions.home.queries import landlord_home
from flux.models import Ledger
from flux.operations.outcomes import record_lease
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.statement import statement
from reservations.models import Membership, Organisation
from reservations.models.convention import UNIT
from reservations.operations.party import register_organisation
from tests.flux.programmes import agreed, count_first_lettings, let
from tests.world import MORNING, siren

if TYPE_CHECKING:
    from tests.world import World


def test_balance_reads_the_year_and_says_which_first_lettings_count(world: World) -> None:
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("als", 1, []), units=2, commune="Narbonne")
    let(world, programme)
    let(world, agreed(world, ("als", 1, []), units=1, name="Les Salins", commune="Coursan"))
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    world.vacancy()
    read = balance(world.landlord, 2026)
    assert (read.flow.first_lettings, read.flow.counted_first_lettings, read.flow.net, read.waiting) == (2, 1, 2, 1)
    assert read.total.due == 2 * UNIT


def test_home_of_the_landlord_reads_the_yearly_accounts_only(world: World) -> None:
    let(world, agreed(world, ("als", 1, []), units=1))
    assert landlord_home(world.landlord, today=MORNING.date()).ledgers == []
    vacancy = world.vacancy()
    [(ledger, _)] = landlord_home(world.landlord, today=MORNING.date()).ledgers
    assert ledger == vacancy.ledger


def test_holder_of_an_allotment_without_convention_reads_its_own_line(world: World) -> None:
    """Its rights come from the allotment of a programme alone: it reads the counts where it was offered units."""
    coursan = register_organisation(
        siren=siren(41),
        name="Ville de Coursan",
        article="la",
        kind=Organisation.Kind.COMMUNE,
        territory=world.places["Coursan"],
    )
    world.holders["coursan"] = coursan.contingents.get()
    let(world, agreed(world, ("coursan", 1, []), units=1, commune="Coursan"))
    let(world, agreed(world, ("als", 1, []), units=1, name="Les Salins", commune="Narbonne"))
    member = Membership(user=world.people["chloe"], organisation=coursan, role=Membership.Role.HOLDER_STAFF)
    read = balance(world.landlord, 2026, member=member)
    assert (read.flow.first_lettings, read.measures.first_lettings) == (1, 1)
    assert [line.holder for line in read.lines if line.holder.organisation == coursan] == [world.holders["coursan"]]
    assert (world.landlord.pk, 2026) in balances_of(member)
    assert [place.name for place in territories(world.landlord, 2026, member=member)][-1] == "Coursan"


def test_months_and_synthesis_give_first_lettings_apart_alike(world: World) -> None:
    """What a yearly account copies of a first letting is not added to the units of the flow, in any table of a file."""
    count_first_lettings(world.conventions["city"])
    vacancy = let(world, agreed(world, ("city", 1, []), units=1))
    today = MORNING.date()
    record_lease(vacancy=vacancy, on=today, by=world.people["aline"], today=today)
    whole = whole_balance(world.landlord, 2026, on=today)
    measures, months = whole.cells.total(), whole.months
    assert (measures.allocated, measures.leased) == (0, 0)
    assert (measures.first_allocated, measures.first_leased) == (1, 1)
    assert (sum(month.allocated for month in months), sum(month.leased for month in months)) == (0, 0)
    yearly, city = Ledger.objects.get(kind=Ledger.Kind.ORDINARY), world.holders["city"]
    member = world.member("aline")
    result = statement(yearly, city, on=today, month=None, member=member).whole
    assert (result.counts["ALLOCATED"], result.first_allocated, result.first_leased) == (1, 1, 1)
    client = Client()
    client.force_login(world.people["aline"])
    text = client.get(reverse("statement", args=[yearly.pk, city.pk])).content.decode()
    assert "Dont premières mises en location comptées dans les parts" in text
    own = statement(vacancy.ledger or yearly, city, on=today, month=None, member=member).whole
    assert (own.counts["ALLOCATED"], own.first_allocated) == (1, 0)
