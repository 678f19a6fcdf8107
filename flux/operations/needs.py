"""A holder declares what it needs in a ledger, or goes back to what the flow gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from flux.engine.wording import category_name
from flux.models import Ledger, NeedsDeclaration
from flux.models.needs import STATED, needs_in_force
from flux.queries.needs import Expected, expected, projected
from reservations.models import ReservationHolder, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.refusals import Refusal, constraints_speak
from reservations.words import towards

#: A weight beyond is a slip of the keyboard.
MOST = 999_999

Mix = Mapping[str, Mapping[str, int]]


class NeedsRefused(Refusal):
    """These needs cannot be declared; the sentence says what to do next."""


@atomic
def declare_needs(
    *,
    ledger: Ledger,
    holder: ReservationHolder,
    mix: Mix,
    by: User,
    note: str = "",
    seen: int | None = None,
    now: datetime | None = None,
) -> NeedsDeclaration:
    """Declare the mix that a holder would rather receive, {dimension: {category: weight}}: percentages or numbers of
    units, only the proportions count. It replaces the one before, and bears on the vacancies to come.

    What the flow allows of it is worked out at once for everybody with a share there, and kept. `seen`: id of the
    latest declaration of the ledger when the person read what the flow allows (0: none); another made since would
    change it, and nothing is done.

    Raises NeedsRefused: the year is over, the account is that of first lettings, the holder has no share there or is
    the landlord itself, nothing or the same is declared, a category is unknown or a weight wrong, none of what a
    dimension names ever falls vacant there, a page out of date.
    """
    now = now or timezone.now()
    ledger, in_force = _lock(ledger, now=now)
    if holder.is_not_reserved:
        raise NeedsRefused("Le bailleur ne déclare pas de besoins : ce qui reste du flux lui revient.")
    stated = checked(mix)
    if in_force.get(holder.pk) == stated:
        raise NeedsRefused("Ces besoins sont déjà ceux que vous avez déclarés : rien ne change.")
    if seen is not None and seen != latest(ledger):
        raise NeedsRefused(
            "Entre-temps, d’autres besoins ont été déclarés dans ce compte, et le flux permet autre chose. Relisez, "
            "puis décidez de nouveau."
        )
    found = expected(ledger, timezone.localdate(now))
    if str(holder.pk) not in found.usual:
        raise NeedsRefused(
            f"{holder} n’a aujourd’hui aucune part de ce qui se libère chez {towards(ledger.landlord)} dans ce "
            "département "
            f"({ledger.departement}) : signez d’abord une convention."
        )
    check_reachable(stated, found.usual[str(holder.pk)])
    return _write(ledger, holder, in_force | {holder.pk: stated}, found, note=note, by=by, now=now)


@atomic
def withdraw_needs(
    *, ledger: Ledger, holder: ReservationHolder, by: User, note: str = "", now: datetime | None = None
) -> NeedsDeclaration:
    """Go back to what the flow gives, from the vacancies to come on; the others' targets are drawn again.

    Raises NeedsRefused when nothing is declared, or the year is over.
    """
    now = now or timezone.now()
    ledger, in_force = _lock(ledger, now=now)
    if holder.pk not in in_force:
        raise NeedsRefused(f"{holder} n’a pas de besoins déclarés dans ce compte : rien à retirer.")
    left = {pk: mix for pk, mix in in_force.items() if pk != holder.pk}
    return _write(ledger, holder, left, expected(ledger, timezone.localdate(now)), note=note, by=by, now=now)


def checked(mix: Mix) -> dict[str, dict[str, int]]:
    """The dimensions that state something, without what weighs nothing. Raises NeedsRefused, on the dimension."""
    stated: dict[str, dict[str, int]] = {}
    for dimension, weights in mix.items():
        if dimension not in STATED:
            raise NeedsRefused("Des besoins se déclarent par typologie, financement ou QPV.")
        if unknown := sorted(set(weights) - set(STATED[dimension])):
            raise NeedsRefused(
                f"« {unknown[0]} » n’est pas une catégorie connue : choisissez parmi {', '.join(STATED[dimension])}.",
                field=dimension,
            )
        if not all(0 <= weight <= MOST for weight in weights.values()):
            raise NeedsRefused("Écrivez des nombres entiers, de 0 à 999 999.", field=dimension)
        if weights and not any(weights.values()):
            raise NeedsRefused(
                "Tout est à zéro : dites de quoi vous avez besoin, ou laissez cette partie vide.", field=dimension
            )
        if weights:
            stated[dimension] = {name: weights[name] for name in STATED[dimension] if weights.get(name)}
    if not stated:
        raise NeedsRefused("Déclarez au moins une typologie, un financement ou un besoin en QPV.")
    return stated


def check_reachable(stated: Mix, usual: Mapping[str, Mapping[str, int]]) -> None:
    """Each dimension stated names a category at least that the flow gives the holder: with none, the declaration
    would bear on nothing. `usual`: that holder's, as `Expected` has it. Raises NeedsRefused, on the dimension."""
    for dimension, weights in stated.items():
        if not any(usual[dimension].get(category) for category in weights):
            named = ", ".join(category_name(dimension, category) for category in weights)
            raise NeedsRefused(
                f"Il ne se libère aucun de ces logements là où vous avez des droits ({named}) : choisissez-en "
                "d’autres, ou laissez cette partie vide.",
                field=dimension,
            )


def latest(ledger: Ledger) -> int:
    """The latest declaration of a ledger, by whomever, as `seen` names it; 0 when there is none. One query."""
    return ledger.needs.order_by("-pk").values_list("pk", flat=True).first() or 0


def _lock(ledger: Ledger, *, now: datetime) -> tuple[Ledger, dict[int, dict[str, dict[str, int]]]]:
    """The ledger, locked, and what is in force there by holder (id). Raises NeedsRefused when none can be declared."""
    ledger = in_order(Ledger.objects.all()).select_related("landlord", "departement").get(pk=ledger.pk)
    if ledger.kind != Ledger.Kind.ORDINARY:
        raise NeedsRefused("Les premières locations suivent la répartition convenue : rien à déclarer ici.")
    if ledger.exercise != timezone.localdate(now).year:
        raise NeedsRefused(
            f"L’exercice {ledger.exercise} est terminé : déclarez vos besoins dans le compte de l’année en cours."
        )
    return ledger, {row.holder_id: row.mix for row in needs_in_force(ledger)}


def _write(
    ledger: Ledger,
    holder: ReservationHolder,
    mixes: Mapping[int, Mix],
    found: Expected,
    *,
    note: str,
    by: User,
    now: datetime,
) -> NeedsDeclaration:
    with constraints_speak(NeedsDeclaration):
        return NeedsDeclaration.objects.create(
            ledger=ledger,
            holder=holder,
            mix=mixes.get(holder.pk, {}),
            targets=projected(found, {str(pk): mix for pk, mix in mixes.items()}),
            from_sequence=ledger.sequence + 1,
            note=note.strip(),
            declared_at=now,
            declared_by=by,
        )
