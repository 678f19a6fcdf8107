"""A sealed year is corrected, undone and completed by ten acts: every output still says what was sealed, and lists the
ten with their cause (docs/decisions/0121; CCH, R441-5-1)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from attributions.bilan.exports.layout import balance_page
from attributions.bilan.models import Objective, PrintedBalance
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.operations.sending import sign_version
from attributions.bilan.queries import since
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.changes import acts_of
from attributions.bilan.queries.landlord_figures import LandlordFigures, compare
from attributions.bilan.queries.objective_leases import RULES, Counts
from attributions.bilan.queries.objective_since import leases_then
from attributions.bilan.queries.objectives import Reading, published, reading
from attributions.bilan.queries.publics import publics
from attributions.bilan.queries.territory_board import board, elected
from attributions.bilan.queries.transmissions import whole_balance
from attributions.households.models import Lease
from attributions.households.operations.lease import undo_lease
from flux.models import FlowEntry, Routing, UnitDescription
from flux.operations.cancellation import cancel_vacancy
from flux.operations.description import correct_unit
from flux.operations.outcomes import record_allocation, withdraw_outcome
from reservations.words import day
from tests.attributions.bilan.acts import DECEMBER, at, let, lived_by_act
from tests.attributions.bilan.balances import SENT, YEAR, correct, send, sign
from tests.attributions.bilan.test_late_real_acts import read_as_sealed, sealed_figures
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from tests.world import World

pytestmark = pytest.mark.django_db

MAY = date(YEAR + 1, 5, 4)
#: After which a second version is signed.
SIGNED = timedelta(days=50)
#: What a sealed balance says of the ten.
CAUSES = {
    "Acte tardif": 3,
    "Bail annulé": 2,
    "Ligne corrigée": 1,
    "Description corrigée": 3,
    f"Suite donnée en {YEAR + 1}": 1,
}


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    """A day of the year after, once the balance is sealed and corrected."""
    time_machine.move_to(at(MAY + timedelta(days=30)), tick=False)


def corrected(world: World, routing: Routing, **given: Any) -> UnitDescription:
    """The description that a unit had that year was false."""
    unit = routing.vacancy.unit
    last = unit.descriptions.latest("since", "pk")
    day = max(last.since, date(YEAR, 1, 1))
    return correct_unit(
        description=last, since=day, changes=given, source="Relevé", by=world.people["aline"], today=MAY
    )


def ten_acts(world: World) -> None:
    """Three leases of December recorded in May, two undone, a line corrected by hand, three descriptions, and a lease
    of the year after."""
    open_ones = list(Routing.objects.filter(closed_at=None, leases=None, holder__isnull=False).order_by("pk"))
    let_ones = list(Routing.objects.filter(leases__isnull=False).order_by("pk"))
    for routing in open_ones[:3]:
        let(world, routing, date(YEAR, 12, 20), on=MAY, income_quartile=1, essential_worker=True, has_priority=False)
    undone = Lease.objects.get(signed_on=DECEMBER), Lease.objects.get(routing=open_ones[2])
    for lease in undone:
        undo_lease(lease=lease, why="Erreur de logement.", by=world.people["aline"], now=at(MAY))
    gone = Routing.objects.exclude(closed_at=None).order_by("pk")[0]
    about = world.landlord.balances.get(exercise=YEAR)
    correct(world, about, gone)
    corrected(world, let_ones[-1], in_qpv=True)
    corrected(world, open_ones[0], rooms=5)
    corrected(world, open_ones[4], construction_year=2001)
    let(world, open_ones[3], date(YEAR + 1, 3, 2), on=MAY)


def departures_cancelled(world: World) -> None:
    """What moves accounts and flow besides: units of the year had not fallen vacant."""
    about = {"reason": "NOTICE_WITHDRAWN", "text": "Le locataire est resté.", "by": world.people["aline"]}
    for left in Routing.objects.filter(closed_at=None, leases=None, holder__isnull=False).order_by("pk"):
        cancel_vacancy(vacancy=left.vacancy, now=at(MAY), **about)


@pytest.fixture
def sealed(world: World) -> World:
    """The balance of the year, sealed in February."""
    lived_by_act(world)
    last = Routing.objects.filter(closed_at=None, leases=None, holder__isnull=False).latest("pk")
    let(world, last, date(YEAR, 12, 18), income_quartile=1, urban_renewal=False, essential_worker=True)
    for name in ("bob", "emma"):
        state_purpose(member=world.member(name), exercise=YEAR, why="CIL")
    sign(world, send(world))
    return world


def text(page: str) -> str:
    """What a page says, once what reports the seal is taken off it."""
    page = re.sub(r'<section[^>]*aria-labelledby="depuis">.*?</section>', "", page, flags=re.DOTALL)
    page = re.sub(
        r"<details[^>]*>\s*<summary><h2>Exercices antérieurs</h2></summary>.*?</details>", "", page, flags=re.DOTALL
    )
    page = re.sub(
        r"<section[^>]*>\s*<h2[^>]*>(Depuis le scellement|Exercices antérieurs)</h2>.*?</section>",
        "",
        page,
        flags=re.DOTALL,
    )
    page = re.sub(r"<p[^>]*>[^<]*(Aucun acte|scellé le|depuis n’y)[^<]*</p>", "", page)
    page = re.sub(r"<p[^>]*>Empreintes?[^<]*</p>", "", page)
    return re.sub(r"<[^>]+>|\s+", " ", page)


def balances_in(page: str) -> list[str]:
    """The tables of a board, but what was recorded since."""
    tables = re.findall(r"<table.*?</table>", page, flags=re.DOTALL)
    kept = [each for each in tables if "depuis" not in each.split("</caption>")[0]]
    assert kept
    return [text(each) for each in kept]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def outputs(world: World, sign_in: Callable[[str], Client], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Everything that a sealed year is read on, by a landlord, the State and the EPCI."""
    found: dict[str, Any] = {}
    here = [world.landlord.pk, YEAR]
    for name in ("aline", "bob"):
        client = sign_in(name)
        for page, more in (
            *(("balance", []), ("balance-charts", [])),
            *(("balance-axis", [axis]) for axis in ("typologie", "qpv", "commune", "construction")),
        ):
            found[f"{name} {page} {more}"] = text(client.get(reverse(page, args=[*here, *more])).content.decode())
        rows = csv.DictReader(
            io.StringIO(body(client.get(reverse("balance-csv", args=here))).decode("utf-8-sig")), delimiter=";"
        )
        found[f"{name} csv"] = [row for row in map(tuple, (each.values() for each in rows)) if not apart(row)]
        book = openpyxl.load_workbook(io.BytesIO(body(client.get(reverse("balance-xlsx", args=here)))))
        found[f"{name} xlsx"] = {sheet.title: list(sheet.values) for sheet in book if sheet.title not in APART}
        found[f"{name} json"] = frozen(json.loads(body(client.get(reverse("balance-json", args=here)))))
        for address, query in lists_in_files(here):
            lines = body(client.get(address, query)).decode("utf-8-sig").splitlines()
            assert len(lines) > 1, (address, query)
            found[f"{name} {address} {query}"] = [line for line in lines if not apart((line,))]
        client.get(reverse("balance-pdf", args=here))
        found[f"{name} pdf"] = text(PrintedBalance.objects.latest("pk").page)
    siren = world.landlord.organisation.siren
    found["api"] = frozen(Software(world, "alice", "BALANCES").get(f"/balances/{siren}/{YEAR}/").json())
    call_command("balance", "--landlord", siren, "--year", str(YEAR))
    found["command"] = capsys.readouterr().out
    for name, pages in BOARDS.items():
        client = sign_in(name)
        for page in pages:
            response = client.get(reverse(page, args=[YEAR]))
            assert response.status_code == 200, (name, page)
            found[f"{name} {page}"] = balances_in(response.content.decode())
        found[f"{name} scale file"] = body(client.get(reverse("balance-scale", args=[YEAR]), FILE)).decode()
        found[f"{name} objectives"] = objectives_shown(world, client)
    found["aline objectives"] = objectives_shown(world, sign_in("aline"))
    call_command("published_figures", "--year", str(YEAR))
    found["published"] = capsys.readouterr().out
    found["list"] = text(sign_in("aline").get(reverse("balance-list")).content.decode())
    assert "scellé le " in found["list"]
    found["list file"] = body(sign_in("aline").get(reverse("balance-list"), FILE)).decode()
    return found


