"""A holder's communes in a table and a sentence: what it received beside what equal rates promise."""

from __future__ import annotations

from collections.abc import Sequence

from flux.communes import CommuneLine
from flux.queries.account import AccountLine
from flux.words import gap, plural_units, units
from reservations.models.convention import UNIT
from reservations.pages.table import Number, Rows, Shown, Table
from reservations.words import integer, plural


def communes_answer(lines: Sequence[CommuneLine], line: AccountLine) -> str:
    """How far the furthest commune is, and whether its convention asks for uniformity."""
    first = lines[0]
    if abs(first.gap) < UNIT:
        said = "Dans chaque commune, il a reçu à moins d’un logement près ce que des taux égaux promettent."
    else:
        received = f"{integer(first.received)} {plural(first.received, 'reçu,reçus')}"
        promised = f"{units(first.equal)} {plural_units(first.equal, 'promis,promis')}"
        said = f"Le plus loin des taux égaux : {first.commune.name}, {received} pour {promised}."
    if any(right.convention.uniform_communes for right in line.rights):
        return f"{said} Sa convention demande l’uniformité d’une commune à l’autre : la règle en tient compte."
    return f"{said} Sa convention ne demande pas l’uniformité d’une commune à l’autre : la règle ne la cherche pas."


def communes_table(lines: Sequence[CommuneLine]) -> Table:
    """A commune a row, the furthest from equal rates first."""
    note = (
        "À taux égal : les parts de l’exercice, réparties entre les communes selon les logements qui l’ont crédité, une"
        " fois de plus quand un logement rendu compte de nouveau. La part de l’État est ainsi uniforme, sauf accord "
        "contraire (CCH, R441-5-2, II). Dû ici : aux parts de la commune. Sans le report ni ce qui est transféré."
    )
    return Rows(
        lines,
        Shown("Commune", lambda line: line.commune.name),
        Number("Libérés", lambda line: line.entered),
        Number("À taux égal", lambda line: units(line.equal)),
        Number("Dû ici", lambda line: units(line.due)),
        Number("Reçus", lambda line: line.received),
        Number("Écart à taux égal", lambda line: gap(line.gap)),
    ).titled("t-communes", "Reçus et promis, commune par commune", note)
