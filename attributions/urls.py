from django.urls import path

from attributions.views import application, balance, glossary, home, personal_data, search, sne_import

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("lexique/", glossary.glossary, name="glossary"),
    path("demandes/", application.application_list, name="application-list"),
    path("demandes/importer/", sne_import.sne_import, name="sne-import"),
    path("demandes/<int:pk>/", application.application_detail, name="application-detail"),
    path("demandes/<int:pk>/autre-numero/", application.application_alias, name="application-alias"),
    path("demandes/<int:pk>/radier/", application.application_close, name="application-close"),
    path("candidats/exporter/", personal_data.candidate_export, name="candidate-export"),
    path("candidats/export.xlsx", personal_data.candidate_export_xlsx, name="candidate-export-xlsx"),
    path("journal-des-consultations/", personal_data.access_journal, name="access-journal"),
    path("donnees-personnelles/", personal_data.personal_data, name="personal-data"),
]
