"""The acts on service notice.

* Writing the legal notice of the service.
* Whom, or which place, the files of a landlord call so: stated once by a person, kept with who and when, taken back
  when it is wrong.
* The chain of the house: what belongs to no account enters it every night, in one order.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from reservations.models import Nickname, Organisation, ReservationHolder, ServiceNotice, Territory, User
from reservations.models.territory import search_key
from reservations.models.wall import atomic
from reservations.queries.imprints import service_notice
from reservations.refusals import Refusal, constraints_speak


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


@atomic
def remember_nickname(
    *,
    organisation: Organisation,
    text: str,
    by: User,
    holder: ReservationHolder | None = None,
    place: Territory | None = None,
) -> Nickname:
    """Keep that these files call a holder, or a place, so. Raises Refusal: nothing is written, it is stated of none or
    of both, or it is somebody's, or another place's, already."""
    words = " ".join(text.split())
    if not search_key(words):
        raise Refusal("Écrivez le nom tel que vos fichiers l’écrivent.", field="said")
    with constraints_speak(Nickname):
        return Nickname.objects.create(
            organisation=organisation, said=words, key=search_key(words)[:120], holder=holder, place=place, by=by
        )


@atomic
def forget_nickname(*, nickname: Nickname) -> None:
    """It is read no more; what was imported stays."""
    Nickname.objects.filter(pk=nickname.pk).delete()


@atomic
def link_imprints() -> int:
    """Give each imprint that is in no chain its place in that of the house: how many were. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservations_link_imprints()")
        (linked,) = cursor.fetchone()
    return int(linked)
