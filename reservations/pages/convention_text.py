"""Everything that a printed convention says beside its own columns, made of words that follow its terms and the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.text import slugify

from reservations.models import Convention, Organisation, Pause, Quota, Signatory
from reservations.pages import prose
from reservations.pages.articles import FreeText, counting, free_text, proposing, status_words
from reservations.pages.clauses import lost_for
from reservations.pages.rates import in_table, least_outside, rows, steps_of, variation
from reservations.words import to


@dataclass(frozen=True, slots=True)
class Part:
    """One contingent's line: its share, the same as an exact fraction, and who proposes in its name, how far."""

    quota: Quota
    numerator: int
    denominator: int
    delegates: tuple[tuple[Organisation, str], ...]

    @property
    def table(self) -> str:
        """What stands in place of one rate, where a table says it unit by unit; "" without one."""
        return in_table(self.quota)

    @property
    def varies(self) -> str:
        """By what its rate varies, where a table says it."""
        return "selon le logement" if steps_of(self.quota) is None else "selon l’année"


@dataclass(frozen=True, slots=True)
class Change:
    """One term that an amendment changes, in words; « – » for what was not, or is no more."""

    term: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Law:
    """The figures of the law that the text quotes, on the day this version takes effect; None when none is recorded.

    Percentages are words already: « 30 % »; `report_day` is « 28 février ». `outside_qpv`: the least of the State, in
    millionths.
    """

    state_cap: str | None
    agents_cap: str | None
    outside_qpv_minimum: str | None
    derogation_months: int | None
    notice_months: int | None
    minimum_candidates: int | None
    report_day: str | None
    outside_qpv: int | None = None


