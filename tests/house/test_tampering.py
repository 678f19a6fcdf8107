"""Evidence that survives its operator: what is done behind the product is found, and named in a sentence.

By the owner of the tables, triggers off (`session_replication_role`): the worst that somebody who has the server does.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from psycopg import sql

from attributions.bilan.models import BalanceVersion, PrintedBalance
from attributions.bilan.pages.sheets import checked_words
from attributions.bilan.queries.files import check_file
from attributions.households.models import Application, Lease
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.needs import record_access
from attributions.households.operations.past_candidacies import close_application
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from attributions.retention import pseudonymise_due
from flux.models import AuditAlert, FlowEntry, Ledger, Routing
from flux.operations.audit import audit_ledgers
from flux.queries.controls.accounts import audit
from flux.queries.controls.alerts import ways_to_landlord
from reservations.canonical import seal_of_bytes
from reservations.models import HistoryEntry, Imprint, ImprintedTable, MailItem
from reservations.operations.service_notice import link_imprints
from reservations.queries.imprints import Altered, Change, altered, broken, heads, link_of
from tests.attributions.bilan.balances import SENT, lived, people, send, sign
from tests.attributions.households.named import household
from tests.flux.views.pages import text_of
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

SignIn = Callable[[str], Client]


@pytest.fixture
@kept
def version(world: World) -> BalanceVersion:
    """A year lived, a lease, a reading of named files, and a balance that everybody signed."""
    people(world)
    lived(world)
    routed = Routing.objects.filter(closed_at=None).exclude(holder__contingent=7).order_by("pk").first()
    facts = {"income_quartile": 1, "has_priority": False, "urban_renewal": True, "state_agent": False, "persons": 3}
    aline = world.people["aline"]
    day = (routed.routed_at + timedelta(days=3)).date()
    record_outside_lease(vacancy=routed.vacancy, signed_on=day, facts=facts, by=aline, now=SENT - timedelta(days=30))
    record_access(member=world.member("chloe"), keeper=world.city, what="FILE", subject="dossier", now=SENT)
    found = send(world)
    sign(world, found)
    return BalanceVersion.objects.get(pk=found.pk)


@contextmanager
def behind_the_triggers() -> Iterator[None]:
    """What the block writes is written with triggers off, and undone when it is over."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        transaction.set_rollback(True)


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        assert cursor.rowcount != 0, "nothing was forged"


def controlled() -> str:
    """What `audit_routing` says."""
    result = StringIO()
    with pytest.raises(SystemExit):
        call_command("audit_routing", stdout=result)
    return result.getvalue()


BEHIND = "cette ligne a été {} hors de l’application."
#: The tamperings that were feared, one by one: the statement, and what the control says.
FEARED: dict[str, tuple[str, str, str]] = {
    "a lease inserted in the account": (
        'INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, description_id, "on",'
        " acted_on, recorded_at, reached) SELECT ledger_id, holder_id, vacancy_id, 'LEASED', 1, '', description_id,"
        " \"on\", acted_on, recorded_at, 0 FROM flux_flowentry WHERE stage = 'ROUTED' ORDER BY id LIMIT 1",
        "mouvement de compte n°",
        "ajoutée",
    ),
    "a return inserted in the account": (
        'INSERT INTO flux_flowentry (ledger_id, holder_id, vacancy_id, stage, quantity, side, description_id, "on",'
        " acted_on, recorded_at, reached) SELECT ledger_id, holder_id, vacancy_id, 'RETURNED', 1, '', description_id,"
        " \"on\", acted_on, recorded_at, 0 FROM flux_flowentry WHERE stage = 'ROUTED' ORDER BY id LIMIT 1",
        "mouvement de compte n°",
        "ajoutée",
    ),
    "a registration moved": (
        "UPDATE flux_vacancy SET registered_at = registered_at - interval '1 hour'",
        "logement libéré n°",
        "modifiée",
    ),
    "a convention back to draft": (
        "UPDATE reservations_convention SET status = 'DRAFT', signed_on = NULL WHERE status = 'SIGNED'",
        "convention n°",
        "modifiée",
    ),
    "the share of a signed quota": ("UPDATE reservations_quota SET share = share - 1", "part réservée n°", "modifiée"),
    "history deleted": (
        "DELETE FROM reservations_historyentry WHERE id = (SELECT max(id) FROM reservations_historyentry)",
        "acte de l’historique n°",
        "effacée",
    ),
    "history truncated": ("TRUNCATE reservations_historyentry", "acte de l’historique n°", "effacée"),
    "the access journal truncated": ("TRUNCATE attributions_accessrecord", "consultation nominative n°", "effacée"),
    "a signature deleted": (
        "DELETE FROM attributions_balancesignature WHERE id = (SELECT max(id) FROM attributions_balancesignature)",
        "signature du bilan n°",
        "effacée",
    ),
    "signatures truncated": ("TRUNCATE attributions_balancesignature", "signature du bilan n°", "effacée"),
    "the date of a lease": ("UPDATE attributions_lease SET signed_on = signed_on + 1", "bail n°", "modifiée"),
    "a recommendation forged whole": (
        "UPDATE flux_recommendation t SET situation = o.situation, ranking = o.ranking, plan = o.plan,"
        " sentence = o.sentence, reason = o.reason, holder_id = o.holder_id, fingerprint = o.fingerprint"
        " FROM flux_recommendation o WHERE o.sequence = 1 AND t.sequence = 3",
        "recommandation n°",
        "modifiée",
    ),
}


