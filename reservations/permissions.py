"""Who may do what with the rights. Predicates: `can_<act>(member, object)`.

`member` is the membership under which the person acts; None for a person who belongs to no organisation.
"""

from reservations.models import Convention, Landlord, Membership


def can_manage_landlord(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager settles its conventions, its stock and its routing mode."""
    return member is not None and member.is_manager and member.organisation_id == landlord.organisation_id


def can_edit_convention(member: Membership | None, convention: Convention) -> bool:
    """A draft is edited, signed or dropped by the landlord's manager; nothing signed is ever edited."""
    return can_manage_landlord(member, convention.landlord) and convention.is_draft


def can_end_convention(member: Membership | None, convention: Convention) -> bool:
    """A signed convention is ended, at a date, by the landlord's manager."""
    return can_manage_landlord(member, convention.landlord) and convention.status == Convention.Status.SIGNED