def lists_in_files(here: list[int]) -> Iterator[tuple[str, dict[str, str]]]:
    """The tables of a balance that are files of their own: address, then query."""
    for table in ("mois", "flux", "commune", "cohorte", "passage", "bilan-gestion-en-flux"):
        yield reverse("balance-csv", args=here), {"table": table}
    for layout in ("neutre", "decret"):
        yield reverse("balance-csv", args=here), {"modele": layout}
    for axis in ("qpv", "typologie", "financement", "commune", "construction"):
        yield reverse("balance-axis", args=[*here, axis]), FILE
    for chart in ("comptes", "flux", "communes"):
        yield reverse("balance-charts", args=here), {**FILE, "tableau": chart}


def objectives_shown(world: World, client: Client) -> list[Any]:
    """The objectives of the year, of all and of a landlord; and the leases behind each."""
    found: list[Any] = []
    for more in ("", f"&landlord={world.landlord.pk}"):
        context = client.get(f"{reverse('objective-list')}?year={YEAR}{more}").context
        found.append([(each.code, each.denominator, each.counts, each.within) for each in context["scores"]])
    for code in Objective.Code.values:
        response = client.get(f"{reverse('objective-leases', args=[code])}?year={YEAR}")
        if response.status_code == 200:
            rows = response.context["page"].object_list
            found.append((code, [(each.pk, each.stands, each.district) for each in rows]))
    return found


