"""What awaits a person of conventions, accounts, files and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.urls import reverse, reverse_lazy

from attributions.inbox.kinds import Kind, One, Rows, Words, administrator, anybody, landlord, party
from attributions.inbox.reader import Reader
from attributions.notices.models import Notice
from flux.models import AuditAlert, OpeningBalance, StockTransfer, WebhookEndpoint
from flux.pages.units import headline
from flux.queries.compliance import Uncovered
from flux.queries.opening import awaiting
from flux.queries.stock_transfers import to_accept
from reservations.models import Convention, FileImport, Pause
from reservations.models.together import Steps, whole
from reservations.permissions import can_manage_people, can_manage_tokens
from reservations.queries.imprints import service_notice
from reservations.queries.people import review_is_due
from reservations.queries.signatories import to_agree, to_sign
from reservations.words import integer, plural, upper_first


def _conventions(reader: Reader) -> Rows:
    return Rows(to_sign(reader.member), key="convention")


def _convention_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(
        Convention.objects.filter(pk__in=keys), "landlord__organisation", "organisation", "perimeter"
    )
    return {
        each.pk: Words(str(each), str(each.landlord), reverse("convention-detail", args=[each.pk])) for each in found
    }


def _transfers(reader: Reader) -> Rows:
    return Rows(to_accept(reader.member), due_on="takes_effect_on")


def _transfer_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(StockTransfer.objects.filter(pk__in=keys), "giver__organisation", "receiver__organisation")
    return {each.pk: Words(str(each), "", reverse("transfer-detail", args=[each.pk])) for each in found}


def _pauses(reader: Reader) -> Rows:
    return Rows(to_agree(reader.member))


def _pause_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(
        Pause.objects.filter(pk__in=keys),
        "convention__landlord__organisation",
        "convention__organisation",
        "convention__perimeter",
    )
    return {
        each.pk: Words(
            str(each),
            str(each.convention.landlord),
            f"{reverse('convention-detail', args=[each.convention_id])}#suspensions",
        )
        for each in found
    }


def _alerts(reader: Reader) -> Rows:
    return Rows(AuditAlert.objects.visible_to(reader.member).active())


def _alert_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(
        AuditAlert.objects.filter(pk__in=keys),
        "ledger__landlord__organisation",
        "ledger__departement",
        "landlord__organisation",
    )
    return {
        each.pk: Words(
            upper_first(str(each.get_check_code_display())), each.account, reverse("audit-alert", args=[each.pk])
        )
        for each in found
    }


def _openings(reader: Reader) -> Rows:
    return Rows(awaiting(reader.member))


def _opening_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(
        OpeningBalance.objects.filter(pk__in=keys),
        "ledger__landlord__organisation",
        "ledger__departement",
        "holder__organisation",
    )
    return {
        each.pk: Words(f"{each.holder}, {each.ledger}", "", reverse("opening-detail", args=[each.pk])) for each in found
    }


def _stopped(reader: Reader) -> Rows:
    found = WebhookEndpoint.objects.failing_for(reader.member)
    return Rows(found if can_manage_tokens(reader.member) else found.none())


def _endpoint_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(WebhookEndpoint.objects.filter(pk__in=keys))
    return {each.pk: Words(each.url, "", reverse("webhook-detail", args=[each.pk])) for each in found}


def _imports(reader: Reader) -> Rows:
    found = FileImport.objects.visible_to(reader.member).filter(kind__in=reader.files, state=FileImport.State.CHECKED)
    return Rows(found.filter(written__lt=F("new") + F("changed")))


def _import_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(FileImport.objects.filter(pk__in=keys))
    return {
        each.pk: Words(
            each.name,
            f"{integer(each.touched)} {plural(each.touched, 'ligne à importer,lignes à importer')}",
            reverse("file-import", args=[each.pk]),
        )
        for each in found
    }


def _review_due(reader: Reader) -> list[One]:
    member = reader.member
    if not (can_manage_people(member) and review_is_due(member, today=reader.today)):
        return []
    words = Words(str(member.organisation), "Personne n’a relu depuis un an qui agit.", reverse("people-review"))
    return [One(member.organisation_id, words)]


def _unpublished(_: Reader) -> list[One]:
    if service_notice() is not None:
        return []
    why = "Personne ne sait encore qui publie ce service, ni à qui s’adresse un demandeur."
    return [One(0, Words("Mentions du service", why, reverse("service-notice")))]


def _notices(reader: Reader) -> Rows:
    return Rows(Notice.objects.visible_to(reader.member).unread())


def _notice_words(_: Reader, keys: Sequence[int]) -> Steps[Mapping[int, Words]]:
    found = yield from whole(Notice.objects.filter(pk__in=keys), "vacancy__unit__commune")
    return {
        each.pk: Words(
            upper_first(str(each.get_kind_display())),
            f"{headline(each.vacancy.unit)}, {each.vacancy.unit.commune}" if each.vacancy else "",
            reverse("notice-list"),
        )
        for each in found
    }


def _uncovered(*, whole: bool) -> Any:
    def found(reader: Reader) -> list[One]:
        return [
            One(each.departement.pk, Words(str(each.departement), _lacking(each), reverse("compliance")))
            for each in reader.uncovered
            if each.whole == whole
        ]

    return found


def _lacking(each: Uncovered) -> str:
    communes = plural(each.uncovered, "commune sans convention,communes sans convention")
    return f"{integer(each.uncovered)} {communes}"


def _forecasts(reader: Reader) -> list[One]:
    if reader.reminder is None:
        return []
    return [
        One(
            place.pk,
            Words(f"Prévisionnel {reader.today.year}, {place}", "", reverse("forecast-list")),
            due_on=reader.reminder.due - timedelta(days=1),
        )
        for place in reader.reminder.departements
    ]


#: Of a landlord, after its units.
OF_LANDLORD = (
    Kind(
        "sans-convention",
        "département sans convention en vigueur",
        "départements sans convention en vigueur",
        "Voir qui doit signer",
        landlord,
        ones=_uncovered(whole=True),
    ),
    Kind(
        "convention-partielle",
        "département dont une partie est sans convention en vigueur",
        "départements dont une partie est sans convention en vigueur",
        "Voir qui doit signer",
        landlord,
        ones=_uncovered(whole=False),
    ),
    Kind(
        "previsionnel",
        "prévisionnel à envoyer",
        "prévisionnels à envoyer",
        "Préparer et envoyer",
        landlord,
        ones=_forecasts,
    ),
)

OF_CONVENTIONS = (
    Kind(
        "convention",
        "convention à lire et à signer",
        "conventions à lire et à signer",
        "Lire et signer",
        party,
        _conventions,
        _convention_words,
    ),
    Kind(
        "cession",
        "cession de programmes à accepter ou refuser",
        "cessions de programmes à accepter ou refuser",
        "Lire et répondre",
        party,
        _transfers,
        _transfer_words,
        lapse="jour où elle prendrait effet",
    ),
    Kind(
        "suspension",
        "suspension ou fin de convention à accepter ou refuser",
        "suspensions ou fins de conventions à accepter ou refuser",
        "Lire et répondre",
        party,
        _pauses,
        _pause_words,
    ),
)

OF_ACCOUNTS = (
    Kind(
        "alerte",
        "alerte des contrôles du compte à lire",
        "alertes des contrôles du compte à lire",
        "Lire",
        anybody,
        _alerts,
        _alert_words,
    ),
    Kind(
        "ouverture",
        "solde d’ouverture à traiter",
        "soldes d’ouverture à traiter",
        "Répondre",
        party,
        _openings,
        _opening_words,
    ),
    Kind(
        "import",
        "fichier vérifié à importer",
        "fichiers vérifiés à importer",
        "Importer",
        party,
        _imports,
        _import_words,
    ),
    Kind(
        "logiciel",
        "logiciel qui ne répond plus : son adresse est suspendue",
        "logiciels qui ne répondent plus : leurs adresses sont suspendues",
        "Reprendre",
        party,
        _stopped,
        _endpoint_words,
    ),
    Kind(
        "revue",
        "revue annuelle des personnes",
        "revues annuelles des personnes",
        "Faire la revue",
        anybody,
        ones=_review_due,
    ),
    Kind(
        "mentions",
        "mentions du service à publier",
        "mentions du service à publier",
        "Publier",
        administrator,
        ones=_unpublished,
    ),
    Kind(
        "avis",
        "avis à lire",
        "avis à lire",
        "Lire",
        party,
        _notices,
        _notice_words,
        listed=reverse_lazy("notice-list"),
    ),
)
