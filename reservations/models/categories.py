"""What a contingent may say, in its convention, that it does not take: categories of units, by code.

A code is « dimension:category ». The rights know no unit: these words are their own, and a test holds them equal to
those of the units that fall vacant.
"""

from __future__ import annotations

from collections.abc import Iterable

DECLINABLE = {
    "typology": ("T1", "T2", "T3", "T4", "T5", "T6+"),
    "financing": ("PLAI", "PLUS", "PLS", "PLI", "AUTRE"),
    "qpv": ("en QPV", "hors QPV"),
}

CODES = tuple(f"{dimension}:{category}" for dimension, categories in DECLINABLE.items() for category in categories)


def code_of(dimension: str, category: str) -> str:
    """The code of a category."""
    return f"{dimension}:{category}"


def codes_named(dimension: str, typed: str) -> tuple[str, ...]:
    """The codes of what a person types of a dimension, « T1, T2 » or « T1 / T2 », in the order of the vocabulary.

    Raises ValueError, with the first word that is none of them.
    """
    known = {category.upper(): code_of(dimension, category) for category in DECLINABLE[dimension]}
    words = [" ".join(word.split()) for word in typed.replace("/", ",").replace(";", ",").split(",")]
    asked = [word for word in words if word]
    for word in asked:
        if word.upper() not in known:
            raise ValueError(word)
    chosen = {known[word.upper()] for word in asked}
    return tuple(code for code in CODES if code in chosen)


def plural_of(code: str) -> str:
    """« les PLS », « les logements en QPV »: what comes after « ne prend pas »."""
    category = code.partition(":")[2]
    if category == "AUTRE":
        return "les autres financements"
    return f"les logements {category}" if code.startswith("qpv:") else f"les {category}"


def listed(codes: Iterable[str]) -> str:
    """« les PLS et les T5 », in the order of the vocabulary; empty for none."""
    known = set(codes)
    words = [plural_of(code) for code in CODES if code in known]
    return " et ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def whole_dimension(codes: Iterable[str]) -> str:
    """The first dimension of which nothing is left to take; empty when there is none."""
    known = set(codes)
    return next((of for of, each in DECLINABLE.items() if known >= {code_of(of, category) for category in each}), "")
