"""Is the product able to answer? For supervisors and load balancers."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import OperationalError

from config.celery import app


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers. A broker that is down is said, and costs nothing: the sweep catches up."""
    database = _answers_database()
    return JsonResponse({"database": database, "broker": _answers_broker()}, status=200 if database else 503)


def _answers_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _answers_broker() -> bool:
    broker: Connection = app.connection_for_write()
    try:
        broker.ensure_connection(max_retries=1, timeout=1)
    except (OperationalError, OSError):
        return False
    finally:
        broker.release()
    return True
