"""The database says no, in French: each named constraint, broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from reservations.models import (
    ApiCall,
    ApiToken,
    Archive,
    ArchivePart,
    CapReading,
    ColumnMapping,
    Convention,
    Delegation,
    Derogation,
    FileImport,
    FilePart,
    Identity,
    ImportedLine,
    Invitation,
    KeptElsewhere,
    LegalParameter,
    LogCheckpoint,
    LogCosignature,
    Mail,
    MailChoice,
    MailItem,
    Membership,
    Nickname,
    Organisation,
    Pause,
    PauseAccord,
    Quota,
    Rate,
    ReservationHolder,
    SecondFactor,
    Signatory,
    SignedDocument,
    StockRight,
    TaskFailure,
    Territory,
    TerritoryLink,
    TerritoryName,
    Unconfirmed,
    User,
)
from reservations.refusals import Refusal, constraints_speak
from tests.guards import unguarded
from tests.world import World, convention, siren

Break = Callable[[World], models.Model]


def signed(world: World, **given: object) -> Convention:
    return Convention(
        **{
            "landlord": world.landlord,
            "organisation": world.city,
            "perimeter": world.places["Narbonne"],
            "starts_on": date(2029, 1, 1),
            "ends_on": date(2029, 12, 31),
            "status": "SIGNED",
            "signed_on": date(2028, 12, 1),
        }
        | given
    )


def rate(world: World, **given: object) -> Rate:
    """A row of the table of the quota of a draft."""
    of = quota(world)
    of.save()
    return Rate(**{"quota": of, "share": 1, "categories": ["typology:T1"]} | given)


def quota(world: World, **given: object) -> Quota:
    """One more share of a draft: what left the draft is kept by its trigger, before any constraint."""
    draft = convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        (world.holders["priority"], "25", 1),
        (world.holders["agents"], "5", 2),
        signed=False,
    )
    return Quota(**{"convention": draft, "holder": world.holders["city"], "share": 1, "rank": 9} | given)


def part_of_a_delegation(world: World, **given: object) -> Delegation:
    first = quota(world).convention.quotas.order_by("rank")[0]
    return Delegation(**{"quota": first, "delegate": world.city} | given)


def party(world: World, **given: object) -> Signatory:
    """One more party to a draft."""
    draft = convention(world.landlord, world.city, world.places["Narbonne"], signed=False)
    return Signatory(**{"convention": draft, "organisation": world.als} | given)


def pause(world: World, **given: object) -> Pause:
    """A suspension of the city's convention, proposed by the city."""
    days = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 1, 31), "proposed_on": date(2026, 1, 1)}
    values = {"convention": world.conventions["city"], "why": "Travaux.", "proposed_by": world.city}
    return Pause(**days | values | given)


def agreed(world: World) -> Pause:
    """The same, which all agreed to behind the acts."""
    row = pause(world)
    row.save()
    with unguarded("reservations_pause.agreed_by_each"):
        Pause.objects.filter(pk=row.pk).update(status="AGREED", agreed_on=date(2026, 1, 1))
    return pause(world)


def agree_twice(world: World) -> Pause:
    """Another, as all its parties agree to it."""
    row = agreed(world)
    row.save()
    for number, party in enumerate(row.convention.signatories.order_by("pk")):
        PauseAccord.objects.create(
            pause=row,
            organisation=party.organisation,
            agreed_on=date(2026, 1, 1),
            means="ACCOUNT",
            agreed_by=world.people["alice" if number else "chloe"],
        )
    row.status, row.agreed_on = "AGREED", date(2026, 1, 1)
    return row


def accord(world: World, **given: object) -> PauseAccord:
    """The city's, to it."""
    row = pause(world)
    row.save()
    values = {"pause": row, "organisation": world.city, "agreed_on": date(2026, 1, 1), "means": "ACCOUNT"}
    return PauseAccord(**values | {"agreed_by": world.people["chloe"]} | given)


