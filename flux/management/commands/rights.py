"""`manage.py rights`: the rights that bind a landlord on a date, what is checked of them, and its rights in stock."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q, QuerySet

from flux.management.refusing import day, refusals_spoken
from flux.models import StockAssignment
from flux.pages.checks import Reading, read_checks
from reservations.management.parties import landlord_of_siren
from reservations.models import CapReading, Convention, Landlord, ReservationHolder, StockRight
from reservations.models.convention import UNIT
from reservations.models.terms import TERMS
from reservations.pages.checks.check import LEVELS, Check, french_percent
from reservations.pages.pauses import in_force, suspended_words
from reservations.pages.rates import rows
from reservations.pages.terms import renewal_words
from reservations.words import of


class Command(BaseCommand):
    help = (
        "Donne les droits d’un bailleur à une date : conventions et versions, arrêtés du préfet, parts, contrôles, "
        "droits en stock. "
        "Codes de retour : 0 fait, 1 bailleur ou date refusés, 2 mauvais usage."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--landlord", metavar="SIREN", required=True, help="SIREN du bailleur")
        parser.add_argument("--on", metavar="AAAA-MM-JJ", required=True, help="date à laquelle lire les droits")
        parser.add_argument(
            "--json", action="store_true", help="écrire en JSON ; les parts y sont en millionièmes de logement"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_spoken(self, as_json=options["json"]):
            landlord, on = landlord_of_siren(options["landlord"]), day(options["on"])
        conventions = list(_conventions(landlord))
        (reading,) = read_checks([landlord], on=on)
        stock = list(_stock(landlord, on))
        if options["json"]:
            document = {
                "landlord": {"siren": landlord.organisation.siren, "name": landlord.organisation.name},
                "on": on.isoformat(),
                "unit": UNIT,
                "conventions": [_convention(convention, on) for convention in conventions],
                "checks": [check.as_json() for check in reading.checks],
                "state_caps": _caps(reading),
                "stock_rights": [_right(right, on) for right in stock],
            }
            self.stdout.write(json.dumps(document, ensure_ascii=False))
            return
        self._say(landlord, on, conventions, reading.checks, stock)

    def _say(
        self,
        landlord: Landlord,
        on: date,
        conventions: list[Convention],
        checks: tuple[Check, ...],
        stock: list[StockRight],
    ) -> None:
        say = self.stdout.write
        say(f"Droits {of(landlord)} au {on:%d/%m/%Y}")
        say(f"Conventions : {len(conventions)}" if conventions else "Conventions : aucune.")
        for convention in conventions:
            who = f"Préfet, {convention.prefect_order}" if convention.is_order else str(convention.organisation)
            here = "en vigueur" if _in_force(convention, on) else convention.get_status_display()
            say(
                f"  {who}, {convention.perimeter}, version {convention.version} ({here}), "
                f"du {convention.starts_on:%d/%m/%Y} au {convention.term(on):%d/%m/%Y}"
            )
            for party in convention.signatories.all():
                when = f"{party.signed_on:%d/%m/%Y}" if party.signed_on else "signature attendue"
                say(f"    {party.organisation} : {when}")
            if told := renewal_words(convention, on):
                say(f"    {told}")
            for pause in in_force(convention):
                say(f"    {suspended_words(pause)}")
            for quota in convention.quotas.all():
                say(f"    {quota.holder} : {french_percent(quota.share)}, rang {quota.rank}")
                for units, share in rows(quota):
                    say(f"      {units} : {share}")
        say(f"Contrôles : {len(checks)}" if checks else "Contrôles : rien à signaler.")
        for check in checks:
            say(f"  [{LEVELS[check.level]}] {check.heading}, {check.where}. {check.sentence}")
        say(f"Droits en stock : {len(stock)}" if stock else "Droits en stock : aucun.")
        for right in stock:
            ends = f"jusqu’au {right.ends_on:%d/%m/%Y}" if right.ends_on else "sans fin"
            say(f"  {right.reference or 'sans référence'} : {right}, {right.get_use_display()}, {ends}")


def _conventions(landlord: Landlord) -> QuerySet[Convention]:
    """Every version, drafts and proposals included: the command is the operator's."""
    return (
        Convention.objects.filter(landlord=landlord)
        .select_related("organisation", "perimeter")
        .prefetch_related(
            "quotas__holder__organisation",
            "quotas__delegations__delegate",
            "quotas__rates__territory",
            "signatories__organisation",
            "pauses",
        )
        .order_by("organisation__name", "perimeter__code", "starts_on", "version", "pk")
    )


def _stock(landlord: Landlord, on: date) -> QuerySet[StockRight]:
    """Rights that live on the day or later, those that a convention has taken over by then left out."""
    return (
        StockRight.objects.unconverted(on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on), landlord=landlord)
        .select_related("holder__organisation")
        .prefetch_related("assignments__unit", "assignments__programme")
        .order_by("holder__organisation__name", "reference", "pk")
    )


