from django.urls import path

from reservations.views import (
    convention,
    convention_acts,
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
    path("conventions/", convention.convention_list, name="convention-list"),
    # convention-draft, -detail, -edit and -sign are in flux, which knows what falls vacant: units a year are a share of
    # it, a draft may promise more of it than comes, and a signature turns into flow what its conversions counted.
    path("conventions/<int:pk>/proposer/", convention_acts.convention_propose, name="convention-propose"),
    path("conventions/<int:pk>/retirer/", convention_acts.convention_withdraw, name="convention-withdraw"),
    path("conventions/<int:pk>/avenant/", convention_acts.convention_amend, name="convention-amend"),
    path("conventions/<int:pk>/terminer/", convention_acts.convention_end, name="convention-end"),
    path("conventions/<int:pk>/mise-en-demeure/", convention_acts.convention_notice, name="convention-notice"),
    path("conventions/<int:pk>/resilier/", convention_acts.convention_terminate, name="convention-terminate"),
    path("conventions/<int:pk>/supprimer/", convention_acts.convention_discard, name="convention-discard"),
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
