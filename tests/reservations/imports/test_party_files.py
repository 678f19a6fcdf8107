"""Holders, people and conventions by the one door for files, through real files: each fault named by its line, the
same file twice changing nothing; and everything goes out again as it comes in."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.operations.conversions import sign_for
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import (
    Archive,
    Convention,
    FileImport,
    ImportedLine,
    Invitation,
    Membership,
    Organisation,
    PauseAccord,
    Quota,
    Signatory,
    User,
)
from reservations.models.clauses import declared
from reservations.models.ground import ShareGround
from reservations.models.procedure import ProcedureTerms
from reservations.operations.convention import sign_convention as bind
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_pause import deposit_accord
from reservations.operations.convention_signature import Paper
from reservations.operations.invitation import take_invitation
from reservations.operations.person import grant_membership
from reservations.operations.service_notice import remember_nickname
from reservations.takeaway import archives_to_make, make_archive, purge_archives
from tests.flux.operations.test_returning import agree
from tests.guards import unguarded
from tests.pauses import proposed
from tests.world import MORNING, World, convention, siren

SignIn = Callable[[str], Client]
Role = Membership.Role


def csv_of(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("utf-8-sig")


def given(world: World, kind: str, content: bytes, *, person: str = "alice") -> FileImport:
    member = world.member(person)
    order = receive_file(
        organisation=member.organisation, kind=kind_of(kind), name=f"{kind}.csv", content=content, by=member.user
    )
    return run(order)


def written(world: World, kind: str, content: bytes, *, person: str = "alice") -> FileImport:
    order = given(world, kind, content, person=person)
    assert order.refused == 0, faults(order)
    confirm(order=order, digest=digest_of(order), by=world.people[person])
    order = run(order)
    assert order.state == FileImport.State.DONE, order.failure
    return order


def signed_elsewhere(world: World) -> None:
    """What another landlord's file says signed is, by those too who sign here: in the other installation, nobody acts
    for them."""
    for party in Signatory.objects.filter(signed_on=None, convention__landlord=world.other_landlord):
        party.convention.signatories.filter(pk=party.pk).update(signed_on=date(2026, 1, 1), means="FILE")
        by = world.people["zoe"]
        bind(convention=party.convention, signed_on=date(2026, 1, 1), by=by, today=date(2026, 11, 24))


def faults(order: FileImport) -> list[tuple[int, str, str]]:
    """(line, column, sentence) of what is refused."""
    lines = ImportedLine.objects.filter(file_import=order, verdict="REFUSED").order_by("line")
    return [(line.line, column, each) for line in lines for column, _, each, stops in line.remarks if stops]


def counts(order: FileImport) -> tuple[int, int, int, int]:
    return order.new, order.changed, order.same, order.refused


HOLDERS = (
    "nature;territoire;SIREN;nom",
    "ville;Sigean;;",
    "EPCI;243400769;;",
    f"département;34;{siren(61)};",
    f"autre;;{siren(62)};Hôpital de Narbonne",
)


def test_article_of_a_holder_comes_in_with_its_name_and_is_shown_before_it_is_written(world: World) -> None:
    head, hospital = "nature;territoire;SIREN;nom;article", f"autre;;{siren(62)};Hôpital de Narbonne"
    for cell, phrase, warned in (
        ("", "une convention de Hôpital de Narbonne", True),
        ("aucun", "une convention de Hôpital de Narbonne", False),
        ("L'", "une convention de l’Hôpital de Narbonne", False),
    ):
        order = given(world, "reservataires", csv_of(head, f"{hospital};{cell}"))
        line = ImportedLine.objects.get(file_import=order)
        assert line.named["article"] == phrase
        assert [each for _, _, each, _ in line.remarks] == [
            f"sans article, ce nom s’écrit « {phrase} » : s’il en prend un, écrivez-le."
        ] * warned
    written(world, "reservataires", csv_of(head, f"{hospital};l’"))
    assert Organisation.objects.get(siren=siren(62)).article == "l’"
    assert faults(given(world, "reservataires", csv_of(head, f"{hospital};un"))) == [
        (2, "article", "écrivez l’un de : la, le, l’, les, d’, aucun.")
    ]


def test_holders_come_in_with_what_the_directory_says_and_the_same_file_changes_nothing(world: World) -> None:
    before = Organisation.objects.count()
    assert counts(written(world, "reservataires", csv_of(*HOLDERS))) == (4, 0, 0, 0)
    names = dict(Organisation.objects.order_by("-pk").values_list("name", "siren")[:4])
    assert names == {
        "Ville de Sigean": "211103791",
        "CA de Béziers-Méditerranée": "243400769",
        "Département (Hérault)": siren(61),
        "Hôpital de Narbonne": siren(62),
    }
    articles = dict(Organisation.objects.order_by("-pk").values_list("siren", "article")[:4])
    assert articles == {"211103791": "la", "243400769": "la", siren(61): "le", siren(62): ""}
    again = given(world, "reservataires", csv_of(*HOLDERS))
    assert (counts(again), Organisation.objects.count()) == ((0, 0, 4, 0), before + 4)


def test_the_first_person_of_each_holder_is_invited_by_the_file_that_names_them(world: World) -> None:
    """Once: not where somebody acts already, nor where a link waits; the links are taken with those of the people."""
    head = f"{HOLDERS[0]};adresse du responsable;nom du responsable"
    content = csv_of(
        head, "ville;Sigean;;;maire@exemple.test;Mairie", f"ville;Narbonne;{world.city.siren};;autre@exemple.test;"
    )
    assert counts(written(world, "reservataires", content)) == (1, 0, 1, 0)
    assert list(Invitation.objects.values_list("email", "organisation__name", "role")) == [
        ("maire@exemple.test", "Ville de Sigean", "HOLDER_MANAGER")
    ]
    assert counts(given(world, "reservataires", content)) == (0, 0, 2, 0)
    Invitation.objects.update(withdrawn_at=timezone.now())
    assert counts(written(world, "reservataires", content)) == (0, 1, 1, 0)
    assert Invitation.objects.awaiting(timezone.now()).get().full_name == "Mairie"


def test_each_wrong_holder_is_named_by_line_and_column(world: World) -> None:
    order = given(
        world,
        "reservataires",
        csv_of(
            HOLDERS[0],
            "commune;;;",
            "commune;Nulleparville;;",
            "autre;;123456789;X",
            "département;34;;",
            "chose;;;",
            f"autre;;{world.city.siren};Autre nom",
            "ville;Sigean;;",
            "ville;Sigean;;",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "territoire"),
        (3, "territoire"),
        (4, "SIREN"),
        (5, "SIREN"),
        (6, "nature"),
        (7, "nature"),
        (9, "SIREN"),
    ]
    assert "aucun lieu" in faults(order)[1][2]
    named = given(world, "reservataires", csv_of(HOLDERS[0], f"ville;Narbonne;{world.city.siren};Commune de Narbonne"))
    assert (counts(named), named.warned) == ((0, 0, 1, 0), 1)


PEOPLE = (
    "Adresse mail;Nom;Rôle",
    "aline@exemple.test;Aline;responsable",
    "alice@exemple.test;Alice;responsable",
    "gil@exemple.test;Gil;agent",
    "ines@exemple.test;Inès;chargé d’attribution",
)


def test_people_are_invited_or_change_role_and_nobody_is_taken_out(world: World, sign_in: SignIn) -> None:
    """Alice stays, Aline becomes a manager, two are invited: their links are then taken in one file."""
    grant_membership(user=world.people["driss"], organisation=world.landlord.organisation, role=Role.LANDLORD_STAFF)
    order = written(world, "personnes", csv_of(*PEOPLE))
    assert counts(order) == (2, 1, 1, 0)
    assert order.topics == {"ont un rôle ici et ne sont pas dans le fichier (elles le gardent)": 1}
    assert world.member("aline").role == Role.LANDLORD_MANAGER
    again = given(world, "personnes", csv_of(*PEOPLE))
    assert counts(again) == (0, 0, 4, 0)
    links = sign_in("alice").post(reverse("invitation-links")).content.decode("utf-8-sig").splitlines()[1:]
    for line in links:
        take_invitation(key=line.split("cle=")[1], now=timezone.now(), password="cheval agrafe pile correct")
    assert sorted(User.objects.filter(memberships__organisation=world.landlord.organisation).values_list("email")) == [
        ("alice@exemple.test",),
        ("aline@exemple.test",),
        ("driss@exemple.test",),
        ("gil@exemple.test",),
        ("ines@exemple.test",),
    ]
    assert not Invitation.objects.awaiting(timezone.now()).exists()


def test_each_wrong_person_is_named_by_line_and_column(world: World) -> None:
    order = given(
        world,
        "personnes",
        csv_of(
            PEOPLE[0],
            "pas une adresse;X;agent",
            "x@exemple.test;;agent",
            "y@exemple.test;Y;réservataire",
            "z@exemple.test;Z;roi",
            "alice@exemple.test;Alice;agent",
            "gil@exemple.test;Gil;agent",
            "gil@exemple.test;Gil;responsable",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "adresse électronique"),
        (3, "nom"),
        (4, "rôle"),
        (5, "rôle"),
        (6, "rôle"),
        (8, "adresse électronique"),
    ]


def test_a_holder_gives_the_directory_of_its_own_people(world: World) -> None:
    Membership.objects.filter(user=world.people["chloe"]).update(role=Role.HOLDER_MANAGER)
    order = written(world, "personnes", csv_of(PEOPLE[0], "gil@exemple.test;Gil;agent"), person="chloe")
    assert counts(order) == (1, 0, 0, 0)
    assert (Invitation.objects.get().organisation, Invitation.objects.get().role) == (world.city, Role.HOLDER_STAFF)


def conventions(*lines: str) -> bytes:
    return csv_of("Réservataire;contingent;territoire;taux;rang;début;fin;signature", *lines)


def test_conventions_come_in_signed_or_in_draft_and_the_same_file_changes_nothing(world: World) -> None:
    """Zoé's landlord: the State's two contingents in one convention, the EPCI by its name, Action Logement in draft."""
    content = conventions(
        f"{world.state.siren};2;11;25;;01/01/2026;31/12/2028;15/12/2025",
        f"{world.state.siren};1;11;5 %;;01/01/2026;31/12/2028;15/12/2025",
        "le grand narbonne;;;6,25;7;01/01/2026;31/12/2028;15/12/2025",
        "Action Logement Services;;Aude;20;;01/01/2027;31/12/2029;",
    )
    order = written(world, "conventions", content, person="zoe")
    assert counts(order) == (4, 0, 0, 0)
    mine = Convention.objects.filter(landlord=world.other_landlord)
    assert sorted(mine.values_list("organisation__name", "status")) == [
        ("Action Logement Services", "DRAFT"),
        ("Le Grand Narbonne", "SIGNED"),
        ("Préfecture de l’Aude", "PROPOSED"),
    ]
    # Somebody signs here for the préfet: what the file says of him is his to say.
    state = mine.get(organisation=world.state)
    parties = state.signatories.order_by("pk")
    assert list(parties.values_list("means", flat=True)) == ["FILE", ""]
    signed = sign_for(convention=state, organisation=world.state, by=world.people["bob"], today=date(2026, 11, 24))
    assert (signed.status, signed.signed_on) == ("SIGNED", date(2026, 11, 24))
    shares = Quota.objects.filter(convention__landlord=world.other_landlord)
    assert sorted(shares.values_list("share", "rank")) == [(50_000, 2), (62_500, 7), (200_000, 8), (250_000, 1)]
    again = given(world, "conventions", content, person="zoe")
    assert counts(again) == (0, 0, 4, 0)


def test_each_wrong_convention_is_named_by_line_and_nothing_is_half_written(world: World) -> None:
    """Unknown holder, two rates, sums over 100 %, over the préfet's cap, another rate than what is signed, a period
    backwards: reported by the acts themselves, tried and undone."""
    before = Convention.objects.count()
    order = given(
        world,
        "conventions",
        conventions(
            "Ville inconnue;;;10;;01/01/2027;31/12/2028;15/12/2026",
            "Ville de Narbonne;;;;;01/01/2030;31/12/2031;15/12/2029",
            "Ville de Narbonne;;;10;;01/01/2030;31/12/2029;15/12/2029",
            "Action Logement Services;;34;90;;01/01/2029;31/12/2031;15/12/2028",
            f"{world.state.siren};;11;40;;01/01/2029;31/12/2031;15/12/2028",
            f"{world.state.siren};2;11;40;;01/01/2029;31/12/2031;15/12/2028",
            "Ville de Narbonne;;;13;;01/01/2026;31/12/2028;01/01/2026",
            "Le Grand Narbonne;;;120;;01/01/2029;31/12/2031;15/12/2028",
            "Action Logement Services;;;20;;01/01/2029;31/12/2031;15/12/2028",
            "Action Logement Services;;11;80;;01/01/2029;31/12/2031;15/12/2028",
            "Le Grand Narbonne;;;30;;01/01/2029;31/12/2031;15/12/2028",
        ),
    )
    values = {line: (column, each) for line, column, each in faults(order)}
    assert {line: column for line, (column, _) in values.items()} == {
        2: "réservataire",
        3: "taux",
        4: "fin",
        5: "réservataire",
        6: "contingent",
        7: "taux",
        8: "taux",
        9: "taux",
        10: "périmètre",
        11: "réservataire",
        12: "réservataire",
    }
    assert "(ligne 10)" in values[5][1], "it may be of the same convention"
    assert "(ligne 9)" in values[12][1]
    assert "un avenant la change" in values[8][1]
    assert Convention.objects.count() == before


def test_a_file_says_signed_what_would_bind_even_where_each_party_signs_for_itself_here(world: World) -> None:
    """80 % and 30 % of the same flow: refused by its line, though neither binds before its holder has signed here."""
    content = conventions(
        "Ville de Narbonne;;;80;;01/01/2029;31/12/2031;15/12/2028",
        "Le Grand Narbonne;;;30;;01/01/2029;31/12/2031;15/12/2028",
    )
    for party in ("chloe", "emma"):
        Membership.objects.filter(user=world.people[party]).update(role=Role.HOLDER_MANAGER)
    [(line, column, result)] = faults(given(world, "conventions", content, person="zoe"))
    assert (line, column, "atteignent 110" in result) == (3, "taux", True), result


def test_those_who_propose_for_the_prefet_come_in_and_go_out_with_its_convention(world: World) -> None:
    """CCH, L441-1: the préfet alone delegates, to a commune or an EPCI."""

    def content(names: str, who: str = world.state.siren, contingent: str = "2", *, agreed: bool = True) -> bytes:
        head = "Réservataire;contingent;territoire;taux;début;fin;signature;délégué à;accord du maire;"
        head += "référence de l’accord"
        accord = "03/03/2025;délibération n° 12" if agreed else ";"
        return csv_of(head, f"{who};{contingent};11;25;01/01/2026;31/12/2028;15/12/2025;{names};{accord}")

    for wrong in (content("Nulle ville"), content(world.city.siren, "Action Logement Services", "")):
        [(line, column, _)] = faults(given(world, "conventions", wrong, person="zoe"))
        assert (line, column) == (2, "délégataires")
    without = given(world, "conventions", content("le grand narbonne", agreed=False), person="zoe")
    assert [(column, "l’accord du maire" in each) for _, column, each in faults(without)] == [("accord du maire", True)]
    both = content(f"le grand narbonne / {world.city.siren}")
    written(world, "conventions", both, person="zoe")
    [result] = kind_of("conventions").recorded(world.member("zoe"))
    assert (result["accord du maire"], result["référence de l’accord"]) == ("03/03/2025", "délibération n° 12")
    delegates = [world.epci.siren, world.city.siren]
    assert sorted(result["délégataires"].split(" / ")) == sorted(delegates)
    same = given(world, "conventions", both, person="zoe")
    assert (counts(same), same.warned) == ((0, 0, 1, 0), 0)
    fewer = given(world, "conventions", content("Le Grand Narbonne"), person="zoe")
    assert (counts(fewer), fewer.warned) == ((0, 0, 1, 0), 1)


def test_delegates_are_read_by_a_name_reported_once_and_free_articles_go_out_and_come_back(
    world: World, sign_in: SignIn
) -> None:
    """A name among several in one cell; a text of several lines in one."""
    head = "Réservataire;contingent;territoire;taux;début;fin;signature;accord du maire;référence de l’accord;"
    head += "délégué à;articles"
    own = "Les parties conviennent. ¶ Article : visites ¶ Une par candidat. ¶ ¶ Le samedi."
    line = (
        f"{world.state.siren};2;11;25;01/01/2026;31/12/2028;15/12/2025;03/03/2025;n° 12;l’agglo / {world.city.siren};"
    )
    order = given(world, "conventions", csv_of(head, f"{line}{own}"), person="zoe")
    assert [column for _, column, _ in faults(order)] == ["délégataires"]
    page = html.unescape(sign_in("zoe").get(reverse("file-import", args=[order.pk])).text)
    assert "Dire qui est « l’agglo »" in page
    zoe = world.member("zoe")
    remember_nickname(organisation=zoe.organisation, text="L’Agglo", by=zoe.user, holder=world.holders["epci"])
    order = written(world, "conventions", csv_of(head, f"{line}{own}"), person="zoe")
    assert order.topics == {"« l’agglo » retenu : Le Grand Narbonne": 1}
    convention = Convention.objects.get(landlord=world.other_landlord)
    assert convention.articles == "Les parties conviennent.\nArticle : visites\nUne par candidat.\n\nLe samedi."
    [result] = kind_of("conventions").recorded(zoe)
    assert result["préambule et articles"] == own
    other = given(world, "conventions", csv_of(head, f"{line}Autre chose."), person="zoe")
    assert (counts(other), other.warned) == ((0, 0, 1, 0), 1)
    again = line.replace("2026", "2030").replace("2028", "2031")
    [(_, column, _)] = faults(given(world, "conventions", csv_of(head, f"{again}Article : visites"), person="zoe"))
    assert column == "préambule et articles"


@pytest.mark.parametrize("kind", ["reservataires", "personnes", "conventions"])
def test_what_goes_out_comes_in_again_and_changes_nothing(world: World, sign_in: SignIn, kind: str) -> None:
    """The list of each page, given back as it was taken."""
    alice = sign_in("alice")
    answer = alice.get(reverse("kind-export", args=[kind]))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    order = given(world, kind, content)
    assert (faults(order), order.new, order.changed) == ([], 0, 0)
    assert order.same >= 2


def test_what_is_signed_goes_out_once_whatever_is_in_preparation_beside_it(world: World) -> None:
    """A draft from the same day, an amendment in preparation, one signed that never took effect: the file states what
    binds, and given back changes nothing. A renewal in preparation has its own line."""
    kind, alice, by = kind_of("conventions"), world.member("alice"), world.people["alice"]
    before = list(kind.recorded(alice))
    city, als = world.conventions["city"], world.conventions["als"]
    place, holder = world.places["Narbonne"], world.holders["city"]
    convention(world.landlord, world.city, place, (holder, "12", 8), starts_on=city.starts_on, signed=False)
    amend_convention(convention=als, starts_on=date(2027, 1, 1), by=by, today=MORNING.date())
    renewal = {"starts_on": date(2029, 1, 1), "ends_on": date(2031, 12, 31), "signed": False}
    convention(world.landlord, world.city, place, (holder, "12", 9), **renewal)
    lines = list(kind.recorded(alice))
    [renewed] = [line for line in lines if line not in before]
    assert (renewed["début"], len(lines)) == ("01/01/2029", len(before) + 1)
    head = [column.name for column in kind.columns]
    content = csv_of(";".join(head), *(";".join(line.get(name, "") for name in head) for line in lines))
    order = given(world, "conventions", content)
    assert (faults(order), counts(order)) == ([], (0, 0, len(lines), 0))


def test_conventions_taken_from_one_installation_are_the_same_in_another(world: World) -> None:
    """Robine's conventions, given by another landlord that has none: the same rates, ranks, dates and states, and
    delays counted in the same days."""
    agree(
        world.conventions["city"],
        day_unit="CLEAR",
        august_suspended=True,
        opens_on="AVAILABLE",
        signal_days=10,
        publics=["DALO", "STATE_AGENT"],
        uniform_communes=True,
        returns_effect="NO",
        returned_cap=1_500_000,
        outside_publics="REFUSED",
        file_days=15,
        dalo_refusal_said=True,
        clauses={"SUPPORT": "Par le CCAS.\nAvec son accord.", "EVALUATION": "En mars."},
        renewal_months=12,
        renewal_times=3,
        notice_months=2,
        term_on=date(2028, 12, 31),
        ends_on=date(2031, 12, 31),
    )
    quota = world.conventions["city"].quotas.get()
    loan = ShareGround("LOAN_GUARANTEE", quota.share - 10_000, date(2031, 12, 31), 5)
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        world.conventions["city"].quotas.update(grounds=[loan.as_json(), ShareGround("LAND", 10_000).as_json()])
    with unguarded("reservations_rate.kept_once_out_of_draft"):
        of_large = [replace(loan, share=140_000).as_json()]
        quota.rates.create(categories=["typology:T5"], share=140_000, grounds=of_large)
    given = {"signed_on": MORNING.date(), "signer": "Mme Roux", "paper": Paper("a.pdf", b"%PDF-1.7")}
    asked = proposed(world, world.conventions["als"], date(2027, 3, 1), date(2027, 3, 31))
    alice, today = world.people["alice"], MORNING.date()
    deposit_accord(pause=asked, organisation=world.als, by=alice, today=today, **given)
    kind = kind_of("conventions")
    lines = list(kind.recorded(world.member("alice")))
    head = [column.name for column in kind.columns]
    content = csv_of(";".join(head), *(";".join(line.get(name, "") for name in head) for line in lines))
    written(world, "conventions", content, person="zoe")
    signed_elsewhere(world)

    def lines_of(person: str) -> list[tuple[str, ...]]:
        return sorted(tuple(sorted(line.items())) for line in kind.recorded(world.member(person)))

    assert lines_of("zoe") == lines_of("alice")
    robines, zoes = (
        Convention.objects.get(landlord=each, organisation=world.city)
        for each in (world.landlord, world.other_landlord)
    )
    assert [getattr(zoes, name) for name in declared(ProcedureTerms)] == [
        getattr(robines, name) for name in declared(ProcedureTerms)
    ]
    assert zoes.quotas.get().grounds == robines.quotas.get().grounds != []
    assert zoes.quotas.get().rates.get().grounds == of_large
    assert (zoes.uniform_communes, robines.uniform_communes) == (True, True)
    assert (zoes.returns_effect, zoes.returned_cap) == ("NO", 1_500_000)
    assert zoes.clauses == {"SUPPORT": "Par le CCAS. Avec son accord.", "EVALUATION": "En mars."}
    assert sum(("jours comptés", "jours francs") in each for each in lines_of("zoe")) == 1
    renewed = (zoes.renewal_months, zoes.renewal_times, zoes.notice_months, zoes.term_on, zoes.ends_on)
    assert renewed == (12, 3, 2, date(2028, 12, 31), date(2031, 12, 31))
    line, _ = (each for each in kind.recorded(world.member("zoe")) if each["réservataire"] == world.city.siren)
    assert (line["fin"], line["reconduction tacite"], line["reconductions au plus"]) == ("31/12/2028", "12", "3")
    whole = [each for each in kind.recorded(world.member("zoe")) if "suspensions" in each]  # rows of rates say less
    suspended = {each["réservataire"]: each["suspensions"] for each in whole}
    assert suspended == dict.fromkeys((world.state.siren, world.city.siren, world.epci.siren), "") | {
        world.als.siren: "du 01/03/2027 au 31/03/2027, convenue le 24/11/2026 : Service du logement fermé."
    }
    assert {each.means for each in PauseAccord.objects.exclude(pause=asked)} == {"FILE"}
    zoes.signatories.filter(organisation=world.city).update(denounced_on=date(2028, 9, 1))
    Convention.objects.filter(pk=zoes.pk).update(ends_on=date(2028, 12, 31))
    line, _ = (each for each in kind.recorded(world.member("zoe")) if each["réservataire"] == world.city.siren)
    assert (line["fin"], line["reconduction tacite"]) == ("31/12/2028", "")


@pytest.mark.parametrize(
    ("whose", "expected", "words"),
    [
        ("als", "en mars", "écrivez « du 01/03/2027 au 31/03/2027"),
        ("als", "du 01/03/2026 au 31/03/2026, convenue le 02/03/2026 : Travaux", "se convient avant son premier jour"),
        ("als", "du 01/03/2029 au 31/03/2029, convenue le 02/03/2026 : Travaux", "dans la période de la convention"),
        ("als", "du 01/03/2028 au 31/03/2028, convenue le 02/03/2027 : Travaux", "se convient avant son premier jour"),
        ("state", "du 01/03/2027 au 31/03/2027, convenue le 02/03/2026 : Travaux", "ne se suspend pas"),
        ("city", "du 01/03/2027 au 31/03/2027, convenue le 02/03/2026 : Travaux", "proposez-lui la suspension"),
    ],
)
def test_a_suspension_that_cannot_be_taken_up_is_stated_on_its_line(
    world: World, whose: str, expected: str, words: str
) -> None:
    kind, organisation = kind_of("conventions"), world.conventions[whose].organisation
    head = [column.name for column in kind.columns]
    lines = [
        ";".join((each | {"suspensions": expected}).get(name, "") for name in head)
        for each in kind.recorded(world.member("alice"))
        if each["réservataire"] == organisation.siren
    ]
    order = given(world, "conventions", csv_of(";".join(head), *lines), person="zoe")
    remarks = ImportedLine.objects.filter(file_import=order).values_list("remarks", flat=True)
    assert any(words in sentence and column == "suspensions" for line in remarks for column, _, sentence, _ in line)


def test_everything_is_taken_in_one_archive_that_a_worker_makes(world: World, sign_in: SignIn) -> None:
    alice = sign_in("alice")
    page = alice.get(reverse("takeaway")).content.decode()
    assert ("Préparer l’archive" in page, "Archives demandées" in page) == (True, False)
    alice.post(reverse("takeaway"))
    alice.post(reverse("takeaway"))
    [waiting] = archives_to_make()
    assert "L’archive se prépare" in alice.get(reverse("takeaway")).content.decode()
    assert make_archive(archive_id=waiting)
    assert not make_archive(archive_id=waiting)
    page = html.unescape(alice.get(reverse("takeaway")).content.decode())
    assert "Conventions et leurs taux (5 lignes)" in page
    file = alice.get(reverse("takeaway-file", args=[waiting]))
    with zipfile.ZipFile(io.BytesIO(file.getvalue())) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        read_first = archive.read("LISEZ-MOI.txt").decode()
        assert read_first.startswith("Tout ce que votre organisation a")
        assert "Les bilans envoyés, les procès-verbaux scellés" in read_first
    rows = [name.partition("-")[2] for name in names[1:5]]
    assert rows == ["logements.csv", "reservataires.csv", "descriptions.csv", "assiette.csv"]
    assert sign_in("zoe").get(reverse("takeaway-file", args=[waiting])).status_code == 404
    assert sign_in("aline").get(reverse("takeaway")).status_code == 403
    assert purge_archives(now=timezone.now() + timedelta(days=3)) == 1


def test_an_archive_that_nobody_may_take_any_more_or_that_was_lost_is_forgotten(world: World) -> None:
    now = timezone.now()
    gone = Archive.objects.create(organisation=world.city, asked_by=world.people["chloe"], asked_at=now)
    assert not make_archive(archive_id=gone.pk)
    assert not Archive.objects.exists()
    Archive.objects.create(organisation=world.city, asked_by=world.people["chloe"], asked_at=now - timedelta(hours=2))
    assert archives_to_make(now=now) == []
    assert not Archive.objects.exists()
