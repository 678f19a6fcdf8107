"""RGAA 3.2, 3.3, 10.5: the colours of `static/tokens.css`, by day and by night, stand out on every ground."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT

GROUNDS = ("paper", "surface", "sunk")
#: Text: 4.5 to 1; what draws a control, a limit, a bar of a chart, or the focus: 3 to 1.
TEXTS, DRAWN = ("ink", "muted", "brand", "ok", "bad"), ("edge", "brand", "ok", "bad", "focus", "ink")


def tokens(light: str) -> dict[str, str]:
    """The colours of the day, or those of the night over them."""
    text = (ROOT / "static/tokens.css").read_text(encoding="utf-8")
    day, night = text.split("prefers-color-scheme: dark", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", day))
    night = night.partition("@media")[0]  # what follows is for paper
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", night)) if light == "night" else found


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    digits = colour.lstrip("#")
    digits = "".join(each * 2 for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    light, dark = sorted((brightness(one), brightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("light", ["day", "night"])
def test_what_carries_meaning_stands_out_by_three_to_one(light: str) -> None:
    """WCAG 1.4.3 and 1.4.11. The foreground and the ground are declared in one place."""
    colours = tokens(light)
    pairs = [(name, ground, 4.5) for name in TEXTS for ground in GROUNDS]
    pairs += [(name, ground, 3) for name in DRAWN for ground in GROUNDS]
    pairs += [(f"{name}-ink", name, 4.5) for name in ("brand", "bar")] + [("bar-edge", "bar", 3)]
    pairs += [(name, f"{name}-soft", 4.5) for name in ("ok", "bad")] + [("mark-ink", "mark-soft", 4.5)]
    weak = {
        (name, ground): round(contrast(colours[name], colours[ground]), 2)
        for name, ground, least in pairs
        if contrast(colours[name], colours[ground]) < least
    }
    assert weak == {}
    assert contrast("#000", "#fff") == pytest.approx(21)
