"""Signed PDF: PAdES (ETSI EN 319 142), and the date that an authority gives it (RFC 3161), by pyHanko.

A signature and its date are added after the bytes of a file, which stay as they are. Certificates are files that the
operator gives (docs/operations.md); nothing of them is in the database. pyHanko is imported by the functions that need
it: loading takes a second.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString

from reservations.refusals import Refusal
from reservations.words import day

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate as Read
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

#: Where a page says who signs its PDF: known once a worker signs it.
SIGNATURE = SafeString("<!-- signature -->")
#: Names of the fields, as readers of PDF show and speak them.
SIGNED, DATED = "Signature électronique du bilan", "Horodatage de la signature"
DIGEST = "sha256"
#: In the bytes of a file that is signed, and of no other.
SIGNED_MARK = b"/ByteRange"
#: Beside a certificate: the file of its password, where it has one.
PASSWORD = ".password"  # noqa: S105 - the end of a name
#: How long an authority may take to answer, in seconds: a worker waits for it.
PATIENCE = 10


class State(StrEnum):
    """What the signature of a PDF is worth: none of these bytes, of nobody who is known, without a date, dated."""

    NONE = "NONE"
    UNKNOWN = "UNKNOWN"
    UNDATED = "UNDATED"
    DATED = "DATED"


def _split(given: str) -> tuple[str, Path]:
    """(SIREN, file) of « SIREN:path »; ("", file) of « path », which is the installation's."""
    siren, _, path = given.partition(":")
    return (siren, Path(path)) if siren.isdigit() else ("", Path(given))


def certificate_path(given: Sequence[str], siren: str) -> Path | None:
    """The file of an organisation, or else that of the installation; None: neither is given."""
    named = dict(map(_split, given))
    return named.get(siren, named.get(""))


def _signer(path: Path) -> SimpleSigner | None:
    """Key and certificate of a PKCS#12 file; None: it does not open."""
    from pyhanko.sign.signers import SimpleSigner

    beside = path.with_name(path.name + PASSWORD)
    try:
        password = beside.read_text(encoding="utf-8").strip().encode() if beside.exists() else None
        return SimpleSigner.load_pkcs12(str(path), passphrase=password) if path.exists() else None
    except (OSError, ValueError):
        return None


def read_certificate(path: Path, *, now: datetime) -> SimpleSigner:
    """What signs, by its file. Raises Refusal: the file does not open, or does not sign today."""
    signer = _signer(path)
    held = signer.signing_cert if signer is not None else None
    if signer is None or held is None:
        raise Refusal(
            f"Le certificat {path.name} ne s’ouvre pas : demandez à l’exploitant de vérifier ce fichier, et celui de "
            f"son mot de passe ({path.name}{PASSWORD})."
        )
    if not held.not_valid_before <= now <= held.not_valid_after:
        raise Refusal(
            f"Le certificat {path.name} ne vaut que du {held.not_valid_before:%d/%m/%Y} au "
            f"{held.not_valid_after:%d/%m/%Y} : demandez à l’exploitant d’en donner un autre."
        )
    return signer


def signature_words(signer: SimpleSigner | None, *, dated: bool) -> str:
    """« Ce PDF est signé électroniquement (PAdES) par Robine Habitat, certificat délivré par … »."""
    held = signer.signing_cert if signer is not None else None
    if held is None:
        return (
            "Ce PDF n’est pas signé électroniquement : aucun certificat n’est donné à cette installation. L’empreinte "
            "et la preuve du journal le vérifient."
        )
    date = (
        "Une autorité d’horodatage la date (RFC 3161) : si elle manque à votre exemplaire, téléchargez-le de nouveau."
        if dated
        else "Aucune autorité d’horodatage ne la date."
    )
    return (
        f"Ce PDF est signé électroniquement (PAdES) par {_name(held.subject)}, certificat délivré par "
        f"{_name(held.issuer)}, valable jusqu’au {day(held.not_valid_after)}. {date}"
    )


def _name(name: Any) -> str:
    """« Robine Habitat »: the common name, or all of it."""
    found = name.native.get("common_name") or name.human_friendly
    return found if isinstance(found, str) else str(found[-1])


