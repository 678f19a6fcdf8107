"""Who may do what with the rights. Predicates: `can_<act>(member, object)`.

`member` is the membership under which the person acts; None for a person who belongs to no organisation.
"""

from reservations.models import Convention, Landlord, Membership, Organisation, User


def can_manage_landlord(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager settles its conventions, its stock and its routing mode."""
    return member is not None and member.is_manager and member.organisation_id == landlord.organisation_id


def can_edit_convention(member: Membership | None, convention: Convention) -> bool:
    """A draft is edited, signed or dropped by the landlord's manager; nothing signed is ever edited."""
    return can_manage_landlord(member, convention.landlord) and convention.is_draft


def can_end_convention(member: Membership | None, convention: Convention) -> bool:
    """A signed convention is ended, at a date, by the landlord's manager."""
    return can_manage_landlord(member, convention.landlord) and convention.status == Convention.Status.SIGNED


def can_attach_document(member: Membership | None, convention: Convention) -> bool:
    """Each party keeps its signed copy: the landlord's manager, and whoever acts for the signatory, once it binds."""
    signatory = member is not None and member.organisation_id == convention.organisation_id
    return not convention.is_open and (signatory or can_manage_landlord(member, convention.landlord))


def can_record_derogation(member: Membership | None) -> bool:
    """The préfet's services, whose order it is; or the landlord's manager, who received it."""
    return member is not None and (member.is_manager or member.role == Membership.Role.STATE_OFFICER)


def can_administer(member: Membership | None) -> bool:
    """The operator's administrator keeps organisations and legal parameters."""
    return member is not None and member.is_administrator


def can_manage_people(member: Membership | None) -> bool:
    """The administrator for everybody, the landlord's manager for its own staff."""
    return member is not None and (member.is_administrator or member.is_manager)


def can_grant_role(member: Membership | None, organisation: Organisation, role: str) -> bool:
    """Give a role in an organisation, or take it back: a landlord's manager, only the two roles of its own staff."""
    if member is None or not can_manage_people(member):
        return False
    own = member.organisation_id == organisation.pk and role in Membership.LANDLORD_ROLES
    return member.is_administrator or own


def can_set_password(member: Membership | None, by: User, person: User) -> bool:
    """One changes one's own; the administrator gives a new one to whoever lost theirs."""
    return by.pk == person.pk or can_administer(member)
