"""What an operator watches, in the words of Prometheus: how long pages take, what waits, what is found wrong.

Nobody reads it without `METRICS_TOKEN`. Times are counted by every process of the site into one folder
(`PROMETHEUS_MULTIPROC_DIR`, gunicorn.conf.py); what waits is asked of the database when it is read, of the vacancies of
the last `DAYS` days: the older ones, however many are stored, are not looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from secrets import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from attributions.households.queries.candidates import expected_routings
from config import heartbeat
from config.celery import app
from config.outage import database_is_set
from config.reach import database_answers
from flux.models import AuditAlert, Vacancy
from flux.models.vacancy import VacancyQuerySet
from flux.models.webhook import WebhookDelivery
from flux.queries.queue import DAYS, oldest_waiting
from reservations.models import Mail
from reservations.queries.people import oldest_mail

#: Seconds of processor and of waiting, from the first middleware to the answer; a file that streams is counted to its
#: first byte. `docs/performance.md` says what is promised.
BUCKETS = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 20)
#: Of this process, when there is no folder for all of them.
ALONE = CollectorRegistry()
PAGES = Histogram(
    "equiflux_page_seconds",
    "Temps de réponse d’une page ou d’une adresse de l’API",
    ["view", "method", "status"],
    buckets=BUCKETS,
    registry=ALONE,
)

#: In days: a delay that ends so soon is about to lapse.
SOON = timedelta(days=2)

#: In milliseconds, for each number: who watches never holds what others read.
STATEMENT = 2000

#: What is true now is asked again each time.
NEVER_KEPT = {"Cache-Control": "no-store"}


class MeasuredPages:
    """Counts how long each address takes, by its name: never by what it is about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        answer = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "unknown"
        PAGES.labels(view, request.method, f"{answer.status_code // 100}xx").observe(time.perf_counter() - began)
        return answer


class Now(Collector):
    """What waits and what is wrong, asked when it is read. A part that does not answer has no number, and the others
    have theirs."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each number, under its name."""
        for name, (words, value) in {**_of_the_broker(), **_of_the_database()}.items():
            if value is not None:
                yield GaugeMetricFamily(f"equiflux_{name}", words, value=value)


def _of_the_broker() -> dict[str, tuple[str, float | None]]:
    with suppress(*heartbeat.BROKER_ERRORS):
        seen = heartbeat.seen(app)
        return {
            f"{who}_seen_seconds": (f"Depuis quand « {who} » n’a pas été vu, en secondes", age)
            for who, age in seen.items()
        }
    return {}


def _of_the_database() -> dict[str, tuple[str, float | None]]:
    answers = database_is_set() and database_answers()
    found: dict[str, tuple[str, float | None]] = {"database_up": ("La base répond", float(answers))}
    if not answers:
        return found
    for name, (words, ask) in _ASKED.items():
        with suppress(Error), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT)])
            found[name] = (words, ask())
    return found


def _seconds(since: timedelta | None) -> float:
    return max(0.0, since.total_seconds()) if since else 0.0


def _recent() -> VacancyQuerySet:
    return Vacancy.objects.filter(registered_on__gte=timezone.localdate() - timedelta(days=DAYS)).order_by()


def _about_to_lapse() -> int:
    today = timezone.localdate()
    return expected_routings(today=today).filter(Q(due__range=(today, today + SOON))).count()


#: {name: what it is, and how it is asked}.
_ASKED: dict[str, tuple[str, Callable[[], float]]] = {
    "oldest_waiting_seconds": (
        "Depuis quand le plus ancien logement attend le calcul de son orientation",
        lambda: _seconds(oldest_waiting(timezone.now())),
    ),
    "waiting_vacancies": (
        f"Logements des {DAYS} derniers jours qui attendent le calcul de leur orientation",
        lambda: _recent().to_reach(timezone.localdate()).count(),
    ),
    "to_confirm_vacancies": (
        f"Logements des {DAYS} derniers jours, recommandés, qui attendent une décision",
        lambda: _recent().to_confirm().count(),
    ),
    "delays_about_to_lapse": ("Délais de désignation qui finissent dans les deux jours", _about_to_lapse),
    "audit_alerts": (
        "Alertes des contrôles du compte que personne n’a lues",
        lambda: AuditAlert.objects.active().count(),
    ),
    "waiting_mails": ("Courriels à envoyer", lambda: Mail.objects.filter(state=Mail.State.PENDING).count()),
    "oldest_mail_seconds": (
        "Depuis quand le plus ancien courriel attend une réponse du serveur",
        lambda: _seconds(oldest_mail(timezone.now())),
    ),
    "waiting_webhooks": (
        "Faits à dire aux logiciels abonnés",
        lambda: WebhookDelivery.objects.filter(state=WebhookDelivery.State.PENDING).count(),
    ),
}


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 without a token in the environment, 403 to who does not give it (`Authorization: Bearer …`)."""
    if not settings.METRICS_TOKEN:
        return JsonResponse({"problems": ["METRICS_TOKEN n’est pas donné."]}, status=404, headers=NEVER_KEPT)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return JsonResponse(
            {"problems": ["Le jeton n’est pas celui de METRICS_TOKEN."]}, status=403, headers=NEVER_KEPT
        )
    registry = ALONE
    if settings.METRICS_FOLDER:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=settings.METRICS_FOLDER)
    now = CollectorRegistry()
    now.register(Now())
    text = generate_latest(registry) + generate_latest(now)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers=NEVER_KEPT)
