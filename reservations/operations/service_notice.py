"""Writing the legal notice of the service."""

from __future__ import annotations

from datetime import datetime

from reservations.models import ServiceNotice, User
from reservations.models.acting import atomic
from reservations.queries.service_notice import service_notice
from reservations.refusals import Refusal


class NoticeRefused(Refusal):
    """A notice that says nothing, or nothing new."""


@atomic
def publish_service_notice(*, by: User, now: datetime, **written: str) -> ServiceNotice:
    """Publish what the operator says of the service, whole; `written`: each of `ServiceNotice.WRITTEN`.

    Raises NoticeRefused, on its field, when one is empty; without a field when nothing changes.
    """
    written = {name: written.get(name, "").strip() for name in ServiceNotice.WRITTEN}
    for name, text in written.items():
        if not text:
            words = ServiceNotice.column(name).verbose_name
            raise NoticeRefused(f"Écrivez ce que la page dit ici ({words}).", field=name)
    latest = service_notice()
    if latest is not None and all(getattr(latest, name) == text for name, text in written.items()):
        raise NoticeRefused("Rien n’a changé : ces mentions sont déjà publiées.")
    return ServiceNotice.objects.create(by=by, at=now, **written)
