"""How many of the candidates sent are still in the running."""

from __future__ import annotations

from attributions.households.queries.minimum import Count
from reservations.words import integer, plural


def gone_words(count: Count | None) -> str:
    """Which of those sent are in the running no more: « dont 1 n’est plus en cours »; "" for none."""
    if count is None or not count.gone:
        return ""
    who = "qui" if count.gone == count.sent else f"dont {count.gone}"
    return f"{who} {'n’est' if count.gone < 2 else 'ne sont'} plus en cours"


def count_words(count: Count, drafts: int) -> str:
    """How many there are before the law’s minimum, and what that counts; `drafts`: in preparation."""
    return f"{_counted(count, drafts)}{_excuse(count)}.{_counts(count)}"


def _counted(count: Count, drafts: int) -> str:
    if count.gone:
        sent = f"{integer(count.sent)} {plural(count.sent, 'transmis,transmis')}, {gone_words(count)}"
        prepared = f", et {integer(drafts)} en préparation" if drafts else ""
        held = f"le minimum de {integer(count.minimum)} est tenu"
        if count.missing:
            held = f"il en manque {integer(count.missing)} pour le minimum de {integer(count.minimum)}"
        return f"{sent}{prepared} : {held}"
    prepared = f", dont {integer(drafts)} en préparation" if drafts else ""
    missing = f" : il en manque {integer(count.missing)}" if count.missing else ""
    return f"{integer(count.examined)} sur {integer(count.minimum)} au moins{prepared}{missing}"


def _excuse(count: Count) -> str:
    if not count.missing:
        return ""
    return ", mais une exception de la loi est demandée" if count.excused else ", sauf exception de la loi"


def _counts(count: Count) -> str:
    """What a candidate that was sent counts for."""
    if count.gone:
        but = ", sauf celui que le réservataire ou le bailleur a retiré" if count.taken_back else ""
        return f" Un candidat transmis compte pour ce minimum, même s’il n’est plus en cours{but}."
    if count.taken_back:
        return " Un candidat retiré par le réservataire ou le bailleur n’y compte pas."
    return ""
