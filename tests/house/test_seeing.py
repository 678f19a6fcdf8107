"""Who may see and do what: every address by person (docs/architecture.md, « What a request passes »).

404 for what is not yours, 403 for what you may see but not do. Everything below belongs to Robine Habitat: Alice
manages it, Aline is on its staff, Zoé manages another landlord. The unit, its vacancy and its statement are those of
a home routed to the city, Chloé's; the act of confirming is on another, which waits for a person. Posts are empty
unless stated otherwise: 422 is a form that comes back with what to correct. Zoé may confirm her own queue,
in which what she ticks is not: she is sent back, and nothing is done.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from attributions.bilan.models import BalanceDispatch, BalanceDownload, BalanceLayout, BalanceTolerance, Objective
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.operations.printing import order_printing
from attributions.bilan.queries.figures import FigurePlace
from attributions.households.models import AccessRecord, Application, PriorityCategory
from attributions.households.operations.session import close_session
from attributions.notices.models import Notice
from flux.models import (
    AuditAlert,
    OpeningBalance,
    Routing,
    Unit,
    Vacancy,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from flux.operations.audit import record_differences
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.stock_transfers import Given, propose_transfer
from flux.queries.controls.accounts import Check, Difference
from reservations.http import AS_FILE, FILES
from reservations.imports.door import receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import ApiCall, CapReading, KeptElsewhere, Unconfirmed, User
from reservations.operations.derogation import record_derogation
from reservations.operations.documents import attach_document
from reservations.operations.invitation import invite
from reservations.operations.person import grant_membership
from reservations.operations.service_notice import remember_nickname
from reservations.operations.token import make_token
from reservations.pages.people import leave_key
from reservations.takeaway import make_archive, order_archive
from tests.attributions.bilan.balances import contest, send
from tests.attributions.bilan.exports.balances import on_paper
from tests.attributions.bilan.reconciliations import reconciliation
from tests.attributions.households.candidates import candidate, sent
from tests.attributions.households.candidates import routed as to_the_city
from tests.attributions.households.rows import decided
from tests.attributions.households.sittings import HOUR, house, lines
from tests.attributions.returned import elsewhere
from tests.flux.conversions import variant
from tests.flux.forecasts import forecast
from tests.flux.imports.unit_files import units
from tests.flux.programmes import drafted, planned
from tests.house.budgets import budget_of, words_shown
from tests.house.test_files import addresses
from tests.house.walk import walk
from tests.pauses import withdrawn
from tests.reservations.exports.test_documents import elements
from tests.reservations.second_factors import second_factor
from tests.strict import what_an_answer_never_says
from tests.world import MORNING, World, convention
from tests.world_again import kept

PEOPLE = ["alice", "aline", "bob", "chloe", "driss", "emma", "adam", "zoe", "anonymous"]

#: Who opens what somebody else does, where the table says the same of both: of what opens to both, an ordinary run asks
#: the latter alone. What is refused, what leads elsewhere and what is posted is asked of each.
LIKE = {"aline": "alice", "zoe": "alice", "emma": "bob"}

#: Columns: address, method, then PEOPLE. Bob: State. Driss: nobody's member. Emma: EPCI. Adam: administrator.
TABLE = """
                      method  alice aline bob chloe driss emma adam zoe anonymous
health                GET     200   200   200 200   200   200  200  200 200
health-alive          GET     200   200   200 200   200   200  200  200 200
health-ready          GET     503   503   503 503   503   503  503  503 503
metrics               GET     404   404   404 404   404   404  404  404 404
security-txt          GET     404   404   404 404   404   404  404  404 404
rule                  GET     200   200   200 200   200   200  200  200 200
log                   GET     200   200   200 200   200   200  200  200 200
log-checkpoint        GET     404   404   404 404   404   404  404  404 404
log-checkpoint        POST    400   400   400 400   400   400  400  400 400
log-continuity        GET     404   404   404 404   404   404  404  404 404
log-tile              GET     404   404   404 404   404   404  404  404 404
log-entries           GET     404   404   404 404   404   404  404  404 302
sign-in               GET     302   302   302 302   302   302  302  302 200
sign-in               POST    302   302   302 302   302   302  302  302 422
invitation            GET     404   404   404 404   404   404  404  404 404
invitation            POST    404   404   404 404   404   404  404  404 404
sign-out              GET     302   302   302 302   302   302  302  302 302
sign-out              POST    302   302   302 302   302   302  302  302 302
mail-choice           GET     200   200   200 200   200   200  200  200 302
mail-choice           POST    422   422   422 422   422   422  422  422 302
mail-open             GET     302   302   302 302   302   302  302  302 302
mail-unsubscribe      GET     200   200   200 200   200   200  200  200 200
mail-unsubscribe      POST    200   200   200 200   200   200  200  200 200
mailbox               GET     404   404   404 404   404   404  404  404 404
switch-organisation   GET     302   302   302 302   302   302  302  302 302
switch-organisation   POST    403   403   403 403   403   403  403  403 302

home                  GET     200   200   200 200   200   200  200  200 302
first-steps           GET     302   302   200 200   404   200  200  302 302
inbox                 GET     200   200   200 200   404   200  200  200 302
inbox-follow          GET     404   404   404 200   404   404  404  404 302
inbox-follow          POST    404   404   404 302   404   404  404  404 302
inbox-filter          GET     302   302   302 302   302   302  302  302 302
inbox-filter          POST    302   302   302 302   404   302  302  302 302
inbox-keys            GET     302   302   302 302   302   302  302  302 302
inbox-keys            POST    302   302   302 302   302   302  302  302 302
search                GET     200   200   200 200   404   200  200  200 302
glossary              GET     200   200   200 200   200   200  200  200 302
territory-search      GET     200   200   200 200   200   200  200  200 302
balance-list          GET     200   200   200 200   200   200  200  200 302
balance               GET     200   200   200 200   404   200  200  404 302
balance-xlsx          GET     200   200   200 200   404   200  200  404 302
balance-csv           GET     200   200   200 200   404   200  200  404 302
balance-files         GET     200   200   200 200   404   200  200  404 302
balance-layouts       GET     403   403   403 403   403   403  200  403 302
balance-layout-new    GET     403   403   403 403   403   403  200  403 302
balance-layout-new    POST    403   403   403 403   403   403  422  403 302
balance-layout        GET     403   403   403 403   403   403  200  403 302
balance-layout        POST    403   403   403 403   403   403  422  403 302
balance-territory     GET     404   404   200 404   404   200  404  404 302
balance-communes      GET     404   404   200 404   404   200  404  404 302
balance-territory-latest GET  404   404   302 404   404   302  404  404 302
balance-remind        GET     302   302   302 302   302   302  302  302 302
balance-remind        POST    404   404   422 404   404   422  404  404 302
balance-cil           GET     404   404   200 404   404   200  404  404 302
balance-cil-pdf       GET     404   404   200 404   404   200  404  404 302
balance-cil-whole     GET     404   404   302 404   404   302  404  404 302
balance-cil-whole-pdf GET     404   404   302 404   404   302  404  404 302
balance-one-page      GET     404   404   200 404   404   200  404  404 302
balance-one-page-pdf  GET     404   404   200 404   404   200  404  404 302
balance-purposes      GET     200   200   200 403   404   200  200  200 302
balance-purposes      POST    403   403   422 403   404   422  403  403 302
balance-state         GET     404   404   200 404   404   404  200  404 302
balance-state-latest  GET     404   404   302 404   404   404  302  404 302
balance-scale         GET     200   200   200 404   404   200  200  200 302
balance-scale-latest  GET     302   302   302 404   404   302  302  302 302
balance-charts        GET     200   200   200 200   404   200  200  404 302
balance-json          GET     200   200   200 200   404   200  200  404 302
balance-pdf           GET     202   202   202 202   404   202  202  404 302
balance-printing      GET     200   200   200 200   404   200  200  200 302
balance-downloads     GET     200   200   403 403   404   403  200  404 302
reconciliation-list   GET     200   200   200 403   404   403  403  200 302
reconciliation-list   POST    422   422   422 403   404   403  403  422 302
reconciliation-detail GET     200   200   404 404   404   404  404  404 302
reconciliation-csv    GET     302   302   302 302   302   302  302  302 302
reconciliation-csv    POST    422   422   404 404   404   404  404  404 302
balance-mix           GET     200   200   200 200   404   200  200  404 302
balance-projection    GET     200   200   200 200   404   200  200  404 302

balance-tolerances    GET     403   403   403 403   403   403  200  403 302
balance-tolerances    POST    403   403   403 403   403   403  422  403 302
balance-elsewhere-list GET    200   200   200 200   404   200  200  200 302
balance-elsewhere-file GET    200   200   200 200   404   200  200  404 302
balance-verify        GET     200   200   200 200   404   200  200  200 302
balance-verify        POST    422   422   422 422   404   422  422  422 302
balance-review        GET     200   200   200 200   404   200  200  404 302
balance-version       GET     200   200   200 200   404   200  200  404 302
balance-version-file  GET     200   200   200 200   404   200  200  404 302
balance-version-proof GET     202   202   202 202   404   202  202  404 302
balance-version-pdf   GET     202   202   202 202   404   202  202  404 302
balance-version-xlsx  GET     200   200   200 200   404   200  200  404 302
balance-compare       GET     200   200   200 200   404   200  200  404 302
balance-correct       GET     200   200   403 403   404   403  403  404 302
balance-correct       POST    422   422   403 403   404   403  403  404 302
balance-send          GET     302   302   302 302   302   302  302  302 302
balance-send          POST    302   403   403 403   404   403  403  404 302
balance-remark        GET     302   302   302 302   302   302  302  302 302
balance-remark        POST    403   403   422 422   404   422  403  404 302
balance-answer        GET     302   302   302 302   302   302  302  302 302
balance-answer        POST    422   422   403 403   404   403  403  404 302
balance-sign          GET     302   302   302 302   302   302  302  302 302
balance-sign          POST    422   403   422 422   404   403  403  404 302
balance-comment       GET     302   302   302 302   302   302  302  302 302
balance-comment       POST    302   302   403 403   404   403  403  404 302
balance-axis          GET     200   200   200 200   404   200  200  404 302
balance-units         GET     200   200   200 200   404   200  200  404 302
balance-defects       GET     200   200   200 200   404   200  200  404 302

