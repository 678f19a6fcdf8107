"""The software of a landlord: a token, whose secret is told to nobody, and an address that nothing is sent to.

The address is no act's: the act looks its name up, and the demonstration asks nothing of the network.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from attributions.demonstration.cast import Cast, manager_of
from flux.models import WebhookEndpoint, WebhookEvent
from flux.operations.webhook import stop_endpoint
from reservations.models import ApiToken, Membership
from reservations.operations.token import make_token

#: No name of `.example` is anybody's (RFC 2606).
ADDRESS = "https://logiciel.robine-habitat.example/equiflux"


def connect_software(cast: Cast, *, now: datetime, today: date) -> None:
    """Notices pushed by the landlord's software; its address is given, and suspended until its editor is ready."""
    manager = Membership.objects.select_related("organisation", "user").get(
        organisation=cast.robine.organisation, user=manager_of(cast.robine)
    )
    scopes = (ApiToken.Scope.READ, ApiToken.Scope.NOTICES)
    make_token(
        member=manager, name="Gestion locative", scopes=scopes, expires_on=today + timedelta(days=180), today=today
    )
    endpoint = WebhookEndpoint.objects.create(
        organisation=manager.organisation,
        role=manager.machine_role,
        url=ADDRESS,
        kinds=[WebhookEvent.Kind.DECLARED, WebhookEvent.Kind.ROUTED],
        secret="whsec_ZGVtb25zdHJhdGlvbg==",  # noqa: S106 - nothing is signed by it: nothing is sent
        made_by=manager.user,
    )
    stop_endpoint(endpoint=endpoint, why=WebhookEndpoint.Stopped.BY_HAND, now=now)