#: What each who oversees a territory reads of it.
COMMON_BOARDS = (
    "balance-territory",
    "balance-communes",
    "balance-cil",
    "balance-cil-whole",
    "balance-one-page",
    "balance-scale",
)
BOARDS = {"emma": COMMON_BOARDS, "bob": (*COMMON_BOARDS, "balance-state")}
FILE = {"fichier": "csv"}
#: Tables of what came since, and of what was to be taken by another balance.
APART = ("Depuis le scellement", "Exercices antérieurs", "À renseigner", "Table des matières", "Sommaire")


def apart(row: tuple[str, ...]) -> bool:
    return any(name in row for name in APART)


def frozen(values: dict[str, Any]) -> dict[str, Any]:
    """All that a file says, but what it lists apart."""
    by_act = {name: value for name, value in values["by_act"].items() if name != "since_sealed"}
    return {name: value for name, value in values.items() if name not in ("since", "lacking")} | {"by_act": by_act}


def test_every_output_of_a_sealed_year_says_what_was_sealed(
    sealed: World, sign_in: Callable[[str], Client], capsys: pytest.CaptureFixture[str]
) -> None:
    before = outputs(sealed, sign_in, capsys)
    ten_acts(sealed)
    departures_cancelled(sealed)
    after = outputs(sealed, sign_in, capsys)
    assert set(before) == set(after)
    assert len(before) > 20
    moved = [name for name, read in before.items() if after[name] != read]
    assert not moved, "\n".join(moved)
    version = sealed.landlord.balances.get(exercise=YEAR).versions.get()
    read = balance(sealed.landlord, YEAR)
    assert read_as_sealed(read) == sealed_figures(json.loads(version.content))
    assert read_as_sealed(balance(sealed.landlord, YEAR, live=True)) != read_as_sealed(read)


