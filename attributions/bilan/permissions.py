"""Who may do what with balances, objectives and reconciliations. Predicates: `can_<act>(member, object)`."""

from __future__ import annotations

from flux.permissions import can_declare_vacancy
from reservations.models import Landlord, Membership, Territory
from reservations.models.territory import within
from reservations.permissions import can_administer, can_manage_landlord


def can_set_objectives(member: Membership | None) -> bool:
    """Rates of a CIA are recorded by those who sign it, the EPCI and the State, or by the administrator."""
    return member is not None and (member.is_overseer or member.is_administrator)


def can_set_objective(member: Membership | None, territory: Territory) -> bool:
    """An EPCI records its own rates; the State those of the EPCI that its territory meets; an administrator any."""
    if member is None or not can_set_objectives(member):
        return False
    own = member.organisation.territory_id
    if member.is_administrator or territory.pk == own:
        return True
    if own is None or not member.is_state:
        return False
    return Territory.objects.communes_within(territory).filter(within(own)).exists()


def can_reconcile(member: Membership | None) -> bool:
    """Compare a file with a ledger: the landlord's staff; the State's officers for their own contingents, in SYPLO."""
    return member is not None and (member.is_landlord or member.is_state)


def can_read_downloads(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord reads who took the files of its own balance; the operator's administrator too."""
    if member is None:
        return False
    return member.is_administrator or (member.is_landlord and member.organisation_id == landlord.organisation_id)


def can_follow_balances(member: Membership | None) -> bool:
    """Who oversees a territory follows the balances of its landlords, reminds them, and prints its papers."""
    return member is not None and member.is_overseer and member.organisation.territory_id is not None


def can_read_whole_figures(member: Membership | None) -> bool:
    """Officers of the State and of an EPCI read the households of their landlords in whole figures, on their territory,
    once they have stated why (docs/disclosure.md); the others, what everybody reads."""
    return can_follow_balances(member)


def can_read_purposes(member: Membership | None) -> bool:
    """Who stated which purpose: officers, landlords whose figures are read, and the operator’s administrator."""
    return member is not None and (member.is_administrator or member.is_landlord or can_read_whole_figures(member))


def can_read_state_rights(member: Membership | None) -> bool:
    """The State's contingents side by side: its own officers, and the administrator."""
    return member is not None and (
        member.is_administrator or (member.is_state and member.organisation.territory_id is not None)
    )


def can_prepare_balance(member: Membership | None, landlord: Landlord) -> bool:
    """Comment a balance, correct one of its lines, answer a remark: the landlord's staff."""
    return can_declare_vacancy(member, landlord)


def can_send_balance(member: Membership | None, landlord: Landlord) -> bool:
    """A balance commits the landlord: its manager sends it, and signs it in its name."""
    return can_manage_landlord(member, landlord)


def can_contest_balance(member: Membership | None, landlord: Landlord) -> bool:
    """Whoever reads it for another organisation; the act looks whether it was sent to that one."""
    return member is not None and not member.is_administrator and member.organisation_id != landlord.organisation_id


def can_sign_balance(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager, or who acts for a holder: the officer of an EPCI only reads, even where the EPCI is a
    holder too. The act looks whether the organisation is asked to sign."""
    if member is None:
        return False
    return can_send_balance(member, landlord) or (member.is_holder and can_contest_balance(member, landlord))


def can_tolerate(member: Membership | None) -> bool:
    """Dates that a région accepted are kept by the administrator, beside the figures of the law."""
    return can_administer(member)


def can_lay_out(member: Membership | None) -> bool:
    """What a région wants of the files of balances is kept by the administrator."""
    return can_administer(member)
