from django.urls import path

from attributions.views import balance, file, glossary, home, proposal, search

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("lexique/", glossary.glossary, name="glossary"),
    path("candidats/", file.file_list, name="file-list"),
    path("candidats/<int:pk>/", proposal.proposal_detail, name="proposal-detail"),
    path("candidats/<int:pk>/modifier/", proposal.proposal_edit, name="proposal-edit"),
    path("candidats/<int:pk>/retirer/", proposal.proposal_remove, name="proposal-remove"),
    path("candidats/<int:pk>/instruire/", proposal.proposal_instruct, name="proposal-instruct"),
    path("liberes/<int:pk>/candidats/", file.file, name="file"),
    path("liberes/<int:pk>/candidats/ajouter/", proposal.proposal_new, name="proposal-new"),
    path("liberes/<int:pk>/candidats/transmettre/", file.proposal_send, name="proposal-send"),
]
