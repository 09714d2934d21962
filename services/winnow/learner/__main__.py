"""`python -m winnow.learner`."""

from winnow.learner.app import main
from winnow.runtime.process import run_service

run_service("learner", main)
