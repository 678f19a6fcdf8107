"""What becomes of a convention at its term, in words: the same on its page, on paper and in mails."""

from __future__ import annotations

from datetime import date, timedelta

from reservations.models import Convention, Signatory
from reservations.words import day, integer, months

ONE_DAY = timedelta(days=1)


def renewed_in_short(convention: Convention) -> str:
    """The clause in a table of terms: « pour 1 an, 3 fois au plus », « pour 1 an, sans limite de nombre »."""
    if convention.renewal_months is None:
        return "aucune"
    times = convention.renewal_times
    most = "sans limite de nombre" if times is None else f"{integer(times)} fois au plus"
    return f"pour {months(convention.renewal_months)}, {most}"


def notice_in_short(convention: Convention) -> str:
    """« 3 mois avant chaque terme »."""
    return f"{months(convention.notice_months)} avant chaque terme" if convention.notice_months else "sans objet"


def renewal_clause(convention: Convention) -> str:
    """The clause in whole sentences (arrêté of 10 March 2011, article 1, 10°)."""
    if convention.renewal_months is None:
        return "Elle ne se prolonge que par un avenant ou une nouvelle convention."
    times = convention.renewal_times
    when = "À ce terme" if times == 1 else "À ce terme, et à chacun des suivants"
    most = "sans limite de nombre"
    if times is not None:
        most = "une seule fois" if times == 1 else f"{integer(times)} fois au plus"
    return (
        f"{when}, elle est reconduite tacitement pour {months(convention.renewal_months)}, {most}, aux mêmes "
        "conditions, sauf si l’une des parties la dénonce par écrit auprès des autres au moins "
        f"{months(convention.notice_months or 0)} avant le terme."
    )


def renewal_told(convention: Convention, on: date) -> str:
    """What comes at its next term, of a convention that binds on a day; "" when nothing is renewed tacitly."""
    runs = convention.status == Convention.Status.SIGNED and on <= convention.ends_on
    if convention.renewal_months is None or not runs:
        return ""
    term = convention.term(on)
    if said := denounced_by(convention):
        return f"Dénoncée par {said} : elle finit le {day(term)}, sans reconduction."
    until = convention.notice_until(term)
    if until is None:
        return f"Elle n’est plus reconduite : elle finit le {day(term)}."
    renewed = f"Elle sera reconduite le {day(term + ONE_DAY)} pour {months(convention.renewal_months)}"
    if on <= until:
        return f"{renewed}, sauf dénonciation au plus tard le {day(until)}."
    return f"{renewed} : la dénonciation était possible jusqu’au {day(until)}."


def denounced_by(convention: Convention) -> str:
    """Who said that it is not renewed, and when; "" when nobody did. No query when its parties were read with it."""
    said = [party for party in _parties(convention) if party.denounced_on is not None]
    return " et ".join(f"{party.organisation.name} le {day(party.denounced_on)}" for party in said)


def _parties(convention: Convention) -> list[Signatory]:
    return sorted(convention.signatories.all(), key=lambda party: party.pk)
