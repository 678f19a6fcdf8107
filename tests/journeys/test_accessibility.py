"""Every page, as each person: no accessibility finding, no sideways scroll on a small phone, nothing refused by CSP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page

from attributions.bilan.queries.figures import FigurePlace
from attributions.households.models import AgendaItem
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.committee import seat_member
from attributions.households.operations.session import close_session
from flux.models import Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from reservations.models import Convention
from reservations.operations.documents import attach_document
from tests.attributions.bilan.balances import contest, correct, given_back
from tests.attributions.bilan.balances import send as send_balance
from tests.attributions.bilan.reconciliations import reconciliation
from tests.attributions.households.candidates import candidate, sent
from tests.attributions.households.lettings import sign
from tests.attributions.households.named import candidates as applicants
from tests.attributions.households.sittings import HOUR, SINCE, House, house, lines
from tests.house.walk import kind_of
from tests.journeys.conftest import Person
from tests.world import MORNING, World, convention
from tests.world_again import kept

pytestmark = pytest.mark.browser

Places = dict[str, list[str]]

DESK, PHONE = 1280, 320

#: What anybody reads.
PUBLIC = ("accessibility", "contact", "help", "legal-notice", "site-plan", "terms")

#: Pages of who oversees a territory, by year.
OVERSEEN = ("balance-territory", "balance-communes", "balance-cil", "balance-one-page", "balance-scale")


def sit(world: World) -> tuple[House, list[AgendaItem]]:
    """A committee whose secretary is Alice too; items to come, to decide, put to a remote vote, and decided."""
    seated = house(world)
    alice = world.people["alice"]
    by_alice = {"full_name": "Alice", "starts_on": SINCE, "user": alice, "by": alice}
    seat_member(committee=seated.committee, capacity="SECRETARY", **by_alice)
    items = [seated.item(), seated.opened(), seated.opened(mode="REMOTE"), seated.opened()]
    kinds = ("RANKED 1", "CONDITIONAL 2", "NOT_ALLOCATED SIZE")
    open_ballot(item=items[2], lines=lines(items[2], *kinds), by=seated.secretary, now=MORNING + HOUR)
    seated.decide(items[3], *lines(items[3], *kinds))
    close_session(session=items[3].session, by=seated.secretary, now=MORNING + 3 * HOUR)
    seated.unit()
    return seated, items


def furnish(world: World) -> Places:
    """Something on every page: routed, overridden, awaiting, excluded, in stock, blocked; and a draft."""
    routed, overridden, awaiting = (world.vacancy(rooms=n, now=MORNING - timedelta(30)) for n in (2, 3, 4))
    assert awaiting.ledger is not None
    route_waiting_vacancies(ledger_id=awaiting.ledger_id, now=MORNING - timedelta(30))
    clerk = world.people["aline"]
    confirm_recommendations(vacancies=[routed.pk], by=clerk, now=MORNING)
    route_elsewhere(
        vacancy=overridden,
        holder=world.holders["city"],
        motive="HOLDER_AGREEMENT",
        motive_text="Échange convenu avec Action Logement.",
        by=clerk,
        now=MORNING,
    )
    excluded = world.vacancy(kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.URBAN_RENEWAL)
    kept = world.unit()
    keep_in_stock(
        unit=kept, holder=world.holders["agents"], ground="DEFENCE", starts_on=MORNING.date(), by=world.people["alice"]
    )
    stock = world.vacancy(kept)
    waiting = world.vacancy(rooms=5)
    draft = convention(
        world.landlord, world.als, world.places["Hérault"], (world.holders["als"], "100", 9), signed=False
    )
    signed = Convention.objects.filter(organisation=world.city).get()
    attach_document(convention=signed, name="Convention signée.pdf", content=b"%PDF-1.7", by=world.people["chloe"])
    ledger, year = awaiting.ledger_id, MORNING.year
    robine, city = world.landlord.pk, world.holders["city"].pk
    sheets = [reverse("vacancy-detail", args=[v.pk]) for v in (routed, overridden, awaiting, excluded, stock, waiting)]
    seated, items = sit(world)
    sat = [
        reverse("session-list"),
        reverse("committee-list"),
        reverse("committee-detail", args=[seated.committee.pk]),
        *(reverse("session-detail", args=[item.session_id]) for item in items),
        reverse("session-agenda", args=[items[0].session_id]),
        *(reverse("agenda-item", args=[item.pk]) for item in items),
        reverse("minutes", args=[items[3].session_id]),
    ]
    overseen = [reverse(name, args=[year]) for name in OVERSEEN]
    voting = [reverse("vote", args=[item.pk]) for item in items[1:3]]
    requests = [
        reverse("application-list"),
        reverse(
            "application-detail",
            args=[applicants(world, routing=overridden.routings.get(closed_at=None))[0].application_id],
        ),
        reverse("file-import-new", args=["sne"]),
        reverse("candidate-export"),
        reverse("access-journal"),
    ]
    compared = [reverse("reconciliation-list"), reverse("reconciliation-detail", args=[reconciliation(world).pk])]
    common = [
        reverse("home"),
        reverse("personal-data"),
        *(reverse(name) for name in PUBLIC),
        reverse("account-list"),
        reverse("account", args=[ledger]),
        reverse("vacancy-list"),
        reverse("convention-list"),
        reverse("balance-list"),
        reverse("balance", args=[robine, year]),
        reverse("balance-charts", args=[robine, year]),
        reverse("balance-mix", args=[robine, year]),
        reverse("balance-projection", args=[robine, year]),
        reverse("balance-axis", args=[robine, year, "commune"]),
        reverse("balance-units", args=[robine, year]) + "?measure=returned",
        reverse("balance-defects", args=[robine, year]),
        reverse("inbox"),
        reverse("search") + "?q=narb",
        reverse("rule"),
        reverse("glossary"),
        reverse("territory-search") + "?q=narbonne",
        reverse("objective-list"),
        reverse("step-times") + "?start=REGISTERED&end=ROUTED",
    ]
    behind = reverse("objective-leases", args=["FIRST_QUARTILE_OUTSIDE_QPV"])
    let(world, routed, excluded)
    statement = [reverse("statement", args=[ledger, city]), reverse("statement-units", args=[ledger, city])]
    statement.append(reverse("why-not-us", args=[ledger, city]))
    reviewed = review(world)
    routing = overridden.routings.get(closed_at=None)
    first = sent(world, routing, 1, 2).proposals.order_by("pk")[0]
    unsent = candidate(world, overridden, 3, routing=routing)
    candidates = [
        reverse("file-list"),
        reverse("file", args=[overridden.pk]),
        reverse("proposal-detail", args=[first.pk]),
    ]
    proposing = [reverse(name, args=[overridden.pk]) for name in ("proposal-new", "proposal-send")]
    proposing += [reverse(name, args=[unsent.pk]) for name in ("proposal-edit", "proposal-remove")]
    return {
        "alice": [
            reverse("balance-downloads", args=[robine, year]),
            *candidates,
            *reviewed["landlord"],
            *compared,
            reverse("proposal-instruct", args=[first.pk]),
            *common,
            behind,
            *requests,
            *statement,
            *sheets,
            f"{sheets[2]}?destination={world.holders['agents'].pk}",
            reverse("unit-list"),
            reverse("unit-detail", args=[routed.unit_id]),
            reverse("unit-stock-right", args=[routed.unit_id]),
            reverse("programme-list"),
            reverse("routing-policy"),
            reverse("vacancy-declare"),
            reverse("vacancy-cancel", args=[awaiting.pk]),
            f"{reverse('vacancy-declare')}?q=voltaire",
            f"{reverse('vacancy-declare')}?unit={world.unit().pk}",
            reverse("convention-detail", args=[signed.pk]),
            reverse("convention-detail", args=[draft.pk]),
            reverse("convention-document", args=[signed.pk]),
            reverse("convention-document", args=[draft.pk]),
            reverse("document-attach", args=[signed.pk]),
            reverse("convention-draft"),
            f"{reverse('convention-draft')}?organisation={world.state.pk}",
            reverse("convention-edit", args=[draft.pk]),
            reverse("person-list"),
            reverse("person-new"),
            *sat,
            reverse("decision-correct", args=[items[3].pk]),
        ],
        "chloe": [
            *reviewed["holder"],
            *sat,
            *voting,
            *candidates,
            *requests,
            *proposing,
            *common,
            behind,
            *statement,
            *sheets[1:3],
            reverse("convention-detail", args=[signed.pk]),
        ],
        "bob": [
            *overseen,
            reverse("balance-state", args=[year]),
            reverse("cap-reading-list"),
            *common,
            *sheets[:3],
            compared[0],
        ],
        "emma": [
            *overseen,
            candidates[1],
            *common,
            *sheets[:1],
            reverse("objective-new"),
        ],
        "adam": [
            reverse("home"),
            reverse("access-journal"),
            reverse("personal-data"),
            *(reverse(name) for name in PUBLIC),
            reverse("service-notice"),
            reverse("organisation-list"),
            reverse("organisation-new"),
            reverse("person-list"),
            reverse("person-new"),
            reverse("legal-parameter-list"),
            reverse("legal-parameter-new"),
            reverse("balance-tolerances"),
            reverse("balance-layouts"),
            reverse("balance-layout-new"),
            reverse("balance-files", args=[robine, year]),
            reverse("period-cuts"),
            *reviewed["holder"][:1],
        ],
        "driss": [reverse("home")],
    }


furnished = kept(furnish)


def review(world: World) -> Places:
    """A balance sent, contested twice, corrected once and sent again; what the landlord and the others read of it."""
    given = given_back(world)
    version = send_balance(world, now=MORNING)
    contest(world, version, now=MORNING)
    correct(world, version.balance, given)
    second = send_balance(world, now=MORNING, note="Un T5 retiré.")
    remark = contest(world, second, now=MORNING, place=FigurePlace("SUMMARY", "", "", "due"), claimed=12_500_000)
    args = [world.landlord.pk, MORNING.year, "11"]
    page = reverse("balance-review", args=args)
    read = [page, reverse("balance-version", args=[*args, 2]), reverse("balance-compare", args=args)]
    correcting = reverse("balance-correct", args=args)
    return {
        "landlord": [*read, f"{correcting}?remark={remark.pk}", f"{correcting}?holder={given.holder_id}"],
        "holder": [*read, f"{page}?line=TYPOLOGY:T5&holder="],
    }


def let(world: World, *vacancies: Vacancy) -> None:
    """A lease on each, so that the objectives and the delays have something to show."""
    for number, vacancy in enumerate(vacancies):
        sign(world, vacancy, income_quartile=1 + number, has_priority=number == 0)


#: What colours decide in what the checker says: by day and by night; the rest is read by day.
COLOURS = ["color-contrast", "link-in-text-block"]


#: Half a megabyte, given once to each page that is read.
CHECKER = Axe().axe_script

#: The first text of each way of writing (its colour, size and weight, the grounds beneath), by this way. Contrast is
#: most of what the checker costs: it is measured once for each way, and not again in each cell of a table.
ALIKE = """() => {
  const beneath = new Map([[null, '']]), ways = new Map();
  const grounds = (each) => {
    if (!beneath.has(each)) {
      const style = getComputedStyle(each);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position].join();
      beneath.set(each, grounds(each.parentElement) + (own === 'rgba(0, 0, 0, 0),none,1,static' ? '' : `;${own}`));
    }
    return beneath.get(each);
  };
  for (const each of document.body.querySelectorAll('*')) {
    const writes = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!each.checkVisibility() || !(writes || each.matches('input, select, textarea'))) continue;
    const style = getComputedStyle(each), link = each.closest('a');
    const way = [style.color, style.fontSize, style.fontWeight, style.textDecorationLine, style.textShadow,
      link !== null, link && getComputedStyle(link.parentElement).color, each.matches(':disabled'), grounds(each)];
    if (!ways.has(way.join())) ways.set(way.join(), each);
  }
  return ways;
}"""

#: `preload`: sheets and films are not asked for again; the one rule that reads sheets is off, and there is no film.
#: What the checker finds: colours, among texts that differ or in each; and, by day, all that it can say. With it, the
#: ways of writing whose contrast it could measure: a text that something covers is measured on another page.
CHECK = """async ({colours, by_night, each_text, measured}) => {
  const run = (where, options) => axe.run(where,
    {resultTypes: ['violations', 'incomplete'], preload: false, ...options});
  const others = {...Object.fromEntries(colours.map((rule) => [rule, {enabled: false}])),
    'target-size': {enabled: true}};  // WCAG 2.2, 2.5.8, which the checker leaves out unless asked
  const read = by_night ? [] : [await run(document, {rules: others})];
  const fresh = each_text ? [] : [...(ALIKE)()].filter(([way]) => !measured.includes(way));
  const places = each_text ? document : {include: fresh.map(([, each]) => each)};
  const contrast = each_text || fresh.length ? [await run(places, {runOnly: colours, elementRef: true})] : [];
  const unsure = contrast.flatMap((each) => each.incomplete).flatMap((found) => found.nodes.map((at) => at.element));
  return [
    [...read, ...contrast].flatMap((each) => each.violations)
      .flatMap((found) => found.nodes.map((at) => `${found.id}: ${at.html.slice(0, 160)}`)),
    fresh.filter(([, each]) => !unsure.includes(each)).map(([way]) => way),
  ];
}""".replace("ALIKE", ALIKE)


def findings(
    page: Page, *, by_night: bool = False, each_text: bool = False, measured: set[str] | None = None
) -> list[str]:
    """What the checker says of the page as it stands, one line a finding.

    `measured`: the ways of writing that are not measured again; those that are measured here are added to it.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(CHECKER)
    before = set() if measured is None else measured
    how = {"colours": COLOURS, "by_night": by_night, "each_text": each_text, "measured": sorted(before)}
    found, ways = page.evaluate(CHECK, how)
    before.update(ways)
    return list(found)


