"""Opening balances, as a page says them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from flux.models import OpeningAct, OpeningBalance
from flux.queries.opening import Kept, Recorded
from flux.words import counted, plural_units, units
from reservations.models import Membership
from reservations.pages.table import Number, Rows, Shown, Table, Text
from reservations.words import day, integer, near_day, plural, to

#: The state of an opening balance, and the colour of its pill.
PROPOSED, REPLACED = ("proposé, ne compte pas encore", "wait"), ("remplacé", "no")
STATES = {
    OpeningAct.Act.ACCEPTED: ("accepté, il compte", "ok"),
    OpeningAct.Act.CONTESTED: ("contesté, ne compte pas", "late"),
    OpeningAct.Act.MAINTAINED: ("maintenu, à accepter", "wait"),
    OpeningAct.Act.WITHDRAWN: ("retiré", "no"),
}


def state_of(opening: OpeningBalance) -> tuple[str, str]:
    """Where it stands, in words, and the colour of its pill."""
    if hasattr(opening, "replaced_by"):
        return REPLACED
    return STATES[OpeningAct.Act(opening.last_act)] if opening.last_act else PROPOSED


def openings_table(found: Iterable[OpeningBalance], member: Membership) -> Table:
    """One line an opening balance, the latest first."""
    return Rows(
        found,
        Shown(
            "Réservataire",
            lambda each: Text(
                str(each.holder),
                hint=str(each.ledger.departement if member.is_landlord else each.ledger),
                link=reverse("opening-detail", args=[each.pk]),
            ),
        ),
        Shown("État", lambda each: _stands(*state_of(each))),
        Shown("Tenu ici depuis le", lambda each: near_day(each.opened_on)),
        Number("Dû", lambda each: units(each.due)),
        Number("Reçus", lambda each: str(each.received)),
        Shown("Reste", gap_words),
    ).titled("t-ouvertures", "Soldes d’ouverture", "En logements. Le plus récent d’abord.")


def _stands(words: str, pill: str) -> Text:
    return Text(words, pill=pill)


def gap_words(opening: OpeningBalance) -> str:
    """« 1,5 logement encore dû », « 0,25 logement d’avance », « rien »."""
    if not opening.gap:
        return "rien"
    owed = f"encore {plural_units(opening.gap, 'dû,dus')}"
    return f"{counted(opening.gap)} {owed if opening.gap > 0 else 'd’avance'}"


def rule_words(opening: OpeningBalance) -> str:
    """What accepting does, in a sentence."""
    if not opening.gap:
        return "Accepté, il ne reporte rien : le réservataire repart de zéro."
    spread = opening.spread_over
    verb = "est rattrapé" if opening.gap > 0 else "est repris"
    return (
        f"Accepté, ce reste {verb} par parts égales, sur {spread} {plural(spread, 'logement,logements')} à venir : "
        "autant qu’il s’en libérerait d’ici la fin de l’année, au rythme de la période comptée."
    )


def kept_words(kept: Kept) -> str:
    """From when an account is kept here, from which source, and what the promise of the rule covers."""
    sentences = [f"Compte tenu ici depuis le {day(kept.since)}"]
    if kept.accepted or kept.unsettled:
        sentence = "La promesse de moins d’un logement d’écart porte sur ce "
        sentence += "qui est entré depuis ; ce qui précède y entre par les soldes d’ouverture"
        if kept.accepted:
            sources = dict.fromkeys(each.source.rstrip(".") for each in kept.accepted)
            sentence += f", acceptés par {', '.join(each.called or each.holder for each in kept.accepted)}"
            sentence += f" ({plural(len(sources), 'source,sources')} : {' ; '.join(sources)})"
        sentences.append(sentence)
    if kept.unsettled:
        sentences.append(f"Pas encore accepté par {', '.join(kept.called)} : rien d’avant n’y compte pour eux")
    if kept.recorded:
        sentences.append(recorded_words(kept.recorded))
    return ". ".join(sentences) + "."


def recorded_words(recorded: Recorded) -> str:
    """Past routings of an account: how many, from when to when, by whom, and what the rule took."""
    units = recorded.units
    taken = ("y est repris tel qu’il fut orienté", "y sont repris tels qu’ils furent orientés")[units > 1]
    span = f"le {day(recorded.first)}"
    if recorded.first != recorded.last:
        span = f"du {day(recorded.first)} au {day(recorded.last)}"
    text = (
        f"{integer(units)} {plural(units, 'logement libéré,logements libérés')} {span} {taken} "
        f"(source : le suivi du bailleur, saisi ici au {day(recorded.entered_on)})"
    )
    if recorded.ruled_from is None:
        return f"{text}. La règle n’a encore rien décidé ici"
    return f"{text}. La règle décide depuis le {day(recorded.ruled_from)}, à partir de ce qui était alors dû et reçu"


def carried_from(exercise: int, *, opened: bool) -> str:
    """Where what is carried over comes from, after « report de »: « 2025 », « l’ouverture »."""
    return "l’ouverture" if opened else str(exercise - 1)


def answered(act: str, opening: OpeningBalance) -> str:
    """After an answer."""
    return {
        OpeningAct.Act.ACCEPTED: "Solde d’ouverture accepté : il compte dès maintenant.",
        OpeningAct.Act.CONTESTED: f"Solde d’ouverture contesté : {opening.ledger.landlord} doit vous répondre.",
        OpeningAct.Act.MAINTAINED: f"Solde maintenu : il revient {to(opening.holder)} de l’accepter.",
        OpeningAct.Act.WITHDRAWN: "Solde d’ouverture retiré : il ne compte pas.",
    }[OpeningAct.Act(act)]
