"""The life of a convention, through its acts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reservations.models import Convention, LegalParameter, Organisation, Quota, Territory
from reservations.operations.convention import (
    ConventionClosed,
    PerimeterOutOfPlace,
    PeriodRefused,
    SignatureRefused,
    discard_draft,
    draft_convention,
)
from reservations.operations.convention_terms import QuotaRefused, QuotaTerms, share_of
from reservations.operations.legal_parameter import record_legal_parameter
from reservations.operations.party import register_organisation
from reservations.pages.checks.findings import signature_obstacles
from reservations.queries.rights import commitments
from reservations.queries.signatories import perimeters_of
from reservations.refusals import Refusal
from tests.signing import sign_convention
from tests.world import World, convention, end_convention, siren, territory

SIGNED_ON = date(2026, 1, 1)


@pytest.fixture
def hospital(world: World) -> Organisation:
    """One more holder, on a département."""
    return register_organisation(
        siren=siren(50), name="Hôpital de Narbonne", article="l’", kind=Organisation.Kind.OTHER
    )


def later(world: World, organisation: Organisation, perimeter: str, *quotas: tuple, signed: bool = False) -> Convention:
    """A convention for 2029 to 2031, after all those of the small world."""
    return convention(
        world.landlord,
        organisation,
        world.places[perimeter],
        *quotas,
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        signed=signed,
    )


@pytest.mark.parametrize(
    ("percent", "share"), [("25", 250_000), ("12.5", 125_000), ("33.3333", 333_333), ("0.0001", 1), ("100", 1_000_000)]
)
def test_share_of_a_percentage_is_exact(percent: str, share: int) -> None:
    assert share_of(Decimal(percent)) == share


@pytest.mark.parametrize("percent", ["0", "-5", "100.0001", "120"])
def test_share_out_of_bounds_is_refused(percent: str) -> None:
    with pytest.raises(QuotaRefused, match=r"^Une part va de plus de 0 % à 100 %"):
        share_of(Decimal(percent))


@pytest.mark.parametrize("percent", ["33.33333", "33.33330000000000000000000000000000001"])
def test_share_with_a_fifth_decimal_is_refused_and_never_rounded(percent: str) -> None:
    with pytest.raises(QuotaRefused, match=r"quatre décimales au plus"):
        share_of(Decimal(percent))


def test_draft_is_written_with_its_quotas(world: World) -> None:
    draft = later(world, world.state, "Aude", (world.holders["priority"], "25", 1), (world.holders["agents"], "5", 2))
    assert (draft.status, draft.signed_on) == ("DRAFT", None)
    assert list(draft.quotas.order_by("rank").values_list("holder", "share", "rank")) == [
        (world.holders["priority"].pk, 250_000, 1),
        (world.holders["agents"].pk, 50_000, 2),
    ]


def test_draft_in_the_place_of_another_replaces_its_terms(world: World) -> None:
    draft = later(world, world.state, "Aude", (world.holders["priority"], "25", 1), (world.holders["agents"], "5", 2))
    draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=world.places["Aude"],
        starts_on=date(2030, 1, 1),
        ends_on=date(2030, 12, 31),
        quotas=[QuotaTerms(world.holders["priority"], 300_000, 7)],
        by=world.people["alice"],
        replaces=draft,
    )
    draft.refresh_from_db()
    assert (draft.starts_on, draft.ends_on) == (date(2030, 1, 1), date(2030, 12, 31))
    assert list(draft.quotas.values_list("share", "rank")) == [(300_000, 7)]


def test_draft_in_the_place_of_a_signed_convention_is_refused(world: World) -> None:
    signed = world.conventions["city"]
    with pytest.raises(ConventionClosed, match=r"elle ne se modifie plus"):
        draft_convention(
            landlord=world.landlord,
            organisation=world.city,
            perimeter=world.places["Narbonne"],
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            quotas=[],
            by=world.people["alice"],
            replaces=signed,
        )
    assert list(signed.quotas.values_list("share", flat=True)) == [120_000]


def test_draft_that_ends_before_it_starts_is_refused_at_its_last_day(world: World) -> None:
    before = Convention.objects.count()
    with pytest.raises(PeriodRefused, match=r"finit avant de commencer") as refused:
        draft_convention(
            landlord=world.landlord,
            organisation=world.city,
            perimeter=world.places["Narbonne"],
            starts_on=date(2029, 1, 2),
            ends_on=date(2029, 1, 1),
            quotas=[],
            by=world.people["alice"],
        )
    assert refused.value.field == "ends_on"
    assert Convention.objects.count() == before


@pytest.mark.parametrize(
    ("organisation", "perimeter", "sentence"),
    [
        ("city", "Aude", r"porte(nt)? sur son propre territoire \(CCH, R441-5-3\)"),
        ("city", "Coursan", r"son propre territoire"),
        ("epci", "Narbonne", r"son propre territoire"),
        ("state", "Narbonne", r"porte sur un département \(CCH, R441-5\)"),
        ("state", "Hérault", r"son propre territoire \(Aude\) : Hérault n’en fait pas partie"),
        ("als", "Occitanie", r"porte sur un département"),
    ],
)
def test_perimeter_out_of_place_is_refused(world: World, organisation: str, perimeter: str, sentence: str) -> None:
    with pytest.raises(PerimeterOutOfPlace, match=sentence) as refused:
        later(world, getattr(world, organisation), perimeter)
    assert refused.value.field == "perimeter"


@pytest.mark.parametrize(
    ("kind", "own", "allowed"),
    [
        (Organisation.Kind.STATE, "Aude", ["Aude"]),
        (Organisation.Kind.STATE, "Occitanie", ["Aude", "Hérault"]),
        (Organisation.Kind.DEPARTEMENT, "Hérault", ["Hérault"]),
        (Organisation.Kind.DEPARTEMENT, None, []),
        (Organisation.Kind.REGION, "Occitanie", ["Aude", "Hérault"]),
        (Organisation.Kind.COMMUNE, "Narbonne", ["Narbonne"]),
        (Organisation.Kind.OTHER, None, ["Aude", "Hérault", "Paris"]),
    ],
)
def test_perimeters_are_those_of_the_signatory_s_territory(
    world: World, kind: str, own: str | None, allowed: list[str]
) -> None:
    region = territory(Territory.Kind.REGION, "11", "Île-de-France")
    world.places["Paris"] = territory(Territory.Kind.DEPARTEMENT, "75", "Paris", region=region)
    signatory = register_organisation(
        siren=siren(62), name="Signataire", kind=kind, territory=world.places[own] if own else None
    )
    assert [place.name for place in perimeters_of(signatory).order_by("code")] == allowed
    for name in {"Aude", "Hérault", "Paris"} - set(allowed):
        with pytest.raises(PerimeterOutOfPlace):
            later(world, signatory, name)


def test_contingent_of_somebody_else_is_refused(world: World) -> None:
    before = Convention.objects.count()
    with pytest.raises(QuotaRefused, match=r"^Ville de Narbonne n’est pas un contingent d’Action Logement Services"):
        later(world, world.als, "Aude", (world.holders["city"], "12", 9))
    assert Convention.objects.count() == before


def test_two_contingents_of_one_rank_are_refused_and_nothing_is_written(world: World) -> None:
    before = Convention.objects.count()
    with pytest.raises(Refusal, match=r"^Deux contingents de cette convention ont le même rang"):
        later(world, world.state, "Aude", (world.holders["priority"], "25", 1), (world.holders["agents"], "5", 1))
    assert Convention.objects.count() == before


def test_signature_binds_from_its_day(world: World) -> None:
    draft = later(world, world.city, "Narbonne", (world.holders["city"], "12", 4))
    signed = sign_convention(convention=draft, signed_on=date(2028, 12, 1), by=world.people["alice"])
    signed.refresh_from_db()
    assert (signed.status, signed.signed_on) == ("SIGNED", date(2028, 12, 1))


def test_signature_of_a_convention_without_quota_is_refused(world: World) -> None:
    draft = later(world, world.city, "Narbonne")
    with pytest.raises(SignatureRefused, match=r"^La convention ne donne aucune part"):
        sign_convention(convention=draft, signed_on=SIGNED_ON, by=world.people["alice"])
    draft.refresh_from_db()
    assert draft.is_draft


def test_second_signature_is_refused(world: World) -> None:
    with pytest.raises(ConventionClosed, match=r"déjà signée"):
        sign_convention(convention=world.conventions["city"], signed_on=SIGNED_ON, by=world.people["alice"])


def test_signature_after_the_period_is_refused(world: World) -> None:
    draft = later(world, world.city, "Narbonne", (world.holders["city"], "12", 4))
    assert signature_obstacles(draft, on=date(2031, 12, 31)) == []
    assert signature_obstacles(draft, on=date(2032, 1, 1)) == [
        "La période de la convention a pris fin le 31/12/2031, avant la signature. Changez ses dates."
    ]


@pytest.mark.parametrize(
    ("priority", "agents", "expected"),
    [
        ("25", "5", []),
        ("30", None, []),
        ("25.0001", "5", ["La part de l’État est de 30,0001 % : le plafond est de 30 % du flux"]),
        ("20", "5.5", ["La part des agents de l’État est de 5,5 % : le plafond est de 5 % du flux"]),
        (
            "26",
            "6",
            [
                "La part de l’État est de 32 % : le plafond est de 30 % du flux",
                "La part des agents de l’État est de 6 % : le plafond est de 5 % du flux",
            ],
        ),
    ],
)
def test_caps_of_the_state_hold_at_signature(
    world: World, priority: str, agents: str | None, expected: list[str]
) -> None:
    quotas = [(world.holders["priority"], priority, 1)]
    if agents:
        quotas.append((world.holders["agents"], agents, 2))
    draft = later(world, world.state, "Aude", *quotas)
    obstacles = signature_obstacles(draft, on=SIGNED_ON)
    assert [obstacle.replace("\u00a0", " ").split(" (CCH")[0] for obstacle in obstacles] == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2027, 1, 1), "le plafond est de 25 % du flux (CCH"),
        (date(2029, 1, 1), "le plafond est de 25 % du flux (CCH"),
        (date(2031, 12, 31), "le plafond est de 25 % du flux à partir du 31/12/2031 (CCH"),
        (date(2032, 1, 1), None),
    ],
)
def test_cap_is_each_one_of_the_period_whatever_the_day_of_signature(
    world: World, since: date, expected: str | None
) -> None:
    record_legal_parameter(
        by=world.people["adam"],
        code=LegalParameter.Code.STATE_SHARE_MAX,
        value=Decimal(25),
        starts_on=since,
        source="décret à venir",
        today=SIGNED_ON,
    )
    draft = later(world, world.state, "Aude", (world.holders["priority"], "25.5", 1))
    obstacles = [obstacle.replace("\u00a0", " ") for obstacle in signature_obstacles(draft, on=SIGNED_ON)]
    assert obstacles == ([f"La part de l’État est de 25,5 % : {expected}, R441-5-2). Réduisez-la."] if expected else [])


def test_cap_of_the_state_counts_every_convention_on_the_same_communes(world: World) -> None:
    """The région's State service on the same département: 25 + 5 % are promised to the préfecture already."""
    region = register_organisation(
        siren=siren(61),
        name="Préfecture d’Occitanie",
        article="la",
        kind=Organisation.Kind.STATE,
        territory=world.places["Occitanie"],
    )
    priority = region.contingents.get(contingent=2)
    draft = convention(world.landlord, region, world.places["Aude"], (priority, "1", 9), signed=False)
    (obstacle,) = signature_obstacles(draft, on=SIGNED_ON)
    assert obstacle.replace("\u00a0", " ").endswith(
        ", la part de l’État atteint 31 % le 01/01/2026, avec ce que d’autres conventions lui promettent déjà "
        "(Préfecture de l’Aude, Aude) : le plafond est de 30 % du flux (CCH, R441-5-2). Réduisez-la."
    )
    elsewhere = convention(world.landlord, region, world.places["Hérault"], (priority, "1", 9), signed=False)
    assert signature_obstacles(elsewhere, on=SIGNED_ON) == []