def right(world: World, **given: object) -> StockRight:
    return StockRight(
        **{
            "landlord": world.landlord,
            "holder": world.holders["city"],
            "ground": "DEFENCE",
            "starts_on": date(2026, 1, 1),
        }
        | given
    )


def notified(world: World) -> MailItem:
    given = {
        "kind": "test",
        "about": "unit:1",
        "subject": "Un logement",
        "made_at": timezone.now(),
        "due_at": timezone.now(),
    }
    return MailItem(user=world.people["chloe"], **given)


def titled(world: World) -> StockRight:
    """A second right of one reference."""
    right(world, reference="T-1").save()
    return right(world, reference="T-1")


def delegated_twice(world: World) -> Delegation:
    draft = quota(world).convention
    first = draft.quotas.order_by("rank")[0]
    Delegation.objects.create(quota=first, delegate=world.city)
    return Delegation(quota=first, delegate=world.city)


def paper(world: World, **given: object) -> KeptElsewhere:
    return KeptElsewhere(
        **{
            "kind": "BALANCE",
            "keeper": world.landlord.organisation,
            "landlord": world.landlord,
            "departement": world.places["Aude"],
            "exercise": 2024,
            "held_on": date(2025, 2, 20),
            "kept_in": "ailleurs",
            "name": "bilan.json",
            "content_type": "application/json",
            "content": b"{}",
            "size": 2,
            "sha256": "0" * 64,
            "brought_by": world.people["alice"],
            "brought_at": timezone.now(),
        }
        | given
    )


def kept_twice(world: World) -> KeptElsewhere:
    paper(world).save()
    return paper(world)


def attached_twice(world: World) -> SignedDocument:
    given = {
        "convention": world.conventions["city"],
        "name": "signée.pdf",
        "content_type": "application/pdf",
        "content": b"%PDF",
        "size": 4,
        "sha256": "0" * 64,
        "attached_by": world.people["chloe"],
    }
    SignedDocument.objects.create(**given)
    return SignedDocument(**given)


def order(world: World, **given: object) -> Derogation:
    return Derogation(
        **{
            "landlord": world.landlord,
            "departement": world.places["Aude"],
            "code": "STATE_SHARE_MAX",
            "value": Decimal(35),
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "order": "arrêté n° 2026-7",
        }
        | given
    )


def doubt(**given: object) -> Unconfirmed:
    return Unconfirmed(**{"subject": "reservations.legalparameter", "subject_id": 0, "would_confirm": "x"} | given)


def first_doubt() -> dict[str, object]:
    """What one of those that are there is about."""
    return Unconfirmed.objects.order_by("pk").values("subject", "subject_id")[0]


def cap(**given: object) -> LegalParameter:
    return LegalParameter(
        **{
            "code": "STATE_SHARE_MAX",
            "value": Decimal(30),
            "starts_on": date(2010, 1, 1),
            "ends_on": date(2010, 12, 31),
            "source": "un décret",
        }
        | given
    )


def link(world: World, **given: object) -> TerritoryLink:
    """Narbonne in another place, from a day on."""
    values = {"kind": "EPT", "container": world.places["Béziers Méditerranée"], "since": date(2026, 1, 1)}
    return TerritoryLink(territory=world.places["Narbonne"], **(values | given))


def named_twice(world: World) -> TerritoryName:
    [name] = TerritoryName.objects.filter(territory=world.places["Narbonne"])
    return TerritoryName(territory=name.territory, since=name.since, name="Narbonne bis")


def invitation(world: World, **given: object) -> Invitation:
    now = timezone.now()
    return Invitation(
        **{
            "email": "x@exemple.test",
            "full_name": "X",
            "organisation": world.city,
            "role": "HOLDER_STAFF",
            "digest": "0" * 64,
            "made_by": world.people["adam"],
            "made_at": now,
            "ends_at": now + timedelta(hours=72),
        }
        | given
    )


def cosigned(world: World) -> LogCosignature:
    return LogCosignature(size=1, root=b"x", organisation=world.city, note="x", received_at=timezone.now())


