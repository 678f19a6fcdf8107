"""What the page of a convention asks, answers, and says of its parties and dates."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.html import format_html

from reservations.models import Convention, Organisation, Pause
from reservations.pages.facts import Fact, facts
from reservations.pages.pieces import link, muted
from reservations.words import day, towards

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
        f"{'reviendraient' if convention.is_open else 'reviennent'} au signataire, {how_counted}, {during}."
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
        ("Signataire", convention.organisation.name),
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


def _version(other: Convention) -> str:
    return link(reverse("convention-detail", args=[other.pk]), f"la version {other.version}")


def _amendment(convention: Convention, after: Convention | None, today: date) -> Fact:
    """What replaces it, and that it is there that one acts."""
    if after is None:
        return "Remplacée par", ""
    later = convention.status == Status.AMENDED and after.starts_on > today
    said = format_html(
        "{}, effet le {}{}",
        _version(after),
        day(after.starts_on),
        " ; d’ici là, tout acte se fait sur sa page" if later else "",
    )
    return "Avenant en préparation" if after.is_open else "Remplacée par", said


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
    said = day(convention.formal_notice_on)
    if convention.status != Status.SIGNED or termination_from is None:
        return said
    return f"{said} ; si elle reste sans suite, l’État peut résilier à partir du {day(termination_from)}"
