"""Who may sign in on a demonstration: listed by its command, and on the sign-in page when `settings.DEMO` is on."""

from __future__ import annotations

from dataclasses import dataclass

from reservations.models import Membership, User

#: Public, and the same for everybody: a demonstration has nothing to hide and nobody real in it.
DEMO_PASSWORD = "demonstration-2026"  # noqa: S105

#: Addresses of the demonstration end with it: a domain reserved for examples (RFC 2606), so never a real person's.
DEMO_DOMAIN = ".example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One person of the demonstration. `role` and `organisation` are words to show, the first of each leading.

    `first_role` is the code of the role under which the person starts.
    """

    login: str
    name: str
    role: str
    organisation: str
    first_role: str


def demo_accounts() -> list[DemoAccount]:
    """People of the demonstration who may sign in, in the order of the story: landlords first. Two queries."""
    people = (
        User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True)
        .exclude(memberships=None)
        .prefetch_related("memberships__organisation")
    )
    order = {role: place for place, role in enumerate(Membership.Role.values)}
    accounts = [_account(person) for person in people]
    return sorted(accounts, key=lambda account: (order[account.first_role], account.organisation, account.login))


def _account(person: User) -> DemoAccount:
    memberships = list(person.memberships.all())
    return DemoAccount(
        login=person.email,
        name=person.full_name,
        role=", ".join(membership.get_role_display() for membership in memberships),
        organisation=", ".join({membership.organisation.name: None for membership in memberships}),
        first_role=memberships[0].role,
    )
