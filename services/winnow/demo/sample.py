"""The sample that comes with Winnow: a stream of real mail, with its true labels (see data/spam_sample.md)."""

from pathlib import Path

SAMPLE = Path(__file__).parent / "data" / "spam_sample.jsonl.gz"

TASK = """\
# The demo's task: sort mail.
task: spam
labels: [ham, spam]
input: {text: true}
target: {error: 0.05, confidence: 0.95}
review: {answers: 1, lease: 1m, expires: 1h, audit_expires: 30m}
risk: {hold_min: 5s}   # so short that releases can be watched
learn: {every: 1}
model: {champion: committee, challengers: [text_logistic]}
"""
