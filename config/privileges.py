"""What each account of the database may do, by name: the one declaration that `database_roles` gives, and that
`tests/house/test_matrix.py` compares with the catalogue, then tries.

A table that is not here is given to nobody but the backup, a function that is not here is executed by its owner alone:
what is new says who asks for it. What a trigger refuses to everybody is not given either (docs/triggers.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

#: The last word of their names.
OWNER, APPLICATION, WORKER, READER, BACKUP = "owner", "app", "worker", "read", "backup"
#: All but the owner, whose tables they are.
ACCOUNTS = (APPLICATION, WORKER, READER, BACKUP)
#: No policy holds them (`BYPASSRLS`), which an administrator of the server alone gives.
SHOWN_ALL = (WORKER, BACKUP)

Rights = tuple[str, ...]
NOTHING: Rights = ()
READS: Rights = ("SELECT",)
ADDS: Rights = ("SELECT", "INSERT")
CHANGES: Rights = (*ADDS, "UPDATE")
ERASES: Rights = (*CHANGES, "DELETE")
#: Entries of the account: of one that is written, triggers alone move the description that it counts under.
MOVES: Rights = (*ADDS, "UPDATE (description_id)")

#: {what the site and the worker may do: the tables}. The backup reads all of them, who reads figures none. Written by
#: the database alone or by migrations: others read. What verifies credentials is of the owner alone; `pg_dump` locks it
#: under the account of the backup, and copies no row.
TABLES: dict[Rights, str] = {
    READS: (
        "django_migrations reservations_imprint reservations_imprintedtable reservations_leaf "
        "reservations_leafsalt reservations_loghorizon reservations_lognode reservations_ruleaside"
    ),
    ADDS: (
        "attributions_accessrecord attributions_balancecorrection attributions_balancedownload "
        "attributions_balancereminder attributions_balancesignature attributions_ballotline "
        "attributions_ballotvote attributions_conditionmet attributions_designation attributions_reconciliation "
        "attributions_reconciliationline attributions_statedpurpose flux_absorbedbalance flux_askeddecision "
        "flux_carriedover flux_conventionstock flux_forecastdispatch flux_formerforecast flux_golive "
        "flux_needsdeclaration flux_openingact flux_openingbalance flux_recommendation flux_rehearsal "
        "flux_resumption flux_return flux_settleddue flux_toldaside flux_transferredunit flux_unitdescription "
        "reservations_historyentry reservations_keptelsewhere reservations_logcheckpoint "
        "reservations_logcosignature reservations_pauseaccord reservations_peoplereview "
        "reservations_servicenotice reservations_signeddocument reservations_signin"
    ),
    CHANGES: (
        "attributions_application attributions_balancedispatch attributions_balanceremark "
        "attributions_balanceversion attributions_ballot attributions_casedecision attributions_committeesession "
        "attributions_lease attributions_offer attributions_proposal attributions_proposalend flux_absorption "
        "flux_auditalert flux_outsideflow flux_routing flux_stocktransfer flux_transferredprogramme "
        "reservations_pause"
    ),
    ERASES: (
        "attributions_agendacase attributions_agendaitem attributions_annualbalance "
        "attributions_application_organisations attributions_applicationalias attributions_attendance "
        "attributions_balancecomment attributions_balancelayout attributions_balancetolerance "
        "attributions_committee attributions_committeemember attributions_committeerules attributions_deskchoice "
        "attributions_householdcandidacy attributions_leasecount attributions_namedfilter attributions_notice "
        "attributions_objective attributions_pastcandidacy attributions_printedbalance "
        "attributions_prioritycategory attributions_recusal attributions_requestreader attributions_rowmark "
        "attributions_spancount attributions_termreading attributions_unitspan attributions_unitstage auth_group "
        "auth_group_permissions auth_permission axes_accessattempt axes_accessattemptexpiration "
        "axes_accessfailurelog axes_accesslog django_content_type flux_accountmonth flux_allotment "
        "flux_allottedunit flux_awaiteddecision flux_choicecount flux_conversion flux_decisionwindow "
        "flux_expectedholder flux_flowcell flux_flowcount flux_forecast flux_forecastline flux_incomeceiling "
        "flux_ledger flux_ledgerline flux_periodcut flux_placecell flux_placecount flux_programme "
        "flux_replayedyear flux_routingcount flux_routingpolicy flux_stockassignment flux_unit flux_unitreader "
        "flux_vacancy flux_webhookattempt flux_webhookdelivery flux_webhookendpoint flux_webhookevent "
        "reservations_addresschange reservations_apicall reservations_apitoken reservations_archive "
        "reservations_archivepart reservations_capreading reservations_columnmapping reservations_convention "
        "reservations_delegation reservations_derogation reservations_fileimport "
        "reservations_filepart "
        "reservations_identity reservations_importedline reservations_invitation reservations_landlord "
        "reservations_legalparameter reservations_mail reservations_mailattempt reservations_mailchoice "
        "reservations_mailfact reservations_mailitem reservations_membership reservations_nickname "
        "reservations_organisation reservations_passwordrequest reservations_quota reservations_rate "
        "reservations_recoverycode reservations_refusedaddress reservations_reservationholder "
        "reservations_secondfactor reservations_session reservations_signatory reservations_stockright "
        "reservations_taskfailure reservations_territory reservations_territorylink reservations_territoryname "
        "reservations_unconfirmed reservations_user"
    ),
    MOVES: ("flux_flowentry"),
    NOTHING: ("reservations_actingkey"),
}

#: Executed by the site and the worker: what acts and policies call, and triggers in their name. A trigger itself is
#: executed by nobody.
CALLED = """
    attributions_easter attributions_fold_spans attributions_holidays
    attributions_household_of attributions_is_let attributions_merged_into attributions_name_readers
    attributions_named attributions_opened_to_seat attributions_put_at_stage attributions_readers_of
    attributions_reads_a_file attributions_spans_of attributions_stage_of attributions_weekdays flux_act_of
    flux_awaits_decision flux_counting_point flux_credits_again flux_described_on flux_dwelling
    flux_is_copied flux_name_awaited flux_reached flux_read_unit flux_words_of reservations_act_under_way
    reservations_acting reservations_altered reservations_append_leaves reservations_contents reservations_credential
    reservations_digest reservations_entry reservations_link_imprints reservations_unguarded