application-list      GET     200   200   200 200   404   403  403  200 302
application-list      POST    422   422   422 422   404   403  403  422 302
application-detail    GET     200   200   404 200   404   404  404  404 302
application-alias     GET     302   302   302 302   302   302  302  302 302
application-alias     POST    403   403   404 422   404   404  404  404 302
application-close     GET     302   302   302 302   302   302  302  302 302
application-close     POST    403   403   404 422   404   404  404  404 302
application-reopen    GET     302   302   302 302   302   302  302  302 302
application-reopen    POST    403   403   404 422   404   404  404  404 302
candidate-export      GET     200   200   200 200   404   403  403  200 302
candidate-export-xlsx GET     302   302   302 302   302   302  302  302 302
candidate-export-xlsx POST    422   422   422 422   404   403  403  422 302
access-journal        GET     200   200   200 200   404   200  200  200 302
personal-data         GET     200   200   200 200   200   200  200  200 200
accessibility         GET     200   200   200 200   200   200  200  200 200
legal-notice          GET     200   200   200 200   200   200  200  200 200
terms                 GET     200   200   200 200   200   200  200  200 200
site-plan             GET     200   200   200 200   200   200  200  200 200
help                  GET     200   200   200 200   200   200  200  200 200
contact               GET     200   200   200 200   200   200  200  200 200
service-notice        GET     403   403   403 403   403   403  200  403 302
service-notice        POST    403   403   403 403   403   403  422  403 302

organisation-list     GET     403   403   403 403   403   403  200  403 302
organisation-new      GET     403   403   403 403   403   403  200  403 302
organisation-new      POST    403   403   403 403   403   403  422  403 302
legal-parameter-list  GET     403   403   403 403   403   403  200  403 302
legal-parameter-new   GET     403   403   403 403   403   403  200  403 302
legal-parameter-new   POST    403   403   403 403   403   403  422  403 302
priority-category-list   GET   403   403   403 403   403   403  200  403 302
priority-category-new    GET   403   403   403 403   403   403  200  403 302
priority-category-new    POST  403   403   403 403   403   403  422  403 302
priority-category-change GET   403   403   403 403   403   403  200  403 302
priority-category-change POST  403   403   403 403   403   403  422  403 302
law-rate-list            GET   403   403   403 403   403   403  200  403 302
law-rate-new             GET   403   403   403 403   403   403  200  403 302
law-rate-new             POST  403   403   403 403   403   403  422  403 302
unconfirmed-list         GET   403   403   403 403   403   403  200  403 302
unconfirmed-confirm      GET   403   403   403 403   403   403  200  403 302
unconfirmed-confirm      POST  403   403   403 403   403   403  422  403 302
organisation-correct  GET     403   403   403 403   403   403  200  403 302
organisation-correct  POST    403   403   403 403   403   403  422  403 302
organisation-merge    GET     403   403   403 403   403   403  200  403 302
organisation-merge    POST    403   403   403 403   403   403  422  403 302
organisation-close    GET     403   403   403 403   403   403  200  403 302
organisation-close    POST    403   403   403 403   403   403  422  403 302
holder-list           GET     200   403   403 403   403   403  403  200 302
holder-new            GET     200   403   403 403   403   403  200  200 302
holder-new            POST    422   403   403 403   403   403  422  422 302
token-list            GET     200   403   200 403   404   200  403  200 302
token-list            POST    422   403   422 403   404   422  403  422 302
webhook-list          GET     200   403   200 403   404   200  403  200 302
webhook-list          POST    422   403   422 403   404   422  403  422 302
webhook-detail        GET     200   403   404 404   404   404  404  404 302
webhook-secret        GET     302   302   302 302   302   302  302  302 302
webhook-secret        POST    200   403   404 404   404   404  404  404 302
webhook-stop          GET     302   302   302 302   302   302  302  302 302
webhook-stop          POST    302   403   404 404   404   404  404  404 302
webhook-resume        GET     302   302   302 302   302   302  302  302 302
webhook-resume        POST    302   403   404 404   404   404  404  404 302
webhook-delivery      GET     200   403   404 404   404   404  404  404 302
webhook-replay        GET     302   302   302 302   302   302  302  302 302
webhook-replay        POST    302   403   404 404   404   404  404  404 302
token-detail          GET     200   403   404 404   404   404  404  404 302
token-revoke          GET     302   302   302 302   302   302  302  302 302
token-revoke          POST    302   403   404 404   404   404  404  404 302
person-list           GET     200   403   403 403   403   403  200  200 302
invitation-link       GET     302   403   403 403   403   403  302  302 302
invitation-links      GET     302   302   302 302   302   302  302  302 302
invitation-links      POST    200   403   403 403   403   403  200  200 302
invitation-withdraw   GET     302   302   302 302   302   302  302  302 302
invitation-withdraw   POST    302   404   404 404   404   404  302  404 302
proconnect-start      GET     404   404   404 404   404   404  404  404 404
proconnect-back       GET     404   404   404 404   404   404  404  404 404
proconnect-out        GET     404   404   404 404   404   404  404  404 404
lost-password         GET     404   404   404 404   404   404  404  404 404
lost-password         POST    404   404   404 404   404   404  404  404 404
address-change        GET     404   404   404 404   404   404  404  404 302
address-change        POST    404   404   404 404   404   404  404  404 302
address-confirm       GET     404   404   404 404   404   404  404  404 404
address-confirm       POST    404   404   404 404   404   404  404  404 404
second-factor         GET     302   302   302 302   302   302  302  302 302
second-factor         POST    302   302   302 302   302   302  302  302 302
factor-new            GET     200   200   200 200   200   200  200  200 302
factor-new            POST    422   422   422 422   422   422  422  422 302
factor-remove         GET     302   302   302 302   302   302  302  302 302
factor-remove         POST    404   404   404 302   404   404  404  404 302
factor-reset          GET     302   302   302 302   302   302  302  302 302
factor-reset          POST    302   404   404 404   404   404  302  404 302
recovery-codes        GET     302   302   302 302   302   302  302  302 302
recovery-codes-new    GET     302   302   302 302   302   302  302  302 302
recovery-codes-new    POST    302   302   302 302   302   302  302  302 302
own-account           GET     200   200   200 200   200   200  200  200 302
list-columns          GET     302   302   302 302   302   302  302  302 302
list-columns          POST    302   302   302 302   302   302  302  302 302
own-session           GET     200   200   200 200   200   200  200  200 302
own-session           POST    302   302   302 302   302   302  302  302 302
session-left          GET     302   302   302 302   302   302  302  302 302
session-end           GET     302   302   302 302   302   302  302  302 302
session-end           POST    302   302   302 302   302   302  302  302 302
people-review         GET     200   403   403 403   403   403  200  200 302
people-review         POST    200   403   403 403   403   403  200  200 302
people-rights         GET     200   403   403 403   403   403  200  200 302
people-history        GET     200   200   200 200   200   200  200  200 302
people-history-read   GET     302   302   302 302   302   302  302  302 302
people-history-read   POST    302   302   302 302   302   302  302  302 302
person-new            GET     200   403   403 403   403   403  200  200 302
person-new            POST    422   403   403 403   403   403  422  422 302
person-password       GET     404   404   404 200   404   404  200  404 302
person-password       POST    404   404   404 422   404   404  302  404 302
membership-role       GET     302   302   302 302   302   302  302  302 302
membership-role       POST    302   404   404 404   404   404  302  404 302
account-close         GET     302   302   302 302   302   302  302  302 302
account-close         POST    302   404   404 404   404   404  302  404 302
membership-revoke     GET     302   302   302 302   302   302  302  302 302
membership-revoke     POST    302   404   404 404   404   404  302  404 302

convention-list       GET     200   200   200 200   200   200  200  200 302
convention-draft      GET     200   403   403 403   403   403  403  200 302
convention-draft      POST    200   403   403 403   403   403  403  200 302
convention-detail     GET     200   200   200 200   404   200  200  404 302
convention-compare    GET     200   200   200 200   404   200  200  404 302
convention-end        POST    422   403   403 422   404   403  403  404 302
convention-edit       GET     200   403   404 404   404   404  403  404 302
convention-edit       POST    422   403   404 404   404   404  403  404 302
convention-sign       POST    302   403   404 404   404   404  403  404 302
convention-deposit    GET     200   403   404 404   404   404  403  404 302
convention-deposit    POST    422   403   404 404   404   404  403  404 302
convention-discard    POST    302   403   404 404   404   404  403  404 302
convention-sign       GET   302   302   302 302   302   302  302  302 302
convention-discard    GET   302   302   302 302   302   302  302  302 302
convention-end        GET   302   302   302 302   302   302  302  302 302
convention-propose    GET   302   302   302 302   302   302  302  302 302
convention-propose    POST  302   403   404 404   404   404  403  404 302
convention-withdraw   GET   302   302   302 302   302   302  302  302 302
convention-withdraw   POST  422   403   404 404   404   404  403  404 302
convention-amend      GET   302   302   302 302   302   302  302  302 302
convention-amend      POST  422   403   403 403   404   403  403  404 302
convention-delegate   GET   302   302   302 302   302   302  302  302 302
convention-delegate   POST  403   403   403 403   404   403  403  404 302
convention-denounce   GET   302   302   302 302   302   302  302  302 302
convention-denounce   POST  422   403   403 422   404   403  403  404 302
convention-renew      GET   302   302   302 302   302   302  302  302 302
convention-renew      POST  422   403   403 422   404   403  403  404 302
convention-pause      GET   302   302   302 302   302   302  302  302 302
convention-pause      POST  422   403   403 422   404   403  403  404 302
convention-pause-accept GET 302   302   302 302   302   302  302  302 302
convention-pause-accept POST 422  403   403 422   404   403  403  404 302
convention-pause-withdraw GET 302 302   302 302   302   302  302  302 302
convention-pause-withdraw POST 422 403  403 422   404   403  403  404 302
convention-pause-lift GET   302   302   302 302   302   302  302  302 302
convention-pause-lift POST  422   403   403 422   404   403  403  404 302
convention-pause-deposit GET 200  403   403 200   404   403  403  404 302
convention-pause-deposit POST 422 403   403 422   404   403  403  404 302
convention-notice     GET   302   302   302 302   302   302  302  302 302
convention-notice     POST  422   403   422 404   404   403  403  404 302
convention-terminate  GET   302   302   302 302   302   302  302  302 302
convention-terminate  POST  403   403   422 404   404   403  403  404 302

