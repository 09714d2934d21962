"""A certificate in words. Bounds are rounded up: a sentence may promise less than was proven, not more."""

import math

from winnow_schemas.certificates import Certificate


def of_certificate(certificate: Certificate | None) -> str:
    """What it proves, and whether that is what was asked for."""
    if certificate is None or certificate.error_at_most is None:
        return "nothing yet: no label of the machine has been released"
    proven = (
        f"at most {percent_at_most(certificate.error_at_most)} of {certificate.labels:,} released labels are wrong, "
        f"with {share_of(certificate.confidence, 1)} confidence"
    )
    return f"{proven}: target {'met' if certificate.met else 'not proven yet, that takes more audits'}"


def percent_at_most(share: float) -> str:
    """0.0381 is "3.9 %"."""
    return f"{_plain(math.ceil(share * 1000 - 1e-9) / 10)} %"


def share_of(part: float, whole: float) -> str:
    """To a tenth of a per cent; a dash for what cannot be said."""
    return f"{_plain(100 * part / whole)} %" if whole else "-"


def count(number: int, one: str) -> str:
    """1,240 labels, or 1 label."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def _plain(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
