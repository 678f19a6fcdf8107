"""Who may do what with the rights. Predicates: `can_<act>(member, object)`.

`member` is the membership under which the person acts; None for a person who belongs to no organisation.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from reservations.models import Convention, HistoryEntry, Landlord, Membership, Organisation, Territory, User
from reservations.models.once_a_request import once_a_request
from reservations.models.person import HOLDING


def can_manage_landlord(member: Membership | None, landlord: Landlord) -> bool:
    """The landlord's manager settles its conventions, its stock and its routing mode."""
    return member is not None and member.is_manager and member.organisation_id == landlord.organisation_id


def can_name_in_files(member: Membership | None) -> bool:
    """The landlord's manager says whom and what its files call so."""
    return member is not None and member.landlord is not None and member.is_manager


def can_edit_convention(member: Membership | None, convention: Convention) -> bool:
    """A draft is edited, signed or dropped by the landlord's manager; nothing signed is ever edited."""
    return can_manage_landlord(member, convention.landlord) and convention.is_draft


def can_propose_convention(member: Membership | None, convention: Convention) -> bool:
    """A draft is sent to its signatory by the landlord's manager."""
    return can_edit_convention(member, convention)


def can_withdraw_proposal(member: Membership | None, convention: Convention) -> bool:
    """A proposal is taken back by the landlord's manager."""
    return can_manage_landlord(member, convention.landlord) and convention.status == Convention.Status.PROPOSED


def may_sign(member: Membership | None, convention: Convention) -> bool:
    """Whoever signs in the name of a party, before it has or not: the landlord's manager, who acts for a holder."""
    if member is None or not (member.is_manager or member.is_holder):
        return False
    return any(party.organisation_id == member.organisation_id for party in convention.signatories.all())


def can_sign_convention(member: Membership | None, convention: Convention) -> bool:
    """Each party signs for itself, once: the landlord from its draft, the others what it proposes to them."""
    if member is None or not convention.is_open or not may_sign(member, convention):
        return False
    if convention.is_draft and not member.is_manager:
        return False
    awaited = [party.organisation_id for party in convention.signatories.all() if party.signed_on is None]
    return member.organisation_id in awaited


def can_deposit_signature(member: Membership | None, convention: Convention) -> bool:
    """What was signed by hand: by the landlord's manager as long as somebody is awaited; by another, of itself."""
    landlord = can_manage_landlord(member, convention.landlord) and convention.is_open
    return landlord or can_sign_convention(member, convention)


def can_amend_convention(member: Membership | None, convention: Convention) -> bool:
    """An amendment is prepared by the landlord's manager, on the last version; an order of the préfet has none."""
    signed = convention.status == Convention.Status.SIGNED and not convention.is_order
    return signed and can_manage_landlord(member, convention.landlord)


def can_delegate(member: Membership | None, convention: Convention) -> bool:
    """An EPCI or a département that proposes itself has its communes do so, by an amendment that whoever acts for it
    prepares and signs; the préfet's delegation is the landlord's to prepare, with the accords that it cites."""
    signed = convention.status == Convention.Status.SIGNED and not convention.is_order
    signed = signed and convention.management == Convention.Management.DIRECT
    own = member is not None and member.is_holder and member.organisation_id == convention.organisation_id
    return signed and own and convention.organisation.may_delegate


def may_denounce(member: Membership | None, convention: Convention) -> bool:
    """Whoever signs in the name of a party says that the convention is not renewed, or no longer says so."""
    return not convention.is_order and may_sign(member, convention)


def can_denounce(member: Membership | None, convention: Convention) -> bool:
    """One that is renewed tacitly, in its last version, as long as a term is left to be renewed or a party
    denounced it."""
    left = convention.notice_until(convention.last_day) is not None
    denounced = any(party.denounced_on for party in convention.signatories.all())
    renewed = convention.status == Convention.Status.SIGNED and convention.is_renewed and (left or denounced)
    return renewed and may_denounce(member, convention)


def may_suspend(member: Membership | None, convention: Convention) -> bool:
    """Whoever signs in the name of a party proposes that the convention is suspended, agrees to it or not, lifts it."""
    return not convention.is_order and may_sign(member, convention)