convention-document   GET     200   200   200 200   404   200  200  404 302
convention-document-pdf GET   200   200   200 200   404   200  200  404 302
document-attach       GET     200   403   403 200   404   403  403  404 302
document-attach       POST    422   403   403 422   404   403  403  404 302
document-download     GET     200   200   200 200   404   200  200  404 302

compliance            GET     200   200   200 403   404   200  200  200 302
check-list            GET     302   302   200 403   404   200  200  302 302
check-detail          GET     200   200   200 403   404   200  200  404 302
cap-reading-list      GET     200   200   200 403   403   200  200  200 302
cap-reading-list      POST    422   403   422 403   403   403  403  422 302
prefect-order-new     GET     200   403   200 403   403   403  403  200 302
prefect-order-new     POST    422   403   422 403   403   403  403  422 302
derogation-list       GET     200   200   200 403   403   200  200  200 302
derogation-new        GET     200   403   200 403   403   403  403  200 302
derogation-new        POST    422   403   422 403   403   403  403  422 302
derogation-detail     GET     200   200   200 404   404   200  200  404 302
derogation-detail     POST    422   403   422 404   404   403  403  404 302

unit-list             GET     200   200   200 200   404   200  200  200 302
unit-detail           GET     200   200   404 200   404   404  404  404 302
unit-edit             GET     200   200   404 403   404   404  404  404 302
unit-edit             POST    302   302   404 403   404   404  404  404 302
unit-description      GET     200   200   404 403   404   404  404  404 302
unit-description      POST    422   422   404 403   404   404  404  404 302
nicknames             GET     200   403   403 403   404   403  403  200 302
nicknames             POST    422   403   403 403   404   403  403  422 302
period-cuts           GET     403   403   403 403   403   403  200  403 302
period-cuts           POST    403   403   403 403   403   403  422  403 302
income-ceiling-list   GET     403   403   403 403   403   403  200  403 302
income-ceiling-new    GET     403   403   403 403   403   403  200  403 302
income-ceiling-new    POST    403   403   403 403   403   403  422  403 302
unit-identity         GET     200   403   404 403   404   404  404  404 302
unit-identity         POST    422   403   404 403   404   404  404  404 302
unit-outside          GET     200   403   404 403   404   404  404  404 302
unit-outside          POST    422   403   404 403   404   404  404  404 302
unit-stock-right      GET     200   403   404 403   404   404  404  404 302
unit-stock-right      POST    422   403   404 403   404   404  404  404 302
stock-right-list      GET     200   200   200 200   404   200  403  200 302
stock-right-new       GET     200   403   403 403   404   403  403  200 302
stock-right-new       POST    422   403   403 403   404   403  403  422 302
file-import-list      GET     200   200   200 200   404   403  403  200 302
papers-bring          GET     200   403   403 403   404   403  403  200 302
papers-bring          POST    422   403   403 403   404   403  403  422 302
takeaway              GET     200   403   403 403   404   403  403  200 302
takeaway              POST    302   403   403 403   404   403  403  302 302
takeaway-file         GET     200   403   403 403   404   403  403  404 302
kind-export           GET     200   403   403 403   404   403  403  200 302
file-import-new       GET     200   403   403 403   404   403  403  200 302
file-import-new       POST    422   403   403 403   404   403  403  422 302
file-import-model     GET     200   403   403 403   404   403  403  200 302
file-import           GET     200   404   404 404   404   404  404  404 302
file-import-columns   GET     200   404   404 404   404   404  404  404 302
file-import-columns   POST    422   404   404 404   404   404  404  404 302
file-import-confirm   GET     302   302   302 302   302   302  302  302 302
file-import-confirm   POST    302   404   404 404   404   404  404  404 302
file-import-drop      GET     302   302   302 302   302   302  302  302 302
file-import-drop      POST    302   404   404 404   404   404  404  404 302
file-import-refused   GET     200   404   404 404   404   404  404  404 302
file-import-content   GET     200   404   404 404   404   404  404  404 302
told-rights           GET     200   403   403 403   404   403  403  200 302
told-right            GET     200   403   403 403   404   403  403  200 302
told-right            POST    422   403   403 403   404   403  403  422 302
stock-right-units-csv GET     200   200   200 200   404   200  403  200 302
stock-right-units-xlsx GET    200   200   200 200   404   200  403  200 302
stock-right-synthesis GET     200   200   200 200   404   200  403  200 302
stock-right-synthesis-csv GET 200   200   200 200   404   200  403  200 302
stock-right-detail    GET     200   200   404 200   404   404  404  404 302
stock-right-correct   GET     200   403   404 403   404   404  404  404 302
stock-right-correct   POST    422   403   404 403   404   404  404  404 302
stock-right-end       GET     200   403   404 403   404   404  404  404 302
stock-right-end       POST    422   403   404 403   404   404  404  404 302
stock-right-assign    GET     200   403   404 403   404   404  404  404 302
stock-right-assign    POST    422   403   404 403   404   404  404  404 302
stock-assignment-end  GET     200   403   404 403   404   404  404  404 302
stock-assignment-end  POST    422   403   404 403   404   404  404  404 302
programme-list        GET     200   200   200 200   404   200  200  200 302
programme-new         GET     200   403   403 403   404   403  403  200 302
programme-new         POST    422   403   403 403   404   403  403  422 302
programme-detail      GET     200   200   404 200   404   404  200  404 302
programme-plan        GET     200   403   404 403   404   404  403  404 302
programme-plan        POST    422   403   404 403   404   404  403  404 302
programme-units       GET     200   403   404 403   404   404  403  404 302
programme-units       POST    422   403   404 403   404   404  403  404 302
programme-allotment   GET     200   403   404 403   404   404  403  404 302
programme-allotment   POST    302   403   404 403   404   404  403  404 302
programme-agree       GET     302   302   302 302   302   302  302  302 302
programme-agree       POST    422   403   404 403   404   404  403  404 302
programme-reopen      GET     302   302   302 302   302   302  302  302 302
programme-reopen      POST    422   403   404 403   404   404  403  404 302
programme-classify    GET     302   302   302 302   302   302  302  302 302
programme-classify    POST    302   403   404 404   404   404  404  404 302
routing-policy        GET     200   200   403 403   404   403  403  200 302
starting              GET     200   200   403 403   404   403  403  200 302
starting              POST    422   403   403 403   404   403  403  422 302
decision-window       GET     200   200   403 403   404   403  403  200 302
decision-window       POST    422   403   403 403   404   403  403  422 302
routing-policy        POST    422   403   403 403   404   403  403  422 302

vacancy-list          GET     200   200   200 200   404   200  200  200 302
vacancy-detail        GET     200   200   200 200   404   200  200  404 302
vacancies-waiting     GET     200   200   403 403   404   403  403  200 302
vacancy-past          GET     200   403   403 403   404   403  403  200 302
vacancy-past          POST    422   403   403 403   404   403  403  422 302
vacancy-declare       GET     200   200   403 403   404   403  403  404 302
vacancy-declare       POST    422   422   403 403   404   403  403  404 302
vacancy-confirm       GET     302   302   302 302   302   302  302  302 302
vacancy-confirm       POST    302   302   403 403   404   403  403  404 302
vacancy-decide        GET     302   302   302 302   302   302  302  302 302
vacancy-decide        POST    422   422   403 403   404   403  403  404 302
vacancy-reroute       GET     302   302   302 302   302   302  302  302 302
vacancy-reroute       POST    422   422   403 403   404   403  403  404 302
vacancy-return        GET     200   200   403 200   404   403  403  404 302
vacancy-return        POST    422   422   403 422   404   403  403  404 302
vacancy-resume        GET     302   302   403 403   404   403  403  404 302
vacancy-resume        POST    422   422   403 403   404   403  403  404 302
vacancies-confirm     GET     302   302   302 302   302   302  302  302 302
vacancies-confirm     POST    302   302   403 403   404   403  403  302 302
vacancies-reroute     GET     302   302   302 302   302   302  302  302 302
vacancies-reroute     POST    200   200   403 403   404   403  403  302 302

vacancy-cancel        GET     200   200   403 403   404   403  403  404 302
vacancy-cancel        POST    422   422   403 403   404   403  403  404 302
vacancy-outcome       GET     200   200   403 403   404   403  403  404 302
vacancy-outcome       POST    422   422   403 403   404   403  403  404 302