#: RGAA 10.12: spaces that a reader sets. The policy of the page lets a sheet be changed by the browser itself only.
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""

#: RGAA 8, 9, 11, 12 and 13: what the checker does not ask. Each line of the answer is a fault.
STRUCTURE = """() => {
  const all = (query) => [...document.querySelectorAll(query)];
  const faults = [];
  const ask = (holds, fault) => holds || faults.push(fault);
  ask(document.doctype?.name === 'html', 'no document type');
  const paper = all('link[href*="document"]').length > 0;  // drawn to be printed: no shell around it
  ask(/^fr(-FR)?$/.test(document.documentElement.lang), 'not said to be in French');
  ask(/\\S+ — Équiflux$/.test(document.title) || (paper && document.title), `title « ${document.title} »`);
  ask(all('h1').length === 1, `${all('h1').length} first headings`);
  const ranks = all('h1, h2, h3, h4, h5, h6').filter((each) => each.checkVisibility()).map((each) => +each.tagName[1]);
  ranks.forEach((rank, at) => ask(at === 0 || rank <= ranks[at - 1] + 1, `heading ${rank} under ${ranks[at - 1]}`));
  for (const query of ['main', 'body > header', 'body > footer', 'a.skip[href="#contenu"]'])
    ask(all(query).length === 1 || (paper && query !== 'main'), `${all(query).length} ${query}`);
  const named = (each) => each.ariaLabel || each.getAttribute('aria-labelledby');
  all('nav').forEach((each) => ask(named(each), 'navigation without a name'));
  for (const query of ['iframe', 'video', 'audio', 'canvas', 'object', 'embed', 'img:not([alt])', '[target=_blank]',
                       'font', 'center', 'marquee', 'meta[http-equiv]',
                       '[tabindex]:not([tabindex="0"], [tabindex="-1"])'])
    ask(all(query).length === 0, `has ${query}`);
  all('svg').forEach((each) => ask(each.closest('[aria-hidden=true]') ||
    (each.getAttribute('role') === 'img' && (named(each) ||
      each.querySelector(':scope > title')?.textContent)), `drawing without a name: ${each.outerHTML.slice(0, 80)}`));
  all('table').forEach((each) => ask(each.caption?.textContent.trim(), 'table without a title'));
  all('th').forEach((each) => ask(each.scope, `heading of a table without its scope: ${each.textContent.trim()}`));
  all('input[type=radio]').forEach((each) => ask(each.closest('fieldset')?.querySelector('legend')?.textContent.trim()
    || each.closest('[role=radiogroup], [role=group]'), `choice outside a named group: ${each.name}`));
  const ids = all('[id]').map((each) => each.id);
  ids.forEach((id, at) => ask(ids.indexOf(id) === at, `« ${id} » is the id of two elements`));
  all('input[type=email], input[type=password]').forEach((each) => ask(each.autocomplete || each.form?.autocomplete,
    `nothing says what to fill in ${each.name}`));
  all('[lang]').forEach((each) => ask(['fr', 'fr-FR', 'en'].includes(each.lang), `language ${each.lang}`));
  return faults;
}"""

