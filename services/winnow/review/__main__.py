from winnow.review.app import main
from winnow.runtime.process import run_service

run_service("review", main)