def can_suspend(member: Membership | None, convention: Convention) -> bool:
    """One that is signed, in its last version; not that of the State, which the law makes (CCH, L441-1)."""
    of_the_state = convention.organisation.kind == Organisation.Kind.STATE
    return convention.status == Convention.Status.SIGNED and not of_the_state and may_suspend(member, convention)


def acts_for_the_state(member: Membership | None, convention: Convention) -> bool:
    """An officer of the State service that signs this convention."""
    return member is not None and member.is_state and member.organisation_id == convention.organisation_id


def may_record_notice(member: Membership | None, convention: Convention) -> bool:
    """Either party to a convention with the State: its officer who gives the notice, the landlord that receives it."""
    of_the_state = convention.organisation.kind == Organisation.Kind.STATE
    return of_the_state and (acts_for_the_state(member, convention) or can_manage_landlord(member, convention.landlord))


def can_give_formal_notice(member: Membership | None, convention: Convention) -> bool:
    """A formal notice bears on a signed convention with the State (CCH, R441-5-2 IV)."""
    signed = convention.status == Convention.Status.SIGNED and not convention.is_order
    return signed and may_record_notice(member, convention)


def can_terminate_convention(member: Membership | None, convention: Convention) -> bool:
    """The State terminates its own convention after a formal notice; the operation looks at the delay."""
    return (
        acts_for_the_state(member, convention)
        and convention.status == Convention.Status.SIGNED
        and convention.formal_notice_on is not None
    )


def may_end(member: Membership | None, convention: Convention) -> bool:
    """Whoever signs in the name of a party proposes that the convention ends, which each then agrees to or not; the
    préfet's services alone repeal his order (CCH, R441-5-2 IV)."""
    if convention.is_order:
        return may_repeal(member, convention)
    return may_sign(member, convention)


def may_repeal(member: Membership | None, convention: Convention) -> bool:
    """The préfet's services of the département where his order bears, whosever part it fixes. One query where it bears
    on an EPCI, which may lie in several; none elsewhere."""
    if member is None or not member.is_state:
        return False
    place, perimeter = member.organisation.territory_id, convention.perimeter
    if perimeter.kind == Territory.Kind.EPCI:
        return Territory.objects.communes_within(perimeter).filter(departement=place).exists()
    return place in perimeter.covering_ids()


def can_end_convention(member: Membership | None, convention: Convention) -> bool:
    """One that is signed, in its last version."""
    return convention.status == Convention.Status.SIGNED and may_end(member, convention)


def can_attach_document(member: Membership | None, convention: Convention) -> bool:
    """Each party keeps its signed copy: the landlord's manager, and whoever acts for a signatory, once it binds."""
    if member is None or convention.is_open:
        return False
    if can_manage_landlord(member, convention.landlord) or member.organisation_id == convention.organisation_id:
        return True
    beside = {party.organisation_id for party in convention.signatories.all()}
    return not member.is_landlord and member.organisation_id in beside


def can_record_derogation(member: Membership | None) -> bool:
    """The préfet's services, whose order it is; or the landlord's manager, who received it."""
    return member is not None and (member.is_manager or member.is_state)


def can_record_order(member: Membership | None) -> bool:
    """The préfet's services, whose order it is; or the landlord's manager, who received it."""
    return can_record_derogation(member)


def can_administer(member: Membership | None) -> bool:
    """The operator's administrator keeps organisations and legal parameters."""
    return member is not None and member.is_administrator


def can_manage_people(member: Membership | None) -> bool:
    """The administrator for everybody, a manager (the landlord's, a holder's) for its own people."""
    return member is not None and member.part.manages_people


def can_read_acts_on_people(member: Membership | None) -> bool:
    """Read what was done on the accounts of one’s organisation: where nobody manages people, everybody there does."""
    return member is not None and (can_manage_people(member) or not member.is_landlord)


def can_manage_tokens(member: Membership | None) -> bool:
    """Let software act for one's organisation: its manager, or an officer who reads a territory, whose role nobody else
    lends. Never the operator's: it sees everything, and its software nothing."""
    return member is not None and not member.is_administrator and (can_manage_people(member) or member.is_overseer)


