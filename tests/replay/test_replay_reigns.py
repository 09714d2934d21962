"""Which model a decision was made by, from the evidence alone."""

from datetime import UTC, datetime

from winnow.replay.topics.reigns import Reigns
from winnow.runtime.messages import Incoming
from winnow_schemas.codec import encode
from winnow_schemas.evidence import Counts, ModelChange

AT = datetime(2026, 11, 1, tzinfo=UTC)


def changed(change, version):
    return encode(ModelChange(change=change, name="logistic", model_version=version, at=AT))


def counted(since):
    told = Counts(
        stream="s", partition=0, first=0, end=0, policy_version=1, model_version=since, model_since=since, at=AT
    )
    return encode(told)


def reigns(*evidence):
    heard = Reigns()
    for offset, value in enumerate(evidence):
        heard.hear(Incoming("evidence", 0, offset, None, value, 0.0))
    return heard


def test_a_version_belongs_to_the_model_that_began_last_before_it():
    heard = reigns(changed("promoted", 300), counted(0), changed("rolled_back", 500), changed("promoted", 300))
    assert [heard.since(version) for version in (-1, 0, 299, 300, 499, 500, 9_000)] == [0, 0, 0, 300, 300, 500, 500]


def test_counts_tell_it_too_and_what_was_only_withheld_began_nothing():
    heard = reigns(changed("withheld", 200), counted(700), None, b"no message, though it says rolled_back")
    assert [heard.since(version) for version in (250, 700)] == [0, 700]