@pytest.mark.parametrize("name", FEARED)
def test_what_was_feared_is_found_and_named(version: BalanceVersion, name: str) -> None:
    statement, row, change = FEARED[name]
    with behind_the_triggers():
        run(statement)
        text = controlled()
        lines = [line for line in text.splitlines() if row in line]
        assert lines, text
        assert all(line.endswith(BEHIND.format(change)) for line in lines), text


def test_what_nobody_touched_has_nothing_to_state(version: BalanceVersion) -> None:
    result = StringIO()
    call_command("audit_routing", stdout=result)
    assert "hors de l’application" not in result.getvalue()
    assert link_imprints() > 100
    assert (altered(), broken(), link_imprints()) == ([], [], 0)


#: Another value of a column, whatever it holds, by the type of the column.
OTHER = {
    "boolean": "NOT coalesce({0}, false)",
    "date": "coalesce({0}, current_date) + 1",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
    "jsonb": "jsonb_build_object('forged', {0})",
    "bytea": "coalesce({0}, '') || '\\x00'",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 1",
    "text": "coalesce({0}, '') || '.'",
    "character varying": "overlay(coalesce({0}, '') placing '.' from 1 for 1)",
    "ARRAY": "array_append(coalesce({0}, '{{}}'), NULL)",
}


