"""The monitor: folds the evidence into policies, certificates, alarms and metrics (a Faust application)."""