#: RGAA 10.2: texts that are seen with the sheets of style, and no longer without any; and what a sheet writes by itself
#: without saying that it is only drawn.
UNSTYLED = """() => {
  const every = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (every.nextNode()) texts.push(every.currentNode);
  const seen = texts.filter((text) => text.data.trim() && text.parentElement.checkVisibility());
  const written = [...document.body.querySelectorAll('*')].flatMap((each) => ['::before', '::after'].map((which) =>
    getComputedStyle(each, which).content)).filter((said) => !/^(none|normal|"")$|\\/ ""$/.test(said));
  const sheets = [...document.styleSheets];
  sheets.forEach((sheet) => { sheet.disabled = true; });
  const lost = seen.filter((text) => !text.parentElement.checkVisibility()).map((text) => text.data.trim());
  sheets.forEach((sheet) => { sheet.disabled = false; });
  return [...lost.map((text) => `seen with styles only: ${text}`),
    ...written.map((said) => `written by a style: ${said}`),
    ...(seen.length && sheets.length ? [] : ['nothing to see'])];
}"""


#: The words of drawings that leave it, on the left or on the right: SVG text does not wrap.
LEAVING = """[...document.querySelectorAll('svg text')].filter((text) => {
  const [words, frame] = [text, text.closest('svg')].map((each) => each.getBoundingClientRect());
  return words.width && (words.left < frame.left - 1 || words.right > frame.right + 1);
}).map((text) => `leaves its drawing: ${text.textContent}`)"""


