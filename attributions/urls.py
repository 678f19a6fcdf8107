from django.urls import path

from attributions.views import balance, glossary, home, search

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("lexique/", glossary.glossary, name="glossary"),
]