letting               GET     200   200   404 200   404   404  404  404 302
offer-send            GET     302   302   302 302   302   302  302  302 302
offer-send            POST    422   422   404 403   404   404  404  404 302
offer-answer          GET     302   302   302 302   302   302  302  302 302
offer-answer          POST    422   422   404 403   404   404  404  404 302
condition-document    GET     302   302   302 302   302   302  302  302 302
condition-document    POST    422   422   404 403   404   404  404  404 302
lease-sign            GET     302   302   302 302   302   302  302  302 302
lease-sign            POST    422   422   404 403   404   404  404  404 302
candidate-withdraw    GET     302   302   302 302   302   302  302  302 302
candidate-withdraw    POST    422   422   404 422   404   404  404  404 302
lease-undo            GET     302   302   302 302   302   302  302  302 302
lease-undo            POST    422   422   404 403   404   404  404  404 302
letting-give-back     GET     302   302   302 302   302   302  302  302 302
letting-give-back     POST    422   422   404 403   404   404  404  404 302
offer-list            GET     200   200   403 403   404   403  403  200 302
offer-list            POST    302   302   403 403   404   403  403  302 302
letter                GET     200   200   404 403   404   404  404  404 302
notice-list           GET     200   200   200 200   404   200  200  200 302
notice-read           GET     302   302   302 302   302   302  302  302 302
notice-read           POST    404   404   404 302   404   404  404  404 302
notice-read-all       GET     302   302   302 302   302   302  302  302 302
notice-read-all       POST    302   302   302 302   404   302  302  302 302

file-list             GET     200   200   200 200   404   403  403  200 302
file                  GET     200   200   200 200   404   200  200  404 302
proposal-new          GET     403   403   403 200   404   403  403  404 302
proposal-new          POST    403   403   403 422   404   403  403  404 302
proposal-choose       GET     403   403   403 200   404   403  403  404 302
proposal-choose       POST    403   403   403 422   404   403  403  404 302
household-list        GET     403   403   200 200   404   403  403  403 302
household-new         GET     403   403   200 200   404   403  403  403 302
household-new         POST    403   403   422 422   404   403  403  403 302
household-send        GET     403   403   200 200   404   403  403  403 302
household-send        POST    403   403   422 422   404   403  403  403 302
household-needs       GET     403   403   404 200   404   403  403  403 302
household-needs       POST    403   403   404 302   404   403  403  403 302
household-units       GET     403   403   404 200   404   403  403  403 302
proposal-send         GET     403   403   403 200   404   403  403  404 302
proposal-send         POST    403   403   403 422   404   403  403  404 302
proposal-detail       GET     200   200   404 200   404   404  404  404 302
proposal-edit         GET     404   404   404 200   404   404  404  404 302
proposal-edit         POST    404   404   404 422   404   404  404  404 302
proposal-remove       GET     404   404   404 200   404   404  404  404 302
proposal-remove       POST    404   404   404 422   404   404  404  404 302
proposal-instruct     GET     200   200   404 403   404   404  404  404 302
proposal-instruct     POST    302   302   404 403   404   404  404  404 302

conversion-list       GET     200   200   200 200   404   200  200  200 302
conversion-new        GET     200   403   403 403   404   403  403  200 302
conversion-new        POST    200   403   403 403   404   403  403  200 302
conversion-detail     GET     200   200   404 404   404   404  404  404 302
conversion-compare    GET     200   200   302 302   404   302  302  302 302
conversion-duplicate  GET     200   403   404 404   404   404  404  404 302
conversion-duplicate  POST    422   403   404 404   404   404  404  404 302
conversion-take       GET     302   302   302 302   302   302  302  302 302
conversion-take       POST    302   403   404 404   404   404  404  404 302

forecast-list         GET     200   200   200 200   404   200  200  200 302
forecast              GET     200   200   200 200   404   200  200  404 302
forecast-csv          GET     200   200   200 200   404   200  200  404 302
forecast-edit         GET     200   403   404 404   404   404  404  404 302
forecast-edit         POST    422   403   404 404   404   404  404  404 302
forecast-send         GET     200   403   404 404   404   404  404  404 302
forecast-send         POST    302   403   404 404   404   404  404  404 302
whatif                GET     200   200   200 200   404   200  200  404 302

transfer-list         GET     200   200   200 200   404   200  200  200 302
transfer-propose      GET     200   403   403 403   404   403  403  200 302
transfer-propose      POST    422   403   403 403   404   403  403  422 302
transfer-detail       GET     200   200   404 404   404   404  200  200 302
transfer-detail       POST    422   403   404 404   404   404  403  422 302
opening-list          GET     200   200   200 200   404   200  200  200 302
opening-propose       GET     200   403   403 403   404   403  403  200 302
opening-propose       POST    422   403   403 403   404   403  403  422 302
opening-detail        GET     200   200   200 200   404   200  200  404 302
opening-detail        POST    422   403   403 422   404   403  403  404 302
account-list          GET     200   200   200 200   200   200  200  200 302
account               GET     200   200   200 200   404   200  200  404 302
statement             GET     200   200   200 200   404   200  200  404 302
statement-units       GET     200   200   200 200   404   200  200  404 302
statement-proof       GET     202   202   202 202   404   202  202  404 302
needs                 GET     200   200   200 200   404   200  200  404 302
needs                 POST    403   403   403 422   404   403  403  404 302
needs-withdraw        GET     302   302   302 302   302   302  302  302 302
needs-withdraw        POST    403   403   403 302   404   403  403  404 302
transparency          GET     200   200   200 200   404   200  200  404 302
audit-alert-list      GET     200   403   403 403   404   403  200  200 302
audit-alert           GET     200   404   404 404   404   404  200  404 302
audit-alert           POST    422   404   404 404   404   404  422  404 302
why-not-us            GET     200   200   200 200   404   200  200  404 302
why-not-us-csv        GET     200   200   200 200   404   200  200  404 302

objective-list        GET     200   200   200 200   404   200  200  200 302
objective-new         GET     403   403   200 403   404   200  200  403 302
objective-new         POST    403   403   422 403   404   422  422  403 302
objective-withdraw    GET     403   403   200 403   404   200  200  403 302
objective-withdraw    POST    403   403   422 403   404   422  422  403 302
objective-leases      GET     200   200   200 200   404   403  403  200 302
step-times            GET     200   200   200 200   404   200  200  200 302
committee-list        GET     200   200   200 200   404   200  200  200 302
committee-found       GET     302   302   302 302   302   302  302  302 302
committee-found       POST    422   403   403 403   404   403  403  422 302
committee-detail      GET     200   200   200 200   404   200  404  404 302
committee-rules       GET     302   302   302 302   302   302  302  302 302
committee-rules       POST    422   403   403 403   404   403  404  404 302
committee-seat        GET     302   302   302 302   302   302  302  302 302
committee-seat        POST    422   403   403 403   404   403  404  404 302
committee-unseat      GET     302   302   302 302   302   302  302  302 302
committee-unseat      POST    422   403   403 403   404   403  404  404 302
session-list          GET     200   200   200 200   404   200  200  200 302
session-convene       GET     302   302   302 302   302   302  302  302 302
session-convene       POST    422   422   403 403   404   403  403  422 302
session-detail        GET     200   200   200 200   404   200  404  404 302
session-agenda        GET     200   200   200 200   404   200  404  404 302
session-add           GET     302   302   302 302   302   302  302  302 302
session-add           POST    422   422   403 403   404   403  404  404 302
session-open          GET     302   302   302 302   302   302  302  302 302
session-open          POST    403   422   403 403   404   403  404  404 302
session-close         GET     302   302   302 302   302   302  302  302 302
session-close         POST    403   302   403 403   404   403  404  404 302
session-cancel        GET     302   302   302 302   302   302  302  302 302
session-cancel        POST    422   422   403 403   404   403  404  404 302
agenda-item           GET     200   200   200 200   404   200  404  404 302
agenda-item           POST    403   422   403 403   404   403  404  404 302
item-postpone         GET     302   302   302 302   302   302  302  302 302
item-postpone         POST    422   422   403 403   404   403  404  404 302
item-recuse           GET     302   302   302 302   302   302  302  302 302
item-recuse           POST    403   422   422 422   404   422  404  404 302
item-refresh          GET     302   302   302 302   302   302  302  302 302
item-refresh          POST    302   302   403 403   404   403  404  404 302
vote                  GET     403   403   200 200   404   200  404  404 302
vote                  POST    403   403   403 403   404   403  404  404 302
ballot-close          GET     302   302   302 302   302   302  302  302 302
ballot-close          POST    403   302   403 403   404   403  404  404 302
decision-correct      GET     403   200   403 403   404   403  404  404 302
decision-correct      POST    403   422   403 403   404   403  404  404 302
minutes               GET     200   200   200 200   404   200  404  404 302
minutes-pdf           GET     302   302   302 302   302   302  302  302 302
minutes-pdf           POST    422   422   422 422   404   422  404  404 302
minutes-elsewhere-list GET    200   200   403 403   404   403  403  200 302
minutes-elsewhere     GET     200   200   403 403   404   403  403  404 302
minutes-elsewhere     POST    422   422   403 403   404   403  403  404 302

