"""What the codes of queries are called, as filters (`flux/pages`)."""

from __future__ import annotations

from django import template

from flux.pages import inventory, needs, programmes, sheet_words, statement, vacancies
from flux.pages import needs as income_ceilings

register = template.Library()

for word in (
    income_ceilings.unit_ceilings,
    inventory.state_name,
    inventory.state_pill,
    needs.dimension_name,
    programmes.programme_act,
    programmes.stage_name,
    programmes.stage_pill,
    sheet_words.refusal_words,
    statement.figure_name,
    vacancies.vacancy_reason,
):
    register.filter(word.__name__, word)
