"""What each address may be about in a world: one row of each state that its page states apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from attributions.bilan.models import (
    BalanceLayout,
    BalanceRemark,
    BalanceVersion,
    Objective,
    PrintedBalance,
    Reconciliation,
)
from attributions.bilan.views.scales import AXES
from attributions.households.models import (
    AgendaItem,
    Application,
    Committee,
    CommitteeMember,
    CommitteeSession,
    Lease,
    PriorityCategory,
    Proposal,
)
from attributions.notices.models import Notice
from flux.models import (
    AuditAlert,
    Conversion,
    Forecast,
    Ledger,
    LedgerLine,
    OpeningBalance,
    Programme,
    StockAssignment,
    StockTransfer,
    Unit,
    Vacancy,
    WebhookDelivery,
    WebhookEndpoint,
)
from reservations.imports.kinds import every_kind
from reservations.models import (
    ApiToken,
    Archive,
    Convention,
    Derogation,
    FileImport,
    Invitation,
    KeptElsewhere,
    Landlord,
    Membership,
    Organisation,
    Pause,
    SecondFactor,
    SignedDocument,
    StockRight,
    Unconfirmed,
    User,
)
from reservations.pages.people import leave_key
from tests.house.test_files import addresses

#: Ids, codes, years: what stands between the slashes of an address.
Arguments = list[Any]


def each(rows: QuerySet[Any], key: Callable[[Any], object] = lambda row: None) -> list[Any]:
    """The first row (by id) of each kind that `key` states apart."""
    found: dict[object, Any] = {}
    for row in rows.order_by("pk"):
        found.setdefault(key(row), row)
    return list(found.values())


def pks(rows: QuerySet[Any], key: Callable[[Any], object] = lambda row: None) -> list[Arguments]:
    return [[row.pk] for row in each(rows, key)]


#: How far the candidates of a unit are.
STEPS = ["", *(str(status) for status in Proposal.Status)]


def _vacancies() -> list[Vacancy]:
    """One of each state: its kind, whether it is cancelled, where it is, how far its candidates and its lease are."""
    steps: dict[int, str] = {}
    for vacancy, status in Proposal.objects.order_by().values_list("vacancy", "status").distinct():
        steps[vacancy] = max(steps.get(vacancy, ""), status, key=STEPS.index)
    leased = set(Lease.objects.filter(cancelled_at=None).values_list("vacancy", flat=True))

    def state(row: Vacancy) -> object:
        routings = list(row.routings.all())
        left = {given.reason for each in routings if (given := getattr(each, "given_back", None))}
        where = (sum(each.closed_at is None for each in routings), min(len(routings), 2), frozenset(left))
        what = (row.kind, row.cancelled_at is None, row.unit.landlord_id)
        return what, where, steps.get(row.pk, ""), row.pk in leased

    return each(Vacancy.objects.select_related("unit").prefetch_related("routings__given_back"), state)


def _item(row: AgendaItem) -> object:
    return _session(row.session), row.concluded_at is None, row.postponed_at is None


def _session(row: CommitteeSession) -> object:
    return row.mode, row.opened_at is None, row.cancelled_at is None, row.closed_at is None


def _programme(row: Programme) -> object:
    planned = row.expected_units is None, row.allotment_agreed_on is None
    return row.landlord_id, planned, row.allotments.exists()


def _of_the_rights() -> dict[str, list[Arguments]]:
    version = {"key": lambda row: (row.status, row.version > 1, row.formal_notice_on is None)}
    return {
        "conventions/<int:pk>": pks(Convention.objects.all(), **version),
        "conventions/<int:pk>/suspensions/<int:pause>": [
            [row.convention_id, row.pk] for row in each(Pause.objects.all(), lambda row: row.status)
        ]
        or [[Convention.objects.order_by("pk")[0].pk, 0]],
        "conventions/controles/<int:landlord>": pks(Landlord.objects.all(), lambda row: row.pk),
        "pieces/<int:pk>": pks(SignedDocument.objects.all()),
        "derogations/<int:pk>": pks(Derogation.objects.all()),
        "fichiers/tout/<int:pk>": pks(Archive.objects.exclude(made_at=None)),
        "fichiers/<slug:kind>": [[kind.code] for kind in every_kind()],
        "fichiers/imports/<int:pk>": pks(FileImport.objects.all(), lambda row: row.state),
        "personnes/<int:pk>/retirer": pks(Membership.objects.all(), lambda row: row.role),
        "personnes/<int:pk>/role": pks(Membership.objects.all(), lambda row: row.role),
        "personnes/<int:pk>/fermer": pks(User.objects.filter(memberships__isnull=False)),
        "ouvrir/<int:organisation>/<path:page>": [[row.pk, "avis/"] for row in each(Organisation.objects.all())],
        "courriels/arreter/<str:key>": [[leave_key(row.pk)] for row in each(User.objects.all())],
        "personnes/<int:pk>/second-facteur": pks(User.objects.filter(memberships__isnull=False)),
        "compte/second-facteur/<int:pk>": pks(SecondFactor.objects.all()) or [[1]],
        "personnes/invitations/<int:pk>": pks(Invitation.objects.all()),
        "jetons/<int:pk>": pks(ApiToken.objects.all()),
        "textes/prioritaires/<int:pk>": pks(
            PriorityCategory.objects.all(), lambda row: (row.group, row.ends_on is None)
        ),
        "textes/a-confirmer/<int:pk>": pks(Unconfirmed.objects.left(), lambda row: row.subject),
        "organisations/<int:pk>": pks(Organisation.objects.all(), lambda row: row.kind),
        "personnes/<int:pk>/mot-de-passe": pks(User.objects.filter(memberships__isnull=False)),
    }


def _of_the_flow(vacancies: list[Vacancy]) -> dict[str, list[Arguments]]:
    robine = Landlord.objects.order_by("pk")[0]
    ledgers = pks(Ledger.objects.all(), lambda row: (row.landlord_id, row.exercise, row.kind))
    lines = LedgerLine.objects.filter(ledger__landlord=robine).select_related("ledger")
    statements = [[row.ledger_id, row.holder_id] for row in each(lines, lambda row: (row.ledger.kind, row.holder_id))]
    return {
        "journal/suite": [[1, 2]],
        "journal/tile/entries": [["000"]],
        "journal/tile/<int:level>": [[0, "000"]],
        "conversions/<int:pk>": pks(Conversion.objects.all()),
        "logements/<int:pk>": pks(
            Unit.objects.all(), lambda row: (row.landlord_id, row.in_qpv, bool(row.financing_code))
        ),
        "droits-en-stock/<int:pk>": pks(StockRight.objects.all(), lambda row: row.holder_id),
        "droits-en-stock/rattachements/<int:pk>": pks(StockAssignment.objects.all(), lambda row: row.ends_on is None),
        "droits-en-stock/rpls/<int:code>": [[3]],
        "programmes/cessions/<int:pk>": pks(StockTransfer.objects.all()),
        "programmes/<int:pk>": pks(Programme.objects.all(), _programme),
        "liberes/<int:pk>": [[row.pk] for row in vacancies],
        "api/v1/vacancies/<int:pk>": [[row.pk] for row in vacancies],
        "api/v1/vacancies/<int:pk>/why-not/<int:holder>": [[vacancies[0].pk, line[1]] for line in statements[:3]],
        "api/v1/ledgers/<int:pk>": ledgers,
        "api/v1/units/<int:pk>": pks(Unit.objects.all(), lambda row: row.landlord_id),
        "api/v1/programmes/<int:pk>": pks(Programme.objects.all(), _programme),
        "^api/v1/(?P<rest>": [["ailleurs/"]],
        "^api/(?P<rest>": [["vacancies/"]],
        "webhooks/<int:pk>": pks(WebhookEndpoint.objects.all()),
        "webhooks/envois/<int:pk>": pks(WebhookDelivery.objects.all()),
        "comptes/<int:ledger>": ledgers,
        "comptes/<int:ledger>/<int:holder>": statements,
        "comptes/controles/<int:pk>": pks(AuditAlert.objects.all()),
        "comptes/ouvertures/<int:pk>": pks(OpeningBalance.objects.all()),
        "et-si/<int:ledger>": ledgers,
        "previsionnel/<int:landlord>": [
            [row.landlord_id, row.departement.code, row.exercise] for row in Forecast.objects.order_by("pk")
        ],
    }


def _of_the_balance(years: list[int]) -> dict[str, list[Arguments]]:
    landlords = [row.pk for row in Landlord.objects.order_by("pk")]
    balances = [[landlord, year] for landlord in landlords for year in years]
    review = "bilans/<int:landlord>/<year:year>/relecture/<str:departement>"
    remarks = each(BalanceRemark.objects.select_related("version__balance"), lambda row: row.answer)
    versions = BalanceVersion.objects.select_related("balance__departement").order_by("pk")
    return {
        "api/v1/balances": [
            [landlord.organisation.siren, year]
            for landlord in Landlord.objects.select_related("organisation").order_by("pk")
            for year in years
        ],
        "bilans/presentations/<int:pk>": pks(BalanceLayout.objects.all()),
        "bilans/tenus-ailleurs/<int:pk>": pks(KeptElsewhere.objects.filter(kind="BALANCE")) or [[1]],
        "bilans/imprimes": [[row.fingerprint] for row in each(PrintedBalance.objects.all())],
        "bilans/rapprochements/<int:pk>": pks(Reconciliation.objects.all(), lambda row: row.source),
        f"{review}/remarques": [[landlords[0], row.version.balance.exercise, "11", row.pk] for row in remarks],
        f"{review}/version": [
            [row.balance.landlord_id, row.balance.exercise, row.balance.departement.code, row.number]
            for row in versions
        ],
        review: [[landlords[0], year, "11"] for year in years],
        "bilans/<int:landlord>/<year:year>/axes": [[*balances[0], axis] for axis in AXES],
        "bilans/<int:landlord>/<year:year>": balances,
        "objectifs/<int:pk>": pks(Objective.objects.all(), lambda row: row.code),
        "objectifs/<str:code>": [[row.code] for row in each(Objective.objects.all(), lambda row: row.code)],
    }


def _of_the_households() -> dict[str, list[Arguments]]:
    proposals = each(Proposal.objects.all(), lambda row: row.status)
    seats = each(CommitteeMember.objects.all())
    sessions = CommitteeSession.objects.all()
    return {
        "liberes/<int:pk>/bail/<int:candidate>": [[row.vacancy_id, row.pk] for row in proposals],
        "candidats/<int:pk>": [[row.pk] for row in proposals],
        "api/v1/candidates/<int:pk>": [[row.pk] for row in proposals],
        "api/v1/agenda-items/<int:pk>": pks(AgendaItem.objects.all()),
        "demandes/<int:pk>": pks(Application.objects.all(), lambda row: (row.closure, row.has_priority)),
        "menages/<int:pk>": pks(Application.objects.all(), lambda row: (row.closure, bool(row.wanted_communes))),
        "a-faire/suivi/<slug:kind>/<int:key>": [["instruire", row.vacancy_id] for row in proposals],
        "avis/<int:pk>": pks(Notice.objects.all()),
        "caleol/tenus-ailleurs/<int:pk>": pks(KeptElsewhere.objects.filter(kind="MINUTES")) or [[1]],
        "caleol/commissions/<int:pk>": pks(Committee.objects.all()),
        "caleol/commissions/<int:pk>/membres/<int:seat>": [[row.committee_id, row.pk] for row in seats],
        "caleol/seances/<int:pk>": pks(sessions, _session),
        "caleol/points/<int:pk>": pks(AgendaItem.objects.select_related("session"), _item),
    }


def things_of() -> dict[str, list[Arguments]]:
    """For each address by its name, the arguments that it is asked with: [[]] when it takes none."""
    years = sorted(set(Ledger.objects.values_list("exercise", flat=True))) or [2026]
    known = _of_the_rights() | _of_the_flow(_vacancies()) | _of_the_balance(years) | _of_the_households()
    return {name: _of(str(pattern.pattern), known, years) for name, pattern in sorted(addresses().items())}


def _of(route: str, known_by_route: dict[str, list[Arguments]], years: list[int]) -> list[Arguments]:
    """The arguments of the longest beginning of a route that is known; one a year when that is all it takes."""
    if "<" not in route:
        return [[]]
    if route.count("<") == 1 and "<year:year>" in route:
        return [[year] for year in years]
    known = max((start for start in known_by_route if route.startswith(start)), key=len, default=None)
    assert known is not None, f"tests/house/things.py does not say what {route} is about"
    return known_by_route[known]
