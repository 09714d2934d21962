"""`python -m winnow.scorer`."""

from winnow.runtime.process import run_service
from winnow.scorer.app import main

run_service("scorer", main)