def failure(world: World) -> TaskFailure:
    now = timezone.now()
    return TaskFailure(task="x", row="offer:1", tries=1, error="ValueError", failed_at=now, next_at=now)


def second_factor(world: World, **given: object) -> SecondFactor:
    values = {"kind": "CODES", "name": "Téléphone", "secret": b"x", "added_at": timezone.now()}
    return SecondFactor(user=world.people["chloe"], **(values | given))


def identity(world: World) -> Identity:
    return Identity(user=world.people["bob"], issuer="https://a.example", subject="1", added_at=timezone.now())


def token(world: World, **given: object) -> ApiToken:
    return ApiToken(
        **{
            "organisation": world.city,
            "name": "Logiciel",
            "role": "HOLDER_STAFF",
            "scopes": [ApiToken.Scope.values[0]],
            "prefix": "eqf_0000",
            "digest": "0" * 64,
            "made_by": world.people["adam"],
            "expires_on": date(2027, 1, 1),
        }
        | given
    )


def called_twice(world: World) -> ApiCall:
    given = {"token": token(world), "method": "POST", "path": "/api/v1/", "key": "1", "asked": "0" * 64}
    given["token"].save()
    ApiCall.objects.create(**given)
    return ApiCall(**given)


def file_import(world: World, **given: object) -> FileImport:
    values = {"kind": "logements", "name": "a.csv", "size": 0, "sha256": "0" * 64}
    return FileImport(organisation=world.city, given_by=world.people["adam"], **(values | given))


def twice(row: models.Model) -> models.Model:
    """The same again."""
    row.save()
    row.pk = None
    return row


def one_part(world: World) -> FilePart:
    order = file_import(world)
    order.save()
    return FilePart(file_import=order, number=0, content=b"a;b")


def one_line(world: World) -> ImportedLine:
    order = file_import(world)
    order.save()
    return ImportedLine(file_import=order, line=1, key="1", verdict="NEW", cells=[])


def cap_read(world: World) -> CapReading:
    values = {"reading": CapReading.Reading.values[0], "source": "un arrêté"}
    return CapReading(landlord=world.landlord, departement=world.places["Aude"], starts_on=date(2026, 1, 1), **values)


def archive_part_twice(world: World) -> ArchivePart:
    made = archive(world)
    made.save()
    ArchivePart.objects.create(archive=made, number=0, content=b"PK")
    return ArchivePart(archive=made, number=0, content=b"PK")


def archive(world: World) -> Archive:
    return Archive(organisation=world.city, asked_by=world.people["adam"], asked_at=timezone.now())


def mapping(world: World) -> ColumnMapping:
    return ColumnMapping(organisation=world.city, kind="logements")


def nickname(world: World, **given: object) -> Nickname:
    values = {"said": "Mme Durand", "key": "mme durand", "holder": world.holders["city"], **given}
    return Nickname(organisation=world.landlord.organisation, by=world.people["alice"], **values)


