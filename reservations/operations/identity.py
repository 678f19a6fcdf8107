"""Who an agent that ProConnect sends is here."""

from __future__ import annotations

from datetime import datetime

from reservations.access.proconnect import Agent, ProConnectRefused
from reservations.models import Identity, Invitation, User
from reservations.models.acting import atomic
from reservations.models.person import spelling
from reservations.operations.invitation import take_invitation


@atomic
def recognise(*, agent: Agent, now: datetime) -> User:
    """The person of this agent: met before under the same identity, else the account of the same address, which has
    this identity from now on. Raises ProConnectRefused for nobody, and for an account that is closed."""
    known = Identity.objects.filter(issuer=agent.issuer, subject=agent.subject).select_related("user").first()
    person = known.user if known is not None else _by_address(agent)
    if person is None or not person.is_active:
        raise ProConnectRefused(
            "Aucun compte ouvert ne correspond à votre identité ProConnect. Le responsable de votre organisation vous "
            "invite, à la même adresse ; à défaut, l’exploitant d’Équiflux."
        )
    if known is None:
        Identity.objects.create(user=person, issuer=agent.issuer, subject=agent.subject, added_at=now)
    return person


def may_join(agent: Agent, link: Invitation | None) -> bool:
    """Is this link theirs to take without a password: at the address that the provider gives, where nobody is yet?"""
    if link is None or link.organisation is None or spelling(agent.email) != spelling(link.email):
        return False
    return not User.objects.at(link.email).filter(is_active=True).exists()


@atomic
def join(*, agent: Agent, key: str, now: datetime) -> User:
    """Somebody invited comes in by ProConnect under the address of the link: its role is theirs, no password is asked.

    Raises InvitationRefused, ProConnectRefused or ValidationError."""
    take_invitation(key=key, now=now, proved=agent.email)
    return recognise(agent=agent, now=now)


def _by_address(agent: Agent) -> User | None:
    """Of somebody who has no other identity at this provider: another agent who is given the address is not them."""
    if not (agent.email and agent.email.isascii()):
        return None
    person = (
        User.objects.select_for_update(of=("self",)).filter(pk__in=User.objects.at(agent.email).values("pk")).first()
    )
    other = person is not None and Identity.objects.filter(user=person, issuer=agent.issuer).exists()
    return None if other else person
