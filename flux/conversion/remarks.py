"""What a worksheet makes one look at: caps of the law, published figures that do not sum, rights already over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from flux.conversion import facts
from flux.conversion.figures import figure, percent, plain
from flux.conversion.life import days_alive, last_day, length
from flux.conversion.worksheet import INFO, UNIT, WARNING, Remark, Worksheet


def remarked(sheet: Worksheet) -> Worksheet:
    """The same worksheet, with its remarks. Nothing is changed or forced: a person settles what they say."""
    found = (*_weights(sheet), *_rights(sheet), *_share(sheet), *_state(sheet), *_guarantees(sheet), *_sum(sheet))
    return replace(sheet, remarks=found)


def _weights(sheet: Worksheet) -> Iterator[Remark]:
    given = sheet.given
    weights = sum((line.weight for line in given.rotation), Fraction(0))
    if given.weights_in == "PERCENT" and weights != 100:
        yield Remark(
            "WEIGHTS_SUM",
            INFO,
            f"Les poids de la rotation font {plain(weights)} et non 100 : ils sont gardés tels quels, et la moyenne "
            "divise par leur somme.",
        )
    if given.weights_in == "UNITS" and weights != sheet.base:
        yield Remark(
            "WEIGHTS_SUM",
            INFO,
            f"Les taux de rotation portent sur {plain(weights)} logements et la base en compte {figure(sheet.base)} : "
            "la moyenne des premiers vaut pour tous.",
        )


def _rights(sheet: Worksheet) -> Iterator[Remark]:
    given = sheet.given
    for right in given.rights:
        end = last_day(right, given.parameters)
        if not days_alive(right, end, given.term.starts_on, given.term.ends_on):
            why = f"finit le {end:%d/%m/%Y}, avant" if end and end < given.term.starts_on else "commence après"
            yield Remark("RIGHT_NOT_ALIVE", INFO, f"Le droit {right.reference} {why} la convention : il ne compte pas.")
        if not right.units:
            yield Remark(
                "RIGHT_WITHOUT_UNITS",
                WARNING,
                f"Le droit {right.reference} ne porte sur aucun logement : donnez leur nombre, ou ôtez-le.",
            )
    if not given.rights:
        yield Remark(
            "NO_RIGHT", WARNING, "Aucun droit n’est donné : la part est nulle. Ajoutez les droits à convertir."
        )


def _share(sheet: Worksheet) -> Iterator[Remark]:
    if sheet.rate > 1:
        yield Remark(
            "RATE_OVER_ONE",
            WARNING,
            f"La part dépasse tout le flux ({percent(sheet.rate, 4)}) : vérifiez les droits, la base et la durée.",
        )
    if sheet.rate and not sheet.share:
        yield Remark(
            "SHARE_ZERO", WARNING, "La part arrondie est nulle : une convention ne peut pas la porter telle quelle."
        )
    if not sheet.net_flow:
        yield Remark("NO_FLOW", WARNING, "Le flux net est nul : la part ne donne aucun logement par an.")


def _state(sheet: Worksheet) -> Iterator[Remark]:
    """The préfet’s caps, over both State contingents (CCH, R441-5-2), on the share as it would be signed."""
    given = sheet.given
    if given.holder.contingent not in facts.STATE:
        return
    own = Fraction(sheet.share, UNIT)
    beside = sum((other.share / 100 for other in given.others if other.contingent in facts.STATE), Fraction(0))
    yield _cap(given, facts.STATE_SHARE_MAX, "Part de l’État", own + beside)
    if given.holder.contingent == "STATE_AGENTS":
        yield _cap(given, facts.STATE_AGENTS_SHARE_MAX, "Part des agents de l’État", own)
    limit = given.parameters.get(facts.STATE_SHARE_MAX)
    targets = {target.name: target.units for target in sheet.targets}
    if limit and targets:
        names = [given.holder.name, *(o.name for o in given.others if o.contingent in facts.STATE)]
        got, total = sum(targets[name] for name in names), sum(targets.values())
        if 100 * got > limit.value * total:
            yield Remark(
                "TARGET_OVER_CAP",
                INFO,
                f"En nombres entiers, l’État aurait {got} logement{'s' * (got > 1)} sur {total}, au-delà de "
                f"{plain(limit.value)} % : "
                "c’est l’arrondi d’une seule année. Le plafond se lit sur la part signée et sur le compte pluriannuel.",
            )


def _guarantees(sheet: Worksheet) -> Iterator[Remark]:
    """Local authorities’ rights against loan guarantees, capped together (CCH, R441-5-3)."""
    given = sheet.given
    guaranteed = {f"RIGHT.{right.reference}": right.use for right in given.rights if right.ground == "LOAN_GUARANTEE"}
    if given.holder.contingent != "AUTHORITY" or not guaranteed:
        return
    value = {line.code: line.value for line in sheet.lines()}
    weighted = sum((value[code] for code, use in guaranteed.items() if use == facts.RECURRING), Fraction(0))
    volume = sum((value[code] for code, use in guaranteed.items() if use == facts.SINGLE), Fraction(0))
    part = weighted / sheet.base
    if volume:
        part += volume / length(given.term) / sheet.net_flow
    yield _cap(given, facts.GUARANTEE_SHARE_MAX, "Part née des garanties d’emprunt", part)


def _cap(given: facts.ConversionInput, code: str, what: str, share: Fraction) -> Remark:
    limit = given.parameters.get(code)
    if limit is None:
        return Remark(code, WARNING, f"{what} : {percent(share, 4)}. Le plafond n’est pas donné (parameters.{code}).")
    over = 100 * share > limit.value
    verdict = "au-delà du plafond de" if over else "dans le plafond de"
    advice = " : réduisez la part, ou produisez l’accord ou l’arrêté qui l’autorise" if over else ""
    return Remark(
        code,
        WARNING if over else INFO,
        f"{what} : {percent(share, 4)}, {verdict} {plain(limit.value)}\u202f% ({limit.source}){advice}.",
    )


def _sum(sheet: Worksheet) -> Iterator[Remark]:
    given = sheet.given
    if not given.others:
        return
    total = Fraction(sheet.share, UNIT) + sum((other.share / 100 for other in given.others), Fraction(0))
    if total > 1:
        yield Remark(
            "SUM_OVER_ONE",
            WARNING,
            f"Les parts du même flux font {percent(total, 4)} : elles ne peuvent pas dépasser 100\u202f%. "
            "Réduisez-en une ; aucun objectif entier n’est tiré.",
        )
