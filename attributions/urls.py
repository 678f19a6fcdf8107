from django.urls import path

from attributions.operations.silence import give_unit_back
from attributions.views import balance, glossary, home, search
from flux.views.returning import vacancy_return

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("liberes/<int:pk>/rendre/", vacancy_return, {"give_back": give_unit_back}, name="vacancy-return"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("lexique/", glossary.glossary, name="glossary"),
]
