"""People and organisations as those who administer them read them."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet

from reservations.models import Membership, Organisation, User


def memberships_of_people(member: Membership | None) -> QuerySet[Membership]:
    """Roles that this person may see: all for the administrator, its own organisation's for a manager."""
    if member is None or not member.part.manages_people:
        return Membership.objects.none()
    roles = Membership.objects.select_related("organisation", "user")
    return roles if member.is_administrator else roles.filter(organisation=member.organisation_id)


def people_of(member: Membership | None, *, words: str = "") -> QuerySet[User]:
    """The people behind those roles, whose name or address holds `words`; each with the roles that may be seen.

    The administrator also sees people without any role: somebody has to give them one.
    """
    roles = memberships_of_people(member)
    people = User.objects.all()
    if member is None or not member.is_administrator:
        people = people.filter(pk__in=roles.order_by().values("user"))
    if words:
        people = people.filter(
            Q(full_name__icontains=words)
            | Q(email__icontains=words)
            | Q(pk__in=roles.filter(organisation__name__icontains=words).order_by().values("user"))
        )
    return people.prefetch_related(Prefetch("memberships", roles.order_by("organisation__name", "role", "pk")))


def organisations_of(person: User) -> list[int]:
    """Those for whom a person acts today, by id: whom an act on this person concerns."""
    return sorted(set(Membership.objects.filter(user=person.pk).order_by().values_list("organisation", flat=True)))


def organisations(*, words: str = "", kind: str = "") -> QuerySet[Organisation]:
    """Every organisation with its territory, its contingents and how many people act for it."""
    every = Organisation.objects.select_related("territory", "landlord").prefetch_related("contingents")
    if kind:
        every = every.filter(kind=kind)
    if words:
        every = every.filter(Q(name__icontains=words) | Q(siren__startswith=words))
    return every.annotate(people=Count("memberships__user", distinct=True)).order_by("name", "siren")
