from django.urls import path

from attributions.views import (
    application,
    balance,
    file,
    glossary,
    home,
    personal_data,
    proposal,
    search,
    sne_import,
)

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
    path("candidats/", file.file_list, name="file-list"),
    path("candidats/<int:pk>/", proposal.proposal_detail, name="proposal-detail"),
    path("candidats/<int:pk>/modifier/", proposal.proposal_edit, name="proposal-edit"),
    path("candidats/<int:pk>/retirer/", proposal.proposal_remove, name="proposal-remove"),
    path("candidats/<int:pk>/instruire/", proposal.proposal_instruct, name="proposal-instruct"),
    path("liberes/<int:pk>/candidats/", file.file, name="file"),
    path("liberes/<int:pk>/candidats/ajouter/", proposal.proposal_new, name="proposal-new"),
    path("liberes/<int:pk>/candidats/transmettre/", file.proposal_send, name="proposal-send"),
]
