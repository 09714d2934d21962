"""A story whose gate is open, with cohorts at hand: for tests of what happens to them."""

from itertools import count

from tests.core.risk.risk_story import Story

NEXT_VERSION_S = 1
"""A live monitor looks at most once a second."""


def opened(**more):
    """Reviews only, all right: the gate opens; the cohort of the policy in force is empty."""
    story = Story(**more).begin()
    story.requests = map("audit-{}".format, count())
    for number in range(75 * len(story.task.labels)):
        label = story.task.labels[number % len(story.task.labels)]
        story.counts(label, reviews=1)
        story.close(f"review-{number}", look="review", predicted=label, top_probability=0.95, propensity=1.0)
    next_version(story)
    assert story.policy.thresholds
    return story


def next_version(story):
    """25 records below the threshold: the next policy version is in force everywhere."""
    before = story.version
    story.seconds += NEXT_VERSION_S
    story.counts(reviews=25)
    assert story.version > before
    for partition in story.next:
        story.counts(partition=partition)
    return story.version


def decide(story, unseen, audits=0, label="a"):
    """A cohort with so many unseen labels and ledger audits; gives its version and its requests.

    From then on all partitions are at a later version: it is complete.
    """
    version = story.version
    story.counts(label, records=min(unseen + audits, 24), unseen=unseen, ledger_audits=audits)
    next_version(story)
    return version, [next(story.requests) for _ in range(audits)]


def hold(story):
    """Let so much time pass that everything held is old enough."""
    story.seconds += story.monitor.parts.issuer.hold_s + 1
    for partition in story.next:
        story.counts(partition=partition)


def chapter(story, scope=0):
    return story.monitor.parts.scopes[scope].ledger.current


def ledger_figures(story, scope=0):
    """Released, found and never answered of the current chapter."""
    current = chapter(story, scope)
    return current.released, current.found, current.never
