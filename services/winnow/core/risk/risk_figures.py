"""What the monitor shows of its gate: numbers for the metric family `gate`."""

from typing import Any

from winnow.core.risk.epochs import Epochs
from winnow.core.risk.monitor_parts import Parts


def gate_figures(parts: Parts, epochs: Epochs) -> dict[str, Any]:
    """Figures of all scopes together; absent ones have no value yet."""
    scopes = parts.scopes
    in_force = parts.issuer.rules
    figures: dict[str, Any] = {
        "epoch": epochs.current,
        "policy_version": parts.issuer.current,
        "target": parts.settings.target,
        "confidence": round(1.0 - parts.settings.risk, 12),
        "released": sum(scope.ledger.released for scope in scopes),
        "held": parts.releases.cohorts.unseen,
        "wrong_at_most": sum(scope.ledger.bound for scope in scopes),
        "found": sum(scope.ledger.found for scope in scopes),
        "never_answered": sum(scope.ledger.never for scope in scopes),
        "allowances": sum(scope.ledger.allowances for scope in scopes),
        "audits": sum(scope.audits for scope in scopes),
        "alarms": epochs.alarms,
        "hold_s": parts.issuer.hold_s,
        "unknown_versions": parts.unknown_versions,
        "repeated": parts.repeated,
        "overlooked_at_most": parts.gold.overlooked_at_most,
    }
    if in_force:
        figures |= {
            "state": in_force.state,
            "chapter": in_force.chapter,
            "audit_rate": in_force.audit_rate,
            "ledger_rate": in_force.ledger_rate,
            "thresholds": dict(in_force.thresholds),
        }
        if in_force.review_share is not None:
            figures["review_share"] = in_force.review_share
    if parts.issuer.claim:
        bound = parts.issuer.claim.error_at_most
        figures["met"] = bound is not None and bound <= parts.settings.target
        if bound is not None:
            figures["error_at_most"] = bound
    zones = [scope.zone for scope in scopes if scope.zone]
    if zones:
        answers = sum(zone.answers for zone in zones)
        figures["error_estimate"] = sum(zone.error * zone.answers for zone in zones) / answers
    if parts.settings.target <= 0.0:
        figures["notice"] = "a target of 0 is never reached: every record goes to people"
    return figures
