"""What the law says of shares unless the parties agree otherwise: always a warning, for people to judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reservations.models import Convention, LegalParameter, ReservationHolder, Territory
from reservations.queries.checks.caps import Limits, share_of_percent
from reservations.queries.checks.check import Check, Code, Level, french_percent
from reservations.queries.rights import Right
from reservations.words import to, upper_first

AUTHORITY = (ReservationHolder.Contingent.AUTHORITY,)


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised on one day in communes that the same conventions cover; `commune` is the most populated."""

    commune: Territory
    communes: int
    held: tuple[Right, ...]

    def total(self, contingents: Collection[int]) -> int:
        """What these contingents are promised together, in millionths of a unit."""
        return sum(right.share for right in self.held if right.holder.contingent in contingents)

    @property
    def where(self) -> str:
        """« Narbonne », « Narbonne et 12 autres communes »."""
        others = self.communes - 1
        return (
            f"{self.commune.name} et {others} autre{'s' * (others > 1)} commune{'s' * (others > 1)}"
            if others > 0
            else (self.commune.name)
        )


def where(groups: Sequence[Promised]) -> str:
    """The communes of several groups together, the most populated first: « Narbonne et 12 autres communes »."""
    return Promised(groups[0].commune, sum(group.communes for group in groups), ()).where


def by_departement(groups: Iterable[Promised]) -> list[list[Promised]]:
    """The groups of each département, in the order in which they came."""
    found: dict[int | None, list[Promised]] = defaultdict(list)
    for group in groups:
        found[group.commune.departement_id].append(group)
    return list(found.values())


def uniform(groups: Sequence[Promised], *, convention: Convention | None = None) -> Iterator[Check]:
    """Unless agreed otherwise, the State's share is the same in every commune of a département (R441-5-2 II)."""
    for departement in by_departement(groups):
        least = min(departement, key=lambda group: group.total(ReservationHolder.STATE))
        most = max(departement, key=lambda group: group.total(ReservationHolder.STATE))
        low, high = least.total(ReservationHolder.STATE), most.total(ReservationHolder.STATE)
        if low < high:
            yield Check(
                Code.STATE_UNIFORM,
                Level.WARNING,
                f"{where(_having(departement, high))} ; {where(_having(departement, low))}",
                f"La part de l’État change selon la commune : {french_percent(high)} du flux {to(most.commune.name)}, "
                f"{french_percent(low)} {to(least.commune.name)}",
                "Vérifiez que la convention avec l’État le prévoit : sans accord, la part est la même dans chaque "
                "commune.",
                "CCH, R441-5-2 II",
                measured=high,
                limit=low,
                convention=convention.pk if convention else None,
            )


def _having(groups: Sequence[Promised], share: int) -> list[Promised]:
    """Those where the State is promised so much."""
    return [group for group in groups if group.total(ReservationHolder.STATE) == share]


def outside_qpv(groups: Sequence[Promised], bounds: Limits, *, convention: Convention | None = None) -> Iterator[Check]:
    """Unless agreed otherwise, the State's share outside QPV is not under a floor (R441-5-2 II).

    A share counts for all the flow of its territory, in and out of QPV: it is compared as it is.
    """
    code = LegalParameter.Code.STATE_OUTSIDE_QPV_MIN
    if code not in bounds:
        yield missing(code, "CCH, R441-5-2 II")
        return
    floor = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        entitled = [group for group in departement if group.total(ReservationHolder.STATE)]
        least = min(entitled, key=lambda group: group.total(ReservationHolder.STATE), default=None)
        if least is not None and (share := least.total(ReservationHolder.STATE)) < floor:
            under = [group for group in entitled if group.total(ReservationHolder.STATE) < floor]
            yield Check(
                Code.STATE_OUTSIDE_QPV,
                Level.WARNING,
                where(under),
                f"La part de l’État est de {french_percent(share)} du flux, en QPV comme hors QPV : hors QPV, elle est "
                f"d’au moins {french_percent(floor)}, sauf accord",
                "Vérifiez que l’accord est écrit dans la convention avec l’État, ou relevez sa part.",
                "CCH, R441-5-2 II",
                measured=share,
                limit=floor,
                convention=convention.pk if convention else None,
            )


def guarantee_share(
    groups: Sequence[Promised], bounds: Limits, *, convention: Convention | None = None
) -> Iterator[Check]:
    """Rights given against loan guarantees are capped. A share does not tell its ground: the excess is a warning."""
    code = LegalParameter.Code.GUARANTEE_SHARE_MAX
    if code not in bounds:
        yield missing(code, "CCH, R441-5-3 et R441-5-4")
        return
    ceiling = share_of_percent(bounds[code])
    for departement in by_departement(groups):
        most = max(departement, key=lambda group: group.total(AUTHORITY))
        total = most.total(AUTHORITY)
        if total > ceiling:
            names = " ; ".join(
                f"{right.holder} {french_percent(right.share)}"
                for right in most.held
                if right.holder.contingent in AUTHORITY
            )
            over = [group for group in departement if group.total(AUTHORITY) > ceiling]
            yield Check(
                Code.GUARANTEE_SHARE,
                Level.WARNING,
                where(over),
                f"{upper_first(to(most.commune.name))}, les collectivités ont ensemble {french_percent(total)} du flux "
                f"({names}) : ce qui leur revient pour des garanties d’emprunt ne dépasse pas "
                f"{french_percent(ceiling)}",
                "Vérifiez que le reste répond à un apport de terrain ou de financement : une part du flux ne dit pas "
                "d’où elle vient.",
                "CCH, R441-5-3 et R441-5-4",
                measured=total,
                limit=ceiling,
                convention=convention.pk if convention else None,
            )


def missing(code: LegalParameter.Code, article: str) -> Check:
    """A check that cannot be done, because nobody recorded the figure that it compares with."""
    return Check(
        Code.PARAMETER_MISSING,
        Level.WARNING,
        "Paramètres de droit",
        f"Aucune valeur n’est enregistrée pour « {code.label} » : ce contrôle n’a pas pu être fait",
        "Demandez à l’administrateur de l’enregistrer avec sa source.",
        article,
    )
