"""The first administrator of an installation: nobody can sign in before."""

from __future__ import annotations

from reservations.models import Membership, Organisation
from reservations.models.acting import atomic
from reservations.operations.party import register_organisation
from reservations.operations.person import admit_person
from reservations.refusals import Refusal
from reservations.words import of


class NotAnOperator(Refusal):
    """The SIREN is that of an organisation which does not operate Équiflux."""


@atomic
def appoint_administrator(
    *, siren: str, organisation_name: str, email: str, full_name: str, password: str
) -> Membership:
    """Make somebody an administrator of the operator `siren`, recorded under `organisation_name` when it is new.

    A command of the server: the history says so. An empty `password` says that the person is known already.
    Raises NotAnOperator, AdmissionRefused, or ValidationError by field.
    """
    operator = Organisation.objects.filter(siren=siren).first()
    if operator is None:
        operator = register_organisation(siren=siren, name=organisation_name, kind=Organisation.Kind.OPERATOR)
    elif operator.kind != Organisation.Kind.OPERATOR:
        raise NotAnOperator(
            f"Le SIREN {siren} est celui {of(operator)} ({operator.get_kind_display()}) : "
            "donnez celui de l’exploitant d’Équiflux.",
            field="siren",
        )
    return admit_person(
        email=email,
        full_name=full_name,
        password=password,
        organisation=operator,
        role=Membership.Role.ADMINISTRATOR,
        by=None,
    )