@pytest.mark.parametrize(("starts_on", "without"), [(date(2019, 1, 1), "01/01/2019"), (date(2026, 1, 1), "01/06/2030")])
def test_period_with_a_day_without_a_recorded_cap_says_what_to_do(world: World, starts_on: date, without: str) -> None:
    LegalParameter.objects.update(ends_on=date(2030, 5, 31))
    draft = convention(
        world.other_landlord,
        world.state,
        world.places["Aude"],
        (world.holders["priority"], "25", 1),
        starts_on=starts_on,
        ends_on=date(2031, 12, 31),
        signed=False,
    )
    with pytest.raises(SignatureRefused, match=rf"^Aucun plafond n’est enregistré au {without}") as refused:
        sign_convention(convention=draft, signed_on=SIGNED_ON, by=world.people["alice"])
    assert len(refused.value.obstacles) == 2


def test_rank_of_another_holder_at_the_same_time_is_refused(world: World, hospital: Organisation) -> None:
    draft = convention(
        world.landlord, hospital, world.places["Aude"], (hospital.contingents.get(), "1", 4), signed=False
    )
    assert signature_obstacles(draft, on=SIGNED_ON) == [
        "Le rang 4 est déjà celui de la Ville de Narbonne. Choisissez-en un autre."
    ]