#: Name of the constraint → rows that break it and nothing else.
BROKEN: dict[str, list[Break]] = {
    "api_call_once_a_key": [called_twice],
    "archive_one_at_a_time": [lambda world: twice(archive(world))],
    "cap_reading_once": [lambda world: twice(cap_read(world))],
    "column_mapping_once": [lambda world: twice(mapping(world))],
    "nickname_once": [lambda world: twice(nickname(world))],
    "nickname_of_place_once": [lambda world: twice(nickname(world, holder=None, place=world.places["Narbonne"]))],
    "nickname_of_one": [
        lambda world: nickname(world, holder=None),
        lambda world: nickname(world, place=world.places["Narbonne"]),
    ],
    "file_import_size": [lambda world: file_import(world, size=150 * 1024 * 1024 + 1)],
    "file_part_once": [lambda world: twice(one_part(world))],
    "imported_line_once": [lambda world: twice(one_line(world))],
    "token_has_scopes": [lambda world: token(world, scopes=[])],
    "token_revoked_by_somebody": [lambda world: token(world, revoked_at=timezone.now())],
    "invitation_role_in_organisation": [
        lambda world: invitation(world, role=""),
        lambda world: invitation(world, organisation=None),
    ],
    "second_factor_whole": [
        lambda world: second_factor(world, secret=b""),
        lambda world: second_factor(world, kind="PASSKEY", credential=b"1"),
    ],
    "identity_one_person": [lambda world: twice(identity(world))],
    "invitation_taken_by_somebody": [lambda world: invitation(world, taken_at=timezone.now())],
    "invitation_period": [lambda world: invitation(world, ends_at=timezone.now() - timedelta(hours=1))],
    "organisation_article": [lambda world: Organisation(siren=siren(90), name="X", kind="OTHER", article="un")],
    "organisation_merged_is_closed": [
        lambda world: Organisation(siren=siren(90), name="Doublon", kind="OTHER", merged_into=world.als),
    ],
    "convention_period": [
        lambda world: signed(world, status="DRAFT", signed_on=None, ends_on=date(2028, 12, 31)),
    ],
    "convention_signed_has_date": [
        lambda world: signed(world, signed_on=None),
        lambda world: signed(world, status="ENDED", signed_on=None),
        lambda world: signed(world, status="DRAFT"),
    ],
    "convention_no_overlap": [
        lambda world: signed(world, starts_on=date(2028, 12, 31)),
        lambda world: signed(world, starts_on=date(2020, 1, 1), ends_on=date(2026, 1, 1)),
        lambda world: signed(world, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 1), status="ENDED"),
    ],
    "signatory_once": [lambda world: party(world, organisation=world.city)],
    "signatory_signature_whole": [
        lambda world: party(world, signed_on=date(2026, 1, 1)),
        lambda world: party(world, means="FILE"),
        lambda world: party(world, signer="Mme Roux"),
    ],
    "signatory_paper_is_kept": [
        lambda world: party(world, signed_on=date(2026, 1, 1), means="PAPER", signer="Mme Roux"),
    ],
    "signatory_account_is_named": [
        lambda world: party(world, signed_on=date(2026, 1, 1), means="ACCOUNT", signer="Mme Roux"),
        lambda world: party(world, signed_on=date(2026, 1, 1), means="ACCOUNT", signed_by=world.people["chloe"]),
    ],
    "signatory_denounces_what_it_signed": [lambda world: party(world, denounced_on=date(2026, 1, 1))],
    "pause_period": [
        lambda world: pause(world, ends_on=date(2026, 12, 31)),
        lambda world: pause(world, ends_on=None),
        lambda world: pause(world, is_final=True),
        lambda world: pause(world, successor=world.als),
    ],
    "pause_agreed_has_day": [lambda world: pause(world, agreed_on=date(2026, 1, 1))],
    "pause_says_why": [lambda world: pause(world, why="")],
    "pause_one_proposed": [lambda world: twice(pause(world))],
    "pause_no_overlap": [agree_twice],
    "pause_accord_once": [lambda world: twice(accord(world))],
    "pause_accord_paper_is_kept": [lambda world: accord(world, means="PAPER", signer="Mme Roux")],
    "rate_once": [lambda world: twice(rate(world))],
    "rate_share_bounds": [lambda world: rate(world, share=1_000_001)],
    "rate_categories_known": [lambda world: rate(world, categories=["typology:T9"])],
    "rate_has_condition": [lambda world: rate(world, categories=[])],
    "quota_unique_holder": [lambda world: quota(world, holder=world.holders["agents"])],
    "quota_unique_rank": [lambda world: quota(world, rank=2)],
    "quota_share_bounds": [lambda world: quota(world, share=0), lambda world: quota(world, share=1_000_001)],
    "quota_yearly_units": [
        lambda world: quota(world, yearly_units=3),
        lambda world: quota(world, planned_flow=40),
        lambda world: quota(world, yearly_units=0, planned_flow=40),
        lambda world: quota(world, yearly_units=41, planned_flow=40),
    ],
    "delegation_share_bounds": [
        lambda world: part_of_a_delegation(world, share=0),
        lambda world: part_of_a_delegation(world, share=1_000_001),
    ],
    "delegation_period": [
        lambda world: part_of_a_delegation(world, starts_on=date(2027, 2, 1), ends_on=date(2027, 1, 31)),
    ],
    "delegation_accord": [
        lambda world: part_of_a_delegation(world, accord_on=date(2026, 3, 3)),
        lambda world: part_of_a_delegation(world, accord_reference="délibération n° 12"),
    ],
    "quota_declined_known": [lambda world: quota(world, declined=["typology:T9"])],
    "unconfirmed_once": [lambda world: Unconfirmed(**first_doubt(), would_confirm="Légifrance")],
    "unconfirmed_said_whole": [
        lambda world: doubt(source="CCH, L441-1"),
        lambda world: doubt(confirmed_on=date(2026, 1, 1), confirmed_by=world.people["adam"]),
        lambda world: doubt(confirmed_on=date(2026, 1, 1), source="CCH, L441-1"),
    ],
    "legal_parameter_period": [lambda world: cap(ends_on=date(2009, 12, 31))],
    "legal_parameter_no_overlap": [
        lambda world: cap(starts_on=date(2026, 1, 1), ends_on=None),
        lambda world: cap(ends_on=date(2020, 2, 22)),
    ],
    "holder_unique_organisation_contingent": [
        lambda world: ReservationHolder(organisation=world.city, contingent=4),
    ],
    "holder_contingent_code": [
        lambda world: ReservationHolder(organisation=world.city, contingent=0),
        lambda world: ReservationHolder(organisation=world.city, contingent=8),
    ],
    "user_unique_email": [lambda world: User(email="CHLOE@exemple.test", full_name="Autre Chloé")],
    "membership_unique": [
        lambda world: Membership(user=world.people["chloe"], organisation=world.city, role="HOLDER_STAFF"),
    ],
    "mail_ended_when_not_pending": [
        lambda world: Mail(address="a@b.fr", made_at=timezone.now(), next_at=timezone.now(), ended_at=timezone.now()),
        lambda world: Mail(address="a@b.fr", made_at=timezone.now(), next_at=timezone.now(), state="SENT"),
    ],
    "mail_item_once": [lambda world: (notified(world).save(), notified(world))[1]],
    "mail_item_to_somebody": [
        lambda world: MailItem(kind="test", subject="À qui ?", made_at=timezone.now(), due_at=timezone.now())
    ],
    "mail_choice_moment": [
        lambda world: MailChoice(user=world.people["chloe"], hour=24),
        lambda world: MailChoice(user=world.people["chloe"], day=7),
    ],
    "stock_right_period": [lambda world: right(world, ends_on=date(2025, 12, 31))],
    "stock_right_unique_reference": [titled],
    "stock_right_loan": [
        lambda world: right(world, loan_ends_on=date(2030, 1, 1), extension_years=5),
        lambda world: right(world, ground="LOAN_GUARANTEE", loan_ends_on=date(2030, 1, 1)),
        lambda world: right(world, ground="LOAN_GUARANTEE", extension_years=5),
    ],
    "convention_amendment_has_version": [
        lambda world: signed(world, version=2),
        lambda world: signed(world, amends=world.conventions["city"]),
    ],
    "convention_order_stands_alone": [
        lambda world: signed(world, prefect_order="arrêté n° 1", amends=world.conventions["city"], version=2),
        lambda world: signed(world, prefect_order="arrêté n° 1", status="PROPOSED", signed_on=None),
    ],
    "convention_returned_cap": [
        lambda world: signed(world, returned_cap=2_000_000),
        lambda world: signed(world, returns_effect="NO", returned_cap=0),
    ],
    "convention_carry_over_cap": [
        lambda world: signed(world, carry_over="CAPPED"),
        lambda world: signed(world, carry_over="FULL", carry_over_cap=1),
    ],
    "convention_renewal_whole": [
        lambda world: signed(world, renewal_months=12, notice_months=3),
        lambda world: signed(world, renewal_months=12, term_on=date(2028, 12, 31)),
        lambda world: signed(world, renewal_times=2),
        lambda world: signed(world, notice_months=3),
    ],
    "delegation_once": [delegated_twice],
    "archive_part_once": [archive_part_twice],
    "signed_document_once": [attached_twice],
    "kept_elsewhere_once": [kept_twice],
    "kept_elsewhere_whole": [
        lambda world: paper(world, exercise=None),
        lambda world: paper(world, departement=None),
        lambda world: paper(world, kind="MINUTES"),
    ],
    "kept_elsewhere_sealed": [lambda world: paper(world, sha256="0" * 63)],
    "derogation_period": [lambda world: order(world, ends_on=date(2025, 12, 31))],
    "derogation_of_a_cap": [lambda world: order(world, code="FLOW_REQUIRED")],
    "derogation_value": [lambda world: order(world, value=Decimal(0)), lambda world: order(world, value=Decimal(101))],
    "territory_link_period": [lambda world: link(world, until=date(2025, 12, 31))],
    "territory_link_once_at_a_time": [lambda world: link(world, kind="EPCI")],
    "one_checkpoint_a_size": [lambda _: twice(LogCheckpoint(size=1, root=b"x", note="x", signed_at=timezone.now()))],
    "one_cosignature_an_organisation": [lambda world: twice(cosigned(world))],
    "task_failure_once": [lambda world: twice(failure(world))],
    "territory_name_since": [named_twice],
    "territory_unique_kind_code": [
        lambda world: Territory(kind="COMMUNE", code="11262", name="Narbonne bis", search_name="narbonne bis"),
    ],
}
CASES = [pytest.param(name, broken, id=f"{name}-{i}") for name in BROKEN for i, broken in enumerate(BROKEN[name])]