documentation         GET     200   200   200 200   200   200  200  200 200
api-schema            GET     200   200   200 200   200   200  200  200 200
api-none              GET     404   404   404 404   404   404  404  404 401
api-none              POST    404   404   404 404   404   404  404  404 401
api-moved             GET     308   308   308 308   308   308  308  308 308
api-vacancies         GET     200   200   200 200   404   200  200  200 401
api-vacancies         POST    403   403   403 403   403   403  403  403 401
api-vacancy           GET     200   200   200 200   404   200  200  404 401
api-explanation       GET     200   200   200 200   404   200  200  404 401
api-why-not           GET     200   200   200 200   404   200  200  404 401
api-confirm           POST    403   403   403 403   403   403  403  403 401
api-override          POST    403   403   403 403   403   403  403  403 401
api-cancel            POST    403   403   403 403   403   403  403  403 401
api-resume            POST    403   403   403 403   403   403  403  403 401
api-candidates        GET     200   200   200 200   404   200  200  404 401
api-candidates        POST    403   403   403 403   403   403  403  403 401
api-candidates-send   POST    403   403   403 403   403   403  403  403 401
api-candidate         GET     200   200   404 200   404   404  404  404 401
api-candidate-instruct POST   403   403   403 403   403   403  403  403 401
api-candidate-withdraw POST   403   403   403 403   403   403  403  403 401
api-candidate-offer   POST    403   403   403 403   403   403  403  403 401
api-candidate-answer  POST    403   403   403 403   403   403  403  403 401
api-candidate-document POST   403   403   403 403   403   403  403  403 401
api-candidate-lease   POST    403   403   403 403   403   403  403  403 401
api-outcome           POST    403   403   403 403   403   403  403  403 401
api-candidate-lease-undo POST 403   403   403 403   403   403  403  403 401
api-agenda-items      GET     200   200   200 200   404   200  200  200 401
api-agenda-item       GET     200   200   404 404   404   404  404  404 401
api-agenda-item-decide POST   403   403   403 403   403   403  403  403 401
api-programmes        GET     200   200   200 200   404   200  200  200 401
api-programmes        POST    403   403   403 403   403   403  403  403 401
api-programme         GET     200   200   404 200   404   404  200  404 401
api-programme-units   POST    403   403   403 403   403   403  403  403 401
api-units             GET     200   200   200 200   404   200  200  200 401
api-units             POST    403   403   403 403   403   403  403  403 401
api-unit              GET     200   200   404 200   404   404  404  404 401
api-balances          GET     200   200   200 200   404   200  200  200 401
api-balance           GET     200   200   200 200   404   200  200  404 401
api-ledgers           GET     200   200   200 200   404   200  200  200 401
api-account           GET     200   200   200 200   404   200  200  404 401
"""

ROWS = [line.split() for line in TABLE.splitlines() if line.strip()][1:]
CASES = {(name, method): dict(zip(PEOPLE, map(int, statuses), strict=True)) for name, method, *statuses in ROWS}

#: Anna, the city's manager, is answered as Chloé is, but here: what she settles for its people, and no seat of Chloé's.
ANNA: dict[tuple[str, str], int] = {
    ("organisation-correct", "GET"): 200,
    ("organisation-correct", "POST"): 422,
    ("token-list", "GET"): 200,
    ("token-list", "POST"): 422,
    ("webhook-list", "GET"): 200,
    ("webhook-list", "POST"): 422,
    ("person-list", "GET"): 200,
    ("invitation-link", "GET"): 302,
    ("invitation-links", "POST"): 200,
    ("factor-remove", "POST"): 404,
    ("people-review", "GET"): 200,
    ("people-review", "POST"): 200,
    ("people-rights", "GET"): 200,
    ("person-new", "GET"): 200,
    ("person-new", "POST"): 422,
    ("person-password", "POST"): 302,
    ("papers-bring", "GET"): 200,
    ("papers-bring", "POST"): 422,
    ("takeaway", "GET"): 200,
    ("takeaway", "POST"): 302,
    ("takeaway-file", "GET"): 404,
    **dict.fromkeys(
        [
            ("committee-detail", "GET"),
            ("committee-rules", "POST"),
            ("committee-seat", "POST"),
            ("committee-unseat", "POST"),
            ("session-detail", "GET"),
            ("session-agenda", "GET"),
            ("session-add", "POST"),
            ("session-open", "POST"),
            ("session-close", "POST"),
            ("session-cancel", "POST"),
            ("agenda-item", "GET"),
            ("agenda-item", "POST"),
            ("item-postpone", "POST"),
            ("item-recuse", "POST"),
            ("item-refresh", "POST"),
            ("vote", "GET"),
            ("vote", "POST"),
            ("ballot-close", "POST"),
            ("decision-correct", "GET"),
            ("decision-correct", "POST"),
            ("minutes", "GET"),
            ("minutes-pdf", "POST"),
        ],
        404,
    ),
}

#: The review of a balance, and its acts.
ON_REVIEW = tuple(f"balance-{act}" for act in ("review", "compare", "correct", "send", "remark", "sign", "comment"))

#: Open without signing in.
PUBLIC = {
    *("documentation", "health", "health-alive", "health-ready", "metrics", "rule", "mail-unsubscribe", "mailbox"),
    *("security-txt", "session-left", "log", "log-checkpoint", "log-continuity", "log-tile"),
    *("sign-in", "sign-out", "invitation", "second-factor", "lost-password", "address-confirm"),
    *("proconnect-start", "proconnect-back", "proconnect-out"),
    *("accessibility", "contact", "help", "legal-notice", "personal-data", "site-plan", "terms"),
}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
@kept
def things(world: World) -> dict[str, dict[str, Any]]:
    """For each address, what it is about: `args`, its query, what is posted."""
    routed, waiting = world.vacancy(), world.vacancy()
    ledger, city = routed.ledger, world.holders["city"]
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    aline = world.people["aline"]
    if routed.recommendations.get().holder == city:
        confirm_recommendations(vacancies=[routed.pk], by=aline, now=MORNING)
    else:
        motive = {"motive": Routing.Motive.HOLDER_AGREEMENT, "motive_text": "Accord."}
        route_elsewhere(vacancy=routed, holder=city, by=aline, now=MORNING, **motive)
    signed_file = attach_document(
        convention=world.conventions["city"], name="signée.pdf", content=b"%PDF-1.7 signed", by=world.people["chloe"]
    )
    years = {"starts_on": MORNING.date().replace(2031, 1, 1), "ends_on": MORNING.date().replace(2031, 12, 31)}
    draft = convention(world.landlord, world.city, world.places["Narbonne"], (city, "10", 4), signed=False, **years)
    new = planned(world, units=3)
    drafted(world, new, ("city", 1, []))
    on_forecast = {"args": [forecast(world, MORNING.year, sent=True).landlord_id, "11", MORNING.year]}
    on_forecast_draft = {"args": [forecast(world, MORNING.year + 1).landlord_id, "11", MORNING.year + 1]}
    on_unit = {"args": [routed.unit.pk]}
    on_draft = {"args": [draft.pk]}
    on_pause = {"args": [world.conventions["city"].pk, withdrawn(world, world.conventions["city"]).pk]}
    on_statement = {"args": [ledger.pk, city.pk]}
    on_balance = {"args": [world.landlord.pk, 2026]}
    on_review = {"args": [world.landlord.pk, 2026, "11"]}
    on_version = {"args": [*on_review["args"], 1]}
    contested = contest(world, send(world), place=FigurePlace("SUMMARY", "", "", "due"), claimed=None)
    kept = keep_in_stock(
        unit=world.unit(), holder=city, ground="LAND", starts_on=MORNING.date(), by=world.people["alice"]
    )
    on_right = {"args": [kept.right_id]}
    worked_out = variant(world)
    on_variant = {"args": [worked_out.pk]}
    on_chloe = {"args": [world.people["chloe"].pk]}
    order = record_derogation(
        landlord=world.landlord,
        departement=world.places["Aude"],
        code="STATE_SHARE_MAX",
        value=Decimal(35),
        starts_on=MORNING.date(),
        ends_on=MORNING.date().replace(year=2027, month=6),
        order="arrêté n° 2026-7",
        by=world.people["bob"],
    )
    rate = Objective.objects.create(
        code="OTHERS_IN_QPV",
        territory=world.places["Le Grand Narbonne"],
        percent=50,
        starts_on=MORNING.date(),
        source="CIA du 12 mars 2026",
    )
    proposed = to_the_city(world)
    on_file = {"args": [proposed.vacancy_id]}
    received = sent(world, proposed, 1).proposals.get()
    on_sent, on_application = {"args": [received.pk]}, {"args": [received.application_id]}
    on_unsent = {"args": [candidate(world, proposed.vacancy, 2, routing=proposed).pk]}
    [alert] = record_differences(differences=[Difference(ledger.pk, Check.SEQUENCE, 1, 2)], now=MORNING)
    opening = OpeningBalance.objects.create(
        ledger=ledger,
        holder=city,
        since=MORNING.date().replace(month=1, day=1),
        opened_on=MORNING.date(),
        units=8,
        due=1_500_000,
        received=1,
        source="Tableau de suivi 2026.",
        proposed_by=world.people["alice"],
        proposed_at=MORNING,
    )
    given = propose_transfer(
        giver=world.landlord,
        given=Given(world.other_landlord, [routed.unit.programme], timezone.localdate(), "acte notarié"),
        by=world.people["alice"],
    )
    seated = house(world)
    convened, opened, judged = seated.session(), seated.opened(), seated.opened()
    seated.decide(judged, *lines(judged, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
    close_session(session=judged.session, by=aline, now=MORNING + 3 * HOUR)
    offered, *_ = decided(world)
    on_candidate = {"args": [offered.vacancy_id, offered.pk]}
    on_letting = {"args": [offered.vacancy_id]}
    invited, _key = invite(
        email="fanny@exemple.test",
        full_name="Fanny",
        organisation=world.landlord.organisation,
        role="LANDLORD_STAFF",
        by=world.people["alice"],
        now=timezone.now(),
    )
    given_file = run(
        receive_file(
            organisation=world.landlord.organisation, kind=kind_of("logements"), name="parc.csv", content=units({})
        )
    )
    taken = order_archive(member=world.member("alice"), now=timezone.now())
    make_archive(archive_id=taken.pk)
    row = Notice.objects.create(organisation=world.city, vacancy=offered.vacancy, kind="SENT", at=MORNING)
    token, _ = make_token(
        member=world.member("alice"), name="Gestion locative", scopes=["READ"], expires_on=timezone.localdate()
    )
    told_at = WebhookEndpoint.objects.create(
        organisation=world.landlord.organisation,
        role="LANDLORD_STAFF",
        url="https://gestion.robine-habitat.fr/equiflux",
        kinds=["vacancy.declared"],
        secret="whsec_c2VjcmV0",
        made_by=world.people["alice"],
    )
    fact = WebhookEvent.objects.create(kind="vacancy.declared", vacancy=routed, at=MORNING, spread_at=MORNING)
    delivery = WebhookDelivery.objects.create(endpoint=told_at, event=fact, next_at=MORNING)
    world.people["anna"] = User.objects.create(email="anna@exemple.test", full_name="Anna")
    grant_membership(user=world.people["anna"], organisation=world.city, role="HOLDER_MANAGER")
    return {
        **{f"committee-{act}": {"args": [seated.committee.pk]} for act in ("detail", "rules", "seat")},
        "committee-unseat": {"args": [seated.committee.pk, seated.members["Ada"].pk]},
        **{f"session-{act}": {"args": [convened.pk]} for act in ("detail", "agenda", "add", "open", "cancel")},
        "session-close": {"args": [opened.session_id]},
        **{name: {"args": [opened.pk]} for name in ("agenda-item", "item-postpone", "item-recuse", "item-refresh")},
        **{name: {"args": [opened.pk]} for name in ("vote", "ballot-close")},
        "decision-correct": {"args": [judged.pk]},
        "minutes": {"args": [judged.session_id]},
        "minutes-pdf": {"args": [judged.session_id]},
        "minutes-elsewhere": {"args": [elsewhere(world, KeptElsewhere.Kind.MINUTES).pk]},
        **dict.fromkeys(("offer-send", "offer-answer", "condition-document", "lease-sign"), on_candidate),
        "candidate-withdraw": on_candidate,
        **dict.fromkeys(("letting", "lease-undo", "letting-give-back"), on_letting),
        "letter": {"args": [offered.pk]},
        "notice-read": {"args": [row.pk]},
        "inbox-follow": {"args": ["avis", row.pk]},
        **{f"application-{act}": on_application for act in ("detail", "alias", "close", "reopen")},
        **dict.fromkeys(("household-needs", "household-units"), on_application),
        **dict.fromkeys(("file", "proposal-new", "proposal-choose", "proposal-send"), on_file),
        **dict.fromkeys(("proposal-detail", "proposal-instruct"), on_sent),
        **dict.fromkeys(("proposal-edit", "proposal-remove"), on_unsent),
        "transparency": {"args": [ledger.pk]},
        "opening-detail": {"args": [opening.pk]},
        "transfer-detail": {"args": [given.pk]},
        "audit-alert": {"args": [AuditAlert.objects.get(difference=alert.difference).pk]},
        "check-detail": {"args": [world.landlord.pk]},
        "derogation-detail": {"args": [order.pk]},
        "takeaway-file": {"args": [taken.pk]},
        "sign-in": {"posted": {"email": "alice@exemple.test", "password": ""}},
        "unit-detail": on_unit,
        "unit-edit": on_unit,
        "unit-identity": on_unit,
        "unit-description": on_unit,
        "unit-stock-right": on_unit,
        "unit-outside": on_unit,
        "told-right": {"args": [4]},
        "stock-right-detail": on_right,
        "stock-right-correct": on_right,
        "stock-right-end": on_right,
        "stock-right-assign": on_right,
        "stock-assignment-end": {"args": [kept.pk]},
        "programme-classify": {"args": [routed.unit.programme.pk], "posted": {"attractiveness": "A"}},
        **{
            f"programme-{act}": {"args": [new.pk]}
            for act in ("detail", "plan", "units", "allotment", "agree", "reopen")
        },
        "vacancy-detail": {"args": [routed.pk]},
        "vacancy-outcome": {"args": [routed.pk]},
        "vacancy-cancel": {"args": [routed.pk]},
        "vacancy-resume": {"args": [routed.pk]},
        "vacancy-reroute": {"args": [routed.pk]},
        "vacancy-return": {"args": [routed.pk]},
        "vacancy-declare": {"query": f"?unit={routed.unit.pk}"},
        "vacancy-confirm": {"args": [waiting.pk]},
        "vacancy-decide": {"args": [waiting.pk]},
        "vacancies-confirm": {"posted": {"logement": [waiting.pk]}},
        "vacancies-reroute": {"posted": {"logement": [waiting.pk]}},
        "account": {"args": [ledger.pk]},
        "whatif": {"args": [ledger.pk]},
        "forecast": on_forecast,
        "forecast-csv": on_forecast,
        "forecast-edit": on_forecast_draft,
        "forecast-send": on_forecast_draft,
        "statement": on_statement,
        "statement-units": on_statement,
        "statement-proof": on_statement,
        "log-continuity": {"args": [1, 2]},
        "log-tile": {"args": [0, "000"]},
        "log-entries": {"args": ["000"]},
        "needs": on_statement,
        "needs-withdraw": on_statement,
        "why-not-us": on_statement,
        "why-not-us-csv": on_statement,
        "mail-open": {"args": [world.city.pk, "avis/"]},
        "mail-unsubscribe": {"args": [leave_key(world.people["chloe"].pk)]},
        **{f"webhook-{act}": {"args": [told_at.pk]} for act in ("detail", "secret", "stop", "resume")},
        **{f"webhook-{act}": {"args": [delivery.pk]} for act in ("delivery", "replay")},
        "token-detail": {"args": [token.pk]},
        "token-revoke": {"args": [token.pk]},
        "api-none": {"args": ["rien/"]},
        "api-moved": {"args": ["vacancies/"]},
        **{f"api-{act}": {"args": [routed.pk]} for act in ("vacancy", "confirm", "override", "cancel", "resume")},
        **{f"api-{act}": {"args": [proposed.vacancy_id]} for act in ("candidates", "candidates-send")},
        "api-unit": on_unit,
        "api-outcome": {"args": [routed.pk]},
        "api-candidate": on_sent,
        **{f"api-candidate-{act}": on_sent for act in ("instruct", "withdraw", "offer", "answer", "document", "lease")},
        "api-candidate-lease-undo": on_sent,
        **{key: {"args": [opened.pk]} for key in ("api-agenda-item", "api-agenda-item-decide")},
        **{key: {"args": [new.pk]} for key in ("api-programme", "api-programme-units")},
        "api-balance": {"args": [world.landlord.organisation.siren, 2026]},
        "api-explanation": {"args": [routed.pk]},
        "api-why-not": {"args": [routed.pk, city.pk]},
        "api-account": {"args": [ledger.pk]},
        "balance": on_balance,
        **{key: {"args": [2026]} for key in ("balance-territory", "balance-remind", "balance-cil", "balance-cil-pdf")},
        **{key: {"args": [2026]} for key in ("balance-one-page", "balance-one-page-pdf", "balance-communes")},
        **{key: {"args": [2026]} for key in ("balance-cil-whole", "balance-cil-whole-pdf")},
        **{key: {"args": [2026]} for key in ("balance-state", "balance-scale", "balance-purposes")},
        "balance-charts": on_balance,
        "balance-printing": {
            "args": [order_printing(page="<p>Bilan</p>", address="/bilans/1/2026/bilan.pdf").fingerprint]
        },
        **dict.fromkeys(("balance-xlsx", "balance-csv", "balance-json", "balance-pdf", "balance-files"), on_balance),
        "balance-layout": {"args": [BalanceLayout.objects.order_by("pk")[0].pk]},
        "balance-downloads": on_balance,
        "balance-elsewhere-file": {"args": [elsewhere(world, KeptElsewhere.Kind.BALANCE).pk]},
        **dict.fromkeys(ON_REVIEW, on_review),
        **dict.fromkeys(
            (
                "balance-version",
                "balance-version-file",
                "balance-version-pdf",
                "balance-version-xlsx",
                "balance-version-proof",
            ),
            on_version,
        ),
        "balance-answer": {"args": [*on_review["args"], contested.pk]},
        **{key: {"args": [reconciliation(world).pk]} for key in ("reconciliation-detail", "reconciliation-csv")},
        "balance-mix": on_balance,
        "balance-projection": on_balance,
        "balance-axis": {"args": [*on_balance["args"], "typologie"]},
        "balance-units": on_balance,
        "balance-defects": on_balance,
        "convention-detail": {"args": [world.conventions["city"].pk]},
        "convention-compare": {"args": [world.conventions["city"].pk]},
        "convention-end": {"args": [world.conventions["city"].pk]},
        "convention-document": {"args": [world.conventions["city"].pk]},
        "convention-document-pdf": {"args": [world.conventions["city"].pk]},
        "document-attach": {"args": [world.conventions["city"].pk]},
        "document-download": {"args": [signed_file.pk]},
        "convention-edit": on_draft,
        "convention-sign": on_draft,
        "convention-deposit": on_draft,
        "convention-propose": on_draft,
        "convention-withdraw": on_draft,
        "convention-amend": {"args": [world.conventions["city"].pk]},
        "convention-delegate": {"args": [world.conventions["city"].pk]},
        "convention-denounce": {"args": [world.conventions["city"].pk]},
        "convention-renew": {"args": [world.conventions["city"].pk]},
        "convention-pause": {"args": [world.conventions["city"].pk]},
        **{f"convention-pause-{act}": on_pause for act in ("accept", "withdraw", "lift", "deposit")},
        "convention-notice": {"args": [world.conventions["state"].pk]},
        "convention-terminate": {"args": [world.conventions["state"].pk]},
        "convention-discard": on_draft,
        "conversion-detail": on_variant,
        "conversion-duplicate": on_variant,
        "conversion-take": on_variant,
        "conversion-compare": {"query": f"?variante={worked_out.pk}&variante={variant(world, 'Autre').pk}"},
        "membership-revoke": {"args": [world.member("aline").pk]},
        "membership-role": {"args": [world.member("aline").pk], "posted": {"role": "LANDLORD_MANAGER"}},
        "account-close": {"args": [aline.pk]},
        "factor-reset": {"args": [aline.pk]},
        "factor-remove": {"args": [second_factor(world.people["chloe"]).pk]},
        "invitation-withdraw": {"args": [invited.pk]},
        **{f"organisation-{act}": {"args": [world.city.pk]} for act in ("correct", "merge", "close")},
        "person-password": on_chloe,
        "objective-withdraw": {"args": [rate.pk]},
        "priority-category-change": {"args": [PriorityCategory.objects.get(code="DALO").pk]},
        "unconfirmed-confirm": {"args": [Unconfirmed.objects.left().first().pk]},
        "objective-leases": {"args": ["OTHERS_IN_QPV"]},
        **{key: {"args": ["logements"]} for key in ("file-import-new", "file-import-model", "kind-export")},
        **{
            f"file-import{act}": {"args": [given_file.pk]}
            for act in ("", "-columns", "-confirm", "-drop", "-refused", "-content")
        },
        "search": {"query": "?q=Narbonne"},
        "territory-search": {"query": "?q=Narbonne"},
    }


def answer(client: Client, method: str, name: str, about: dict[str, Any]) -> Any:
    """What one request gives back."""
    url = reverse(name, args=about.get("args", [])) + about.get("query", "")
    return client.get(url) if method == "GET" else client.post(url, about.get("posted", {}))


def ask(client: Client, method: str, name: str, about: dict[str, Any]) -> tuple[int, str]:
    """(status, where it leads) of one request."""
    response = answer(client, method, name, about)
    return response.status_code, response.get("Location", "")


def client_of(world: World, person: str, **options: bool) -> Client:
    client = Client(**options)
    if person != "anonymous":
        client.force_login(world.people[person], backend="django.contrib.auth.backends.ModelBackend")
    return client


def again(client: Client) -> Client:
    """The same person's session, in another browser: signing in is not what is asked about."""
    other = Client()
    other.cookies, other.handler = deepcopy(client.cookies), client.handler  # whose middleware is there already
    return other