def test_every_output_of_a_sealed_year_lists_the_ten(sealed: World, sign_in: Callable[[str], Client]) -> None:
    ten_acts(sealed)
    client, here = sign_in("aline"), [sealed.landlord.pk, YEAR]
    found = whole_balance(sealed.landlord, YEAR, member=sealed.member("aline"), on=MAY).changes
    assert acts_of(found) == sum(CAUSES.values()) == 10
    page = client.get(reverse("balance", args=here)).content.decode()
    assert "10 actes enregistrés depuis n’y sont pas comptés" in page
    listed = page[page.index('aria-labelledby="depuis"') :]
    listed = listed[: listed.index("</section>")]
    for words in CAUSES:
        assert words in listed, words
    assert f"la prochaine version de ce bilan, ou le bilan {YEAR + 1}" in listed
    for address in (reverse("balance-charts", args=here), reverse("balance-axis", args=[*here, "qpv"])):
        beside = client.get(address).content.decode()
        beside = beside[beside.index('aria-labelledby="depuis"') :]
        assert [words for words in CAUSES if words not in beside] == [], address
    csv_text = body(client.get(reverse("balance-csv", args=here) + "?table=depuis-le-scellement")).decode()
    payload = json.loads(body(client.get(reverse("balance-json", args=here))))
    paper = balance_page(whole_balance(sealed.landlord, YEAR, member=sealed.member("aline"), on=MAY))
    book = openpyxl.load_workbook(io.BytesIO(body(client.get(reverse("balance-xlsx", args=here)))))
    sheet = str(list(book["Depuis le scellement"].values))
    for words in CAUSES:
        for value in (csv_text, paper, sheet):
            assert words.lower() in value.lower(), words
    assert len({(each["cause"], each["unit"], each["acted_on"]) for each in payload["since"]}) == 10
    assert {each["unit"] for each in payload["since"]} <= set(
        Routing.objects.values_list("vacancy__unit__reference", flat=True)
    )
    boards = {
        "emma": ("balance-territory", "balance-communes", "balance-cil", "balance-scale"),
        "bob": ("balance-state",),
    }
    for name, address in ((name, each) for name, found in boards.items() for each in found):
        page = sign_in(name).get(reverse(address, args=[YEAR])).content.decode()
        assert "Leurs chiffres sont ceux de la version scellée. 10 actes enregistrés depuis" in page
        for words in CAUSES:
            assert words in page, words
    others = sign_in("bob").get(reverse("balance", args=here)).content.decode()
    reference = Routing.objects.filter(leases__isnull=False).order_by("pk")[0].vacancy.unit.reference
    assert "Description corrigée" in others
    assert reference not in others, "units are opened by their landlord"


def test_one_page_of_a_sealed_year_lists_the_ten_and_holds_on_one_page(
    sealed: World, sign_in: Callable[[str], Client]
) -> None:
    """The paper of an elected member: each act once, without hundredths; those beyond ten are counted (R441-5-1)."""
    nothing = sign_in("emma").get(reverse("balance-one-page", args=[YEAR])).content.decode()
    assert 'aria-labelledby="depuis"' not in nothing
    ten_acts(sealed)

    def listed(name: str) -> list[str]:
        client = sign_in(name)
        page = client.get(reverse("balance-one-page", args=[YEAR])).content.decode()
        [section] = re.findall(r'aria-labelledby="depuis">(.*?)</section>', page, re.DOTALL)
        pdf = PdfReader(io.BytesIO(body(client.get(reverse("balance-one-page-pdf", args=[YEAR])))))
        written = " ".join(each.extract_text() for each in pdf.pages)
        assert len(pdf.pages) == 1
        found = [" ".join(each.split()) for each in re.findall(r"<li>(.*?)</li>", section, re.DOTALL)]
        assert [each for each in found if each.split(",")[0] not in " ".join(written.split())] == []
        return found

    for name in ("emma", "bob"):
        found = listed(name)
        assert Counter(each.split(",")[0].capitalize() for each in found) == CAUSES, name
        assert all(str(sealed.landlord) in each for each in found)
        assert not any(re.search(r"\d,\d", each) for each in found)
    assert f"bail annulé, acte du {day(DECEMBER)}, {sealed.landlord} : attribués −1, loués −1" in found
    departures_cancelled(sealed)
    assert re.fullmatch(r"et \d+ autres? actes? : page du territoire, « Depuis le scellement »\.", listed("bob")[10])