def test_rank_of_another_holder_is_free_after_it_ended(world: World, hospital: Organisation) -> None:
    draft = later(world, hospital, "Aude", (hospital.contingents.get(), "1", 4))
    assert signature_obstacles(draft, on=SIGNED_ON) == []


def test_rank_taken_at_another_landlord_is_free(world: World, hospital: Organisation) -> None:
    draft = convention(
        world.other_landlord, hospital, world.places["Aude"], (hospital.contingents.get(), "1", 4), signed=False
    )
    assert signature_obstacles(draft, on=SIGNED_ON) == []


def test_ranks_swapped_between_two_contingents_beside_a_running_convention_are_refused(world: World) -> None:
    """The same organisation for later months: rank 1 would be one contingent here and the other there."""
    world.end(world.conventions["state"], date(2026, 6, 30))
    draft = convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        (world.holders["priority"], "25", 2),
        (world.holders["agents"], "5", 1),
        starts_on=date(2026, 7, 1),
        signed=False,
    )
    assert signature_obstacles(draft, on=SIGNED_ON) == [
        "Le rang 1 est déjà celui de l’État – publics prioritaires. Choisissez-en un autre.",
        "Le rang 2 est déjà celui de l’État – agents. Choisissez-en un autre.",
    ]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "free"),
    [
        (date(2026, 7, 1), date(2026, 12, 31), False),  # the other's ledger of 2026 counts them both
        (date(2026, 12, 31), date(2027, 12, 31), False),
        (date(2025, 1, 1), date(2025, 12, 31), True),
        (date(2027, 1, 1), date(2027, 12, 31), True),
    ],
)
def test_rank_is_one_holder_s_for_the_whole_calendar_year(
    world: World, hospital: Organisation, starts_on: date, ends_on: date, free: bool
) -> None:
    world.end(world.conventions["city"], date(2026, 6, 30))
    draft = convention(
        world.landlord,
        hospital,
        world.places["Aude"],
        (hospital.contingents.get(), "1", 4),
        starts_on=starts_on,
        ends_on=ends_on,
        signed=False,
    )
    expected = [] if free else ["Le rang 4 est déjà celui de la Ville de Narbonne. Choisissez-en un autre."]
    assert signature_obstacles(draft, on=starts_on) == expected


