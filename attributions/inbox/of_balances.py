"""What awaits a person of annual balances: to send, to answer, to sign, to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from attributions.bilan.models import AnnualBalance, BalanceDispatch
from attributions.bilan.queries.home import to_read, to_sign_now
from attributions.inbox.kinds import Kind, One, Rows, Words, landlord, party
from attributions.inbox.reader import Reader
from reservations.models.together import Steps, whole
from reservations.words import day, upper_first


def _to_send(reader: Reader) -> list[One]:
    return [
        One(
            place.pk,
            Words(
                f"Bilan {arrival.due.exercise}, {place}",
                "Absent : sa date est passée." if arrival.is_absent else "",
                reverse("balance-review", args=[reader.landlord.pk, arrival.due.exercise, place.code]),
            ),
            due_on=arrival.due.last_day,
        )
        for place, arrival in reader.balances.to_send
    ]


def _remarks(reader: Reader) -> list[One]:
    return [
        One(
            remark.pk,
            Words(
                f"Bilan {remark.version.balance.exercise}, {remark.version.balance.departement}",
                upper_first(f"{remark.get_line_display()}, {remark.get_measure_display()}"),
                f"{_review(remark.version.balance)}#remarques",
            ),
            due_on=waits.until if waits else None,
            since=waits.since if waits else None,
        )
        for remark, waits in reader.balances.remarks
    ]


def _review(balance: AnnualBalance) -> str:
    return reverse("balance-review", args=[balance.landlord_id, balance.exercise, balance.departement.code])


def _signatures(reader: Reader) -> Rows:
    return Rows(to_sign_now(reader.member))


def _readings(reader: Reader) -> Rows:
    return Rows(to_read(reader.member))


def _dispatch_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(
        BalanceDispatch.objects.filter(pk__in=keys),
        "version__balance__landlord__organisation",
        "version__balance__departement",
    )
    return {
        each.pk: Words(
            f"Bilan {each.version.balance.exercise}, {each.version.balance.landlord}",
            f"{each.version.balance.departement}, version {each.version.number} du {day(each.version.sent_at)}",
            _review(each.version.balance),
        )
        for each in found
    }


OF_BALANCES = (
    Kind(
        "bilan-envoyer",
        "bilan à envoyer",
        "bilans à envoyer",
        "Relire et envoyer",
        landlord,
        ones=_to_send,
    ),
    Kind(
        "remarque",
        "remarque de bilan à traiter",
        "remarques de bilan à traiter",
        "Répondre",
        landlord,
        ones=_remarks,
    ),
    Kind(
        "bilan-signer",
        "bilan à lire et à signer",
        "bilans à lire et à signer",
        "Lire et signer",
        party,
        _signatures,
        _dispatch_words,
    ),
    Kind(
        "bilan-lire",
        "bilan à lire",
        "bilans à lire",
        "Lire",
        lambda reader: party(reader) and not landlord(reader),
        _readings,
        _dispatch_words,
    ),
)
TO_SEND, TO_ANSWER, TO_SIGN, TO_READ = OF_BALANCES
