"""Run the dashboard: `python -m winnow.dashboard`."""

from winnow.dashboard.app import main
from winnow.runtime.process import run_service

run_service("dashboard", main)