def can_grant_role(member: Membership | None, organisation: Organisation, role: str) -> bool:
    """Give a role in an organisation, or take it back: a manager, one of `roles_given` among its own people."""
    if member is None or not can_manage_people(member):
        return False
    return member.is_administrator or (member.organisation_id == organisation.pk and role in roles_given(member))


def roles_given(member: Membership) -> list[str]:
    """What this person gives in its own organisation.

    Whoever reads every account of a territory was let in by the operator: a manager gives that role only where
    somebody has it already.
    """
    if member.is_administrator:
        return list(Membership.Role)
    if member.is_landlord:
        return list(Membership.LANDLORD_ROLES)
    there = Membership.objects.filter(organisation=member.organisation_id).order_by().values_list("role", flat=True)
    overseeing = [role for role in Membership.Role if Membership.ROLES[role].is_overseer and role in set(there)]
    return [*Membership.HOLDER_ROLES, *overseeing]


def looked_after(member: Membership | None) -> QuerySet[Organisation]:
    """The organisations that a landlord's manager looks after, until somebody acts for them: holders that it recorded,
    or signs with, and that no other landlord deals with."""
    if member is None or not member.is_manager:
        return Organisation.objects.none()
    mine = member.organisation_id
    recorded = HistoryEntry.objects.filter(
        subject=Organisation._meta.label_lower, act=HistoryEntry.Act.RECORDED, organisations__contains=[mine]
    )
    dealing = Convention.objects.filter(organisation=OuterRef("pk")).order_by()
    return Organisation.objects.open().filter(
        Q(pk__in=recorded.order_by().values("subject_id")) | Exists(dealing.filter(landlord__organisation=mine)),
        ~Exists(dealing.exclude(landlord__organisation=mine)),
        ~Exists(Membership.objects.filter(organisation=OuterRef("pk")).order_by()),
        kind__in=HOLDING,
    )


@once_a_request
def _looks_after(member: Membership | None, organisation: Organisation) -> bool:
    return looked_after(member).filter(pk=organisation.pk).exists()


def can_invite(member: Membership | None, organisation: Organisation, role: str) -> bool:
    """Make the link by which somebody enters: among one's own people; the first manager of a holder looked after."""
    first = role == Membership.FIRST_OF_HOLDER and _looks_after(member, organisation)
    return can_grant_role(member, organisation, role) or first


def can_take_everything(member: Membership | None) -> bool:
    """All that is the organisation's own, in one file: its manager."""
    return can_manage_people(member) and not can_administer(member)


def can_record_holder(member: Membership | None) -> bool:
    """A landlord's manager records those it reserves for; the administrator, anybody."""
    return member is not None and (member.is_manager or member.is_administrator)


def can_correct_organisation(member: Membership | None, organisation: Organisation) -> bool:
    """Whoever manages its people; a landlord's manager, those that it looks after."""
    own = can_manage_people(member) and member is not None and member.organisation_id == organisation.pk
    return can_administer(member) or own or _looks_after(member, organisation)


def can_close_organisation(member: Membership | None, organisation: Organisation) -> bool:
    """The administrator; a landlord's manager, those that it looks after: nobody acts for them."""
    return can_administer(member) or _looks_after(member, organisation)


def can_close_account(member: Membership | None, by: User, person: User) -> bool:
    """Whoever gives a person's roles takes them all back; never one's own."""
    if member is None or by.pk == person.pk:
        return False
    return can_administer(member) or (
        can_manage_people(member) and person.memberships.filter(organisation=member.organisation_id).exists()
    )


def can_set_password(member: Membership | None, by: User, person: User) -> bool:
    """One changes one's own; the administrator gives a link for a new one to whoever lost theirs, and a manager to
    whoever acts for its organisation alone."""
    if by.pk == person.pk or can_administer(member):
        return True
    if member is None or not can_manage_people(member):
        return False
    acting = set(person.memberships.order_by().values_list("organisation", flat=True))
    return acting == {member.organisation_id}
