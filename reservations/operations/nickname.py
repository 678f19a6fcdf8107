"""Whom, or which place, the files of a landlord call so: said once by a person, kept with who and when, taken back when
it is wrong."""

from __future__ import annotations

from reservations.models import Nickname, Organisation, ReservationHolder, Territory, User
from reservations.models.acting import atomic
from reservations.models.territory import search_key
from reservations.refusals import Refusal, constraints_speak


@atomic
def remember_nickname(
    *,
    organisation: Organisation,
    said: str,
    by: User,
    holder: ReservationHolder | None = None,
    place: Territory | None = None,
) -> Nickname:
    """Keep that these files call a holder, or a place, so. Raises Refusal: nothing is written, it is said of none or of
    both, or it is somebody's, or another place's, already."""
    words = " ".join(said.split())
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