def test_overlap_of_a_signed_convention_is_stated_then_refused(world: World) -> None:
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 4),
        starts_on=date(2028, 12, 31),
        ends_on=date(2031, 12, 31),
        signed=False,
    )
    sentence = (
        "Une convention signée avec la Ville de Narbonne couvre déjà ce périmètre du 01/01/2026 au 31/12/2028 "
        "(CCH, R441-5). Terminez-la d’abord, ou changez les dates de celle-ci."
    )
    assert signature_obstacles(draft, on=SIGNED_ON) == [sentence]
    world.end(world.conventions["city"], date(2028, 12, 30))
    assert signature_obstacles(draft, on=SIGNED_ON) == []


def test_sum_of_one_hundred_percent_is_accepted(world: World) -> None:
    """25 + 5 + 20 + 12 + 6 promised in Narbonne: 32 are left, and not one ten-thousandth more."""
    world.end(world.conventions["city"], date(2026, 12, 31))
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "44", 4),
        starts_on=date(2027, 1, 1),
        signed=False,
    )
    assert signature_obstacles(draft, on=SIGNED_ON) == []
    assert {line.largest.name: line.total for line in commitments(draft, on=date(2027, 1, 1))} == {
        "Narbonne": 1_000_000
    }


def test_sum_over_one_hundred_percent_is_refused_with_the_list_of_conventions(world: World) -> None:
    world.end(world.conventions["city"], date(2026, 12, 31))
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "44.0001", 4),
        starts_on=date(2027, 1, 1),
        signed=False,
    )
    with pytest.raises(SignatureRefused) as refused:
        sign_convention(convention=draft, signed_on=SIGNED_ON, by=world.people["alice"])
    assert str(refused.value).replace("\u00a0", " ") == (
        "À Narbonne, les parts promises atteignent 100,0001 % le 01/01/2027, plus que la totalité du flux. "
        "Conventions : ce brouillon ; Préfecture de l’Aude (du 01/01/2026 au 31/12/2028) ; "
        "Action Logement Services (du 01/01/2026 au 31/12/2028) ; Le Grand Narbonne (du 01/01/2026 au 31/12/2028). "
        "Réduisez une part, ou terminez une de ces conventions."
    )
    draft.refresh_from_db()
    assert draft.is_draft


