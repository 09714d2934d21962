"""`winnow replay --from-topics`: wires the check of a live run to its cluster."""

from collections.abc import Iterator

from winnow.cli.terminal import Step, progress
from winnow.cli.topic_reader import TopicReader
from winnow.replay.topics import Findings, Run, TopicsCheck
from winnow.runtime import admin
from winnow.runtime.messages import Incoming
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.settings import Settings
from winnow.runtime.task_functions import task_with_functions
from winnow_schemas.topics import TopicName

BROKER_WAIT_S = 10.0


class ClusterTopics:
    """The topics as they are now. `step` hears how many messages were read."""

    def __init__(self, settings: Settings, step: Step) -> None:
        self._settings = settings
        self._step = step
        self.messages = 0

    def read(self, topic: TopicName) -> Iterator[Incoming]:
        """All messages that were committed by now."""
        with self._reader(topic) as reader:
            for message in reader.read_to_end():
                self.messages += 1
                self._step(self.messages, f"messages read, now of {topic}")
                yield message

    def first_offset(self, topic: TopicName) -> int:
        """The oldest offset that its first partition still has."""
        with self._reader(topic) as reader:
            return reader.starts()[self._settings.topics[topic], 0]

    def partitions(self, topic: TopicName) -> int:
        """How many it has."""
        with self._reader(topic) as reader:
            return len(reader.starts())

    def _reader(self, topic: TopicName) -> TopicReader:
        return TopicReader(self._settings, [self._settings.topics[topic]], "beginning")


def check_topics(settings: Settings, kept: int) -> Findings:
    """Make everything again that stands on the topics of this deployment."""
    admin.wait_for_broker(settings, BROKER_WAIT_S)
    with progress("replay of the topics", None) as step:
        source = ClusterTopics(settings, step)
        run = Run(
            task=task_with_functions(settings),
            topics=settings.topics,
            stream=admin.stream_id(settings),
            partitions=source.partitions("records"),
            salt=settings.salt,
            salt_id=settings.salt_id,
            keys=load_model_keys(settings) if settings.secrets.model_key_file else None,
        )

        def watch(done: int, of: int) -> None:
            step(source.messages, f"messages read, {done} of {of} decisions made again")

        return TopicsCheck(run, source, kept).check(watch)
