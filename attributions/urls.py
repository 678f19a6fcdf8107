from django.urls import include, path, re_path

from attributions.glossary import views as glossary_views
from attributions.home import views as home_views
from attributions.inbox import views as inbox_views
from attributions.law import views as law_views
from attributions.mails import views as mail_views
from attributions.notices import views as notice_views
from attributions.public import views as public_views
from attributions.search import views as search_views
from flux.api.door import NotHere

urlpatterns = [
    path("", home_views.home, name="home"),
    path("premiers-pas/", home_views.first_steps, name="first-steps"),
    path("a-faire/", inbox_views.inbox, name="inbox"),
    path("a-faire/suivi/<slug:kind>/<int:key>/", inbox_views.inbox_follow, name="inbox-follow"),
    path("a-faire/filtres/", inbox_views.inbox_filter, name="inbox-filter"),
    path("a-faire/touches/", inbox_views.inbox_keys, name="inbox-keys"),
    path("recherche/", search_views.search, name="search"),
    path("avis/", notice_views.notice_list, name="notice-list"),
    path("avis/lus/", notice_views.notice_read_all, name="notice-read-all"),
    path("avis/<int:pk>/lu/", notice_views.notice_read, name="notice-read"),
    path("courriels/", mail_views.mail_choice, name="mail-choice"),
    path("accessibilite/", public_views.accessibility, name="accessibility"),
    path("aide/", public_views.help_page, name="help"),
    path("conditions/", public_views.terms, name="terms"),
    path("contact/", public_views.contact, name="contact"),
    path("donnees-personnelles/", public_views.personal_data, name="personal-data"),
    path("mentions-legales/", public_views.legal_notice, name="legal-notice"),
    path("plan-du-site/", public_views.site_plan, name="site-plan"),
    path("textes/a-confirmer/", law_views.unconfirmed_list, name="unconfirmed-list"),
    path("textes/a-confirmer/<int:pk>/", law_views.unconfirmed_confirm, name="unconfirmed-confirm"),
    path("textes/prioritaires/", law_views.priority_category_list, name="priority-category-list"),
    path("textes/prioritaires/nouvelle/", law_views.priority_category_new, name="priority-category-new"),
    path("textes/prioritaires/<int:pk>/", law_views.priority_category_change, name="priority-category-change"),
    path("textes/taux/", law_views.law_rate_list, name="law-rate-list"),
    path("textes/taux/nouveau/", law_views.law_rate_new, name="law-rate-new"),
    path("lexique/", glossary_views.glossary, name="glossary"),
    path("", include("attributions.bilan.urls")),
    path("", include("attributions.households.urls")),
    re_path(r"^api/v1/(?P<rest>.*)$", NotHere.as_view(), name="api-none"),
]
