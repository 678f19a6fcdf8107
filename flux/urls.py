from django.urls import path

from flux.views import (
    account,
    convention_document,
    outcome,
    policy,
    programme,
    routing,
    rule,
    stock_import,
    unit,
    vacancy,
)

urlpatterns = [
    path("conventions/<int:pk>/document/", convention_document.convention_document, name="convention-document"),
    path(
        "conventions/<int:pk>/document.pdf",
        convention_document.convention_document_pdf,
        name="convention-document-pdf",
    ),
    path("logements/", unit.unit_list, name="unit-list"),
    path("logements/importer/", stock_import.stock_import, name="stock-import"),
    path("logements/<int:pk>/", unit.unit_detail, name="unit-detail"),
    path("logements/<int:pk>/stock/", unit.unit_stock_right, name="unit-stock-right"),
    path("programmes/", programme.programme_list, name="programme-list"),
    path("programmes/<int:pk>/classer/", programme.programme_classify, name="programme-classify"),
    path("mode-orientation/", policy.routing_policy, name="routing-policy"),
    path("liberes/", vacancy.vacancy_list, name="vacancy-list"),
    path("liberes/declarer/", vacancy.vacancy_declare, name="vacancy-declare"),
    path("liberes/confirmer/", routing.vacancies_confirm, name="vacancies-confirm"),
    path("liberes/<int:pk>/", vacancy.vacancy_detail, name="vacancy-detail"),
    path("liberes/<int:pk>/confirmer/", routing.vacancy_confirm, name="vacancy-confirm"),
    path("liberes/<int:pk>/reorienter/", routing.vacancy_reroute, name="vacancy-reroute"),
    path("liberes/<int:pk>/suite/", outcome.vacancy_outcome, name="vacancy-outcome"),
    path("comptes/", account.account_list, name="account-list"),
    path("comptes/<int:ledger>/", account.account, name="account"),
    path("comptes/<int:ledger>/<int:holder>/", account.statement, name="statement"),
    path("comptes/<int:ledger>/<int:holder>/logements/", account.statement_units, name="statement-units"),
    path("regle/", rule.rule, name="rule"),
]
