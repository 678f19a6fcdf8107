"""What tests forbid or shake, once for everybody; installed by conftest.py for the whole session."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.test import TransactionTestCase


class UndefinedVariable(str):
    """A template variable that does not exist fails the test instead of showing nothing."""

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, variable: object) -> str:
        raise AssertionError(f"Undefined template variable: {variable}")


def shuffle_unordered_rows(patch: pytest.MonkeyPatch) -> None:
    """Rows asked in no order come in any order: code that counts on luck fails here, not in production."""
    get_order_by = SQLCompiler.get_order_by

    def get_order_by_or_shuffle(compiler: SQLCompiler) -> list[Any]:
        found = get_order_by(compiler)
        if found or not _gives_plain_rows(compiler):
            return found
        anyhow = OrderBy(Random()).resolve_expression(compiler.query)
        return [(anyhow, (*compiler.compile(anyhow), False))]

    patch.setattr(SQLCompiler, "get_order_by", get_order_by_or_shuffle)


def _gives_plain_rows(compiler: SQLCompiler) -> bool:
    """Does this query give rows of a table: not an aggregate, a union, distinct values, a subquery?"""
    query = compiler.query
    return type(compiler) is SQLCompiler and not (
        query.subquery
        or query.distinct
        or query.combinator
        or query.group_by is not None
        or any(annotation.contains_aggregate for annotation in query.annotation_select.values())
    )


def name_locked_tables(patch: pytest.MonkeyPatch) -> None:
    """`select_for_update` over a join says which tables it locks, or it locks too much and may deadlock."""
    get_from_clause = SQLCompiler.get_from_clause

    def get_from_clause_with_named_locks(compiler: SQLCompiler) -> Any:
        tables, params = get_from_clause(compiler)
        query = compiler.query
        if query.select_for_update and len(tables) > 1 and not query.select_for_update_of:
            raise AssertionError(f"select_for_update(of=…) must name what it locks among {' '.join(tables)}")
        return tables, params

    patch.setattr(SQLCompiler, "get_from_clause", get_from_clause_with_named_locks)


def refuse_moments_as_dates(patch: pytest.MonkeyPatch) -> None:
    """A moment is not a date: which day it is depends on where one stands (`timezone.localdate`)."""
    get_prep_value = models.DateField.get_prep_value

    def get_prep_value_of_a_date(field: models.DateField, value: Any) -> Any:
        if isinstance(value, datetime) and not isinstance(field, models.DateTimeField):
            raise AssertionError(f"{field} received a moment, {value!r}, instead of a date")
        return get_prep_value(field, value)

    patch.setattr(models.DateField, "get_prep_value", get_prep_value_of_a_date)


def put_migrated_rows_back(patch: pytest.MonkeyPatch) -> None:
    """Rows written by data migrations survive the flush that ends a test with real transactions.

    Call once, when the tables are created and before any test: what our models hold then is what comes back.
    """
    kept = {
        model: rows
        for storey in ("reservations", "flux", "attributions")
        for model in apps.get_app_config(storey).get_models()
        if (rows := list(model._base_manager.order_by("pk").values()))
    }
    empty = emptying()
    teardown = TransactionTestCase._fixture_teardown

    def flush_and_put_back(case: TransactionTestCase) -> None:
        if empty is None:
            teardown(case)
        with transaction.atomic(), connection.cursor() as cursor:
            if empty is not None:
                cursor.execute(empty)
            for model, rows in kept.items():
                model._base_manager.bulk_create(model(**row) for row in rows)

    patch.setattr(TransactionTestCase, "_fixture_teardown", flush_and_put_back)


#: What Django writes after `migrate`, and no test changes.
LEFT = {"django_migrations", "django_content_type", "auth_permission"}


def emptying() -> str | None:
    """Statements that empty what is not empty, without asking triggers; None where our account may not say so.

    Django’s flush truncates every table: eighty of them, thirty times slower than to delete the few rows of a test.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return None
        names = set(connection.introspection.table_names(cursor)) - LEFT
    tables = [connection.ops.quote_name(name) for name in sorted(names)]
    each = [f"IF EXISTS (SELECT FROM {table}) THEN DELETE FROM {table}; END IF;" for table in tables]  # noqa: S608
    return (
        f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE;"  # the last request of a browser may still be writing
        "SET LOCAL session_replication_role = replica;"
        f"DO $do$ BEGIN {' '.join(each)} END $do$;"
        "SET LOCAL session_replication_role = origin;"  # the rows that are put back are checked as any other
    )


#: What a name is stated after; each of these takes the article of the name that follows it.
BEFORE = "pour|par|vers|chez|de|à|avec|sans|entre|contre|sur|que|et que"

#: How the names of the tests begin that take an article in a sentence, whatever stands before them.
WITH_ARTICLE = "Ville|Commune|Mairie|Région|Préfecture|Département|CCAS|Hôpital|Office|OPH|EPT|État|Non réservé"

#: What no page says, whoever reads it: a name without its article, « de » or « que » before a vowel, a code of ours in
#: the place of its words, « 0 » of what one counts from one.
NEVER = re.compile(
    rf"\b(?i:{BEFORE}) (?:{WITH_ARTICLE})\b"
    rf"|\b(?i:{BEFORE}) Les? [A-ZÉ]\w*"
    r"|\b(?i:de|que) (?!onz|oui\b|un[ ,])[aeiouyœàâéèêëîïôûùAEIOUŒÀÂÉÈÊËÎÏÔÛÙ]\w*(?: Logement)?"
    r"|\b0 organisation\b"
)
FROZEN = re.compile(r"(Le tour) de |(À égalité) avec |(Rendu) par (?=[^|:]* : sa convention)")
CODE = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b")

#: Of a page, what is read or spoken: its text, and the attributes that stand for text.
UNREAD = re.compile(r"<(script|style|textarea|code|pre)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r"(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"")
INLINE = re.compile(r"</?(?:a|b|i|em|small|span|strong|sup)\b[^>]*>")
MARKUP = re.compile(r"<[^>]*>")


#: The phrases among which one chooses the article of a name: each but one is wrong.
PHRASES = re.compile(r"une convention (?:de|du|des|d’)[^|]{1,160}?, signée par [^|]{1,160}")


def what_a_page_never_says(html: str) -> list[str]:
    """What this page says of `NEVER`, in its text and its labels. The sentences that the engine froze with its version
    1 (« Le tour de Action Logement… », `FROZEN`) are left as they were given."""
    seen = UNREAD.sub(" ", html)
    text = " | ".join([MARKUP.sub(" | ", INLINE.sub(" ", seen)), *SPOKEN.findall(seen)])
    words = FROZEN.sub(r"\1\2\3 : ", PHRASES.sub(" ", " ".join(unescape(text).split())))
    return NEVER.findall(words) + [code for code in CODE.findall(words) if code in codes()]


def what_an_answer_never_says(response: Any) -> list[str]:
    """The same of whatever a view gave back: a page is read, a file or a redirection says nothing."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return []
    return what_a_page_never_says(response.content.decode())


@cache
def codes() -> frozenset[str]:
    """What our tables store for a choice: words say it, in French. An article is a word already."""
    ours = [
        model for app in ("reservations", "flux", "attributions") for model in apps.get_app_config(app).get_models()
    ]
    fields = [
        field
        for model in ours
        for field in model._meta.get_fields()
        if getattr(field, "choices", None) and field.name != "article"
    ]
    return frozenset(str(code) for field in fields for code, _ in field.flatchoices)
