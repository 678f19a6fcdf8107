"""What pages say of convention sheet.

* What the page of a convention asks, answers, and says of its parties and dates.
* Tables of rates on the flow expected, as a page says them: the arithmetic of a mean share, and of a cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from flux.queries.shares import HUNDREDTH, OverCapWeighed, Weighed, WeighedTable, over_caps
from flux.words import counted, units
from reservations.models import Convention, Organisation, Pause, Territory
from reservations.models.convention import UNIT
from reservations.pages.checks.check import Check, by_order, french_percent, whose
from reservations.pages.pieces import Fact, facts, link, muted
from reservations.pages.rates import ELSEWHERE, when
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.queries.checks.quotas import Level
from reservations.rounding import nearest, short
from reservations.words import day, percent, towards

Status = Convention.Status


def question(convention: Convention) -> str:
    """« Que promet la convention Robine Habitat – Ville de Narbonne ? »."""
    parties = f"{convention.landlord.organisation.name} – {convention.organisation.name}"
    if convention.is_order:
        return f"Que fixe l’arrêté du préfet, à défaut de convention {parties} ?"
    return f"Que {'promettrait' if convention.is_open else 'promet'} la convention {parties} ?"


def order_question(holder: Organisation | None) -> str:
    """What is asked of whoever records an order: of the State, or of another holder."""
    if holder is None:
        return "Que fixe l’arrêté du préfet, là où l’État n’a pas de convention ?"
    return f"Que fixe l’arrêté du préfet, à défaut de convention avec {towards(holder)} ?"


def order_answer(holder: Organisation | None) -> str:
    """By which article, and until when."""
    if holder is None:
        return (
            "À défaut de convention de l’État, le préfet fixe les règles par arrêté (CCH, R441-5-2 IV). Sa part est "
            "comptée dès le premier jour, et s’arrête la veille de la convention qui sera signée."
        )
    return (
        "Après l’échéance de la loi, la part d’un réservataire sans convention signée est gérée par le préfet (loi "
        "ELAN, art. 114). Elle est comptée au réservataire dès le premier jour ; les services de l’État proposent les "
        "candidats, jusqu’à la veille de la convention qui sera signée."
    )


def answer(convention: Convention, per_hundred: str, how_counted: str) -> str:
    """How many units of a hundred, how counted, until when; or that it promises nothing yet, with no `per_hundred`."""
    place, during = convention.perimeter.name, f"du {day(convention.starts_on)} au {day(convention.last_day)}"
    if not per_hundred:
        return f"Rien encore : aucune part n’est écrite ({place}, {during})."
    return (
        f"Sur 100 logements qui entrent dans le flux ({place}), {per_hundred} "
        f"{'reviendraient' if convention.is_open else 'reviennent'} "
        f"{'au réservataire' if convention.is_order else 'au signataire'}, {how_counted}, {during}."
    )


def convention_facts(
    convention: Convention,
    *,
    renewal: str,
    before: Convention | None,
    after: Convention | None,
    termination_from: date | None,
    today: date,
    ended: Pause | None = None,
) -> tuple[Fact, ...]:
    """Its parties and its dates; `before` and `after`, the versions that the reader may open; `ended`: the end before
    its term that each party agreed to."""
    perimeter, signed = convention.perimeter, convention.signed_on
    return facts(
        ("Bailleur", convention.landlord.organisation.name),
        ("Réservataire" if convention.is_order else "Signataire", convention.organisation.name),
        ("Qui propose", _serving(convention)),
        ("Périmètre", f"{perimeter.name} ({perimeter.get_kind_display()})"),
        ("Du", day(convention.starts_on)),
        ("Au", day(convention.last_day)),
        ("À son terme", renewal),
        ("Proposée le", day(convention.proposed_on) if convention.proposed_on else ""),
        ("Source", convention.prefect_order if convention.is_order else ""),
        ("Pris le" if convention.is_order else "Signée le", day(signed) if signed else muted("pas encore")),
        ("Modifie", _version(before) if before else ""),
        _amendment(convention, after, today),
        ("Fin", _end(convention, ended)),
        ("Mise en demeure", _notice(convention, termination_from)),
    )


def _serving(convention: Convention) -> str:
    """Who proposes candidates under an order that fixes the part of another holder than the State."""
    if not convention.is_served_by_state:
        return ""
    return "les services de l’État, à la place du réservataire, jusqu’à la veille d’une convention signée avec lui"


def _version(other: Convention) -> str:
    return link(reverse("convention-detail", args=[other.pk]), f"la version {other.version}")


def _amendment(convention: Convention, after: Convention | None, today: date) -> Fact:
    """What replaces it, and that it is there that one acts."""
    if after is None:
        return "Remplacée par", ""
    later = convention.status == Status.AMENDED and after.starts_on > today
    text = format_html(
        "{}, effet le {}{}",
        _version(after),
        day(after.starts_on),
        " ; d’ici là, tout acte se fait sur sa page" if later else "",
    )
    return "Avenant en préparation" if after.is_open else "Remplacée par", text


def _end(convention: Convention, ended: Pause | None) -> str:
    """Why it ended before its term; empty for the others."""
    if convention.is_order:
        advanced = "avancée, par une convention ou son abrogation"
    elif ended is None:
        advanced = "avancée, avant que l’accord de chaque partie ne s’enregistre ici"
    else:
        advanced = f"avancée, par l’accord de chaque partie le {day(ended.agreed_on)}"
    return {
        Status.ENDED: advanced,
        Status.TERMINATED: "résiliée par l’État",
        Status.VOID: "sans effet : un autre acte est venu avant son premier jour",
    }.get(Status(convention.status), "")


def _notice(convention: Convention, termination_from: date | None) -> str:
    if convention.formal_notice_on is None:
        return ""
    result = day(convention.formal_notice_on)
    if convention.status != Status.SIGNED or termination_from is None:
        return result
    return f"{result} ; si elle reste sans suite, l’État peut résilier à partir du {day(termination_from)}"


def weighed_pages(found: Sequence[WeighedTable]) -> list[Table]:
    """The arithmetic of what each table comes to: one for each contingent and each year in which it changes. One query
    where they name territories."""
    named = {row.cell.territory for each in found for row in each.rows if row.cell and row.cell.territory}
    places = Territory.objects.in_bulk(named) if named else {}
    return [_page(each, places, number) for number, each in enumerate(found, 1)]


def how_counted(total: int, weighed: Sequence[WeighedTable]) -> str:
    """What the share of a whole convention is, as the answer of its page says it. `total`: in millionths."""
    if any(each.mean is not None for each in weighed):
        return "en moyenne d’après le flux attendu"
    return "au taux général, faute d’un flux connu dans le périmètre" if weighed else f"soit {percent(total)}"


def _page(weighed: WeighedTable, places: dict[int, Territory], number: int) -> Table:
    mean = weighed.mean
    if mean is None:
        source = "aucun flux n’est connu dans ce périmètre, ni observé ni estimé"
    else:
        source = "d’après ce qui s’est libéré en douze mois" if weighed.observed else "estimé d’après le parc"
    return Rows(
        weighed.rows,
        Shown("Logements", lambda row: _which(row, places), below=Text("Ensemble", strong=True)),
        Number("Flux attendu", lambda row: _homes(row.units), below=_homes(weighed.units)),
        Number(
            "Taux",
            lambda row: french_percent(row.share),
            below=french_percent(mean) if mean is not None else "–",
        ),
        Number("Dus", lambda row: units(row.due), below=units(sum(row.due for row in weighed.rows))),
    ).titled(
        f"t-taux-{number}",
        f"{weighed.right.holder}, en {weighed.year}",
        f"Chaque logement a le taux de la ligne la plus précise. Flux d’une année, relocations seules : {source}.",
    )


def _which(row: Weighed, places: dict[int, Territory]) -> str:
    return ELSEWHERE if row.cell is None else when(row.cell, places.get(row.cell.territory or 0))


def _homes(hundredths: int) -> str:
    return units(hundredths * (UNIT // HUNDREDTH))


def rate_checks(convention: Convention, *, on: date | None = None) -> list[Check]:
    """The caps of the State that its tables would pass on the whole flow, with the arithmetic."""
    return list(_checks(over_caps(convention, on=on), convention))


def _checks(found: Iterable[OverCapWeighed], convention: Convention) -> Iterable[Check]:
    for over in found:
        source = "ce qui s’est libéré en douze mois" if over.observed else "ce qui devrait se libérer, d’après le parc"
        sum_of = " + ".join(f"{units(due)} pour {towards(right.holder)}" for right, _, due in over.parts)
        mean = short(over.mean * 100 / UNIT)
        yield Check(
            over.capped.code,
            Level.REFUSAL if over.observed else Level.WARNING,
            over.departement.name,
            f"En {over.on.year}, pondérée par le flux attendu ({source}), la {whose(over.capped)} est de {mean} % : "
            f"{sum_of}, sur {counted(over.units * (UNIT // HUNDREDTH))} ; le plafond est de "
            f"{french_percent(over.cap.share)} du flux annuel total{by_order(over.cap)}",
            "Baissez un des taux de la table, ou la part générale.",
            "CCH, R441-5-2",
            measured=nearest(over.mean.numerator, over.mean.denominator),
            limit=over.cap.share,
            convention=convention.pk,
        )