def names_a_household(response: Any) -> bool:
    """Does a page, a file or an answer of the API say the name or the number of somebody who asks for a home?"""
    text = response.getvalue().decode(errors="ignore") if response.status_code < 400 else ""
    return bool(text) and any(word in text for word in households())


def households() -> set[str]:
    """Every name and every number of who asks for a home."""
    return {word for each in Application.objects.order_by().values_list("name", "number") for word in each if word}


def title_of(response: Any) -> str:
    """The title of a page; nothing for a file, or a fragment."""
    if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
        return ""
    found = re.search(r"<title>(.*?)</title>", response.text, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


@pytest.mark.parametrize("person", [*PEOPLE, pytest.param("anna", marks=pytest.mark.nightly)])
def test_each_address_answers_each_person_as_declared(
    world: World, things: dict[str, dict[str, Any]], pytestconfig: pytest.Config, person: str
) -> None:
    """Row by row. Each address finds things as they were: what was done at the one before is undone. Whatever the
    answer, its page says nothing of what no page says (tests/strict.py). Anna is a manager where Chloé is not."""
    values = {case: row["chloe" if person == "anna" else person] for case, row in CASES.items()}
    values |= ANNA if person == "anna" else {}
    if person in LIKE and not pytestconfig.getoption("all"):
        values = {case: status for case, status in values.items() if not opens_to_both(case, person)}
    otherwise, astray, misspoken, unwritten, kept = {}, [], [], set(), []
    titles: dict[str, list[str]] = {}
    long: dict[str, int] = {}
    signed_in = client_of(world, person)
    for (name, method), expected in values.items():
        with undone():
            before = AccessRecord.objects.count()
            response = answer(again(signed_in), method, name, things.get(name, {}))
            if names_a_household(response) and AccessRecord.objects.count() == before:
                unwritten.add((name, method))
        status, leads_to = response.status_code, response.get("Location", "")
        if method == "GET" and status == 200 and (title := title_of(response)):
            titles.setdefault(title, []).append(name)
            words, most = words_shown(response.content.decode()), budget_of(response.wsgi_request.path)
            if most is not None and words > most:
                long[name] = words
        if status != expected:
            otherwise[name, method] = status
        if person != "anonymous" and response.get("Cache-Control") != "no-store":
            kept.append((name, method))
        misspoken += [(name, method, each) for each in what_an_answer_never_says(response)]
        to_the_door = status == 302 and leads_to.startswith(reverse("sign-in"))
        shut_out = person == "anonymous" and name not in PUBLIC and not name.startswith("api-")  # 401: no door
        if to_the_door is not (shut_out or name in ("sign-out", "second-factor")):
            astray.append((name, leads_to))
    assert (otherwise, astray, misspoken, unwritten, kept) == ({}, [], [], set(), [])
    assert {title: names for title, names in titles.items() if len(names) > 1} == {}, "RGAA 8.6: a page has its title"
    assert long == {}, "docs/pages.md: each page has its budget of words"


def opens_to_both(case: tuple[str, str], person: str) -> bool:
    """Is this a page that is reported to open to this person, and to whom this one is like?"""
    return case[1] == "GET" and CASES[case][person] == CASES[case][LIKE[person]] == 200


def test_of_what_opens_to_several_each_page_is_asked_of_one() -> None:
    """An ordinary run leaves out no refusal, and no page whole."""
    left = {(case, person) for case in CASES for person in LIKE if opens_to_both(case, person)}
    assert {CASES[case][LIKE[person]] for case, person in left} == {200}
    assert {case[1] for case, _ in left} == {"GET"}
    assert LIKE.keys().isdisjoint(LIKE.values())
    assert len(left) > 150


def test_a_manager_of_a_holder_differs_where_it_is_reported() -> None:
    assert [case for case, status in ANNA.items() if CASES[case]["chloe"] == status] == []


def test_every_address_is_in_the_table_and_only_they() -> None:
    assert sorted({name for name, _ in CASES}) == sorted(addresses())


def test_every_method_that_an_address_takes_is_in_the_table(world: World, things: dict[str, dict[str, Any]]) -> None:
    """What is not in the table is refused for its method; what is in it never is."""
    assert [case for case, row in CASES.items() if 405 in row.values()] == []
    taken, alice = set(), client_of(world, "alice")
    for name in addresses():
        for method in {"GET", "POST"} - {method for named, method in CASES if named == name}:
            with undone():
                status, _ = ask(again(alice), method, name, things.get(name, {}))
            if status != 405:
                taken.add((name, method))
    assert taken == set()


GETS = sorted({name for name, method in CASES if method == "GET"})
#: What reading leaves behind: who opened a version, who took a file, who read named files.
LEAVING = ("application-detail", "balance-version", "balance-version-file")
READ = (AccessRecord.objects.all(), BalanceDownload.objects.all(), BalanceDispatch.objects.filter(opened_at=None))


@pytest.mark.parametrize("person", ["alice", pytest.param("chloe", marks=pytest.mark.nightly)])
def test_a_head_answers_what_a_get_does_and_leaves_nothing(
    world: World, things: dict[str, dict[str, Any]], pytestconfig: pytest.Config, person: str
) -> None:
    """RFC 9110, 9.3.2: the same status and headers. Nobody has read what was not sent, and nothing says so."""
    kept = ("Content-Type", "Content-Disposition", "Location", "Cache-Control")
    with undone():
        client = client_of(world, person)
        for name in GETS if pytestconfig.getoption("all") else {*GETS[::8], *LEAVING}:
            about = things.get(name, {})
            url = reverse(name, args=about.get("args", [])) + about.get("query", "")
            before = [rows.count() for rows in READ]
            head = client.head(url)
            assert [rows.count() for rows in READ] == before, name
            with undone():
                get = client.get(url)
            assert (head.status_code, *map(head.get, kept)) == (get.status_code, *map(get.get, kept)), name


def test_a_get_leaves_what_a_head_does_not(world: World, things: dict[str, dict[str, Any]]) -> None:
    """Of the same page: the rows counted above are those that reading writes."""
    with undone():
        before = [rows.count() for rows in READ]
        for name in LEAVING:
            ask(client_of(world, "chloe"), "GET", name, things[name])
        after = [rows.count() for rows in READ]
        assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, -1]


