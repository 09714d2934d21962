"""Run the monitor: `python -m winnow.monitor`."""

from winnow.monitor.app import main
from winnow.runtime.process import run_service

run_service("monitor", main)
