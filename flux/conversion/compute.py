"""The sum: facts → worksheet. Every formula is in docs/conversion.md under the code of its line."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flux.conversion import facts, remarks
from flux.conversion.entry import Fault
from flux.conversion.figures import equals, equals_percent, exact, figure, percent, plain, units, whole_units
from flux.conversion.life import length
from flux.conversion.reading import ConversionRefused
from flux.conversion.rights import recurring_section, single_section
from flux.conversion.worksheet import UNIT, Number, Section, Target, Worksheet, WorksheetLine
from reservations.rounding import steps

#: Terms of a sum that are written out; beyond, it is « la somme des lignes ».
WRITTEN = 6


def convert(given: facts.ConversionInput) -> Worksheet:
    """Work a conversion out, exactly.

    Raises ConversionRefused when no percentage can be drawn: the exclusions take more than the vacancies, or there
    is a volume of single-use rights and no flow at all to give it from.
    """
    base = sum(place.base for place in given.base)
    recurring, weighted = recurring_section(given)
    single, volume = single_section(given)
    rotation = _combined(given.rotation)
    net = base * rotation - sum(line.units for line in given.exclusions)
    _refuse_without_flow(given, base * rotation, net, volume)
    yearly = volume / length(given.term)
    by_single = yearly / net if yearly else Fraction(0)
    rate = weighted / base + by_single
    share = steps(rate, 6)
    targets = _targets(given, share, net)
    sections = [
        _base_section(given, base),
        recurring,
        single,
        _rotation_section(given, rotation),
        _flow_section(given, base, rotation, net),
        _rate_section(base, weighted, yearly, net, share),
    ]
    if targets:
        sections.append(_targets_section(targets))
    sheet = Worksheet(given, tuple(sections), (), targets, base, net, rate, share, rate * net)
    return remarks.remarked(sheet)


def _refuse_without_flow(given: facts.ConversionInput, gross: Fraction, net: Fraction, volume: Fraction) -> None:
    if net < 0:
        sentence = (
            f"les soustractions prévues ({figure(gross - net)} par an) dépassent les libérations attendues "
            f"({figure(gross)} par an) : corrigez les unes ou la rotation."
        )
        raise ConversionRefused([Fault("exclusions", sentence)])
    if not net and volume:
        sentence = (
            "il n’y a aucun flux par an d’où servir les droits uniques : corrigez la rotation ou les soustractions."
        )
        raise ConversionRefused([Fault("rotation", sentence)])


def _combined(rotation: Sequence[facts.Rotation]) -> Fraction:
    """Σ weight × rate ÷ Σ weight, as a share of one: weights as they are given, whatever they sum to."""
    weights = sum((line.weight for line in rotation), Fraction(0))
    return sum((line.weight * line.rate for line in rotation), Fraction(0)) / (100 * weights)


def _sum_of(counts: Sequence[int]) -> str:
    """« 18 + 9 = 27 »; one term is its own sum."""
    written = _written([figure(count) for count in counts])
    return f"{written} {equals(sum(counts))}" if len(counts) > 1 else written or "0"


def _written(terms: Sequence[str], sign: str = " + ") -> str:
    return sign.join(terms) if len(terms) <= WRITTEN else f"somme de {len(terms)} lignes"


# --- 1. base ---


def _base_section(given: facts.ConversionInput, base: int) -> Section:
    lines = [_place_line(place) for place in given.base]
    total = WorksheetLine(
        code="BASE",
        label="Base du stock sur le périmètre",
        formula="Σ bases des communes",
        numbers=tuple(Number.of(place.name, place.base) for place in given.base),
        worked=_sum_of([place.base for place in given.base]),
        value=Fraction(base),
        display=units(base),
        source="CCH, R441-5",
    )
    return Section("BASE", "Base du stock", (*lines, total))


def _place_line(place: facts.ConversionPlace) -> WorksheetLine:
    details = tuple(_out_line(place, out) for out in place.out)
    worked = " − ".join(figure(count) for count in (place.units, *(out.units for out in place.out)))
    return WorksheetLine(
        code=f"BASE.{place.territory}",
        label=f"{place.name} : logements qui comptent",
        formula="logements − Σ logements hors assiette",
        numbers=(
            Number.of("logements", place.units),
            *(Number.of(facts.OUT[out.reason][0], out.units) for out in place.out),
        ),
        worked=f"{worked} {equals(place.base)}" if place.out else figure(place.base),
        value=Fraction(place.base),
        display=units(place.base),
        details=details,
    ).noted(place.note)


def _out_line(place: facts.ConversionPlace, out: facts.Out) -> WorksheetLine:
    label, source = facts.OUT[out.reason]
    return WorksheetLine(
        code=f"OUT.{place.territory}.{out.reason}",
        label=f"{place.name} : {label}",
        formula="logements hors assiette, comptés",
        numbers=(Number.of("logements", out.units),),
        worked=figure(out.units),
        value=Fraction(out.units),
        display=units(out.units),
        source=source,
    ).noted(facts.Note(f"{source} ; {out.note.source}" if out.note.source else source, out.note.overrides))


# --- 4. rotation ---


def _rotation_section(given: facts.ConversionInput, rotation: Fraction) -> Section:
    names = {place.territory: place.name for place in given.base}
    lines = [_rotation_line(line, names, given.weights_in) for line in given.rotation]
    weights = sum((line.weight for line in given.rotation), Fraction(0))
    products = _written([f"{plain(line.weight)} × {plain(line.rate)}" for line in given.rotation])
    total = WorksheetLine(
        code="ROTATION",
        label="Taux de rotation du périmètre",
        formula="Σ (poids × taux) ÷ Σ poids",
        numbers=(
            *(
                Number.of(line.label, source.weight, plain(source.weight))
                for line, source in zip(lines, given.rotation, strict=True)
            ),
            Number.of("Σ poids", weights, plain(weights)),
        ),
        worked=f"({products}) ÷ {plain(weights)} {equals(100 * rotation, 3)}",
        value=rotation,
        display=f"{percent(rotation, 1)} par an",
        source="arrêté du 10 mars 2011, 2° (la convention dit le taux de rotation)",
    )
    return Section("ROTATION", "Rotation", (*lines, total))


def _rotation_line(line: facts.Rotation, names: dict[str, str], weights_in: str) -> WorksheetLine:
    where = names.get(line.territory, "tout le périmètre")
    return WorksheetLine(
        code=f"ROTATION.{line.territory or '*'}.{line.type or '*'}",
        label=f"{where}, {line.type}" if line.type else where,
        formula="libérations d’une année ÷ logements",
        numbers=(
            Number.of(
                "poids, en %" if weights_in == "PERCENT" else "poids, en logements", line.weight, plain(line.weight)
            ),
            Number.of("taux, en % par an", line.rate, plain(line.rate))
            if line.vacancies is None
            else Number.of("libérations", line.vacancies),
        ),
        worked=f"{plain(line.rate)} ÷ 100"
        if line.vacancies is None
        else f"{figure(line.vacancies)} ÷ {plain(line.weight)} {equals_percent(line.rate / 100, 2)}",
        value=line.rate / 100,
        display=f"{plain(line.rate)}\u202f% par an",
    ).noted(line.note)


# --- 5. flow ---


def _flow_section(given: facts.ConversionInput, base: int, rotation: Fraction, net: Fraction) -> Section:
    gross = base * rotation
    out = sum(line.units for line in given.exclusions)
    return Section(
        "FLOW",
        "Flux d’une année",
        (
            WorksheetLine(
                code="GROSS",
                label="Libérations attendues par an",
                formula="base × rotation",
                numbers=(Number.of("base", base), Number.of("rotation", rotation, percent(rotation, 3))),
                worked=f"{figure(base)} × {percent(rotation, 3)} {equals(gross)}",
                value=gross,
                display=units(gross),
            ),
            *(_excluded_line(line) for line in given.exclusions),
            WorksheetLine(
                code="EXCLUDED",
                label="Soustraits du flux par an",
                formula="Σ soustractions prévues, par catégorie",
                numbers=tuple(Number.of(facts.EXCLUSIONS[line.category][0], line.units) for line in given.exclusions),
                worked=_sum_of([line.units for line in given.exclusions]),
                value=Fraction(out),
                display=units(out),
                source="CCH, R441-5 I",
            ),
            WorksheetLine(
                code="NET",
                label="Flux net par an",
                formula="libérations attendues − soustraits",
                numbers=(Number.of("libérations", gross), Number.of("soustraits", out)),
                worked=f"{figure(gross)} − {figure(out)} {equals(net)}",
                value=net,
                display=units(net),
                source="CCH, R441-5 I",
            ),
        ),
    )


def _excluded_line(line: facts.Excluded) -> WorksheetLine:
    label, source = facts.EXCLUSIONS[line.category]
    return WorksheetLine(
        code=f"EXCLUDED.{line.category}",
        label=f"Soustraits : {label}",
        formula="prévision de l’année",
        numbers=(Number.of("logements", line.units),),
        worked=figure(line.units),
        value=Fraction(line.units),
        display=units(line.units),
        source=source,
    ).noted(facts.Note(f"{source} ; {line.note.source}" if line.note.source else source, line.note.overrides))


# --- 6. rate ---


def _rate_section(base: int, weighted: Fraction, yearly: Fraction, net: Fraction, share: int) -> Section:
    recurring = weighted / base
    single = yearly / net if yearly else Fraction(0)
    rate = recurring + single
    lost = (Fraction(share, UNIT) - rate) * net
    return Section(
        "RATE",
        "Part du flux",
        (
            WorksheetLine(
                code="RATE.RECURRING",
                label="Part des droits de suite",
                formula="logements pondérés ÷ base",
                numbers=(Number.of("logements pondérés", weighted), Number.of("base", base)),
                worked=f"{figure(weighted)} ÷ {figure(base)} {equals_percent(recurring, 4)}",
                value=recurring,
                display=percent(recurring, 4),
            ),
            WorksheetLine(
                code="RATE.SINGLE",
                label="Part des droits uniques",
                formula="volume par an ÷ flux net par an",
                numbers=(Number.of("volume par an", yearly), Number.of("flux net par an", net)),
                worked=f"{figure(yearly)} ÷ {figure(net)} {equals_percent(single, 4)}"
                if yearly
                else "aucun droit unique",
                value=single,
                display=percent(single, 4),
            ),
            WorksheetLine(
                code="RATE",
                label="Part exacte",
                formula="part des droits de suite + part des droits uniques",
                numbers=(
                    Number.of("droits de suite", recurring, percent(recurring, 4)),
                    Number.of("droits uniques", single, percent(single, 4)),
                ),
                worked=f"{exact(recurring)} + {exact(single)} = {exact(rate)}",
                value=rate,
                display=percent(rate, 4),
            ),
            WorksheetLine(
                code="EXPECTED",
                label="Logements attendus par an",
                formula="part exacte × flux net par an",
                numbers=(Number.of("part exacte", rate, percent(rate, 4)), Number.of("flux net par an", net)),
                worked=f"{percent(rate, 4)} × {figure(net)} {equals(rate * net)}",
                value=rate * net,
                display=units(rate * net),
            ),
            WorksheetLine(
                code="SHARE",
                label="Part à signer",
                formula="part exacte, arrondie au millionième le plus proche (la demie vers le haut)",
                numbers=(Number.of("millionièmes", share),),
                worked=f"{figure(share)} ÷ {figure(UNIT)} {equals_percent(Fraction(share, UNIT), 4)}",
                value=Fraction(share, UNIT),
                display=percent(Fraction(share, UNIT), 4),
            ),
            WorksheetLine(
                code="ROUNDING",
                label="Ce que l’arrondi donne ou retire par an",
                formula="(part à signer − part exacte) × flux net par an",
                numbers=(
                    Number.of("part à signer", Fraction(share, UNIT), percent(Fraction(share, UNIT), 4)),
                    Number.of("part exacte", rate, exact(rate)),
                    Number.of("flux net par an", net),
                ),
                worked=f"{equals(lost, 6)}",
                value=lost,
                display=f"{figure(lost, 6)}\u00a0logement",
            ),
        ),
    )


# --- 7. whole-number targets ---


def _targets(given: facts.ConversionInput, share: int, net: Fraction) -> tuple[Target, ...]:
    """Targets of a year, when the other shares of the same flow are known and leave room for all."""
    if not given.others:
        return ()
    shares = {given.holder.name: Fraction(share, UNIT)}
    shares |= {other.name: other.share / 100 for other in given.others}
    rest = 1 - sum(shares.values(), Fraction(0))
    if rest < 0:
        return ()
    shares[facts.NOT_RESERVED] = rest
    total = steps(net)
    given_out = whole_units(total, shares)
    return tuple(Target(name, total * shares[name], given_out[name]) for name in shares)


def _targets_section(targets: Sequence[Target]) -> Section:
    total = sum(target.units for target in targets)
    return Section(
        "TARGETS",
        "Objectifs entiers d’une année",
        (
            *(
                WorksheetLine(
                    code=f"TARGET.{target.name}",
                    label=target.name,
                    formula="part × flux net entier, aux plus forts restes",
                    numbers=(Number.of("figure exacte", target.exact),),
                    worked=f"{figure(target.exact)} → {target.units}",
                    value=Fraction(target.units),
                    display=units(target.units),
                )
                for target in targets
            ),
            WorksheetLine(
                code="TARGET",
                label="Ensemble",
                formula="flux net par an, arrondi à l’entier le plus proche (la demie vers le haut)",
                numbers=tuple(Number.of(target.name, target.units) for target in targets),
                worked=_sum_of([target.units for target in targets]),
                value=Fraction(total),
                display=units(total),
            ),
        ),
    )