def columns() -> dict[str, list[tuple[str, str]]]:
    """{kept table: its columns, with their types}"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name IN (SELECT name FROM reservations_imprintedtable) AND column_name <> 'id' ORDER BY 1, 2"
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in cursor.fetchall():
            found.setdefault(table, []).append((column, kind))
        return found


#: What is erased at term, and so is in no imprint.
ERASABLE = {"attributions_application": {"number", "name", "birth_date", "nationality"}}


def test_an_imprint_holds_no_identity_that_is_erased_at_term(world: World) -> None:
    """Its digest is the same whoever it is of, so guesses are not answered; its facts and its closure are held."""
    application = household(world)
    table, row = application._meta.db_table, Application.objects.filter(pk=application.pk)
    guesses = {"number": "011031234567890123", "name": "X", "birth_date": "1970-01-01", "nationality": "OTHER"}
    assert set(guesses) == ERASABLE[table]
    for column, value in guesses.items():
        with behind_the_triggers():
            row.update(**{column: value})
            assert altered([table]) == []
    for facts in ({"requested_on": "2020-01-01"}, {"recorded_at": MORNING - timedelta(days=9)}, {"adults": 7}):
        with behind_the_triggers():
            row.update(**facts)
            assert altered([table]) == [Altered(table, application.pk, Change.CHANGED)]
    close_application(application=application, cause="WAIVED", on=MORNING.date(), by=world.people["chloe"], now=MORNING)
    assert pseudonymise_due(now=MORNING + timedelta(days=3660)) == 1
    assert row.get().name == ""
    assert altered() == []


@pytest.mark.parametrize("seed", [1])
def test_any_column_of_any_kept_row_is_found(version: BalanceVersion, seed: int) -> None:
    """Nobody listed these: every column of one row that chance draws in each kept table, then the row itself."""
    chance, forged, tables = random.Random(seed), 0, set()
    assert set(columns()) == set(ImprintedTable.objects.order_by("name").values_list("name", flat=True))
    for table, held in columns().items():
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table)))
            rows = [row for (row,) in cursor.fetchall()]
        if not rows:
            continue
        row = chance.choice(rows)
        changes = [
            sql.SQL("UPDATE {} SET {} = {} WHERE id = %s").format(
                sql.Identifier(table), sql.Identifier(column), sql.SQL(OTHER[kind].format(f'"{column}"'))
            )
            for column, kind in held
            if column not in ERASABLE.get(table, ())
        ]
        for statement in [*changes, sql.SQL("DELETE FROM {} WHERE id = %s").format(sql.Identifier(table))]:
            try:
                with behind_the_triggers():
                    with connection.cursor() as cursor:
                        cursor.execute(statement, [row])
                    last = Change.REMOVED if statement not in changes else Change.CHANGED
                    assert altered([table]) == [Altered(table, row, last)], statement
                    forged += 1
                    tables.add(table)
            except DatabaseError:  # a constraint refuses that very value, triggers or not
                continue
    assert len(tables) >= 15
    assert forged > 120


def test_what_was_written_behind_is_an_alert_until_it_is_settled(version: BalanceVersion, sign_in: SignIn) -> None:
    """At the home of the operator and of the landlord's manager, and by mail; what no landlord can be distinguished
    from, at the home of every manager, for the operator to settle."""
    removed = HistoryEntry.objects.filter(pk=HistoryEntry.objects.latest("pk").pk)
    lease = Lease.objects.get()
    behind("UPDATE attributions_lease SET signed_on = signed_on + 1")
    behind("DELETE FROM reservations_historyentry WHERE id = %s", removed.values_list("pk", flat=True)[0])
    behind("UPDATE reservations_imprint SET link = '' WHERE chain = %s", lease.vacancy.ledger_id)
    audit_ledgers(now=SENT)
    kept = AuditAlert.objects.order_by("pk")
    robine, everybody = lease.vacancy.unit.landlord, None
    assert [(each.check_code, each.landlord or each.ledger) for each in kept] == [
        ("ALTERED", robine),
        ("ALTERED", everybody),
        ("BROKEN", Ledger.objects.ordinary().get()),
    ]
    assert audit_ledgers(now=SENT + timedelta(days=1)) == []
    of_lease, of_history, of_chain = kept

    homes = {name: text_of(sign_in(name).get(reverse("home"))) for name in ("alice", "adam", "aline", "zoe")}
    values = {name: re.findall(r"(\d) alertes? à lire|alertes de contrôle à lire (\d)", homes[name]) for name in homes}
    assert values == {"alice": [("3", "")], "adam": [("", "3")], "aline": [], "zoe": [("1", "")]}
    tell_people(now=SENT)
    mails = MailItem.objects.filter(kind="alert")
    of_robine, of_all = f"behind:{robine.pk}", "behind:0"
    assert sorted((item.user.full_name, item.about.rpartition(":")[0]) for item in mails) == [
        ("Adam", of_all),
        ("Adam", of_robine),
        ("Alice", of_all),
        ("Alice", of_robine),
        ("Zoe", of_all),
    ]
    assert {item.subject for item in mails} == {"Un contrôle trouve des lignes écrites hors de l’application"}
    assert all(stands(item) for item in mails)

    page, client = reverse("audit-alert", args=[of_lease.pk]), sign_in("alice")
    words = text_of(client.get(page))
    assert f"Bail : modifiée hors de l’application 0 1 Lignes aucune n° {lease.pk}" in words
    client.post(page, {"text": "Rétabli d’après la sauvegarde de la veille."})
    assert text_of(client.get(reverse("home"))).count("2 alertes à lire") == 1
    to_all = reverse("audit-alert", args=[of_history.pk])
    assert "l’exploitant la lit pour tous" in text_of(client.get(to_all))
    assert client.post(to_all, {"text": "Vu."}).status_code == 403
    assert text_of(client.get(reverse("audit-alert-list"))).count("Toute l’installation") == 1
    operator = sign_in("adam")
    for each in (of_history, of_chain):
        operator.post(reverse("audit-alert", args=[each.pk]), {"text": "Serveur repris, accès fermé."})
    assert "alertes de contrôle à lire" not in text_of(operator.get(reverse("home")))
    assert not any(stands(item) for item in mails)
    assert audit_ledgers(now=SENT + timedelta(days=2)) == [], "what was settled does not come back"
    behind("UPDATE attributions_lease SET signed_on = signed_on + 1")
    assert [each.check_code for each in audit_ledgers(now=SENT + timedelta(days=3))] == ["ALTERED"], "altered again"


def behind(statement: str, *values: object) -> None:
    """What somebody who has the server writes with triggers off, and that stays."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        run(statement, *values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_altered_rows_are_stated_of_their_landlord() -> None:
    """By what the row refers to, never by who wrote it; a table added later is found its way."""
    ways = {name: ways_to_landlord(Altered(name, 0, Change.CHANGED).model) for name in columns()}
    assert ways["attributions_lease"] == ("vacancy__landlord", "vacancy__unit__landlord")
    assert ways["attributions_balancesignature"] == ("version__balance__landlord",)
    assert ways["flux_auditalert"][:2] == ("landlord", "ledger__landlord"), "one or the other"
    assert {name for name, those in ways.items() if not those} == {
        "attributions_accessrecord",
        "attributions_application",
        "attributions_balancelayout",
        "attributions_balancetolerance",
        "attributions_prioritycategory",
        "attributions_statedpurpose",
        "flux_incomeceiling",
        "flux_webhookendpoint",
        "reservations_apitoken",
        "reservations_historyentry",
        "reservations_identity",
        "reservations_landlord",
        "reservations_legalparameter",
        "reservations_membership",
        "reservations_organisation",
        "reservations_peoplereview",
        "reservations_reservationholder",
        "reservations_secondfactor",
        "reservations_servicenotice",
        "reservations_signin",
        "reservations_unconfirmed",
        "reservations_user",
    }, "of an organisation, of a person or of the law: told to all"


