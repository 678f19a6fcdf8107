"""Rights: parties with names of every kind, conventions with every term, their amendments, notices and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from reservations.models import Convention, Derogation, Membership, Organisation, ReservationHolder
from reservations.operations.convention import (
    draft_convention,
    propose_convention,
    withdraw_proposal,
)
from reservations.operations.convention_amendment import amend_convention, give_formal_notice, terminate_convention
from reservations.operations.convention_renewal import give_notice_of_non_renewal, withdraw_notice_of_non_renewal
from reservations.operations.convention_terms import QuotaTerms, proposed_terms, share_of, terms_of
from reservations.operations.derogation import end_derogation, record_derogation
from reservations.operations.documents import attach_document
from reservations.operations.legal_parameter import record_legal_parameter
from reservations.operations.party import register_organisation
from reservations.operations.person import admit_person, grant_membership, register_user, revoke_membership
from tests.signing import sign_convention
from tests.world import PASSWORD, Role, convention, end_convention, siren

if TYPE_CHECKING:
    from tests.house.life import Act, Life

Terms = Convention


def settle(life: Life) -> None:
    """More parties, with names that begin as names do, and shares that do not fall on a hundredth of a unit."""
    world, kinds = life.world, Organisation.Kind
    parties = {
        "coursan": (6, "la", "Commune de Coursan", kinds.COMMUNE, "Coursan"),
        "employer": (7, "", "Orbieu Entreprises", kinds.OTHER, None),
        "departement": (8, "le", "Département de l’Aude", kinds.DEPARTEMENT, "Aude"),
    }
    for name, (number, article, title, kind, place) in parties.items():
        party = register_organisation(
            siren=siren(number),
            name=title,
            article=article,
            kind=kind,
            territory=world.places[place] if place else None,
        )
        setattr(world, name, party)
        world.holders[name] = ReservationHolder.objects.get(organisation=party)
    robine, aude = world.landlord, world.places["Aude"]
    drawn = life.chance
    world.conventions["coursan"] = convention(
        robine,
        world.coursan,
        world.places["Coursan"],
        (world.holders["coursan"], "3.3333", 6),
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 12, 31),
        returns_effect=drawn.choice(Terms.ReturnsEffect.values),
        carry_over=Terms.CarryOver.FULL,
        management=Terms.Management.DELEGATED,
    )
    world.conventions["employer"] = convention(
        robine,
        world.employer,
        aude,
        (world.holders["employer"], "7.5", 7),
        carry_over=Terms.CarryOver.CAPPED,
        carry_over_cap=500_000,
        returns_effect=Terms.ReturnsEffect.NO,
        proposal_days=10,
        fallback=(Terms.Fallback.MAYOR, Terms.Fallback.LANDLORD),
        first_letting_counts=True,
        ends_on=date(2026, 12, 31),  # renewed tacitly: it goes on in 2027 with no act
        renewal_months=12,
        renewal_times=2,
        notice_months=1,
    )
    for name, person, organisation, role in (
        ("anna", "Anna", world.als, Role.HOLDER_STAFF),
        ("eric", "Éric", world.epci, Role.HOLDER_STAFF),
        ("odile", "Odile", world.coursan, Role.HOLDER_STAFF),
        ("ines", "Inès", world.employer, Role.HOLDER_STAFF),
    ):
        user = register_user(email=f"{name}@exemple.test", full_name=person, password=PASSWORD)
        grant_membership(user=user, organisation=organisation, role=role)
        world.people[name] = user


def _signed(life: Life) -> list[Convention]:
    running = Convention.objects.in_force(life.today).filter(landlord=life.world.landlord)
    return list(running.select_related("organisation", "landlord").order_by("pk"))


def draft(life: Life) -> object:
    """A convention to come, of an organisation that has none."""
    world = life.world
    starts = date(2027, 1, 1)
    return draft_convention(
        landlord=world.landlord,
        organisation=world.departement,
        perimeter=world.places["Aude"],
        starts_on=starts,
        ends_on=date(2029, 12, 31),
        quotas=[QuotaTerms(world.holders["departement"], share_of(Decimal("1.5")), 9)],
        terms=proposed_terms(world.departement, starts),
        by=world.people["alice"],
    )


def propose(life: Life) -> object:
    found = life.pick(Convention.objects.filter(status="DRAFT", amends=None).order_by("pk"))
    return found and propose_convention(convention=found, by=life.world.people["alice"], today=life.today)


def take_back(life: Life) -> object:
    found = life.pick(Convention.objects.filter(status="PROPOSED").order_by("pk"))
    if found is None:
        return None
    return withdraw_proposal(convention=found, why="À relire ensemble.", by=life.world.people["alice"])


def amend(life: Life) -> object:
    """Half a point more from the next month on, with other terms, signed the same day."""
    world, alice = life.world, life.world.people["alice"]
    running = life.pick(found for found in _signed(life) if found.organisation_id in (world.city.pk, world.als.pk))
    if running is None:
        return None
    starts = life.today + timedelta(days=20)
    drafted = amend_convention(convention=running, starts_on=starts, by=alice, today=life.today)
    quotas = [QuotaTerms(each.holder, each.share + 4_567, each.rank) for each in drafted.quotas.order_by("rank")]
    terms = replace(
        terms_of(running),
        proposal_days=life.chance.choice([8, 12]),
        returns_effect=life.chance.choice(Convention.ReturnsEffect.values),
        carry_over=Convention.CarryOver.FULL,
    )
    drafted = draft_convention(
        landlord=running.landlord,
        organisation=running.organisation,
        perimeter=running.perimeter,
        starts_on=starts,
        ends_on=running.ends_on,
        quotas=quotas,
        terms=terms,
        replaces=drafted,
        by=alice,
    )
    return sign_convention(convention=drafted, signed_on=life.today, by=alice, today=life.today)


def end(life: Life) -> object:
    """Le Grand Narbonne ends its own, and another takes over what is left."""
    world = life.world
    found = life.pick(each for each in _signed(life) if each.organisation_id == world.epci.pk)
    if found is None or life.today < date(2026, 9, 1):
        return None
    return end_convention(
        convention=found,
        ends_on=life.today,
        why="Fin convenue.",
        today=life.today,
        by=world.people["alice"],
        successor=world.als,
    )


def give_notice(life: Life) -> object:
    found = life.pick(each for each in _signed(life) if each.organisation_id == life.world.state.pk)
    if found is None:
        return None
    why = "Les logements promis ne sont pas orientés."
    return give_formal_notice(
        convention=found, given_on=life.today, why=why, by=life.world.people["bob"], today=life.today
    )


def hesitate(life: Life) -> object:
    """The landlord denounces what is renewed tacitly, and takes it back the same day: it reaches what it reached."""
    found, alice = life.pick(each for each in _signed(life) if each.is_renewed), life.world.people["alice"]
    if found is None or life.today > (found.notice_until(found.term(life.today)) or date.min):
        return None
    values = {"organisation": found.landlord.organisation, "by": alice, "today": life.today}
    denounced = give_notice_of_non_renewal(convention=found, given_on=life.today, **values)
    assert denounced.ends_on == found.term(life.today)
    renewed = withdraw_notice_of_non_renewal(convention=denounced, why="Accord trouvé.", **values)
    assert renewed.ends_on == found.ends_on
    return renewed


def terminate(life: Life) -> object:
    """Long after the notice, at the very end of the year: the State has rights all along."""
    found = Convention.objects.filter(status="SIGNED").exclude(formal_notice_on=None).order_by("pk").first()
    if found is None:
        return None
    return terminate_convention(
        convention=found, ends_on=date(2027, 6, 30), why="Sans effet.", by=life.world.people["bob"], today=life.today
    )


def attach(life: Life) -> object:
    found, content = life.pick(_signed(life)), f"%PDF-1.7 signed {life.next_number()}"
    return found and attach_document(
        convention=found, name="signée.pdf", content=content.encode(), by=life.world.people["alice"]
    )


def derogate(life: Life) -> object:
    if Derogation.objects.exists():
        return None
    return record_derogation(
        landlord=life.world.landlord,
        departement=life.world.places["Aude"],
        code="STATE_SHARE_MAX",
        value=Decimal("32.5"),
        starts_on=life.today,
        ends_on=life.today + timedelta(days=330),
        order="arrêté n° 2026-7",
        by=life.world.people["bob"],
    )


def end_order(life: Life) -> object:
    found = Derogation.objects.order_by("pk").first()
    if found is None or found.starts_on >= life.today:
        return None
    return end_derogation(derogation=found, ends_on=life.today, by=life.world.people["bob"], why="Rapporté.")


def admit(life: Life) -> object:
    return admit_person(
        email=f"nouveau-{life.next_number()}@exemple.test",
        full_name="Nadia Amrani",
        password=PASSWORD,
        organisation=life.world.landlord.organisation,
        role=Role.LANDLORD_STAFF,
        by=life.world.people["alice"],
    )


def revoke(life: Life) -> object:
    found = Membership.objects.filter(user__full_name="Nadia Amrani").order_by("pk").first()
    return found and (revoke_membership(membership=found, by=life.world.people["alice"]) or True)


def change_the_law(life: Life) -> object:
    return record_legal_parameter(
        code="STATE_SHARE_MAX",
        value=Decimal(30),
        starts_on=date(2028, 1, 1) + timedelta(days=life.next_number()),
        source="Décret à venir",
        by=life.world.people["adam"],
        today=life.today,
    )


ACTS: list[Act] = [
    *(draft, propose, take_back, amend, end, give_notice, hesitate, terminate),
    *(attach, derogate, end_order, admit, revoke, change_the_law),
]
