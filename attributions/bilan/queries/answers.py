"""What was sent of some balances, and what their readers answered: opened, contested, signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceDispatch, BalanceRemark, BalanceSignature, BalanceVersion
from attributions.bilan.queries.due import is_annual

#: (landlord, département), ids: what a balance is of.
Key = tuple[int, int]


def among(keys: Collection[Key], *, landlord: str = "landlord", departement: str = "departement") -> Q:
    """Condition: a row is of one of these landlords in one of these départements."""
    return Q(**{f"{landlord}__in": {key[0] for key in keys}, f"{departement}__in": {key[1] for key in keys}})


@dataclass(frozen=True, slots=True)
class Answers:
    """The versions sent: `of` what balance each is; by balance, the day of the `first` and the id of the `last` sent
    once the year was over; those before are no annual balance: the day of the last such one (`interim`), though their
    remarks wait all the same; the day each was `sealed`; of the last ones, whether each organisation `signs`, and
    whether it opened it."""

    of: Mapping[int, Key]
    first: Mapping[Key, date]
    last: Mapping[Key, int]
    interim: Mapping[Key, date]
    sealed: Mapping[int, date]
    dispatches: Mapping[tuple[int, int], tuple[bool, bool]]

    @classmethod
    def read(cls, keys: Collection[Key], exercise: int) -> Answers:
        """Three queries."""
        found: Iterable[Any] = AnnualBalance.objects.filter(among(keys), exercise=exercise)
        balances: dict[int, Key] = {each.pk: (each.landlord_id, each.departement_id) for each in found}
        of: dict[int, Key] = {}
        first: dict[Key, date] = {}
        last: dict[Key, int] = {}
        interim: dict[Key, date] = {}
        sealed: dict[int, date] = {}
        rows = BalanceVersion.objects.filter(balance__in=balances).order_by("balance", "number")
        for pk, balance, sent_at, sealed_at in rows.values_list("pk", "balance", "sent_at", "sealed_at"):
            key = balances[balance]
            of[pk] = key
            if not is_annual(timezone.localdate(sent_at), exercise):
                interim[key] = timezone.localdate(sent_at)
                continue
            last[key] = pk
            first.setdefault(key, timezone.localdate(sent_at))
            if sealed_at:
                sealed[pk] = timezone.localdate(sealed_at)
        dispatches = {
            (version, organisation): (signs, opened is not None)
            for version, organisation, signs, opened in BalanceDispatch.objects.filter(
                version__in=last.values()
            ).values_list("version", "organisation", "signs", "opened_at")
        }
        return cls(of, first, last, interim, sealed, dispatches)

    def remarks(self) -> dict[tuple[Key, int], list[date]]:
        """Days of the remarks without answer, whatever the version, by balance and organisation. One query."""
        found: dict[tuple[Key, int], list[date]] = defaultdict(list)
        rows = BalanceRemark.objects.filter(version__in=self.of, answer="").order_by("made_at")
        for version, organisation, made_at in rows.values_list("version", "organisation", "made_at"):
            found[self.of[version], organisation].append(timezone.localdate(made_at))
        return dict(found)

    def signatures(self) -> dict[tuple[int, int], date]:
        """Days of signature of the last versions, by version and organisation. One query."""
        return {
            (version, organisation): timezone.localdate(signed_at)
            for version, organisation, signed_at in BalanceSignature.objects.filter(
                version__in=self.last.values()
            ).values_list("version", "organisation", "signed_at")
        }
