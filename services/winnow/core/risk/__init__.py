"""How the error is held: audits by coin, a ledger that proves, a gate that looks for the widest threshold."""

from winnow.core.risk.cadence import LiveCadence, RecordCadence
from winnow.core.risk.risk_monitor import RiskMonitor, Statement
from winnow.core.risk.risk_settings import RiskSettings

__all__ = ["LiveCadence", "RecordCadence", "RiskMonitor", "RiskSettings", "Statement"]
