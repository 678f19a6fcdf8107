"""« Everything goes out again […], which the imports read back to the same state »: each table of the product leaves in
a file and comes back by its kind, or needs not and says why (docs/imports.md)."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps

from reservations.exports.papers import every_papers
from reservations.imports.kinds import every_kind
from reservations.imports.papers import FOLDERS
from reservations.takeaway import tells

#: By table, the kinds of files by which its rows leave and come back.
LEAVES = {
    "reservations.Organisation": ("reservataires",),
    "reservations.ReservationHolder": ("reservataires",),
    "reservations.User": ("personnes",),
    "reservations.Membership": ("personnes",),
    "reservations.Convention": ("conventions", "arretes"),
    "reservations.Quota": ("conventions", "arretes"),
    "reservations.Rate": ("conventions",),
    "reservations.Delegation": ("conventions",),
    "reservations.Signatory": ("conventions",),
    "reservations.Pause": ("conventions",),
    "reservations.PauseAccord": ("conventions",),
    "reservations.StockRight": ("droits",),
    "reservations.Nickname": ("noms",),
    "reservations.ColumnMapping": ("colonnes",),
    "flux.Programme": ("logements", "repartitions"),
    "flux.Allotment": ("repartitions",),
    "flux.AllottedUnit": ("repartitions",),
    "flux.Unit": ("logements",),
    "flux.UnitDescription": ("logements", "descriptions"),
    "flux.StockAssignment": ("droits",),
    "flux.Conversion": ("conversions",),
    "flux.OutsideFlow": ("assiette",),
    "flux.RoutingPolicy": ("reglages",),
    "flux.DecisionWindow": ("reglages",),
    "flux.GoLive": ("reglages",),
    "flux.Forecast": ("previsionnels",),
    "flux.ForecastLine": ("previsionnels",),
    "flux.ForecastDispatch": ("previsionnels",),
    "flux.NeedsDeclaration": ("besoins",),
    "flux.OpeningBalance": ("ouvertures",),
    "flux.Vacancy": ("conges", "orientations-passees", "logements-rendus"),
    "flux.Routing": ("orientations-passees", "logements-rendus"),
    "flux.Return": ("logements-rendus",),
    "flux.FlowEntry": ("orientations-passees", "logements-rendus", "corrections"),
    "attributions.Application": ("candidats-passes", "menages"),
    "attributions.PastCandidacy": ("candidats-passes",),
    "attributions.Proposal": ("candidats", "candidats-passes"),
    "attributions.ProposalEnd": ("candidats-passes",),
    "attributions.CaseDecision": ("candidats-passes",),
    "attributions.ConditionMet": ("candidats-passes",),
    "attributions.Offer": ("candidats-passes",),
    "attributions.Lease": ("candidats-passes", "orientations-passees", "suites"),
    "attributions.Committee": ("commissions",),
    "attributions.CommitteeRules": ("commissions",),
    "attributions.CommitteeMember": ("commissions",),
    "attributions.BalanceCorrection": ("corrections",),
}
OF_ALL = "of every landlord, loaded with the installation or written by its operator"
SECRET = "opens a door here: whoever comes in elsewhere opens theirs"
PASSING = "passes: a file or a message on its way, a draft of a paper; what it wrote is in its own table"
FOLDED = "summed up again from what comes back, by trigger or by act"
MINUTES = "is in the sealed minutes, which come back: nobody votes elsewhere in the place of who voted here"
AGENDA = (
    "is in the sealed minutes once its session is closed; one to come calls candidates that were sent and instructed: "
    "they come back prepared (`candidats`), are sent anew by whoever proposes, and then a secretary puts them on it"
)
TRANSFER = "an act of two landlords: neither tells the half of the other; what passed is in the units and their files"
SEEN = "says what was looked at, read or done here, by whom: the journal of this installation, true of it alone"
#: By table, why its rows need not leave.
STAYS = {
    "reservations.TerritoryLink": OF_ALL,
    "reservations.TerritoryName": OF_ALL,
    "reservations.Territory": OF_ALL,
    "reservations.LegalParameter": OF_ALL,
    "reservations.CapReading": OF_ALL,
    "reservations.Unconfirmed": OF_ALL,
    "reservations.ServiceNotice": OF_ALL,
    "flux.IncomeCeiling": OF_ALL,
    "flux.PeriodCut": OF_ALL,
    "attributions.BalanceTolerance": OF_ALL,
    "attributions.BalanceLayout": OF_ALL,
    "attributions.Objective": OF_ALL,
    "attributions.PriorityCategory": OF_ALL,
    "reservations.Derogation": "the préfet's own order, whom it binds everywhere: recorded from its text",
    "reservations.Landlord": "the organisation that comes in, with its account",
    "reservations.Archive": PASSING,
    "reservations.ArchivePart": PASSING,
    "reservations.FileImport": PASSING,
    "reservations.FilePart": PASSING,
    "reservations.ImportedLine": PASSING,
    "reservations.Mail": PASSING,
    "reservations.MailItem": PASSING,
    "reservations.MailAttempt": PASSING,
    "reservations.MailFact": PASSING,
    "reservations.DeskChoice": "a person's own choice, made anew where they enter",
    "attributions.NamedFilter": "a person's own filters, by ids of here: named anew where they enter",
    "attributions.RowMark": "who takes a row of the list of here: what awaits comes back, and is taken anew",
    "reservations.MailChoice": "a person's own choice, made anew where they enter",
    "reservations.RefusedAddress": PASSING,
    "attributions.PrintedBalance": PASSING,
    "flux.ReplayedYear": PASSING,
    "flux.WebhookEvent": PASSING,
    "flux.WebhookDelivery": PASSING,
    "flux.WebhookAttempt": PASSING,
    "flux.WebhookEndpoint": SECRET,
    "reservations.Invitation": SECRET,
    "reservations.SecondFactor": SECRET,
    "reservations.RecoveryCode": SECRET,
    "reservations.Identity": SECRET,
    "reservations.PasswordRequest": SECRET,
    "reservations.AddressChange": SECRET,
    "reservations.Session": SECRET,
    "reservations.SignIn": SECRET,
    "reservations.ApiToken": SECRET,
    "reservations.ApiCall": SEEN,
    "reservations.PeopleReview": SEEN,
    "reservations.HistoryEntry": SEEN,
    "reservations.Imprint": SEEN,
    "reservations.ImprintedTable": SEEN,
    "reservations.Leaf": SEEN,
    "reservations.LeafSalt": SECRET,
    "reservations.LogCheckpoint": SEEN,
    "reservations.LogCosignature": SEEN,
    "reservations.LogHorizon": SEEN,
    "reservations.LogNode": SEEN,
    "reservations.RuleAside": PASSING,
    "reservations.ActingKey": SECRET,
    "reservations.TaskFailure": SEEN,
    "flux.AuditAlert": SEEN,
    "flux.Rehearsal": SEEN,
    "flux.AskedDecision": SEEN,
    "flux.FormerForecast": SEEN,
    "flux.Resumption": SEEN,
    "flux.Recommendation": SEEN,
    "attributions.AccessRecord": SEEN,
    "attributions.BalanceDownload": SEEN,
    "attributions.StatedPurpose": SEEN,
    "attributions.BalanceReminder": SEEN,
    "attributions.Notice": SEEN,
    "attributions.Reconciliation": "a file compared with what is here: compared again with what comes back",
    "attributions.ReconciliationLine": "a file compared with what is here: compared again with what comes back",
    "attributions.BalanceDispatch": "the list of balances says to whom each was sent; who opened it is of here",
    "attributions.BalanceSignature": "the list of balances says who signed each, and when",
    "attributions.BalanceComment": "is in the version that was sent",
    "attributions.BalanceRemark": "is in the version sent after it; one that waits is said anew to whoever answers",
    "attributions.AgendaItem": AGENDA,
    "attributions.AgendaCase": AGENDA,
    "attributions.Attendance": MINUTES,
    "attributions.Recusal": MINUTES,
    "attributions.Ballot": MINUTES,
    "attributions.BallotLine": MINUTES,
    "attributions.BallotVote": MINUTES,
    "attributions.Designation": "candidates leave as prepared (`candidats`): whoever proposes sends them anew",
    "flux.StockTransfer": TRANSFER,
    "flux.TransferredProgramme": TRANSFER,
    "flux.Absorption": TRANSFER,
    "flux.AbsorbedBalance": TRANSFER,
    "flux.ConventionStock": "printed in the convention that was signed, whose file leaves",
    "flux.SettledDue": "what an entry of an account settles: told on the account, the statement and the convention",
    "flux.TransferredUnit": TRANSFER,
    "flux.Ledger": FOLDED,
    "flux.LedgerLine": FOLDED,
    "flux.FlowCell": FOLDED,
    "flux.AccountMonth": FOLDED,
    "flux.FlowCount": FOLDED,
    "flux.PlaceCell": FOLDED,
    "flux.PlaceCount": FOLDED,
    "flux.RoutingCount": FOLDED,
    "flux.ChoiceCount": FOLDED,
    "flux.UnitReader": FOLDED,
    "flux.CarriedOver": FOLDED,
    "flux.ExpectedHolder": FOLDED,
    "flux.AwaitedDecision": FOLDED,
    "attributions.HouseholdCandidacy": FOLDED,
    "attributions.RequestReader": FOLDED,
    "attributions.UnitStage": FOLDED,
    "attributions.LeaseCount": FOLDED,
    "attributions.SpanCount": FOLDED,
    "attributions.TermReading": FOLDED,
    "attributions.UnitSpan": FOLDED,
    "flux.OpeningAct": "each party answers anew, where it answers for itself",
    "flux.ToldAside": "of what an RPLS file said: asked again when it is given",
    "attributions.ApplicationAlias": "a request goes under its latest number, and the SNE says the others again",
}
#: By table, the folder by which its rows leave and come back as they were sealed or signed.
PAPERS = {
    "reservations.SignedDocument": ("conventions",),
    "reservations.KeptElsewhere": ("bilans", "proces-verbaux"),
    "attributions.AnnualBalance": ("bilans",),
    "attributions.BalanceVersion": ("bilans",),
    "attributions.CommitteeSession": ("proces-verbaux",),
}


def test_every_table_leaves_or_says_why_not() -> None:
    """A new table is in one of the three lists, and in one only."""
    ours = ("reservations", "flux", "attributions")
    tables = {model._meta.label for app in ours for model in apps.get_app_config(app).get_models()}
    assert sorted([*LEAVES, *PAPERS, *STAYS]) == sorted(tables)


def test_what_leaves_is_reported_by_a_kind_that_reads_it_back() -> None:
    """Each kind that states carries a table; what it states is written by the same one."""
    telling = {kind.code for kind in every_kind() if tells(kind)}
    assert {code for codes in LEAVES.values() for code in codes} == telling


def test_every_folder_that_leaves_is_one_that_comes_back() -> None:
    """A folder carries a table; the columns by which its list is known again are those that it leaves with."""
    leaving = {papers.folder: {*papers.columns} for papers in every_papers()}
    assert {folder for folders in PAPERS.values() for folder in folders} == set(leaving)
    for columns in leaving.values():
        assert [folder for folder in FOLDERS if {*folder.needs} <= columns], columns


def test_the_documentation_has_a_line_for_each_file_that_leaves() -> None:
    """docs/imports.md, « Everything goes out again »."""
    result = Path("docs/imports.md").read_text(encoding="utf-8").split("## Everything goes out again")[1]
    lines = re.findall(r"^\| `([a-z-]+)` \|", result, re.MULTILINE)
    assert sorted(lines) == sorted(kind.code for kind in every_kind() if tells(kind))
