from django.urls import path

from reservations.views import convention, derogation, document, legal_parameter, organisation, person, session, territory

urlpatterns = [
    path("connexion/", session.sign_in, name="sign-in"),
    path("deconnexion/", session.sign_out, name="sign-out"),
    path("organisation/", session.switch_organisation, name="switch-organisation"),
    path("conventions/", convention.convention_list, name="convention-list"),
    path("conventions/nouvelle/", convention.convention_draft, name="convention-draft"),
    path("conventions/<int:pk>/", convention.convention_detail, name="convention-detail"),
    path("conventions/<int:pk>/modifier/", convention.convention_edit, name="convention-edit"),
    path("conventions/<int:pk>/signer/", convention.convention_sign, name="convention-sign"),
    path("conventions/<int:pk>/terminer/", convention.convention_end, name="convention-end"),
    path("conventions/<int:pk>/supprimer/", convention.convention_discard, name="convention-discard"),
    path("conventions/<int:pk>/pieces/joindre/", document.document_attach, name="document-attach"),
    path("pieces/<int:pk>/", document.document_download, name="document-download"),
    path("derogations/", derogation.derogation_list, name="derogation-list"),
    path("derogations/nouvelle/", derogation.derogation_new, name="derogation-new"),
    path("derogations/<int:pk>/", derogation.derogation_detail, name="derogation-detail"),
    path("organisations/", organisation.organisation_list, name="organisation-list"),
    path("organisations/nouvelle/", organisation.organisation_new, name="organisation-new"),
    path("personnes/", person.person_list, name="person-list"),
    path("personnes/nouvelle/", person.person_new, name="person-new"),
    path("personnes/<int:pk>/retirer/", person.membership_revoke, name="membership-revoke"),
    path("personnes/<int:pk>/mot-de-passe/", person.person_password, name="person-password"),
    path("parametres/", legal_parameter.legal_parameter_list, name="legal-parameter-list"),
    path("parametres/nouveau/", legal_parameter.legal_parameter_new, name="legal-parameter-new"),
    path("territoires/", territory.territory_search, name="territory-search"),
]