def constraints() -> dict[str, models.BaseConstraint]:
    return {
        constraint.name: constraint
        for model in apps.get_app_config("reservations").get_models()
        for constraint in model._meta.constraints
        if model._meta.model_name not in ("leafsalt", "lognode")  # written by the database, which nobody reads refuse
    }


def test_every_constraint_is_broken_here_and_speaks_french() -> None:
    assert set(BROKEN) == set(constraints())
    for name, constraint in constraints().items():
        sentence = str(constraint.get_violation_error_message())
        assert name not in sentence, sentence
        assert sentence.endswith("."), sentence


@pytest.mark.parametrize(("name", "broken"), CASES)
def test_constraint_is_held_by_the_database(world: World, name: str, broken: Break) -> None:
    row = broken(world)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=row._state.adding)
    assert refused.value.__cause__.diag.constraint_name == name


@pytest.mark.parametrize(("name", "broken"), CASES)
def test_broken_constraint_is_refused_with_its_sentence(world: World, name: str, broken: Break) -> None:
    row = broken(world)
    with pytest.raises(Refusal) as refused, constraints_speak(type(row)):
        row.save(force_insert=row._state.adding)
    assert str(refused.value) == str(constraints()[name].get_violation_error_message())


def test_error_that_is_nobodys_sentence_goes_through(world: World) -> None:
    with pytest.raises(IntegrityError), constraints_speak(Quota):
        signed(world, signed_on=None).save()


def test_convention_of_another_time_place_or_party_does_not_overlap(world: World) -> None:
    signed(world).save()
    signed(world, starts_on=date(2026, 1, 1), organisation=world.state).save()
    signed(world, starts_on=date(2026, 1, 1), perimeter=world.places["Coursan"]).save()
    signed(world, starts_on=date(2026, 1, 1), landlord=world.other_landlord).save()
    signed(world, starts_on=date(2026, 1, 1), status="DRAFT", signed_on=None).save()
    assert Convention.objects.count() == len(world.conventions) + 5
