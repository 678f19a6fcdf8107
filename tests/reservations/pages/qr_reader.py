"""A reader of QR codes (ISO/IEC 18004), apart from what draws them: byte mode, level M, versions 2 to 9, no error."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: {version: (data codewords of each block…)} at level M.
BLOCKS = {
    2: [28],
    3: [44],
    4: [32] * 2,
    5: [43] * 2,
    6: [27] * 4,
    7: [31] * 4,
    8: [38] * 2 + [39] * 2,
    9: [36] * 3 + [37] * 2,
}
#: Coordinates of the alignment patterns.
ALIGNED = {2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38], 8: [6, 24, 42], 9: [6, 26, 46]}
MASKS = [
    lambda row, column: (row + column) % 2,
    lambda row, column: row % 2,
    lambda row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
]
LEVEL_M = 0b00


def modules(svg: str) -> list[list[bool]]:
    """The dark modules of a drawing, quiet zone taken away (four modules at least, as the standard asks)."""
    (path,) = re.findall(r'stroke="#000" d="([^"]+)"', svg)
    (wide,) = re.findall(r'd="M0 0h(\d+)v', svg)
    column, row, dark = 0.0, 0.0, set()
    for act, x, y in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path):
        if act == "M":
            column, row = float(x), float(y)
        elif act == "m":
            column, row = column + float(x), row + float(y)
        else:
            dark |= {(int(row), int(column) + each) for each in range(int(x))}
            column += float(x)
    quiet = min(min(place) for place in dark)
    assert quiet >= 4, "a reader needs its quiet zone"
    size = int(wide) - 2 * quiet
    return [[(row + quiet, column + quiet) in dark for column in range(size)] for row in range(size)]


def read(svg: str) -> str:
    """The text of the code that is drawn."""
    drawn = modules(svg)
    size = len(drawn)
    version = (size - 17) // 4
    written = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    result = int("".join("01"[drawn[row][column]] for row, column in written), 2) ^ 0b101010000010010
    assert result >> 13 == LEVEL_M
    mask = MASKS[result >> 10 & 0b111]
    bits = "".join("01"[drawn[row][column] ^ (not mask(row, column))] for row, column in _places(size, version))
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    stream = "".join(f"{each:08b}" for each in _in_order(words, BLOCKS[version]))
    assert stream[:4] == "0100", "byte mode"
    length = int(stream[4:12], 2)
    return bytes(int(stream[at : at + 8], 2) for at in range(12, 12 + 8 * length, 8)).decode()


def _in_order(words: list[int], blocks: list[int]) -> list[int]:
    """Data codewords, block after block, of those that were dealt one a block."""
    dealt: list[list[int]] = [[] for _ in blocks]
    rest = iter(words)
    for rank in range(max(blocks)):
        for block, length in zip(dealt, blocks, strict=True):
            if rank < length:
                block.append(next(rest))
    return [word for block in dealt for word in block]


def _places(size: int, version: int) -> Iterator[tuple[int, int]]:
    """Where bits are, in order: two columns at a time from the right, up then down."""
    up = True
    for right in range(size - 1, 0, -2):
        pair = right if right > 6 else right - 1
        for step in range(size):
            row = size - 1 - step if up else step
            for column in (pair, pair - 1):
                if not _is_function(row, column, size, version):
                    yield row, column
        up = not up


def _is_function(row: int, column: int, size: int, version: int) -> bool:
    """Finders, formats, timing, alignment, version: what carries no data."""
    if row == 6 or column == 6 or (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9):
        return True
    if version >= 7 and ((row < 6 and column >= size - 11) or (column < 6 and row >= size - 11)):
        return True
    centres = ALIGNED[version]
    corners = {(centres[0], centres[0]), (centres[0], centres[-1]), (centres[-1], centres[0])}
    return any(abs(row - y) <= 2 and abs(column - x) <= 2 for y in centres for x in centres if (y, x) not in corners)
