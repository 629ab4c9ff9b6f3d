"""The tables of enrollment; the modules below are private."""

from enrollment.models.agreements import AgreementText, CheckTry, Consent, Signature
from enrollment.models.applications import Amendment, Application, LatePermit, LateRequest, Needs, PickupPerson
from enrollment.models.care import CareCategory, CareRecord
from enrollment.models.fees import Charge, ChargeLine, FeePlan, FeeRate, FeeWaiver, Payment, PaymentImport
from enrollment.models.notices import Notice, NoticeReading, NoticeReminder
from enrollment.models.rights import RightsRequest

__all__ = [
    "AgreementText",
    "Amendment",
    "Application",
    "CareCategory",
    "CareRecord",
    "Charge",
    "ChargeLine",
    "CheckTry",
    "Consent",
    "FeePlan",
    "FeeRate",
    "FeeWaiver",
    "LatePermit",
    "LateRequest",
    "Needs",
    "Notice",
    "NoticeReading",
    "NoticeReminder",
    "Payment",
    "PaymentImport",
    "PickupPerson",
    "RightsRequest",
    "Signature",
]