def forged_content(version: BalanceVersion) -> str:
    return version.content.replace('"exercise":2026', '"exercise":2026 ', 1)


def test_a_forged_balance_is_refused_and_the_genuine_file_recognised(version: BalanceVersion) -> None:
    """« today `verify_balance` approves the forgery and rejects the genuine file »"""
    genuine, forgery = version.content, forged_content(version)
    assert check_file(genuine.encode()).same
    with behind_the_triggers():
        run(
            "UPDATE attributions_balanceversion SET content = %s, seal = %s WHERE id = %s",
            *(forgery, seal_of_bytes(forgery.encode()), version.pk),
        )
        refused, recognised = check_file(forgery.encode()), check_file(genuine.encode())
        assert (refused.same, recognised.same) == (False, True)
        assert "la base a été modifiée hors de l’application depuis l’envoi" in checked_words(refused)
        assert checked_words(recognised).startswith("C’est bien le fichier qui a été envoyé (version 1 du bilan 2026")
        assert f"version du bilan n° {version.pk} : {BEHIND.format('modifiée')}" in controlled()


def test_an_entry_written_by_sql_answers_to_no_act(version: BalanceVersion) -> None:
    """Triggers on: it has its imprint and its place in the chain, as an act would; no act founds it."""
    ledger = Ledger.objects.ordinary().get()
    entry = FlowEntry.objects.filter(stage="ROUTED").exclude(vacancy__is_let=True).order_by("pk").first()
    for stage in ("LEASED", "RETURNED"):
        FlowEntry.objects.create(
            ledger=ledger, holder=entry.holder, vacancy=entry.vacancy, stage=stage, quantity=1, on=entry.on
        )
    found = {(each.check.label, str(each.expected), str(each.found)) for each in audit([ledger.pk]).differences}
    assert {label for label, _, _ in found} == {"des mouvements ne répondent à aucun acte"}
    assert {stage for _, text, _ in found for stage in ("LEASED", "RETURNED") if stage in text} == {
        "LEASED",
        "RETURNED",
    }
    assert altered() == []


def test_plain_sql_that_moves_the_past_is_refused(version: BalanceVersion) -> None:
    for statement in (
        "UPDATE flux_vacancy SET registered_at = registered_at - interval '1 hour'",
        "UPDATE reservations_convention SET status = 'DRAFT', signed_on = NULL WHERE status = 'SIGNED'",
        "UPDATE reservations_imprint SET digest = ''",
        "DELETE FROM reservations_imprint",
    ):
        rules = r"rule (registered_kept|never_unsigned|kept|never_deleted)"
        with pytest.raises(DatabaseError, match=rules), transaction.atomic():
            run(statement)


