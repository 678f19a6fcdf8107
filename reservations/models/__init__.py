"""Tables of the rights. One module a noun."""

from reservations.models.convention import Convention, Delegation, Quota
from reservations.models.derogation import CapReading, Derogation
from reservations.models.document import KeptElsewhere, Signatory, SignedDocument
from reservations.models.file_import import (
    Archive,
    ArchivePart,
    ColumnMapping,
    FileImport,
    FilePart,
    ImportedLine,
    Nickname,
)
from reservations.models.guards import ActingKey, RuleAside
from reservations.models.history import HistoryEntry
from reservations.models.imprint import (
    Imprint,
    ImprintedTable,
    Leaf,
    LeafSalt,
    LogCheckpoint,
    LogCosignature,
    LogHorizon,
    LogNode,
)
from reservations.models.legal_parameter import LegalParameter, Unconfirmed
from reservations.models.mail import Mail, MailAttempt, MailChoice, MailFact, MailItem, RefusedAddress
from reservations.models.party import Landlord, Organisation, ReservationHolder
from reservations.models.pause import Pause, PauseAccord
from reservations.models.person import DeskChoice, Membership, User
from reservations.models.rate import Rate
from reservations.models.service_notice import ServiceNotice
from reservations.models.session import (
    AddressChange,
    Identity,
    Invitation,
    PasswordRequest,
    PeopleReview,
    RecoveryCode,
    SecondFactor,
    Session,
    SignIn,
)
from reservations.models.stock_right import StockRight
from reservations.models.task_failure import TaskFailure
from reservations.models.territory import Territory
from reservations.models.territory_history import TerritoryLink, TerritoryName
from reservations.models.token import ApiCall, ApiToken

__all__ = [
    "ActingKey",
    "AddressChange",
    "ApiCall",
    "ApiToken",
    "Archive",
    "ArchivePart",
    "CapReading",
    "ColumnMapping",
    "Convention",
    "Delegation",
    "Derogation",
    "DeskChoice",
    "FileImport",
    "FilePart",
    "HistoryEntry",
    "Identity",
    "ImportedLine",
    "Imprint",
    "ImprintedTable",
    "Invitation",
    "KeptElsewhere",
    "Landlord",
    "Leaf",
    "LeafSalt",
    "LegalParameter",
    "LogCheckpoint",
    "LogCosignature",
    "LogHorizon",
    "LogNode",
    "Mail",
    "MailAttempt",
    "MailChoice",
    "MailFact",
    "MailItem",
    "Membership",
    "Nickname",
    "Organisation",
    "PasswordRequest",
    "Pause",
    "PauseAccord",
    "PeopleReview",
    "Quota",
    "Rate",
    "RecoveryCode",
    "RefusedAddress",
    "ReservationHolder",
    "RuleAside",
    "SecondFactor",
    "ServiceNotice",
    "Session",
    "SignIn",
    "Signatory",
    "SignedDocument",
    "StockRight",
    "TaskFailure",
    "Territory",
    "TerritoryLink",
    "TerritoryName",
    "Unconfirmed",
    "User",
]