def too_wide(page: Page) -> list[str]:
    """Does it scroll sideways, or do words leave a drawing, on a small phone, or on a desk with wider spaces?"""
    page.set_viewport_size({"width": PHONE, "height": 900})
    narrow = page.evaluate("document.documentElement.scrollWidth")
    leaving = page.evaluate(LEAVING)
    page.set_viewport_size({"width": DESK, "height": 900})
    leaving += page.evaluate(LEAVING)
    spaced = page.evaluate(
        """(text) => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(text);
            document.adoptedStyleSheets = [sheet];
            const width = document.documentElement.scrollWidth;
            document.adoptedStyleSheets = [];
            return width;
        }""",
        SPACED,
    )
    return leaving + [
        f"{width} px wide in {place}"
        for width, place in ((narrow, PHONE), (spaced, f"{DESK}, with wider spaces"))
        if width > (PHONE if place == PHONE else DESK)
    ]


def read_in_every_light(
    page: Page, *, by_night: bool = True, each_text: bool = False, measured: set[str] | None = None
) -> list[str]:
    """On a phone as it comes; then on a desk, what is folded unfolded, by day and by night. Contrast is measured once
    for each way of writing of the page, or in each text."""
    wide = [*too_wide(page), *page.evaluate(STRUCTURE), *page.evaluate(UNSTYLED)]
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    found = wide + findings(page, each_text=each_text, measured=measured)
    if by_night:
        page.emulate_media(color_scheme="dark")
        found += [f"by night, {line}" for line in findings(page, by_night=True, each_text=each_text, measured=measured)]
        page.emulate_media(color_scheme="light")
    return found