def test_over_commitment_is_found_at_the_later_start_of_another(world: World, hospital: Organisation) -> None:
    """Enough is left on the first day; in 2029 the city's next convention takes it."""
    for name in world.conventions:
        world.end(world.conventions[name], date(2026, 12, 31))
    later(world, world.city, "Narbonne", (world.holders["city"], "60", 4), signed=True)
    draft = convention(
        world.landlord,
        hospital,
        world.places["Aude"],
        (hospital.contingents.get(), "50", 9),
        starts_on=date(2027, 1, 1),
        ends_on=date(2029, 1, 1),
        signed=False,
    )
    (obstacle,) = signature_obstacles(draft, on=SIGNED_ON)
    assert obstacle.replace("\u00a0", " ").startswith("À Narbonne, les parts promises atteignent 110 % le 01/01/2029")
    draft.ends_on = date(2028, 12, 31)
    draft.save()
    assert signature_obstacles(draft, on=SIGNED_ON) == []


def test_over_commitment_is_found_in_the_other_departement_of_an_epci(world: World, hospital: Organisation) -> None:
    """The EPCI spans the Aude and the Hérault: only its commune of the Hérault is promised twice."""
    places = world.places
    territory(
        Territory.Kind.COMMUNE,
        "34199",
        "Pézenas",
        departement=places["Hérault"],
        region=places["Occitanie"],
        epci=places["Le Grand Narbonne"],
    )
    world.end(world.conventions["epci"], date(2026, 12, 31))
    convention(
        world.landlord,
        hospital,
        places["Hérault"],
        (hospital.contingents.get(), "95", 9),
        starts_on=date(2027, 1, 1),
    )
    draft = convention(
        world.landlord,
        world.epci,
        places["Le Grand Narbonne"],
        (world.holders["epci"], "6", 5),
        starts_on=date(2027, 1, 1),
        signed=False,
    )
    (obstacle,) = signature_obstacles(draft, on=SIGNED_ON)
    assert obstacle.replace("\u00a0", " ").startswith("À Pézenas, les parts promises atteignent 101 % le 01/01/2027")
    assert [
        (line.largest.name, line.communes, line.total, line.rest) for line in commitments(draft, on=date(2027, 1, 1))
    ] == [
        ("Pézenas", 1, 1_010_000, -10_000),
        ("Narbonne", 1, 680_000, 320_000),
        ("Coursan", 2, 560_000, 440_000),
    ]