def test_what_nobody_has_to_sign_in_for_may_be_kept() -> None:
    assert "no-store" not in Client().get(reverse("rule")).get("Cache-Control", "")


PRINTED = sorted(name for name in addresses() if name.endswith("-pdf"))


def pdf_of(client: Client, name: str, about: dict[str, Any]) -> bytes:
    """The file that an address gives."""
    url = reverse(name, args=about.get("args", []))
    response = client.post(url, {"why": "Archives."}) if name == "minutes-pdf" else on_paper(client, url)
    assert response["Content-Type"] == "application/pdf", (name, response.status_code)
    return response.getvalue()


def test_every_figure_of_every_pdf_is_reported_to_who_cannot_see_it(
    world: World, things: dict[str, dict[str, Any]]
) -> None:
    """PDF/UA-1 (ISO 14289-1), 7.3: a figure has an alternative text; what has no tag is decoration."""
    values = {}
    state_purpose(member=world.member("bob"), exercise=2026, why="CIL")
    for name in PRINTED:
        with undone():
            person = "bob" if (name, "GET") in CASES and CASES[name, "GET"]["alice"] == 404 else "alice"
            reader = PdfReader(BytesIO(pdf_of(client_of(world, person), name, things.get(name, {}))))
        everything = elements(reader.trailer["/Root"]["/StructTreeRoot"])
        values[name] = [str(each.get("/Alt", "")).strip() for each in everything if each["/S"] == "/Figure"]
    assert [name for name, texts in values.items() if not all(texts)] == []
    assert len(values["balance-one-page-pdf"]) == 1
    assert len(values) >= 6


POSTS = sorted({name for name, method in CASES if method == "POST"})


def test_every_address_that_is_posted_to_can_be_reloaded() -> None:
    """After a refused post, or when the session has expired, a browser asks for the same address again. Software of the
    API asks for what it wants."""
    assert [name for name in POSTS if (name, "GET") not in CASES and not name.startswith("api-")] == []