#: In this order: an ordinary run reads for each the pages that nobody before them reads.
READERS = ("alice", "chloe", "bob", "emma", "adam", "driss")


@pytest.mark.parametrize("name", READERS)
def test_pages_have_no_finding(
    live: World, person: Callable[..., Person], pytestconfig: pytest.Config, name: str
) -> None:
    """Every night, each page by each person, in every light; in an ordinary run each page once, and one of each kind in
    the colours of the night: that they stand out on every ground is tested of each (tests/house/test_colours.py). Then
    contrast is measured once for each way of writing, whatever the page, and every night of each text."""
    every, whole = furnished(live), pytestconfig.getoption("all")
    read = set() if whole else {path for before in READERS[: READERS.index(name)] for path in every[before]}
    places = [path for path in every[name] if path not in read] or every[name][:1]
    dark = places if whole else {kind_of(path): path for path in reversed(places)}.values()
    someone = person(name, width=DESK)
    how: dict[str, Any] = {"each_text": whole, "measured": set()}
    found = {path: read_in_every_light(someone.visit(path), by_night=path in dark, **how) for path in places}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_text_that_is_too_pale_is_found_among_texts_that_are_not(browser: Browser) -> None:
    """The check barks: by its own colour, by the ground beneath it, by what fades it; once for those alike."""
    page = browser.new_page()
    cells = "<td>lisible</td>" * 20
    page.set_content(f"""<html lang="fr"><title>a</title><main><h1>a</h1><table><caption>a</caption><tr>{cells}
        <td style="color: #bbb">pâle</td><td style="color: #bbb">pâle</td></tr></table>
        <p style="background: #555">assombri</p><section style="opacity: .3"><p>effacé</p></section>
        <p>un <a href="/" style="color: #222; text-decoration: none">lien</a> que rien ne montre</p></main>""")
    every = findings(page, each_text=True)
    assert [line.split(":")[0] for line in every] == ["color-contrast"] * 4 + ["link-in-text-block"]
    assert findings(page) == [line for at, line in enumerate(every) if at != 1]
    page.close()


