"""What a reader may ask of a convention on its page: the acts that are theirs, and the form of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms

from flux.pages.convention_acts import Asked, pause_acts
from reservations.forms.convention_acts import (
    AmendForm,
    DelegateForm,
    DenounceForm,
    DropPauseForm,
    EndForm,
    LiftForm,
    NoticeForm,
    PauseForm,
    RenewForm,
    TerminateForm,
    WithdrawForm,
)
from reservations.models import Convention, Membership
from reservations.pages.pauses import pause_lines
from reservations.pages.pieces import Act
from reservations.permissions import (
    can_amend_convention,
    can_delegate,
    can_denounce,
    can_deposit_signature,
    can_edit_convention,
    can_end_convention,
    can_give_formal_notice,
    can_propose_convention,
    can_sign_convention,
    can_suspend,
    can_terminate_convention,
    can_withdraw_proposal,
)
from reservations.queries.signatories import spoken_for

#: The act that was refused, and its form with what to correct.
type Refused = tuple[str, forms.Form] | None

ACTS = {
    "edit": can_edit_convention,
    "propose": can_propose_convention,
    "withdraw": can_withdraw_proposal,
    "sign": can_sign_convention,
    "deposit": can_deposit_signature,
    "amend": can_amend_convention,
    "delegate": can_delegate,
    "end": can_end_convention,
    "notice": can_give_formal_notice,
    "terminate": can_terminate_convention,
    "suspend": can_suspend,
}


def asked_of(
    convention: Convention,
    member: Membership | None,
    refused: Refused,
    *,
    may_be_signed: bool,
    is_amended: bool,
    termination_from: date | None,
    today: date,
) -> Asked:
    """What this reader may do with it, and how far each act was typed."""
    return Asked(
        can={name for name, may in ACTS.items() if may(member, convention)},
        forms=_forms(convention, member, refused),
        refused=refused[0] if refused else "",
        organisation=member.organisation if member else None,
        may_be_signed=may_be_signed,
        is_amended=is_amended,
        termination_from=termination_from,
        today=today,
    )


def _forms(convention: Convention, member: Membership | None, refused: Refused) -> Mapping[str, forms.Form]:
    """The form of each act; the one that was refused, as it was typed. None to say, or no longer to say, that it is not
    renewed, where this reader speaks for nobody who may."""
    blank: dict[str, forms.Form] = {
        "withdraw": WithdrawForm(),
        "amend": AmendForm(),
        "end": EndForm(convention=convention, member=member),
        "notice": NoticeForm(),
        "terminate": TerminateForm(),
        "pause": PauseForm(),
    }
    if member is not None and can_denounce(member, convention):
        result, unsaid = (spoken_for(convention, member, denounced=denounced) for denounced in (True, False))
        if unsaid.exists():
            blank["denounce"] = DenounceForm(parties=unsaid)
        if result.exists():
            blank["renew"] = RenewForm(parties=result)
    if can_delegate(member, convention):
        blank["delegate"] = DelegateForm(convention=convention)
    return blank | dict([refused] if refused else [])


def pauses_with_acts(
    convention: Convention, member: Membership | None, asked: Asked
) -> list[tuple[str, tuple[Act, ...]]]:
    """Each suspension in a sentence, and what this reader may do with it; the act refused, as it was typed."""
    return [
        (
            line.sentence,
            pause_acts(
                line,
                convention,
                asked.forms.get(f"drop-{line.id}") or DropPauseForm(about=line.id),
                asked.forms.get(f"lift-{line.id}") or LiftForm(about=line.id),
                refused=asked.refused,
                organisation=asked.organisation,
            ),
        )
        for line in pause_lines(convention, member, asked.today)
    ]
