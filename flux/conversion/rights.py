"""What is left of the rights of yesterday: weighted units of recurring ones, volume of single-use ones."""

from __future__ import annotations

from fractions import Fraction

from flux.conversion import facts
from flux.conversion.figures import equals, equals_percent, figure, percent, units
from flux.conversion.life import Year, days_alive, days_between, extension, last_day, length, years_of
from flux.conversion.worksheet import Number, Section, WorksheetLine


def recurring_section(given: facts.ConversionInput) -> tuple[Section, Fraction]:
    """Recurring rights, each weighted by its remaining life, and their weighted units over the term.

    A right that lives d of the D days of the term counts d/D of its units.
    """
    rights = [right for right in given.rights if right.use == facts.RECURRING]
    days = days_between(given.term.starts_on, given.term.ends_on)
    lines = [_weighted_line(right, given, days) for right in rights]
    weighted = sum((line.value for line in lines), Fraction(0))
    years = [_year_line(year, rights, given) for year in years_of(given.term)]
    total = WorksheetLine(
        code="WEIGHTED",
        label="Droits de suite, pondérés par leur durée restante",
        formula="Σ logements × jours de vie ÷ jours de la convention",
        numbers=tuple(Number.of(line.label, line.value) for line in lines),
        worked=f"{len(lines)} droit{'s' if len(lines) > 1 else ''} : {figure(weighted)}",
        value=weighted,
        display=units(weighted),
        source="pratique : moyenne des droits vivants sur la durée de la convention",
    )
    return Section("RIGHTS", "Droits de suite", (*lines, *years, total)), weighted


def _weighted_line(right: facts.Right, given: facts.ConversionInput, days: int) -> WorksheetLine:
    end = last_day(right, given.parameters)
    alive = days_alive(right, end, given.term.starts_on, given.term.ends_on)
    value = Fraction(right.units * alive, days)
    return WorksheetLine(
        code=f"RIGHT.{right.reference}",
        label=_label(right),
        formula="logements × jours de vie dans la convention ÷ jours de la convention",
        numbers=(
            Number.of("logements", right.units),
            *_life(right, given),
            Number.of("jours de vie", alive),
            Number.of("jours de la convention", days),
        ),
        worked=f"{figure(right.units)} × {figure(alive)} ÷ {figure(days)} {equals(value)}",
        value=value,
        display=units(value),
        details=tuple(_presence_line(right, year, given) for year in years_of(given.term)),
    ).noted(right.note)


def _label(right: facts.Right) -> str:
    return f"{right.reference} : {facts.GROUNDS[right.ground]}, {facts.USES[right.use]}"


def _life(right: facts.Right, given: facts.ConversionInput) -> tuple[Number, ...]:
    """From when to when, and why then."""
    end = last_day(right, given.parameters)
    numbers = [Number.day("début", right.starts_on)]
    if right.loan_ends_on:
        years = extension(right, given.parameters)
        source = (
            "titre" if right.extension_years is not None else given.parameters[facts.GUARANTEE_EXTENSION_YEARS].source
        )
        numbers.append(Number.day("fin de l’emprunt", right.loan_ends_on))
        numbers.append(Number.of("prolongation, en années", years, f"{years} ({source})"))
    numbers.append(Number.day("fin", end) if end else Number("fin", "", "sans fin"))
    return tuple(numbers)


def _presence_line(right: facts.Right, year: Year, given: facts.ConversionInput) -> WorksheetLine:
    alive = days_alive(right, last_day(right, given.parameters), year.starts_on, year.ends_on)
    value = Fraction(alive, year.days)
    return WorksheetLine(
        code=f"RIGHT.{right.reference}.{year.number}",
        label=f"{right.reference} en {year.number}",
        formula="jours de vie ÷ jours de la convention dans l’année",
        numbers=(Number.of("jours de vie", alive), Number.of("jours de la convention", year.days)),
        worked=f"{figure(alive)} ÷ {figure(year.days)} {equals_percent(value, 1)}",
        value=value,
        display="toute l’année" if value == 1 else percent(value, 1),
    )


def _year_line(year: Year, rights: list[facts.Right], given: facts.ConversionInput) -> WorksheetLine:
    alive = {
        right: days_alive(right, last_day(right, given.parameters), year.starts_on, year.ends_on) for right in rights
    }
    value = sum((Fraction(right.units * days, year.days) for right, days in alive.items()), Fraction(0))
    return WorksheetLine(
        code=f"ALIVE.{year.number}",
        label=f"Droits de suite encore vivants en {year.number}",
        formula="Σ logements × jours de vie ÷ jours de la convention dans l’année",
        numbers=(
            Number.of("droits vivants", sum(days > 0 for days in alive.values())),
            Number.of("jours de la convention", year.days),
        ),
        worked=f"{equals(value)}",
        value=value,
        display=units(value),
    )


def single_section(given: facts.ConversionInput) -> tuple[Section, Fraction]:
    """Single-use rights as a volume: units to give once over the term, those of rights that live one day of it."""
    term = given.term
    lines = []
    for right in given.rights:
        if right.use == facts.SINGLE:
            alive = days_alive(right, last_day(right, given.parameters), term.starts_on, term.ends_on)
            value = Fraction(right.units if alive else 0)
            lines.append(
                WorksheetLine(
                    code=f"RIGHT.{right.reference}",
                    label=_label(right),
                    formula="logements, une fois, si le droit vit au moins un jour de la convention",
                    numbers=(
                        Number.of("logements", right.units),
                        *_life(right, given),
                        Number.of("jours de vie", alive),
                    ),
                    worked=f"{figure(alive)} {'jours' if alive > 1 else 'jour'} de vie : {figure(value)}",
                    value=value,
                    display=units(value),
                ).noted(right.note)
            )
    volume = sum((line.value for line in lines), Fraction(0))
    years = length(term)
    parts = list(years_of(term))
    return (
        Section(
            "SINGLE",
            "Droits uniques",
            (
                *lines,
                WorksheetLine(
                    code="VOLUME",
                    label="Volume des droits uniques",
                    formula="Σ logements à donner une fois sur la durée",
                    numbers=tuple(Number.of(line.label, line.value) for line in lines),
                    worked=f"{len(lines)} droit{'s' if len(lines) > 1 else ''} : {figure(volume)}",
                    value=volume,
                    display=units(volume),
                ),
                WorksheetLine(
                    code="YEARS",
                    label="Durée de la convention",
                    formula="Σ jours de la convention ÷ jours de l’année civile",
                    numbers=tuple(
                        Number.of(str(year.number), Fraction(year.days, year.of), f"{year.days} ÷ {year.of}")
                        for year in parts
                    ),
                    worked=f"{' + '.join(f'{year.days} ÷ {year.of}' for year in parts)} {equals(years, 4)}",
                    value=years,
                    display=f"{figure(years, 2)} an{'s' if years >= 2 else ''}",
                ),
                WorksheetLine(
                    code="VOLUME_YEARLY",
                    label="Volume par an",
                    formula="volume ÷ durée en années",
                    numbers=(Number.of("volume", volume), Number.of("années", years, figure(years, 4))),
                    worked=f"{figure(volume)} ÷ {figure(years, 4)} {equals(volume / years)}",
                    value=volume / years,
                    display=units(volume / years),
                ),
            ),
        ),
        volume,
    )
