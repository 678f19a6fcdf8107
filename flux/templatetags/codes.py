"""What the codes of queries are called, as filters (`flux/pages`)."""

from __future__ import annotations

from django import template

from flux.pages import (
    compliance,
    conversion,
    forecast,
    inventory,
    needs,
    programmes,
    returning,
    statement,
    vacancies,
    why_not,
)

register = template.Library()

for word in (
    compliance.situation_name,
    conversion.override,
    forecast.figure_words,
    forecast.why_reads,
    inventory.kept_financing,
    inventory.last_years,
    inventory.standing_name,
    inventory.standing_pill,
    needs.category_name,
    needs.category_names,
    needs.dimension_name,
    needs.offered_kind,
    programmes.programme_act,
    programmes.stage_name,
    programmes.stage_pill,
    returning.effects_words,
    statement.figure_name,
    vacancies.vacancy_reason,
    why_not.destination_name,
    why_not.why_sentence,
):
    register.filter(word.__name__, word)
