"""Who may do what with the flow. Predicates: `can_<act>(member, object)`."""

from flux.models import Vacancy
from reservations.models import Landlord, Membership


def can_declare_vacancy(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's staff declare what falls vacant in their stock."""
    return member is not None and member.is_landlord and member.organisation_id == landlord.organisation_id


def can_route(member: Membership | None, vacancy: Vacancy) -> bool:
    """Routing is the landlord's decision, and nobody else's (CCH, R441-5)."""
    return can_declare_vacancy(member, vacancy.unit.landlord)


def can_manage_stock(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager imports units, classes programmes, records stock rights and the routing mode."""
    return can_declare_vacancy(member, landlord) and member is not None and member.is_manager
