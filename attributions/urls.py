from django.urls import path

from attributions.operations.silence import give_unit_back
from attributions.views import (
    balance,
    file,
    glossary,
    home,
    letter,
    letting,
    notice,
    offer,
    outcome,
    proposal,
    search,
)
from flux.views.returning import vacancy_return

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", search.search, name="search"),
    path("liberes/<int:pk>/rendre/", vacancy_return, {"give_back": give_unit_back}, name="vacancy-return"),
    path("bilans/", balance.balance_list, name="balance-list"),
    path("bilans/<int:landlord>/<int:year>/", balance.balance, name="balance"),
    path("bilans/<int:landlord>/<int:year>/bilan.csv", balance.balance_csv, name="balance-csv"),
    path("liberes/<int:pk>/suite/", outcome.vacancy_outcome, name="vacancy-outcome"),
    path("liberes/<int:pk>/bail/", letting.letting_page, name="letting"),
    path("liberes/<int:pk>/bail/annulation/", letting.lease_undo, name="lease-undo"),
    path("liberes/<int:pk>/bail/rendre/", letting.letting_give_back, name="letting-give-back"),
    path("liberes/<int:pk>/bail/<int:candidate>/offre/", letting.offer_send, name="offer-send"),
    path("liberes/<int:pk>/bail/<int:candidate>/reponse/", letting.offer_answer, name="offer-answer"),
    path("liberes/<int:pk>/bail/<int:candidate>/piece/", letting.condition_document, name="condition-document"),
    path("liberes/<int:pk>/bail/<int:candidate>/signature/", letting.lease_sign, name="lease-sign"),
    path("liberes/<int:pk>/bail/<int:candidate>/retrait/", letting.candidate_withdraw, name="candidate-withdraw"),
    path("candidats/<int:pk>/courrier/", letter.letter, name="letter"),
    path("offres/", offer.offer_list, name="offer-list"),
    path("avis/", notice.notice_list, name="notice-list"),
    path("avis/lus/", notice.notice_read_all, name="notice-read-all"),
    path("avis/<int:pk>/lu/", notice.notice_read, name="notice-read"),
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