@pytest.mark.parametrize("query", [since.WRITTEN, since.DESCRIBED, since.FALLEN])
def test_what_bounds_the_search_after_a_seal_is_found_once(sealed: World, query: str) -> None:
    """Found for each description, it read 5,900,000 imprints of a demonstration of 600 units."""
    [seal] = since.seals([sealed.landlord.pk]).values()
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN " + query.format(**since.PIECES),
            [[seal.key.landlord], [seal.key.departement], [seal.key.year], [seal.mark]],
        )
        assert any("CTE seal" in line for (line,) in cursor.fetchall())


def test_what_reads_the_account_of_the_day_says_so(sealed: World, sign_in: Callable[[str], Client]) -> None:
    """R441-5-1: equity and projection are in no sealed balance, and are read beside one that is."""
    for page in ("balance-mix", "balance-projection"):
        sentence = sign_in("aline").get(reverse(page, args=[sealed.landlord.pk, YEAR])).content.decode()
        assert "Cette page lit le compte de ce jour : ce qui a été enregistré depuis y est compris." in sentence
        open_year = sign_in("aline").get(reverse(page, args=[sealed.landlord.pk, YEAR + 1])).content.decode()
        assert "Cette page lit le compte de ce jour" not in open_year


def test_objectives_of_a_sealed_year_list_the_leases_that_count_otherwise(
    sealed: World, sign_in: Callable[[str], Client]
) -> None:
    """Two leases recorded late, one undone, one in a unit described otherwise: what they move is listed beside."""

    def read(name: str) -> Reading:
        return reading(YEAR, member=sealed.member(name))

    before = {score.code: score.counts for score in read("aline").scores()}
    assert before[Objective.Code.ESSENTIAL_WORKERS] == Counts(1, 2, 1, 0)
    assert read("aline").since.changes == ()
    ten_acts(sealed)
    today = {score.code: sum_of(score.code, sealed) for score in read("aline").scores()}
    for name in ("aline", "bob", "emma"):
        found = read(name)
        assert {score.code: score.counts for score in found.scores()} == before, name
        assert Counter(each.cause for each in found.since.changes) == {"LATE": 2, "UNDONE": 1, "DESCRIBED": 1}
        for code, counts in before.items():
            moved = (each.moved.get(code, Counts()) for each in found.since.changes)
            assert sum(moved, counts) == today[code], (name, code)
        page = sign_in(name).get(f"{reverse('objective-list')}?year={YEAR}").content.decode()
        assert re.search(r"Bilans scellés \(Aude, le \d+ février 2027\)", page)
        assert "4 baux y comptent autrement depuis" in page
        listed = page[page.index('id="depuis"') :]
        for words in ("Bail annulé", "Bail enregistré après", "Description corrigée", "hors QPV : +1 bail, +1 compté"):
            assert words.lower() in listed.lower(), words
    published_ones = published(YEAR, sealed.places["Aude"])
    assert {score.code: score.denominator for score in published_ones.scores()} == {
        code: counts.denominator for code, counts in before.items()
    }


def test_publics_of_a_sealed_year_are_those_of_its_leases_then(sealed: World) -> None:
    """Whatever was undone, recorded late, or found to be in another commune since."""
    aline = sealed.member("aline")

    def read(*, live: bool = False) -> list[Any]:
        then = [] if live else leases_then(YEAR, landlord=sealed.landlord.pk)[1]
        return [publics(YEAR, sealed.places[name], member=aline, then=then) for name in ("Narbonne", "Sigean", "Aude")]

    before = read()
    assert before == read(live=True)
    moved = Lease.objects.filter(signed_on__year=YEAR).exclude(signed_on=DECEMBER).order_by("pk")[0]
    here = moved.vacancy.unit.commune
    elsewhere = next(each for each in (sealed.places["Sigean"], sealed.places["Narbonne"]) if each != here)
    corrected(sealed, Routing.objects.get(leases=moved), commune_id=elsewhere.pk)
    ten_acts(sealed)
    assert read() == before
    assert all(now != then for now, then in zip(read(live=True), before, strict=True))


