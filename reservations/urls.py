from django.urls import path

from reservations.views import (
    derogation,
    document,
    legal_parameter,
    organisation,
    person,
    person_history,
    session,
    territory,
)

urlpatterns = [
    path("connexion/", session.sign_in, name="sign-in"),
    path("deconnexion/", session.sign_out, name="sign-out"),
    path("organisation/", session.switch_organisation, name="switch-organisation"),
    path("conventions/<int:pk>/pieces/joindre/", document.document_attach, name="document-attach"),
    path("pieces/<int:pk>/", document.document_download, name="document-download"),
    path("derogations/", derogation.derogation_list, name="derogation-list"),
    path("derogations/nouvelle/", derogation.derogation_new, name="derogation-new"),
    path("derogations/<int:pk>/", derogation.derogation_detail, name="derogation-detail"),
    path("organisations/", organisation.organisation_list, name="organisation-list"),
    path("organisations/nouvelle/", organisation.organisation_new, name="organisation-new"),
    path("personnes/", person.person_list, name="person-list"),
    path("personnes/historique/", person_history.people_history, name="people-history"),
    path("personnes/historique/lu/", person_history.people_history_read, name="people-history-read"),
    path("personnes/nouvelle/", person.person_new, name="person-new"),
    path("personnes/<int:pk>/retirer/", person.membership_revoke, name="membership-revoke"),
    path("personnes/<int:pk>/mot-de-passe/", person.person_password, name="person-password"),
    path("parametres/", legal_parameter.legal_parameter_list, name="legal-parameter-list"),
    path("parametres/nouveau/", legal_parameter.legal_parameter_new, name="legal-parameter-new"),
    path("territoires/", territory.territory_search, name="territory-search"),
]
