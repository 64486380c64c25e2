"""The attempts to activate, and what came out of them for the offices, a file for each noun."""

from activation.models.activation import Activation
from activation.models.activation_letter import ActivationLetter, LetterQuerySet
from activation.models.correction_request import CorrectionRequest
from activation.models.progress_count import ProgressCount, Reached
from activation.models.quality_report import QualityReport

__all__ = [
    "Activation",
    "ActivationLetter",
    "CorrectionRequest",
    "LetterQuerySet",
    "ProgressCount",
    "QualityReport",
    "Reached",
]