def sum_of(code: Objective.Code, world: World) -> Counts:
    """The leases of the year as they stand today, lease by lease."""
    rule = RULES[code]
    found = Lease.objects.filter(cancelled_at=None, signed_on__year=YEAR, vacancy__landlord=world.landlord)
    among = found.filter(rule.among)
    unplaced = found.filter(rule.unplaced).count() if rule.unplaced else 0
    return Counts(among.filter(rule.counted).count(), among.count(), among.filter(rule.unknown).count(), unplaced)


def lists(world: World, client: Client, chosen: tuple[str, ...]) -> dict[str, tuple[list[tuple[int, int]], int, int]]:
    """The units behind figures of the year, by address: ids and times, how many they make, and how many are hidden."""
    where, found = reverse("balance-units", args=[world.landlord.pk, YEAR]), {}
    for more in chosen:
        for cohort in ("", "&reading=cohort"):
            address = f"{where}?measure={more}{cohort}"
            context = client.get(address).context
            found[address] = list(context["page"].object_list), context["figure"].times, context["hidden"]
    return found


#: Figures of the landlord: of all, and of a category of an axis; and those that the State and the EPCI open too.
COMMON = ("leased", "offered&axis=qpv&category=hors QPV")
FIGURES = (*COMMON, "allocated", "offered&axis=commune&category=11106", "offered&axis=typologie&category=T3")


def test_units_behind_a_figure_of_a_sealed_year_are_those_that_were_sealed(
    sealed: World, sign_in: Callable[[str], Client]
) -> None:
    """Landlord, State and EPCI alike, by act and by year of registration; and the file of the list."""
    chosen = {"aline": FIGURES, "bob": COMMON, "emma": COMMON}
    before = {name: lists(sealed, sign_in(name), figures) for name, figures in chosen.items()}
    files = {address: body(sign_in("aline").get(f"{address}&fichier=csv")) for address in before["aline"]}
    assert any(b"hors QPV" in each for each in files.values())
    ten_acts(sealed)
    for address, each in files.items():
        assert body(sign_in("aline").get(f"{address}&fichier=csv")).decode() == each.decode(), address
    for name, figures in chosen.items():
        after = lists(sealed, sign_in(name), figures)
        assert any(listed for listed, *_ in after.values())
        for address, each in before[name].items():
            assert after[address] == each, (name, address)
    leased = next(iter(before["aline"]))
    page = sign_in("aline").get(leased)
    assert page.context["figure"].times != balance(sealed.landlord, YEAR, live=True).cells.total().leased
    assert "Cette liste est celle de la version scellée ; avec ce qui a été enregistré depuis" in page.content.decode()
    rows = body(sign_in("aline").get(f"{leased}&fichier=csv")).decode().splitlines()
    assert len(rows) == 1 + len(before["aline"][leased][0])


def test_own_figures_of_a_sealed_year_by_commune_do_not_move(sealed: World) -> None:
    """What is due to the organisation of who reads, commune by commune, exact: its page rounds it to whole units."""
    bob, place = sealed.member("bob"), sealed.places["Aude"]

    def own() -> dict[int | None, Any]:
        found, before = board(bob, place, YEAR, today=MAY, for_everybody=True), compare(YEAR - 1, place, member=bob)
        read = elected(found, before, member=bob)
        return {commune: figures for commune, figures in read.own.items() if figures != LandlordFigures()}

    before = own()
    assert any(figures.due for figures in before.values())
    departures_cancelled(sealed)
    assert own() == before