@dataclass(frozen=True, slots=True)
class ConventionText:
    """Everything the printed convention says that is not in its own columns. `signing`: each party, the landlord and
    the holder first, and what its signature is in words, "" as long as it is awaited. `endings`: the acts by which it
    ended, or may, each in a sentence."""

    convention: Convention
    parts: tuple[Part, ...]
    total: int
    agreed_end: date
    fallback: tuple[str, ...]
    law: Law
    changes: tuple[Change, ...]
    signing: tuple[tuple[Signatory, str], ...]
    pauses: tuple[Pause, ...] = ()
    endings: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[tuple[Signatory, str], ...]:
        """Who signs beside the landlord and the holder."""
        return self.signing[2:]

    @property
    def status(self) -> str:
        """What is written above the title: a draft, or what is over."""
        return status_words(self.convention)

    @property
    def counting(self) -> list[str]:
        """Article 5, paragraph by paragraph."""
        return counting(self.convention)

    @property
    def proposing(self) -> list[str]:
        """Article 6."""
        return list(proposing(self.convention, self.law.minimum_candidates))

    @property
    def amendment(self) -> int:
        """The number of the amendment, from 1; 0 for the first version."""
        return self.convention.version - 1

    @property
    def is_of_the_state(self) -> bool:
        """The signatory is a service of the State: R441-5-2 applies."""
        return self.convention.organisation.kind == Organisation.Kind.STATE

    @property
    def reserved(self) -> str:
        """To whom its parts are reserved."""
        return "à l’État" if self.is_of_the_state else to(self.convention.organisation)

    @property
    def order(self) -> dict[str, str]:
        """What a préfet's order says of whose part it fixes, by what it is about."""
        return prose.ordered(of_the_state=self.is_of_the_state)

    @property
    def on_own_territory(self) -> bool:
        """The signatory uses its rights on its own territory only: R441-5-3 applies."""
        return self.convention.organisation.kind in Organisation.OWN_TERRITORY

    @property
    def fallback_may_fail(self) -> bool:
        """No step is sure to take a unit: the next holder and the landlord are, the préfet or a commune not."""
        return not {Convention.Fallback.NEXT, Convention.Fallback.LANDLORD} & set(self.convention.fallback)

    @property
    def about(self) -> str:
        """What the file gives to a program that reads it."""
        return prose.about(self.convention)

    @property
    def made_on(self) -> date | None:
        """The day of the text: signed, or proposed."""
        return self.convention.signed_on or self.convention.proposed_on

    @property
    def heading(self) -> str:
        """The title as it is read."""
        return prose.heading(self.amendment)

    @property
    def replaced(self) -> str:
        """What an amendment replaces."""
        return prose.replaced(self.convention, self.convention.amends) if self.convention.amends else ""

    @property
    def grounds(self) -> str:
        """The articles under which it is made."""
        return prose.grounds(of_the_state=self.is_of_the_state, own_territory=self.on_own_territory)

    @property
    def perimeter(self) -> str:
        """Where it bears."""
        return prose.perimeter(self.convention, own_territory=self.on_own_territory)

    @property
    def of_the_state(self) -> dict[str, str]:
        """What is stated of the rights of the State alone, by what it is about; nothing for the others."""
        if not self.is_of_the_state:
            return {}
        law = self.law
        return {
            "uniform": prose.uniform(
                law.outside_qpv_minimum, by_place=self.by_place, below=self.least_outside_qpv < (law.outside_qpv or 0)
            ),
            "caps": prose.caps(law.state_cap, law.agents_cap, law.derogation_months),
            "termination": prose.termination(law.notice_months),
        }

    @property
    def by_place(self) -> bool:
        """Does a table of rates name communes?"""
        return any(rate.territory_id is not None for part in self.parts for rate in part.quota.rates.all())

    @property
    def least_outside_qpv(self) -> int:
        """The least that the parts give together of a unit outside QPV, in millionths."""
        return sum(least_outside(part.quota) for part in self.parts)

    @property
    def one_rate(self) -> bool:
        """Has each part one rate for every unit? A total of them is then one too."""
        return not any(part.quota.rates.all() for part in self.parts)

    @property
    def each_year(self) -> str:
        """Until when the landlord says what it did and will do."""
        return prose.each_year(self.law.report_day)

    @property
    def apart(self) -> list[str]:
        """What a contingent has of its own."""
        return [each for part in self.parts for each in prose.apart(part.quota)]

    @property
    def rates(self) -> list[tuple[Quota, str, list[tuple[str, str]]]]:
        """The rates of a contingent that has several, and how they vary."""
        table = ((part.quota, rows(part.quota)) for part in self.parts)
        return [(quota, variation(quota), lines) for quota, lines in table if lines]

    @property
    def delegations(self) -> list[tuple[Quota, Organisation, str]]:
        """Who proposes for the State, and for what, as the end of a clause."""
        return [
            (part.quota, delegate, f", pour ce qui suit : {scope}" if scope else "")
            for part in self.parts
            for delegate, scope in part.delegates
        ]

    @property
    def steps(self) -> list[str]:
        """What is done, in order, without a candidate."""
        return prose.steps(self.fallback)

    @property
    def first_lettings(self) -> str:
        """Whether the first lettings of a new programme count."""
        return prose.first_lettings(self.convention)

    @property
    def takes_effect(self) -> str:
        """What it is that takes effect."""
        return "La présente version" if self.amendment else "La convention"

    @property
    def handed_on(self) -> str:
        """To whom the signed text goes."""
        return prose.handed_on(of_the_state=self.is_of_the_state)

    @property
    def signed(self) -> str:
        """When it was signed."""
        given = sum(party.signed_on is not None for party, _ in self.signing)
        return prose.signed(self.convention, given, len(self.signing))

    @property
    def signatures(self) -> list[tuple[str, Signatory, str]]:
        """For whom each party signs, and its signature in words."""
        return [(prose.side(place), party, each) for place, (party, each) in enumerate(self.signing)]

    @property
    def written(self) -> FreeText:
        """What the parties wrote of their own."""
        return free_text(self.convention.articles)

    @property
    def lost(self) -> list[tuple[Quota, str]]:
        """What whole units leave that is not carried over, by contingent, on an example."""
        losses = ((part.quota, lost_for(self.convention, part.quota)) for part in self.parts)
        return [(quota, each) for quota, each in losses if each]

    @property
    def title(self) -> str:
        """Of the document, for a reader with several of them open."""
        if self.convention.is_order:
            return f"Arrêté du préfet, {self.parties}"
        what = f"Avenant n° {self.amendment}" if self.amendment else "Convention de réservation"
        return f"{what} {self.parties}, version {self.convention.version}"

    @property
    def parties(self) -> str:
        """Who signs with whom."""
        return f"{self.convention.landlord.organisation} – {self.convention.organisation}"

    @property
    def file_name(self) -> str:
        """Of the PDF, in plain letters: « convention-rh-990000036-v1.pdf », « arrete-rh-990000036-v1.pdf »."""
        convention = self.convention
        acronym = slugify(convention.landlord.acronym)
        nature = "arrete" if convention.is_order else "convention"
        return f"{nature}-{acronym}-{convention.organisation.siren}-v{convention.version}.pdf"
