"""What the monitor shows of its gate: numbers for the metric family `gate`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from winnow.core.risk.risk_monitor import RiskMonitor


def gate_figures(monitor: "RiskMonitor") -> dict[str, Any]:
    """Figures of all scopes together; absent ones have no value yet."""
    scopes = monitor.scopes
    in_force = monitor.issuer.rules
    figures: dict[str, Any] = {
        "epoch": monitor.epoch,
        "policy_version": monitor.issuer.current,
        "target": monitor.settings.target,
        "confidence": round(1.0 - monitor.settings.risk, 12),
        "released": sum(scope.ledger.released for scope in scopes),
        "held": monitor.releases.cohorts.unseen,
        "wrong_at_most": sum(scope.ledger.bound for scope in scopes),
        "found": sum(scope.ledger.found for scope in scopes),
        "never_answered": sum(scope.ledger.never for scope in scopes),
        "allowances": sum(scope.ledger.allowances for scope in scopes),
        "audits": sum(scope.audits for scope in scopes),
        "alarms": monitor.alarms,
        "hold_s": monitor.issuer.hold_s,
        "unknown_versions": monitor.unknown_versions,
        "repeated": monitor.repeated,
        "overlooked_at_most": monitor.gold.overlooked_at_most,
    }
    if in_force:
        figures |= {
            "state": in_force.state,
            "chapter": in_force.chapter,
            "audit_rate": in_force.audit_rate,
            "ledger_rate": in_force.ledger_rate,
            "thresholds": dict(in_force.thresholds),
        }
    if monitor.issuer.claim:
        bound = monitor.issuer.claim.error_at_most
        figures["met"] = bound is not None and bound <= monitor.settings.target
        if bound is not None:
            figures["error_at_most"] = bound
    zones = [scope.zone for scope in scopes if scope.zone]
    if zones:
        answers = sum(zone.answers for zone in zones)
        figures["error_estimate"] = sum(zone.error * zone.answers for zone in zones) / answers
    if monitor.settings.target <= 0.0:
        figures["notice"] = "a target of 0 is never reached: every record goes to people"
    return figures
