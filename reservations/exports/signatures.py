"""Signed PDF: PAdES (ETSI EN 319 142), and the date that an authority gives it (RFC 3161), by pyHanko.

A signature and its date are added after the bytes of a file, which stay as they are: a file that was served before its
date came is the beginning of the one served after. Certificates are files that the operator gives
(docs/operations.md); nothing of them is in the database.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reservations.refusals import Refusal

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate as Read
    from pyhanko.sign.fields import InvisSigSettings
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko_certvalidator import ValidationContext

# pyHanko is imported by the functions that need it: loading takes a second, and no page but these needs it.

#: Names of the fields, as readers of PDF show and speak them.
SIGNED, DATED = "Signature électronique du bilan", "Horodatage de la signature"
DIGEST = "sha256"
#: In the bytes of a file that is signed, and of no other.
SIGNED_MARK = b"/ByteRange"
#: Who signs in a demonstration: it says so itself.
DEMONSTRATION = "Équiflux, clé de démonstration sans valeur"
#: Beside a certificate: the file of its password, where it has one.
PASSWORD = ".password"  # noqa: S105 - the end of a name
#: How long an authority may take to answer, in seconds: a worker waits for it.
PATIENCE = 10


class SignatureRefused(Refusal):
    """No signature can be made with this certificate: the sentence says what to do."""


class DateMissing(Refusal):
    """The authority gave no date: it is to be asked again."""


class State(StrEnum):
    """What the signature of a PDF is worth."""

    NONE = "NONE"
    BROKEN = "BROKEN"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"
    UNDATED = "UNDATED"
    DATED = "DATED"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What signs for an organisation: its key, its name, who issued it, its last moment; does nobody else vouch for it,
    and is it the one that a demonstration drew?"""

    signer: SimpleSigner
    name: str
    issuer: str
    until: datetime
    is_self_issued: bool
    is_demonstration: bool


def certificate_path(given: Sequence[str], siren: str) -> Path | None:
    """The file of an organisation among « SIREN:path » and « path », which is the installation's; None: no file."""
    named = {start: path for start, mark, path in (each.partition(":") for each in given) if mark and start.isdigit()}
    others = [each for each in given if not each.partition(":")[0].isdigit()]
    found = named.get(siren) or next(iter(others), "")
    return Path(found) if found else None


def read_certificate(path: Path, *, now: datetime) -> Certificate:
    """The certificate of a PKCS#12 file, and its key.

    Raises SignatureRefused: the file does not open, or does not sign today.
    """
    from pyhanko.sign.signers import SimpleSigner

    beside = path.with_name(path.name + PASSWORD)
    try:
        password = beside.read_text(encoding="utf-8").strip().encode() if beside.exists() else None
        signer = SimpleSigner.load_pkcs12(str(path), passphrase=password) if path.exists() else None
    except (OSError, ValueError):
        signer = None
    held = signer.signing_cert if signer is not None else None
    if signer is None or held is None:
        raise SignatureRefused(
            f"Le certificat {path.name} ne s’ouvre pas : demandez à l’exploitant de vérifier ce fichier, et celui de "
            f"son mot de passe ({beside.name})."
        )
    if not held.not_valid_before <= now <= held.not_valid_after:
        raise SignatureRefused(
            f"Le certificat {path.name} a expiré le {held.not_valid_after:%d/%m/%Y} : demandez à l’exploitant d’en "
            "donner un autre."
            if now > held.not_valid_after
            else f"Le certificat {path.name} ne vaut qu’à partir du {held.not_valid_before:%d/%m/%Y} : demandez à "
            "l’exploitant de vérifier ce fichier et l’horloge du serveur."
        )
    name, issuer = _name(held.subject), _name(held.issuer)
    return Certificate(signer, name, issuer, held.not_valid_after, bool(held.self_issued), issuer == DEMONSTRATION)


def _name(name: Any) -> str:
    """« Robine Habitat »: the common name, or all of it."""
    found = name.native.get("common_name") or name.human_friendly
    return found if isinstance(found, str) else str(found[-1])