def _in_force(convention: Convention, on: date) -> bool:
    return convention.status in Convention.BINDING and convention.starts_on <= on <= convention.ends_on


def _holder(holder: ReservationHolder) -> dict[str, str | int]:
    return {"organisation": holder.organisation.siren, "contingent": holder.contingent, "name": str(holder)}


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _convention(convention: Convention, on: date) -> dict[str, Any]:
    return {
        "number": convention.pk,
        "version": convention.version,
        "amends": convention.amends_id,
        "status": convention.status,
        "nature": "ORDER" if convention.is_order else "CONVENTION",
        "order": convention.prefect_order or None,
        "in_force": _in_force(convention, on),
        "organisation": {"siren": convention.organisation.siren, "name": convention.organisation.name},
        "perimeter": {
            "kind": convention.perimeter.kind,
            "code": convention.perimeter.code,
            "name": convention.perimeter.name,
        },
        "starts_on": convention.starts_on.isoformat(),
        "ends_on": convention.ends_on.isoformat(),
        "first_term": _iso(convention.term_on),
        "term": convention.term(on).isoformat(),
        "notice_until": _iso(convention.notice_until(convention.term(on))),
        "proposed_on": _iso(convention.proposed_on),
        "signed_on": _iso(convention.signed_on),
        "signatories": [
            {
                "siren": party.organisation.siren,
                "name": party.organisation.name,
                "signed_on": _iso(party.signed_on),
                "means": party.means or None,
                "denounced_on": _iso(party.denounced_on),
            }
            for party in sorted(convention.signatories.all(), key=lambda each: each.pk)
        ],
        "pauses": [
            {
                "starts_on": pause.starts_on.isoformat(),
                "ends_on": _iso(pause.ends_on),
                "agreed_on": _iso(pause.agreed_on),
                "why": pause.why,
            }
            for pause in in_force(convention)
        ],
        "terms": {name: getattr(convention, name) for name in TERMS},
        "quotas": [
            {
                "holder": _holder(quota.holder),
                "share": quota.share,
                "percent": french_percent(quota.share).replace("\u00a0", " "),
                "rank": quota.rank,
                "rates": [
                    {
                        "share": rate.share,
                        "percent": french_percent(rate.share).replace("\u00a0", " "),
                        "territory": {"kind": rate.territory.kind, "code": rate.territory.code}
                        if rate.territory
                        else None,
                        "categories": rate.categories,
                        "first_letting": rate.first_letting,
                        "since_year": rate.since_year,
                    }
                    for rate in quota.rates.all()
                ],
                "delegates": [
                    {
                        "siren": each.delegate.siren,
                        "name": each.delegate.name,
                        "share": each.share,
                        "units": each.units,
                        "starts_on": _iso(each.starts_on),
                        "ends_on": _iso(each.ends_on),
                        "accord_on": _iso(each.accord_on),
                        "accord_reference": each.accord_reference,
                    }
                    for each in quota.delegations.all()
                ],
            }
            for quota in convention.quotas.all()
        ],
    }


def _caps(reading: Reading) -> list[dict[str, Any]]:
    """The State's caps in units, year after year; `cap`, `gap` and `cumulated` in millionths."""
    return [
        {
            "departement": account.departement.code,
            "code": account.capped.code.value,
            "share": account.cap.share,
            "reading": account.reading.reading if account.reading else CapReading.Reading.OVER_YEARS.value,
            "verdict": account.verdict.value,
            "years": [
                {
                    "exercise": year.exercise,
                    "net": year.net,
                    "cap": year.cap,
                    "received": year.received,
                    "gap": year.gap,
                    "cumulated": year.cumulated,
                    "verdict": year.verdict.value,
                }
                for year in account.years
            ],
        }
        for account in reading.caps
    ]


def _right(right: StockRight, on: date) -> dict[str, Any]:
    return {
        "reference": right.reference or None,
        "holder": _holder(right.holder),
        "ground": right.ground,
        "use": right.use,
        "starts_on": right.starts_on.isoformat(),
        "ends_on": _iso(right.ends_on),
        "loan_ends_on": _iso(right.loan_ends_on),
        "borne_by": [_bearer(assignment, on) for assignment in right.assignments.all()],
    }


def _bearer(assignment: StockAssignment, on: date) -> dict[str, Any]:
    return {
        "unit": assignment.unit.reference if assignment.unit else None,
        "programme": str(assignment.programme) if assignment.programme else None,
        "units": assignment.units,
        "starts_on": assignment.starts_on.isoformat(),
        "ends_on": _iso(assignment.ends_on),
        "living": assignment.starts_on <= on and (assignment.ends_on is None or on <= assignment.ends_on),
    }
