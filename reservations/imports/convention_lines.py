"""A convention of a file as it goes out: a line a contingent, then one for each rate of some units only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from reservations.imports.cells import percent_cell
from reservations.imports.convention_pauses import PAUSES, pauses_cell
from reservations.imports.convention_procedure import procedure_cells
from reservations.imports.convention_rates import CONFIRMED, RATE, rate_cells
from reservations.imports.convention_terms import renewal_cells, term_cells
from reservations.imports.delegations import cells_of
from reservations.imports.grounds import ARTICLES, GROUNDS, grounds_cell
from reservations.models import Quota
from reservations.models.convention import percent_of
from reservations.models.renewal import unusual_period, unusual_rate

HOLDER, YEARLY, PLANNED = "réservataire", "logements par an", "flux prévu"
#: Those who sign beside the landlord and the holder, each by its SIREN or its name, between slashes.
OTHERS = "autres signataires"
#: Those who propose in the préfet's name, in one cell: each by its SIREN or its name, between slashes.
DELEGATES = "délégataires"


def quota_lines(quota: Quota, articles: str) -> Iterator[Mapping[str, str]]:
    """The lines of one contingent, by column; read with its convention, its parties, its delegations and its rates.
    `articles`: what its first line says of them."""
    convention = quota.convention
    renewal = renewal_cells(convention)
    whose = {
        CONFIRMED: _confirmed(quota, quota.percent),
        HOLDER: convention.organisation.siren,
        "contingent": str(quota.holder.contingent),
        "périmètre": convention.perimeter.code,
        "début": f"{convention.starts_on:%d/%m/%Y}",
        "fin": renewal["fin"],
        "signée le": f"{convention.signed_on:%d/%m/%Y}" if convention.signed_on else "",
    }
    yield whose | {
        RATE: "" if quota.yearly_units else percent_cell(quota.percent),
        YEARLY: str(quota.yearly_units or ""),
        PLANNED: str(quota.planned_flow or ""),
        DELEGATES: " / ".join(each.delegate.siren for each in quota.delegations.all()),
        **cells_of(quota),
        GROUNDS: grounds_cell(quota),
        OTHERS: " / ".join(
            party.organisation.siren for party in sorted(convention.signatories.all(), key=lambda p: p.pk)[2:]
        ),
        "rang": str(quota.rank),
        **renewal,
        PAUSES: pauses_cell(convention),
        **term_cells(convention),
        **procedure_cells(convention),
        ARTICLES: articles,
    }
    for rate in quota.rates.all():
        yield whose | rate_cells(rate) | {CONFIRMED: _confirmed(quota, percent_of(rate.share))}


def _confirmed(quota: Quota, percent: Decimal | None) -> str:
    """« oui » for what was asked, and confirmed, when it came in."""
    convention = quota.convention
    period = unusual_period(convention.starts_on, convention.term_on or convention.ends_on)
    return "oui" if unusual_rate(percent) or period else ""
