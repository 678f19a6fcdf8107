"""A question with one answer among several: what each answer means and asks for is beside it."""

from __future__ import annotations

import re

from django import forms

from reservations.pages.pieces import Choices


class Asked(forms.Form):
    use_required_attribute = False

    kind = forms.ChoiceField(choices=[("A", "Annuler"), ("B", "Reclasser")], widget=forms.RadioSelect)
    other = forms.ChoiceField(choices=[("C", "Autrement")], widget=forms.RadioSelect)
    why = forms.CharField(label="Pourquoi")


def drawn(form: Asked) -> str:
    inside = Choices(form["other"], "Comment ?", then={"C": form["why"]}, is_big=False)
    html = Choices(form["kind"], "Que faire ?", hints={"B": "Le compte change."}, then={"B": inside}).as_field_group()
    return re.sub(r"\s+", " ", html)


def test_each_answer_has_its_hint_and_what_it_asks_for() -> None:
    html = drawn(Asked())
    assert re.findall(r"<legend[^>]*>[^<]*", html) == ['<legend class="big">Que faire ?', "<legend>Comment ?"]
    assert html.count('<span class="hint">') == 1
    assert html.index("Reclasser") < html.index("Le compte change.") < html.index("Comment ?") < html.index("Pourquoi")
    assert html.count('<div class="when">') == 2
    assert 'class="bad"' not in html


def test_what_is_wrong_is_stated_where_it_is() -> None:
    html = drawn(Asked({"kind": "Z"}))
    assert html.count('class="bad"') == 2
    assert html.index('id="id_kind_error"') < html.index("Reclasser") < html.index('id="id_other_error"')
