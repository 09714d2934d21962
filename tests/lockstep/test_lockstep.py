"""Services on Kafka, one record a transaction, decide, release and recall what the file replay says they do."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import MakeSettings
from tests.lockstep.comparison import Comparison
from tests.lockstep.conductor import Conductor
from tests.lockstep.outputs import record_of
from tests.lockstep.story import Story
from tests.lockstep.streams import Stream, real_stream, turning_mail, within_budget
from tests.support.deployment import Deployment, deploy

from winnow.client.released_labels import Given, ReleasedLabels
from winnow_schemas.certificates import Certificate
from winnow_schemas.codec import decode
from winnow_schemas.labels import Label
from winnow_schemas.unlabelled import Unlabelled

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(3600)]


def labels(deployment: Deployment) -> list[tuple[int, Label]]:
    return [(message.offset, decode(Label, message.value or b"")) for message in deployment.read("labels")]


def released(deployment: Deployment) -> list[int]:
    """Records whose machine's label counts, as a consumer reads the topics."""
    reader, given = ReleasedLabels(), {}
    changes = [change for offset, label in labels(deployment) for change in reader.take(label, offset)]
    for message in deployment.read("certificates"):
        changes += reader.certify(decode(Certificate, message.value or b""))
    for change in changes:
        if isinstance(change, Given):
            given[change.label.record_id] = change.label
        else:
            given.pop(change.record_id, None)
    return sorted(record_of(label.decision_id) for label in given.values() if label.source == "auto")


def recalled(deployment: Deployment) -> list[int]:
    return [record_of(label.decision_id) for _, label in labels(deployment) if label.source == "recall"]


def unanswered(deployment: Deployment) -> list[int]:
    ended = [decode(Unlabelled, message.value or b"") for message in deployment.read("unlabelled")]
    return [record_of(each.decision_id) for each in ended if each.reason == "expired"]


def run(stream: Stream, make_settings: MakeSettings, directory: Path) -> None:
    deployment = deploy(make_settings(partitions=1), directory, stream.task)
    story = Story(stream, deployment.settings.task)
    assert stream.alarms <= {alarm.kind for alarm in story.alarms}, "nothing happens in this stream"
    assert story.recalled_ones
    comparison = Comparison(story)
    with Conductor(deployment.settings, stream, comparison) as conductor:
        conductor.run()
    comparison.finished()
    assert released(deployment) == sorted(story.released_ones)
    assert recalled(deployment) == story.recalled_ones
    assert sorted(unanswered(deployment)) == sorted(story.unanswered_ones)


def test_mail_that_turns_over_is_decided_and_recalled_on_kafka_as_in_the_replay(make_settings, tmp_path):
    people = {"delay_s": 20.0, "absence": 0.04, "accuracy": 0.97}
    run(turning_mail("committee", 330, turns_at=250, salt="s6", **people), make_settings, tmp_path)


@pytest.mark.lockstep
@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(partial(real_stream, "elec2", 10_000, ["errors"]), id="elec2"),
        pytest.param(partial(real_stream, "elec2", 10_000, ["ledger"], salt="s2"), id="elec2 until the ledger refuses"),
        pytest.param(partial(real_stream, "spamassassin", 5_000, ["errors"]), id="spamassassin"),
        pytest.param(
            partial(turning_mail, "text_logistic", 1_200, 700, salt="s1", delay_s=30.0, absence=0.05, accuracy=0.97),
            id="turning mail",
        ),
        pytest.param(
            lambda: within_budget(turning_mail("committee", 900, 700, salt="s6", delay_s=20.0), 0.2),
            id="turning mail within a budget",
        ),
    ],
)
def test_a_whole_stream_comes_out_on_kafka_as_in_the_replay(stream: Callable[[], Stream], make_settings, tmp_path):
    run(stream(), make_settings, tmp_path)