def test_a_target_that_is_too_small_is_found(browser: Browser) -> None:
    """WCAG 2.2, 2.5.8: two buttons of twelve pixels side by side."""
    page = browser.new_page()
    small = '<button style="all: unset; display: inline-block; width: 12px; height: 12px" aria-label="{}"></button>'
    page.set_content(f"""<html lang="fr"><title>a</title><main><h1>a</h1><div>{small.format("un")}{small.format("deux")}
        </div></main>""")
    assert [line.split(":")[0] for line in findings(page, each_text=True)] == ["target-size"] * 2
    page.close()


def test_a_way_of_writing_is_measured_on_the_first_page_that_has_it_uncovered(browser: Browser) -> None:
    """Once for all the pages of a person; a text that something covers says nothing of its way."""
    page, measured = browser.new_page(), set[str]()
    body = '<html lang="fr"><title>a</title><main><h1>a</h1><p style="color: #bbb">pâle</p>{}</main>'
    over = '<div style="position: absolute; inset: 0; background: linear-gradient(#fff, #000)"></div>'
    page.set_content(body.format(over))
    assert findings(page, measured=measured) == []
    page.set_content(body.format(""))
    assert [line.split(":")[0] for line in findings(page, measured=measured)] == ["color-contrast"]
    assert findings(page, measured=measured) == []
    page.set_content(body.format('<p style="color: #aaa">autre</p>'))
    assert [line.split(":")[0] for line in findings(page, measured=measured)] == ["color-contrast"]
    page.close()


def test_what_only_styles_show_is_found(browser: Browser) -> None:
    """The check barks: a text that a sheet alone shows, a word that a sheet writes."""
    page = browser.new_page()
    page.set_content("""<style>p { display: block !important } b::before { content: "Urgent" }
        i::before { content: "!" / "" }</style><p hidden>caché</p><b>dit</b><i>dit</i>""")
    assert page.evaluate(UNSTYLED) == ["seen with styles only: caché", 'written by a style: "Urgent"']
    page.close()


def test_words_that_leave_a_drawing_are_found(browser: Browser) -> None:
    """The check barks: what an SVG writes past its edge; what it holds is let be."""
    page = browser.new_page()
    text = '<text y="20" x="{}">{}</text>'
    page.set_content(f'<svg width="90">{text.format(2, "Dû")}{text.format(60, "7 reçus, 6,8 dus")}</svg>')
    assert page.evaluate(LEAVING) == ["leaves its drawing: 7 reçus, 6,8 dus"]
    page.close()


def test_one_endless_word_widens_no_table(live: World, person: Callable[..., Person]) -> None:
    """Somebody pastes 400 letters as a motive: who reads the list does not scroll past them."""
    vacancy = live.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    given = {"motive": "OTHER", "motive_text": "a" * 400, "by": live.people["aline"], "now": MORNING}
    route_elsewhere(vacancy=vacancy, holder=live.holders["city"], **given)
    page = person("chloe").visit(reverse("vacancy-list"))
    table = page.locator(".table", has=page.get_by_text("a" * 400)).first
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth")


def test_page_that_is_not_yours_has_no_finding(live: World, person: Callable[..., Person]) -> None:
    someone = person("driss")
    assert findings(someone.visit(reverse("unit-list"))) == []
    assert someone.complaints == ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
    someone.complaints.clear()


def test_sign_in_page_has_no_finding(live: World, browser: object, live_server: object) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_server}/connexion/")
    assert findings(page) == []
    page.get_by_role("button", name="Se connecter").click()
    assert findings(page) == []
    context.close()
