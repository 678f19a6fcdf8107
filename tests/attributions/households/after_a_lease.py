"""What happens to a unit once it is let, written as a row is corrected: each count of it has to follow."""

from __future__ import annotations

from attributions.households.models import Lease
from flux.models import Unit, Vacancy
from tests.world import MORNING, World


def cancel_lease(_: World, lease: Lease) -> None:
    lease.cancelled_at, lease.cancelled_by, lease.cancelled_why = MORNING, lease.recorded_by, "Saisi deux fois."
    lease.save()


def cancel_unit(world: World, lease: Lease) -> None:
    values = {"cancellation": "DECLARED_BY_MISTAKE", "cancellation_text": "Erreur."}
    vacancy = Vacancy.objects.filter(pk=lease.vacancy_id)
    vacancy.update(cancelled_at=MORNING, cancelled_by=world.people["aline"], **values)


def move(world: World, lease: Lease) -> None:
    Unit.objects.filter(pk=lease.vacancy.unit_id).update(commune=world.places["Coursan"])


def hand_over(world: World, lease: Lease) -> None:
    Unit.objects.filter(pk=lease.vacancy.unit_id).update(landlord=world.other_landlord)