def demonstration_certificate() -> bytes:
    """A key drawn now and its certificate, as a PKCS#12 file: for a demonstration, and under its name."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DEMONSTRATION)])
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))  # a demonstration may be opened on another day
        .not_valid_after(datetime(2099, 12, 31, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"demonstration", key, certificate, None, NoEncryption())


def _unseen() -> InvisSigSettings:
    """A field that is on no page and that no reader of screens meets (ISO 14289-1, 7.18.1): its facts are written in
    the document."""
    from pyhanko.sign.fields import InvisSigSettings

    return InvisSigSettings(set_print_flag=False, set_hidden_flag=True, box_out_of_bounds=True)


def signed(pdf: bytes, certificate: Certificate, *, reason: str) -> bytes:
    """The file, then its signature."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    metadata = signers.PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=certificate.name,
        reason=reason,
    )
    field = fields.SigFieldSpec("Signature", invis_sig_settings=_unseen(), readable_field_name=SIGNED)
    signing = signers.PdfSigner(metadata, signer=certificate.signer, new_field_spec=field)
    return _written(signing.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))))


def dated(pdf: bytes, authority: str) -> bytes:
    """The signed file, then the date that an authority gives to all of it.

    Raises DateMissing: it does not answer, or not what RFC 3161 wants.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    stamper = PdfTimeStamper(
        HTTPTimeStamper(authority, timeout=PATIENCE),
        field_name="Horodatage",
        invis_settings=_unseen(),
        readable_field_name=DATED,
    )
    try:
        return _written(stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), DIGEST))
    except (TimestampRequestError, OSError, ValueError) as error:
        raise DateMissing(
            "L’horodatage manque encore : l’autorité n’a pas répondu. Il lui est redemandé tout seul, et s’ajoute "
            "alors à ce fichier."
        ) from error


def _written(out: Any) -> bytes:
    return bytes(out.getbuffer())


def roots_of(given: Iterable[str], authorities: str) -> list[Read]:
    """Whom a signature is trusted from: the certificates given to sign with, those beside them, and those of a PEM file
    (authorities, former certificates, who dates). A file that does not open is trusted for nothing."""
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko.sign.signers import SimpleSigner

    found: list[Read] = []
    for each in given:
        start, mark, path = each.partition(":")
        file = Path(path if mark and start.isdigit() else each)
        beside = file.with_name(file.name + PASSWORD)
        password = beside.read_text(encoding="utf-8").strip().encode() if beside.exists() else None
        signer = SimpleSigner.load_pkcs12(str(file), passphrase=password) if file.exists() else None
        if signer is not None:
            found += [signer.signing_cert, *signer.cert_registry]
    if authorities and Path(authorities).exists():
        found += load_certs_from_pemder([authorities])
    return found


def state_of(pdf: bytes, trusted: Callable[[], Sequence[Read]]) -> State:
    """What the signature of a file is worth, read whole: one byte more or less breaks it. `trusted`: whom it is trusted
    from, asked only of a file that is signed."""
    if SIGNED_MARK not in pdf:
        return State.NONE
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures, dates = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
        if not signatures:
            return State.NONE
        return _worth(signatures[0], dates[-1] if dates else None, trusted())
    except Exception:  # a damaged file breaks its reader anywhere: bytes that cannot be read are signed by nobody
        return State.BROKEN


def _worth(signature: EmbeddedPdfSignature, date: EmbeddedPdfSignature | None, roots: Sequence[Read]) -> State:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature, validate_pdf_timestamp
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    trusting = partial(ValidationContext, trust_roots=list(roots), allow_fetching=False)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    moment, is_dated = datetime.now(UTC), False
    if date is not None:
        found = validate_pdf_timestamp(date, trusting())
        if not (found.intact and found.valid) or found.coverage != SignatureCoverageLevel.ENTIRE_FILE:
            return State.BROKEN
        if found.trusted:
            moment, is_dated = found.timestamp, True
    held = signature.signer_cert
    context: ValidationContext = trusting(moment=moment)
    status = validate_pdf_signature(signature, context, key_usage_settings=usage)
    whole = SignatureCoverageLevel.ENTIRE_REVISION if date is not None else SignatureCoverageLevel.ENTIRE_FILE
    changed = status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    if not (status.intact and status.valid) or status.coverage < whole or changed:
        return State.BROKEN
    if not held.not_valid_before <= moment <= held.not_valid_after:
        return State.EXPIRED
    if not status.trusted:
        return State.UNKNOWN
    return State.DATED if is_dated else State.UNDATED