def rewrite(chain: int) -> None:
    """A forger who knows how: every link of a chain again, from the digests as they are now."""
    last = b""
    for each in Imprint.objects.filter(chain=chain).order_by("position"):
        last = link_of(last, each.table_name, each.row_id, each.digest)
        Imprint.objects.filter(pk=each.pk).update(link=last)


def verdict(head: str, *options: str) -> tuple[int, str]:
    result = StringIO()
    try:
        call_command("verify_head", head, *options, stdout=result)
    except SystemExit as stopped:
        return int(stopped.code or 0), result.getvalue()
    return 0, result.getvalue()


def test_a_paper_contradicts_whoever_rewrites_the_imprints_too(version: BalanceVersion) -> None:
    link_imprints()
    ledger = Ledger.objects.ordinary().get()
    printed, house = map(str, heads([ledger.pk, Imprint.HOUSE]))
    assert verdict(printed)[0] == verdict(house)[0] == 0
    entry = FlowEntry.objects.filter(stage="LEASED").get()
    with behind_the_triggers():
        run("UPDATE flux_flowentry SET holder_id = holder_id + 1 WHERE id = %s", entry.pk)
        run(
            "UPDATE reservations_imprint SET digest = reservations_digest(table_name, row_id)"
            " WHERE table_name = 'flux_flowentry' AND row_id = %s",
            entry.pk,
        )
        assert altered(["flux_flowentry"]) == []
        assert f"compte {ledger.pk} : la chaîne des faits est rompue à partir du n° " in controlled()
        rewrite(ledger.pk)
        assert (altered(), broken()) == ([], [])
        code, result = verdict(printed)
        assert (code, "des faits ont été réécrits depuis" in result) == (1, True)
        assert '"holds": false' in verdict(printed, "--json")[1]
    with behind_the_triggers():  # the tail of a journal, with its imprints
        run("DELETE FROM reservations_historyentry WHERE id = (SELECT max(id) FROM reservations_historyentry)")
        last = Imprint.objects.filter(chain=Imprint.HOUSE, table_name="reservations_historyentry").latest("position")
        run("DELETE FROM reservations_imprint WHERE chain = 0 AND position >= %s", last.position)
        assert verdict(house)[0] == 1
    assert verdict(printed)[0] == verdict(house)[0] == 0
    with pytest.raises(CommandError, match="Recopiez l’empreinte comme elle est imprimée"):
        call_command("verify_head", "compte 12")


def test_a_table_that_a_migration_changes_is_imprinted_again(version: BalanceVersion) -> None:
    """Rows that have one more column are not as their imprints say, until the tables are looked at after `migrate`."""
    from reservations.apps import imprint_shapes

    with transaction.atomic():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE attributions_lease ADD COLUMN colour text DEFAULT 'blue'")
            assert [each.table for each in altered()] == ["attributions_lease"]
            imprint_shapes()
            assert altered() == []
        transaction.set_rollback(True)


def test_every_balance_and_statement_carries_the_head(
    version: BalanceVersion, world: World, sign_in: Callable[[str], Client]
) -> None:
    """« whose head is printed on every balance and statement (page, PDF) »; PDFs are drawn from these very pages."""
    ledger, chloe = Ledger.objects.ordinary().get(), sign_in("chloe")
    place = version.balance.landlord_id, version.balance.exercise, version.balance.departement.code
    [head] = heads([ledger.pk])
    for address in (
        reverse("statement", args=[ledger.pk, world.holders["city"].pk]),
        reverse("balance", args=place[:2]),
        reverse("balance-version", args=[*place, version.number]),
    ):
        assert f"Empreinte des faits : {head}" in chloe.get(address).content.decode(), address
    for address in (
        reverse("balance-pdf", args=place[:2]),
        reverse("balance-version-pdf", args=[*place, version.number]),
    ):
        assert chloe.get(address).status_code == 202
        assert f"Empreinte des faits : {head}" in PrintedBalance.objects.latest("pk").page
    assert verdict(str(head)) == (
        0,
        f"La base contient encore les {head.position} écritures dont ce papier est tiré.\n",
    )