def test_no_post_is_taken_without_its_token(world: World, things: dict[str, dict[str, Any]]) -> None:
    """Asked by whoever may post there."""
    found = {}
    for name in POSTS:
        person = "anonymous" if name == "sign-in" else "adam" if name.startswith(("organisation", "legal")) else "alice"
        with undone():
            client = client_of(world, person, enforce_csrf_checks=True)
            found[name] = ask(client, "POST", name, things.get(name, {}))[0]
    # RFC 8058: posted by a mail reader, whose key is the proof; a witness is known by what it signed
    one_click = {"mail-unsubscribe": 200, "log-checkpoint": 400}
    assert found == dict.fromkeys(POSTS, 403) | one_click


def test_what_one_may_not_do_changes_nothing(world: World, things: dict[str, dict[str, Any]]) -> None:
    """The vacancy to confirm still waits after everybody but its landlord has tried."""
    with undone():
        for person in ("bob", "chloe", "driss", "emma", "adam", "zoe", "anonymous"):
            for name in ("vacancy-confirm", "vacancies-confirm"):
                ask(client_of(world, person), "POST", name, things[name])
        assert Vacancy.objects.to_confirm().count() == 1


def test_a_file_closes_to_the_holder_that_no_longer_has_the_unit(
    world: World, things: dict[str, dict[str, Any]]
) -> None:
    """Chloé opens the unit routed to the city; re-routed, she reads it in the list only, without its address."""

    def opens(person: str) -> int:
        return ask(client_of(world, person), "GET", "unit-detail", things["unit-detail"])[0]

    with undone():
        vacancy = Vacancy.objects.get(pk=things["vacancy-detail"]["args"][0])
        before = [opens("chloe"), opens("bob")]
        route_elsewhere(
            vacancy=vacancy,
            holder=world.holders["priority"],
            motive=Routing.Motive.URGENT_REHOUSING,
            motive_text="Relogement après un incendie.",
            by=world.people["aline"],
        )
        assert (before, [opens("chloe"), opens("bob")]) == ([200, 404], [404, 200])
        sheet = client_of(world, "chloe").get(reverse("vacancy-detail", args=[vacancy.pk]))
        assert sheet.status_code == 200
        assert vacancy.unit.address.casefold() not in sheet.content.decode().casefold()
        assert vacancy.unit.reference not in sheet.content.decode()


@pytest.mark.nightly  # an ordinary run follows links in tests/house/test_net.py
@pytest.mark.parametrize("person", ["alice", "chloe"])
def test_every_link_that_a_person_is_shown_opens(world: World, things: dict[str, dict[str, Any]], person: str) -> None:
    """Nobody is led to a page that refuses them, nor to one that breaks (tests/house/walk.py)."""
    client = client_of(world, person)
    starts = [reverse(name, args=about.get("args", [])) for name, about in things.items() if (name, "GET") in CASES]
    allowed = [start for start in starts if client.get(start).status_code == 200]
    assert walk(client, reverse("home"), *allowed) == {}


TEMPLATES = Path(__file__).parents[2] / "templates"
#: The lists, by who reads them here.
LISTS = {
    "alice": (
        "access-journal",
        "account-list",
        "application-list",
        "balance-axis",
        "balance-charts",
        "balance-compare",
        "balance-defects",
        "balance-downloads",
        "balance-elsewhere-list",
        "balance-list",
        "balance-mix",
        "balance-projection",
        "balance-units",
        "cap-reading-list",
        "committee-list",
        "compliance",
        "convention-compare",
        "convention-list",
        "conversion-list",
        "derogation-list",
        "file-import-list",
        "file-list",
        "forecast-list",
        "holder-list",
        "minutes-elsewhere-list",
        "nicknames",
        "notice-list",
        "objective-leases",
        "offer-list",
        "opening-list",
        "people-history",
        "people-review",
        "person-list",
        "programme-list",
        "reconciliation-list",
        "session-list",
        "statement-units",
        "step-times",
        "stock-right-detail",
        "stock-right-list",
        "token-detail",
        "token-list",
        "told-right",
        "told-rights",
        "transfer-list",
        "transparency",
        "unit-list",
        "vacancy-list",
        "webhook-delivery",
        "webhook-detail",
        "webhook-list",
        "whatif",
    ),
    "adam": (
        "audit-alert-list",
        "balance-layouts",
        "balance-tolerances",
        "income-ceiling-list",
        "law-rate-list",
        "legal-parameter-list",
        "organisation-list",
        "period-cuts",
        "priority-category-list",
        "unconfirmed-list",
    ),
    "bob": ("balance-purposes", "balance-scale", "balance-state", "check-list", "vacancy-list"),
    "chloe": ("file-list", "forecast-list", "needs", "vacancy-list"),
}
#: Lists whose files have a row for each role, share or holder of what the page lists; or all that it shows in parts; or
#: what is read where nothing is chosen.
FANNED = {"person-list", "convention-list", "account-list", "session-list", "cap-reading-list"}
#: Lists that state names or numbers: why they are taken is asked first, and kept.
NAMED = {"application-list", "offer-list"}


def goes_out(client: Client, address: str, about: dict[str, str], *, both: bool) -> int:
    """How many rows a list has as a CSV; as a workbook too, as many."""
    files = [client.post(address + each, about) if about else client.get(address + each) for each in FILES[: 1 + both]]
    text = files[0].getvalue().decode("utf-8-sig")
    assert about or not any(word in text for word in households()), f"{address} names households unasked"
    rows = list(csv.reader(StringIO(text), delimiter=";"))
    assert {len(row) for row in rows} == {len(rows[0])}, address
    for book in files[1:]:
        assert len(list(load_workbook(BytesIO(book.getvalue()), read_only=True).worksheets[0].values)) == len(rows)
    return len(rows) - 1


def more_of(world: World, things: dict[str, dict[str, Any]]) -> None:
    """Something in the lists that are empty above."""
    remember_nickname(
        organisation=world.landlord.organisation,
        text="Mme Durand",
        holder=world.holders["city"],
        by=world.people["alice"],
    )
    Unit.objects.filter(pk=things["unit-detail"]["args"][0]).update(told_contingent=4)
    client_of(world, "alice").get(reverse("balance-csv", args=things["balance-csv"]["args"]))
    state_purpose(member=world.member("bob"), exercise=MORNING.year, why="BALANCE")
    CapReading.objects.create(
        landlord=world.landlord,
        departement=world.places["Aude"],
        reading="IN_YEAR",
        starts_on=MORNING.date(),
        source="Article 4.",
    )
    until = date(MORNING.year + 1, 4, 30)
    BalanceTolerance.objects.create(
        region=world.places["Occitanie"], exercise=MORNING.year, until=until, source="Lettre de la DREAL."
    )
    path = reverse("api-vacancies")
    ApiCall.objects.create(token_id=things["token-detail"]["args"][0], method="POST", path=path, asked="0" * 64)
    WebhookAttempt.objects.create(
        delivery_id=things["webhook-delivery"]["args"][0], at=MORNING, status=204, duration=1204
    )


def test_every_list_goes_out_whole_as_its_reader_sees_it(world: World, things: dict[str, dict[str, Any]]) -> None:
    """A page with pages leads to its list as a file: its rows, for its reader, in both formats."""
    drawn, short, empty, silent = set(), [], set(), set()
    with undone():
        more_of(world, things)
        before = AccessRecord.objects.filter(downloaded=True).count()  # the archive of an organisation was made
        for person, names in LISTS.items():
            client = client_of(world, person)
            for name in names:
                with undone():
                    shown = answer(client, "GET", name, things.get(name, {}))
                    drawn |= {str(each.name) for each in shown.templates}
                    page = shown.context.get("page")
                    count = shown.context["count"] if page is None else page.paginator.count
                    address = reverse(name, args=things.get(name, {}).get("args", [])) + f"?{AS_FILE}="
                    silent |= set() if f"{AS_FILE}=csv" in shown.content.decode() else {name}
                    why = {"why": "Contrôle."} if name in NAMED else {}
                    found = goes_out(client, address, why, both=person != "alice")
                    if found < count or (found > count and name not in FANNED):
                        short.append((person, name, found, count))
                    empty |= set() if found else {name}
                    taken = AccessRecord.objects.filter(downloaded=True).count() - before
                    assert taken == (name in NAMED), (person, name)
    assert (short, silent) == ([], empty)
    assert empty == {"balance-compare", "objective-leases", "balance-defects"}, (
        "each has its file in the tests of its page"
    )
    lists = {
        str(each.relative_to(TEMPLATES))
        for each in TEMPLATES.rglob("*.html")
        if re.search(r"components/(pager|take)\.html(?!.*stays=True)", each.read_text("utf-8"))
    }
    assert lists - drawn - {"components/pager.html"} == set()


def test_a_list_that_states_numbers_is_not_taken_without_saying_why(
    world: World, things: dict[str, dict[str, Any]]
) -> None:
    """The page asks first; without an answer nothing goes out and the journal has nothing."""
    with undone():
        client, address = client_of(world, "aline"), f"{reverse('application-list')}?fichier=csv"
        asked = client.get(address)
        assert "À quoi servira ce fichier ?" in asked.content.decode()
        assert client.post(address, {"why": " "}).status_code == 422
        assert not AccessRecord.objects.filter(downloaded=True, subject="Demandes").exists()
        assert client.post(address, {"why": "Commission du 3."})["Content-Type"].startswith("text/csv")
        [kept] = AccessRecord.objects.filter(downloaded=True, subject="Demandes")
        assert (kept.subject, kept.why) == ("Demandes", "Commission du 3.")


def test_a_workbook_of_too_many_rows_is_refused_and_the_csv_is_not(
    world: World, things: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the same filters, the page says to filter, or to take a CSV."""
    monkeypatch.setattr("reservations.http.MOST_ROWS", 1)
    client, address = client_of(world, "aline"), f"{reverse('vacancy-list')}?kind=IN_FLOW&fichier="
    refused = client.get(address + "xlsx", follow=True)
    assert refused.redirect_chain == [(f"{reverse('vacancy-list')}?kind=IN_FLOW", 302)]
    assert "exportez-la en CSV" in refused.content.decode()
    assert client.get(address + "csv").getvalue().count(b"\r\n") > 2