def test_other_landlord_and_drafts_promise_nothing_here(world: World) -> None:
    convention(world.other_landlord, world.als, world.places["Aude"], (world.holders["als"], "90", 3))
    later(world, world.als, "Aude", (world.holders["als"], "90", 3))
    draft = later(world, world.city, "Narbonne", (world.holders["city"], "50", 4))
    assert signature_obstacles(draft, on=SIGNED_ON) == []


def test_end_moves_the_last_day_and_keeps_the_signature(world: World) -> None:
    ended = world.end(world.conventions["city"], date(2026, 6, 30))
    ended.refresh_from_db()
    assert (ended.status, ended.ends_on, ended.signed_on) == ("ENDED", date(2026, 6, 30), date(2026, 1, 1))


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2029, 1, 1)])
def test_end_out_of_the_period_is_refused(world: World, day: date) -> None:
    with pytest.raises(PeriodRefused, match=r"entre le 01/01/2026 et le 31/12/2028") as refused:
        world.end(world.conventions["city"], day)
    assert refused.value.field == "ends_on"


def test_end_of_a_draft_or_of_an_ended_convention_is_refused(world: World) -> None:
    with pytest.raises(ConventionClosed, match=r"^Seule une convention signée"):
        world.end(later(world, world.city, "Narbonne"), date(2029, 6, 30))
    world.end(world.conventions["city"], date(2026, 6, 30))
    with pytest.raises(ConventionClosed, match=r"^Seule une convention signée"):
        world.end(world.conventions["city"], date(2026, 5, 30))


def test_discarded_draft_is_gone_with_its_quotas(world: World) -> None:
    draft = later(world, world.city, "Narbonne", (world.holders["city"], "12", 4))
    before = Quota.objects.count()
    discard_draft(convention=draft, by=world.people["alice"])
    assert (Convention.objects.filter(pk=draft.pk).exists(), Quota.objects.count()) == (False, before - 1)


def test_signed_convention_is_not_discarded(world: World) -> None:
    with pytest.raises(ConventionClosed, match=r"elle ne se supprime pas"):
        discard_draft(convention=world.conventions["city"], by=world.people["alice"])
    assert Convention.objects.filter(pk=world.conventions["city"].pk).exists()


def test_draft_discarded_twice_says_that_it_is_gone(world: World) -> None:
    draft = later(world, world.city, "Narbonne")
    discard_draft(convention=Convention.objects.get(pk=draft.pk), by=world.people["alice"])
    with pytest.raises(ConventionClosed, match=r"^Ce brouillon n’existe plus"):
        discard_draft(convention=draft, by=world.people["alice"])


def test_convention_does_not_end_on_a_day_gone_by(world: World) -> None:
    with pytest.raises(Refusal, match="à partir d’aujourd’hui") as refused:
        end_convention(
            convention=world.conventions["city"],
            ends_on=date(2026, 6, 29),
            why="Accord.",
            today=date(2026, 6, 30),
            by=world.people["alice"],
        )
    assert refused.value.field == "ends_on"
    assert Convention.objects.get(pk=world.conventions["city"].pk).status == "SIGNED"
