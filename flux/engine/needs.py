"""Declared needs, brought to what the flow gives: iterative proportional fitting (Deming and Stephan, 1940), or RAS.

What holders want does not sum to what falls vacant. The projection is the mix nearest to their wishes, in the sense of
relative entropy, whose rows are what each holder is due and whose columns are what the flow has.
"""

from __future__ import annotations

from collections.abc import Mapping

from flux.apportion import apportion

#: {holder: {category: quantity}}
Matrix = dict[str, dict[str, int]]

#: A holder that declared nothing keeps this part of its usual mix whatever the others declare; the rest may move.
KEPT, PARTS = 1, 2

#: In a hundred parts of a seed, those that are the holder's usual mix whatever it declares.
USUAL_IN_A_HUNDRED = 1

#: The fitting counts a millionth of what it is given, and stops after so many rounds if it has not settled.
FINE, ROUNDS = 1_000_000, 500


def project(usual: Mapping[str, Mapping[str, int]], declared: Mapping[str, Mapping[str, int]]) -> Matrix:
    """The category dues of each holder in one dimension, as near to what it declares as the flow allows.

    `usual`: what each would be due in each category without any declaration, in shares; its rows sum to what each
    holder is due (the landlord's remainder included), its columns to the flow. `declared`: whole weights, not
    negative, of the holders that declare; a category that never credits its holder (the flow has none where its right
    bears) is left out.

    * Rows sum exactly to those of `usual`, and columns too. Each figure is that of the fitting to within one share a
      holder, once it has settled (`ROUNDS` is far beyond what it takes).
    * Without a declaration, `usual` itself. A weight raised never lowers its holder's category by more than that.
    * A holder that declares nothing keeps half of its usual mix, and lends the other half to the fitting.

    A solution always exists. Seeds are positive wherever `usual` is, since each holds a part of it, and `usual` has the
    sums that are wanted: that is the condition under which the fitting converges. So nobody, even with one category
    only in its declaration, can make the sums impossible.
    """
    stated = {holder: _heard(usual[holder], weights) for holder, weights in declared.items() if holder in usual}
    if not any(stated.values()):
        return {holder: dict(row) for holder, row in usual.items()}
    kept: Matrix = {}
    seeds: Matrix = {}
    for holder, row in usual.items():
        speaks = bool(stated.get(holder))
        kept[holder] = {name: 0 if speaks else KEPT * quantity for name, quantity in row.items()}
        seeds[holder] = _seed(row, stated[holder]) if speaks else dict(row)
    lent = {holder: {name: PARTS * row[name] - kept[holder][name] for name in row} for holder, row in usual.items()}
    fitted = _fit(
        seeds,
        {holder: FINE * sum(row.values()) for holder, row in lent.items()},
        {name: FINE * quantity for name, quantity in _columns(lent).items()},
    )
    rows = {
        holder: apportion(
            sum(row.values()), {name: FINE * kept[holder][name] + fitted[holder][name] for name in sorted(row)}
        )
        if any(row.values())
        else dict(row)
        for holder, row in usual.items()
    }
    _balance(rows, _columns(usual))
    return rows


def _heard(row: Mapping[str, int], weights: Mapping[str, int]) -> dict[str, int]:
    """What is declared among the categories that credit the holder; nothing when none is."""
    heard = {name: weights.get(name, 0) for name in row if row[name]}
    return heard if any(heard.values()) else {}


def _seed(row: Mapping[str, int], weights: Mapping[str, int]) -> dict[str, int]:
    """The declared mix, with a small part of the usual one."""
    due, whole = sum(row.values()), sum(weights.values())
    return {
        name: (100 - USUAL_IN_A_HUNDRED) * weights.get(name, 0) * due + USUAL_IN_A_HUNDRED * row[name] * whole
        for name in row
    }


def _fit(seeds: Matrix, rows: Mapping[str, int], columns: Mapping[str, int]) -> Matrix:
    """Scale columns then rows, in turn, until the columns still hold once the rows do, to within a share a holder."""
    matrix = {holder: _scaled(rows[holder], seeds[holder]) for holder in seeds}
    for _ in range(ROUNDS):
        by_column: Matrix = {name: {} for name in columns}
        for holder, row in matrix.items():
            for name, quantity in row.items():
                by_column[name][holder] = quantity
        scaled = {name: _scaled(columns[name], column) for name, column in by_column.items()}
        matrix = {
            holder: _scaled(rows[holder], {name: scaled[name][holder] for name in row})
            for holder, row in matrix.items()
        }
        found = _columns(matrix)
        if all(abs(found[name] - columns[name]) <= len(rows) for name in columns):
            break
    return matrix


def _scaled(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`total` in proportion; as it is when there is nothing to scale."""
    return apportion(total, weights) if any(weights.values()) else dict(weights)


def _columns(matrix: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """The sum of each category, by name."""
    sums: dict[str, int] = {}
    for row in matrix.values():
        for name, quantity in row.items():
            sums[name] = sums.get(name, 0) + quantity
    return {name: sums[name] for name in sorted(sums)}


def _balance(rows: Matrix, wanted: Mapping[str, int]) -> None:
    """Put right, in place, the few shares by which rounding each row leaves columns off: rows keep their sums."""
    found = _columns(rows)
    off = {name: found[name] - wanted[name] for name in wanted}
    names = tuple(off)
    for short in names:
        for long in names:
            moved = _move(rows, long, short, min(off[long], -off[short]))
            off[long] -= moved
            off[short] += moved


def _move(rows: Matrix, long: str, short: str, amount: int) -> int:
    """Move at most `amount` from a category to another, first at holders that have both, then where the first is
    largest. Returns what was moved."""
    left = max(0, amount)
    if left:
        having = [holder for holder, row in rows.items() if row.get(long)]
        for holder in sorted(having, key=lambda one: (not rows[one].get(short), -rows[one][long])):
            moved = min(left, rows[holder][long])
            rows[holder][long] -= moved
            rows[holder][short] = rows[holder].get(short, 0) + moved
            left -= moved
    return max(0, amount) - left
