"""What a conversion rests on. Frozen, exact; figures of the law come in with their source (docs/conversion.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

#: Units outside the base, and where that is stated (docs/conversion.md; kept in stock first, by usage then).
OUT = {
    "DEFENCE": ("gardés en stock, défense nationale", "CCH, R441-5"),
    "INTERNAL_SECURITY": ("gardés en stock, sécurité intérieure", "CCH, R441-5"),
    "PUBLIC_HEALTH": ("gardés en stock, établissement public de santé", "loi 3DS, 2022"),
    "HOSTEL_LIKE": ("logements-foyers, résidences sociales, pensions de famille", "usage : hors CCH, L441-1"),
    "STUDENT_RESIDENCE": ("résidences universitaires", "usage : régime propre"),
    "LEASED_TO_ASSOCIATION": ("logements loués à des associations", "CCH, L442-8-1"),
    "INTERMEDIATE_OR_FREE": ("logements intermédiaires ou à loyer libre", "usage : hors CCH, L441-1"),
    "STAFF_UNIT": ("logements de fonction, loges", "usage : non loués"),
    "TECHNICAL_VACANCY": ("vacance technique : travaux, vente, démolition", "usage : non louables"),
}

GROUNDS = {
    "LOAN_GUARANTEE": "garantie d’emprunt",
    "LAND": "apport de terrain",
    "FUNDING": "apport de financement",
    "STATE": "droit de l’État",
    "UNCONVERTED": "droit antérieur non encore converti en flux",
}
#: Grounds of rights that stay on their units for good (CCH, R441-5): lines out of the base, never converted.
KEPT = ("DEFENCE", "INTERNAL_SECURITY", "PUBLIC_HEALTH")

RECURRING, SINGLE = "RECURRING", "SINGLE"
USES = {RECURRING: "droit de suite", SINGLE: "droit unique"}

EXCLUSIONS = {
    "INTERNAL_TRANSFER": ("mutations internes des locataires du bailleur", "CCH, R441-5 I"),
    "URBAN_RENEWAL": ("relogements de renouvellement urbain (ANRU)", "CCH, R441-5 I"),
    "DEGRADED_CONDO": ("relogements de copropriétés dégradées", "CCH, L741-1, L741-2"),
    "UNFIT_HOUSING": ("relogements d’habitat indigne", "CCH, L521-3-1"),
    "SALE_REHOUSING": ("relogements liés à une vente de logements sociaux", "CCH, L443-7"),
}

CONTINGENTS = {
    "STATE_AGENTS": "État – agents",
    "STATE_PRIORITY": "État – publics prioritaires",
    "ACTION_LOGEMENT": "Action Logement et employeurs",
    "AUTHORITY": "collectivités",
    "STATE_CONVENTIONAL": "État – réservations conventionnelles",
    "OTHER": "autres réservataires",
}
#: What nobody reserves: the landlord’s own part, named last among the targets.
NOT_RESERVED = "Non réservé"
#: Held together under the préfet’s cap (CCH, R441-5-2).
STATE = ("STATE_AGENTS", "STATE_PRIORITY")

TERRITORIES = {
    "REGION": "région",
    "DEPARTEMENT": "département",
    "EPCI": "intercommunalité",
    "EPT": "établissement public territorial",
    "COMMUNE": "commune",
    "DISTRICT": "arrondissement municipal",
}

#: How a figure that was typed over another is named, by its key in its row.
FIELDS = {
    "units": "logements",
    "vacancies": "libérations",
    "weight": "poids",
    "rate": "taux",
    "share": "part",
    "starts_on": "début",
    "ends_on": "fin",
    "loan_ends_on": "fin de l’emprunt",
    "extension_years": "prolongation",
}

STATE_SHARE_MAX = "STATE_SHARE_MAX"
STATE_AGENTS_SHARE_MAX = "STATE_AGENTS_SHARE_MAX"
GUARANTEE_SHARE_MAX = "GUARANTEE_SHARE_MAX"
GUARANTEE_EXTENSION_YEARS = "GUARANTEE_EXTENSION_YEARS"
#: Figures that the law may change: they come with the file, never from the code.
PARAMETERS = {
    STATE_SHARE_MAX: "part maximale de l’État dans le flux, en %",
    STATE_AGENTS_SHARE_MAX: "dont part maximale des agents de l’État, en %",
    GUARANTEE_SHARE_MAX: "part maximale des droits pour garantie d’emprunt, en %",
    GUARANTEE_EXTENSION_YEARS: "prolongation après l’emprunt garanti, en années",
}


@dataclass(frozen=True, slots=True)
class Override:
    """A figure that a person typed over the one that was found: which, what it was, and why."""

    field: str
    was: str
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Where a figure comes from, and what was typed over it."""

    source: str = ""
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the law, with its source."""

    value: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Landlord:
    """Who owes the flow."""

    name: str
    siren: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose rights are converted, under which contingent."""

    name: str
    contingent: str


@dataclass(frozen=True, slots=True)
class Perimeter:
    """Where the percentage applies: the département, or the holder’s own territory (CCH, R441-5, R441-5-3)."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """The convention’s first and last day, both in it."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Out:
    """Units of one commune left out of the base, under one code of `OUT`."""

    reason: str
    units: int
    note: Note


@dataclass(frozen=True, slots=True)
class ConversionPlace:
    """The stock of one commune of the perimeter: all units, and those left out."""

    territory: str
    name: str
    units: int
    out: tuple[Out, ...]
    note: Note

    @property
    def base(self) -> int:
        """Units that count."""
        return self.units - sum(out.units for out in self.out)


@dataclass(frozen=True, slots=True)
class Right:
    """A right of yesterday on `units` units.

    It ends on `ends_on`, or `extension_years` after `loan_ends_on` (the law’s number when None), or never. `id`
    says which title of Équiflux it is, when it comes from there: the one that signing the convention ends.
    """

    id: int | None
    reference: str
    ground: str
    use: str
    units: int
    starts_on: date
    ends_on: date | None
    loan_ends_on: date | None
    extension_years: int | None
    note: Note


@dataclass(frozen=True, slots=True)
class Rotation:
    """How much of one part of the stock falls vacant a year: `rate` in %, `weight` in units or in %.

    `vacancies`: how many did, when they were counted; the rate is then this number over the weight, exactly.
    """

    territory: str
    type: str
    weight: Fraction
    rate: Fraction
    vacancies: int | None
    note: Note


@dataclass(frozen=True, slots=True)
class Excluded:
    """Vacancies that leave the calculation each year, by the forecast (CCH, R441-5 I)."""

    category: str
    units: int
    note: Note


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another holder’s share of the same flow, in %: for the sums, the State’s cap and the targets."""

    name: str
    contingent: str
    share: Fraction
    note: Note


@dataclass(frozen=True, slots=True)
class ConversionInput:
    """Everything one worksheet rests on: the same facts give the same worksheet for ever."""

    landlord: Landlord
    holder: Holder
    perimeter: Perimeter
    term: Term
    base: tuple[ConversionPlace, ...]
    rights: tuple[Right, ...]
    rotation: tuple[Rotation, ...]
    weights_in: str
    exclusions: tuple[Excluded, ...]
    others: tuple[Neighbour, ...]
    parameters: dict[str, Parameter]
