from django.urls import path

from attributions.views import balance, glossary, home, objective, search, step_times

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("objectifs/", objective.objective_list, name="objective-list"),
    path("objectifs/nouveau/", objective.objective_new, name="objective-new"),
    path("objectifs/<str:code>/baux/", objective.objective_leases, name="objective-leases"),
    path("delais/", step_times.step_times_page, name="step-times"),
    path("lexique/", glossary.glossary, name="glossary"),
]