def drawn_certificate(name: str) -> bytes:
    """A key drawn now and the certificate that it signs for itself, as a PKCS#12 file: for a demonstration."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(issuer_name=named, subject_name=named, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))  # a demonstration may be opened on another day
        .not_valid_after(datetime(2099, 12, 31, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"equiflux", key, certificate, None, NoEncryption())


def alone[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """In a thread of its own: pyHanko opens a loop of events, and whoever calls may have one. It reads no table."""

    @wraps(function)
    def done(*arguments: P.args, **named: P.kwargs) -> R:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(function, *arguments, **named).result()

    return done


def _unseen() -> Any:
    """A field that is on no page and that no screen reader meets (ISO 14289-1, 7.18.1): the document writes its
    facts."""
    from pyhanko.sign.fields import InvisSigSettings

    return InvisSigSettings(set_print_flag=False, set_hidden_flag=True, box_out_of_bounds=True)


@alone
def signed(pdf: bytes, signer: SimpleSigner, *, reason: str) -> bytes:
    """The file, then its signature."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    metadata = signers.PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
    )
    field = fields.SigFieldSpec("Signature", invis_sig_settings=_unseen(), readable_field_name=SIGNED)
    signing = signers.PdfSigner(metadata, signer=signer, new_field_spec=field)
    return bytes(signing.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getbuffer())


@alone
def dated(pdf: bytes, authority: str) -> bytes:
    """The signed file, then the date that an authority gives to all of it.

    Raises Refusal: it does not answer, or not what RFC 3161 wants.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    asked = HTTPTimeStamper(authority, timeout=PATIENCE)
    stamper = PdfTimeStamper(asked, "Horodatage", invis_settings=_unseen(), readable_field_name=DATED)
    try:
        return bytes(stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), DIGEST).getbuffer())
    except (TimestampRequestError, OSError, ValueError) as error:
        raise Refusal(
            "L’horodatage manque encore : l’autorité n’a pas répondu. Il lui est redemandé tout seul, et s’ajoute "
            "alors à ce fichier."
        ) from error


def roots_of(given: Iterable[str], authorities: str) -> list[Read]:
    """Whom a signature is trusted from: the certificates given to sign with, those beside them, and those of a PEM file
    (authorities, former certificates, who dates). A file that does not open is trusted for nothing."""
    from pyhanko.keys import load_certs_from_pemder

    signers = [found for each in given if (found := _signer(_split(each)[1])) is not None]
    held = [each for signer in signers for each in (signer.signing_cert, *signer.cert_registry) if each is not None]
    return [*held, *(load_certs_from_pemder([authorities]) if authorities and Path(authorities).exists() else [])]


@alone
def state_of(pdf: bytes, given: Iterable[str], authorities: str) -> State:
    """What the signature of a file is worth, read whole, to whom trusts `roots_of` these: one byte more or less breaks
    it."""
    if SIGNED_MARK not in pdf:
        return State.NONE
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures, dates = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
        return _worth(signatures[0], dates[-1:], roots_of(given, authorities)) if signatures else State.NONE
    except Exception:  # a damaged file breaks its reader anywhere: nobody signed bytes that cannot be read
        return State.NONE


def _worth(signature: EmbeddedPdfSignature, dates: Sequence[EmbeddedPdfSignature], roots: Sequence[Read]) -> State:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature, validate_pdf_timestamp
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    trusting = partial(ValidationContext, trust_roots=list(roots), allow_fetching=False)
    moment, is_dated, whole = datetime.now(UTC), False, SignatureCoverageLevel.ENTIRE_FILE
    for date in dates:
        found = validate_pdf_timestamp(date, trusting())
        if not (found.intact and found.valid) or found.coverage != whole:
            return State.NONE
        if found.trusted:
            moment, is_dated = found.timestamp, True
        whole = SignatureCoverageLevel.ENTIRE_REVISION
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    status = validate_pdf_signature(signature, trusting(moment=moment), key_usage_settings=usage)
    changed = status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    if not (status.intact and status.valid) or status.coverage < whole or changed:
        return State.NONE
    if not status.trusted:
        return State.UNKNOWN
    return State.DATED if is_dated else State.UNDATED
