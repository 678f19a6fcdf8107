"""Who may do what with the flow. Predicates: `can_<act>(member, object)`."""

from flux.delegating import proposing
from flux.models import AuditAlert, OpeningBalance, Return, Routing, StockTransfer, Vacancy
from reservations.models import Convention, Landlord, Membership, ReservationHolder
from reservations.queries.signatories import signs_here

#: Why a landlord gives back what is routed to a holder; losing its candidates is stated by what became of them.
LANDLORD_REASONS = (
    Return.Reason.NO_CANDIDATE,
    Return.Reason.WITHDRAWN,
    Return.Reason.WORKS,
    Return.Reason.ERROR,
)


def can_declare_vacancy(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's staff declare what falls vacant in their stock."""
    return member is not None and member.is_landlord and member.organisation_id == landlord.organisation_id


def can_route(member: Membership | None, vacancy: Vacancy) -> bool:
    """Routing is the landlord's decision, and nobody else's (CCH, R441-5)."""
    return can_declare_vacancy(member, vacancy.unit.landlord)


def can_cancel_vacancy(member: Membership | None, vacancy: Vacancy) -> bool:
    """Who declared what fell vacant takes it back, or declares it otherwise: the landlord's staff."""
    return can_declare_vacancy(member, vacancy.unit.landlord)


def landlord_proposes(vacancy: Vacancy, routing: Routing | None) -> bool:
    """Who looks for candidates is the landlord: subtracted from the flow, its own share, or delegated management."""
    if routing is None:
        return vacancy.kind == Vacancy.Kind.EXCLUDED
    if routing.holder.is_not_reserved:
        return routing.acting_id is None
    return routing.convention is not None and routing.convention.management == Convention.Management.DELEGATED


def can_propose(member: Membership | None, vacancy: Vacancy, routing: Routing | None) -> bool:
    """Prepare and send candidates: whoever acts for the holder, as long as it does, else the holder; the landlord when
    it looks for them itself."""
    return (routing is None or routing.closed_at is None) and proposes_under(member, vacancy, routing)


def proposes_under(member: Membership | None, vacancy: Vacancy, routing: Routing | None) -> bool:
    """Was it for this person to propose under this routing, closed since or not? The act then says what happened."""
    if member is None:
        return False
    if landlord_proposes(vacancy, routing):
        return can_declare_vacancy(member, vacancy.unit.landlord)
    return member.is_holder and routing is not None and member.organisation_id == proposing(routing).pk


def return_reasons(member: Membership | None, routing: Routing) -> tuple[str, ...]:
    """Why this person may give back the unit of an open routing; nothing when it may not.

    Declining is the act of whoever proposes, the holder or who acts for it: it uses a turn. The landlord takes the
    unit back for its own reasons, says that nobody came once the delay is over, and takes its own out for works. Beside
    the flow it says only that nobody came: what is not to be let is reclassified.
    """
    if member is None:
        return ()
    if can_route(member, routing.vacancy):
        if routing.by_its_own_right:
            return () if routing.holder.is_not_reserved else (Return.Reason.NO_CANDIDATE,)
        if routing.holder.is_not_reserved and not routing.on_landlords_part:
            return (Return.Reason.WORKS,)
        return LANDLORD_REASONS
    free = not routing.holder.is_not_reserved or routing.on_landlords_part
    declines = free and member.is_holder and member.organisation_id == proposing(routing).pk
    return (Return.Reason.DECLINED,) if declines else ()


def can_manage_stock(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager imports units, classes programmes, records stock rights and the routing mode."""
    return can_declare_vacancy(member, landlord) and member is not None and member.is_manager


def can_accept_transfer(member: Membership | None, transfer: StockTransfer) -> bool:
    """The manager of the landlord that receives; of the one that gives, for another for which nobody acts here."""
    if can_manage_stock(member, transfer.receiver):
        return True
    return can_manage_stock(member, transfer.giver) and not signs_here(transfer.receiver.organisation)


def can_withdraw_transfer(member: Membership | None, transfer: StockTransfer) -> bool:
    """Either of the two takes its part back before both agreed: the one that gives withdraws, the other refuses."""
    return can_manage_stock(member, transfer.giver) or can_manage_stock(member, transfer.receiver)


def can_read_inventory(member: Membership) -> bool:
    """Landlords, holders and overseers read the inventory of rights, each its own part; the operator does not."""
    return not member.is_administrator


def can_declare_needs(member: Membership | None, holder: ReservationHolder) -> bool:
    """A holder's needs are its own to say: neither the landlord nor whoever acts for the State says them instead."""
    if member is None or holder.is_not_reserved:
        return False
    return member.is_holder and member.organisation_id == holder.organisation_id


def can_propose_opening(member: Membership | None, landlord: Landlord) -> bool:
    """What was owed before the account was kept here is the landlord’s manager’s to say, as the shape of its stock."""
    return can_manage_stock(member, landlord)


def can_answer_opening(member: Membership | None, opening: OpeningBalance) -> bool:
    """Accepting or contesting what one was owed is the holder’s own act."""
    return member is not None and member.is_holder and member.organisation_id == opening.holder.organisation_id


def can_read_alerts(member: Membership) -> bool:
    """The administrator and the landlords' managers read the alerts of the controls, and say that they were read."""
    return member.is_administrator or member.is_manager


def can_settle_alert(member: Membership, alert: AuditAlert) -> bool:
    """The manager of the landlord whose account or rows it is of, or the administrator: alone, when it concerns all."""
    landlord = alert.ledger.landlord if alert.ledger else alert.landlord
    return member.is_administrator or (landlord is not None and can_name_staff(member, landlord))


def can_mend_alert(member: Membership, alert: AuditAlert) -> bool:
    """The act that mends what an alert found is its landlord's: its manager is led to it."""
    landlord = alert.ledger.landlord if alert.ledger else alert.landlord
    return landlord is not None and can_name_staff(member, landlord)


def can_name_staff(member: Membership, landlord: Landlord) -> bool:
    """Who registered and who overrode is named to the managers of the same landlord, and to nobody else."""
    return can_manage_stock(member, landlord)


def can_read_why_not(member: Membership, holder: ReservationHolder) -> bool:
    """« Pourquoi pas nous ? » of a holder, in a ledger that the person sees: the holder itself, the landlord, and those
    who read every account of their territory. Not the other holders."""
    overlooks = member.is_landlord or member.is_overseer or member.is_administrator
    return overlooks or member.organisation_id == holder.organisation_id