"""
#: What is erased at the legal term of personal data, and triggers refuse to everybody, is erased by functions of the
#: owner that check the term themselves (docs/triggers.md, « Saying no »): the worker alone calls them.
ERASING = """
    attributions_deal_facts attributions_forget_numbers attributions_pseudonymise attributions_purge_access_log
    reservations_forget_sign_ins
"""

#: Of the database and of its schema, which give nothing to others. The site and the worker make temporary tables: what
#: says that the database writes, and a file of territories.
DATABASE = {APPLICATION: "CONNECT, TEMPORARY", WORKER: "CONNECT, TEMPORARY", READER: "CONNECT", BACKUP: "CONNECT"}
#: Of its schemas: where our tables are, and where the views of who reads figures are (`figures.sql`).
SCHEMAS = {"public": (APPLICATION, WORKER, BACKUP), "figures": (READER,)}
VIEWS = (Path(__file__).parent / "figures.sql").read_text(encoding="utf-8")
#: Of its sequences: what a row that is added takes, what a backup copies.
SEQUENCES = {APPLICATION: "USAGE", WORKER: "USAGE", BACKUP: "SELECT"}


def of_tables() -> Iterator[tuple[str, str, Rights]]:
    """(table, account, what it may do), one by one."""
    for rights, names in TABLES.items():
        for table in names.split():
            yield from ((table, account, rights) for account in (APPLICATION, WORKER))
            yield table, BACKUP, READS


def of_functions() -> dict[str, tuple[str, ...]]:
    """{function: the accounts that execute it}."""
    return dict.fromkeys(CALLED.split(), (APPLICATION, WORKER)) | dict.fromkeys(ERASING.split(), (WORKER,))