def test_caps_of_the_state_in_a_sealed_year_do_not_move(sealed: World, sign_in: Callable[[str], Client]) -> None:
    """« 30 % du flux annuel total » (CCH, R441-5-2): read on 31 December, whatever is recorded in May."""

    def caps() -> str:
        page = sign_in("bob").get(reverse("balance-state", args=[YEAR])).content.decode()
        [table] = [each for each in re.findall(r"<table.*?</table>", page, flags=re.DOTALL) if "Borne" in each]
        return text(table)

    before = caps()
    assert "plafond" in before.lower() or "au plus" in before
    ten_acts(sealed)
    assert caps() == before


def test_a_new_version_that_is_sealed_says_the_ten_and_lists_nothing(sealed: World) -> None:
    ten_acts(sealed)
    again = send(sealed, note="Ce qui est venu depuis.", now=SENT + timedelta(days=90))
    assert read_as_sealed(balance(sealed.landlord, YEAR)) != sealed_figures(json.loads(again.content)), "not signed yet"
    sign(sealed, again)
    read = balance(sealed.landlord, YEAR)
    assert read_as_sealed(read) == sealed_figures(json.loads(again.content))
    assert (read.since.moved, [each.version for each in read.since.seals]) == ((), [2])


def test_journal_of_a_sealed_year_gives_the_version_that_each_paper_was_of(
    sealed: World, sign_in: Callable[[str], Client], time_machine: Any
) -> None:
    """The pack, the page and the files of a year, as its first version, then its second, once that one is signed."""

    def taken() -> list[str]:
        sign_in("emma").get(reverse("balance-cil-whole", args=[YEAR]))
        sign_in("bob").get(reverse("balance-csv", args=[sealed.landlord.pk, YEAR]))
        latest = sign_in("aline").get(reverse("balance-downloads", args=[sealed.landlord.pk, YEAR]))
        return re.findall(r"version \d scellée \(Aude\)|projet du jour", latest.content.decode())

    assert taken() == ["version 1 scellée (Aude)"] * 2
    ten_acts(sealed)
    again = send(sealed, note="Ce qui est venu depuis.", now=at(MAY + timedelta(days=40)))
    for each in again.dispatches.filter(signs=True).select_related("organisation"):
        sign_version(version=again, organisation=each.organisation, by=sealed.people["alice"], now=at(MAY + SIGNED))
    time_machine.move_to(at(MAY + timedelta(days=90)), tick=False)
    assert taken() == ["version 2 scellée (Aude)"] * 2 + ["version 1 scellée (Aude)"] * 2


def test_an_allocation_without_effect_stays_in_a_sealed_year_as_an_undone_lease_does(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """R441-5-1, docs/decisions/0143: a committee allocated in December, nobody has answered in May. The sealed year
    keeps it, and lists what undid it under its own day, as it does of a lease."""
    lived_by_act(world)
    aline, decided = world.people["aline"], date(YEAR, 12, 18)
    silent = Routing.objects.filter(closed_at=None, leases=None, holder__isnull=False).latest("pk").vacancy
    record_allocation(vacancy=silent, on=decided, by=aline, today=decided)
    sign(world, send(world))
    before = balance(world.landlord, YEAR).cells.total()
    undo_lease(lease=Lease.objects.get(signed_on=DECEMBER), why="Erreur de logement.", by=aline, now=at(MAY))
    withdraw_outcome(vacancy=silent, why="Aucun candidat n’a répondu.", by=aline, today=MAY)
    assert set(FlowEntry.objects.filter(vacancy=silent, stage="ALLOCATED").values_list("acted_on", flat=True)) == {
        decided
    }
    assert balance(world.landlord, YEAR).cells.total() == before
    live = balance(world.landlord, YEAR, live=True).cells.total()
    assert (live.allocated, live.leased) == (before.allocated - 2, before.leased - 1)
    page = sign_in("aline").get(reverse("balance", args=[world.landlord.pk, YEAR])).content.decode()
    listed = page[page.index('aria-labelledby="depuis"') :].split("</section>")[0]
    for words in ("Attribution restée sans effet", "attribués −1", "Bail annulé"):
        assert words in listed, words
