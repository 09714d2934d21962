"""A whole run without a broker: the services' own logic around topics that are lists, and a replay of these."""

import json
from datetime import UTC, datetime
from random import Random

from winnow.core.consensus import by_majority
from winnow.core.risk import RiskMonitor
from winnow.learner.classroom import classroom
from winnow.learner.figures import Figures as LearnerFigures
from winnow.learner.handler import LearnerHandler
from winnow.learner.settings import LearnerSettings
from winnow.monitor.handler import EvidenceHandler
from winnow.monitor.published import Published
from winnow.replay.topics import Run, TopicsCheck
from winnow.review.bodies import parse_body
from winnow.review.closings import ClosingMessages, Ended
from winnow.runtime.messages import Assignment, Commit, Incoming, Outgoing, Partition
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.model_keys import parse_model_keys
from winnow.runtime.snapshot_slots import is_of_champion
from winnow.runtime.snapshots import SnapshotReader
from winnow.scorer.champion import Champion
from winnow.scorer.figures import Figures as ScorerFigures
from winnow.scorer.functions import no_functions
from winnow.scorer.handler import ScorerHandler
from winnow.scorer.knowledge import Knowledge
from winnow.scorer.settings import ScorerSettings
from winnow_schemas.codec import decode, encode
from winnow_schemas.review_responses import ReviewResponse
from winnow_schemas.task import Task
from winnow_schemas.topics import CATALOGUE, Topics

STORY_RECORDS = 420
NOW = 1_800_000_000.0
TOPICS = Topics("w")
STREAM, SALT, SALT_ID = "stream01", "salt for tests", "5a17"
KEYS = parse_model_keys("one:" + "11" * 32)
TASK = Task.model_validate(
    {
        "task": "sizes",
        "labels": ["small", "large"],
        "input": {"features": {"size": "number", "colour": "category"}},
        "target": {"error": 0.1},
        "risk": {"hold_min": "5s"},
        "model": {"champion": "logistic"},
    }
)
RECORDS = Partition(TOPICS["records"], 0)
NAMES = {TOPICS[topic.name]: topic.name for topic in CATALOGUE}
BROKEN = b'{"id": "x", "features": {"si'


class Tail:
    """What was appended to some topics since the last look."""

    def __init__(self, story, names):
        self.story = story
        self.read = dict.fromkeys(names, 0)

    def poll(self):
        found = []
        for name, start in self.read.items():
            found += self.story.logs[name][start:]
            self.read[name] = len(self.story.logs[name])
        return found

    def read_to_end(self, timeout_s):
        return self.poll()


class Story:
    """One partition. Each record is decided at once, and answered at once where people see it and are there."""

    def __init__(self, task=TASK, functions=no_functions):
        self.task = task
        self.functions = functions
        self.logs = {name: [] for name in NAMES.values()}
        self.now = NOW
        self.people_are_there = True
        self.random = Random(5)
        self.tails = {name: Tail(self, [name]) for name in ("evidence", "review-requests", "verdicts")}
        self.scorer = self._scorer(Commit(0))
        about = LearnerSettings(task, TOPICS, KEYS)
        room = classroom(about, [])
        window = MetricsWindow("learner", "learner", TOPICS["metrics"], NOW)
        self.learner = LearnerHandler(about, room, LearnerFigures(window), lambda: 0.0)
        self.monitor = EvidenceHandler(RiskMonitor(task, SALT_ID, 1), Published("sizes", TOPICS), TOPICS, 400)
        self.review = ClosingMessages(TOPICS)

    def _scorer(self, start):
        champion = Champion(self.task)
        snapshots = SnapshotReader("sizes", KEYS, is_of_champion, champion.knows)
        knowledge = Knowledge(Tail(self, ["models", "policies"]), snapshots, champion, TOPICS["policies"], SALT_ID)
        window = MetricsWindow("scorer", "scorer.0", TOPICS["metrics"], NOW, rates=("records",))
        settings = ScorerSettings(self.task, TOPICS, STREAM, SALT, SALT_ID)
        scorer = ScorerHandler(settings, knowledge, ScorerFigures(window, lambda: 0.0), lambda: None, self.functions)
        scorer.assigned(Assignment({RECORDS: start}))
        return scorer

    def another_scorer(self, *, has_note=True):
        """Goes on from the last commit, of which the broker has kept the note or not."""
        commit = self.scorer.commits({RECORDS: len(self.logs["records"])})[RECORDS]
        self.scorer = self._scorer(commit if has_note else Commit(commit.offset))

    def write(self, outgoing):
        for message in outgoing:
            log = self.logs[NAMES[message.topic]]
            log.append(Incoming(message.topic, 0, len(log), message.key, message.value, self.now, message.headers))

    def passes(self, seconds):
        """Time in which nothing happens."""
        self.now += seconds

    def record(self, value=None):
        """One record, and all that comes of it."""
        number = len(self.logs["records"])
        if value is None:
            size = round(self.random.gauss(0, 2), 3)
            features = {"size": size, "colour": self.random.choice(["red", "blue"])}
            value = json.dumps({"id": f"r{number}", "features": features}).encode()
        self.now += 1.0
        self.write([Outgoing(TOPICS["records"], value, b"k")])
        self.write(self.scorer.handle([self.logs["records"][-1]], self.now))
        self.scorer.committed()
        if self.people_are_there:
            self._answer()
        self._fold()

    def _answer(self):
        for message in self.tails["review-requests"].poll():
            body = parse_body(message)
            label = self.label_of(body.request.record["features"]["size"])
            response = ReviewResponse(
                response_id=f"answer to {body.request.request_id}",
                request_id=body.request.request_id,
                record_id=body.record_id,
                reviewer="ann",
                action="label",
                label=label,
                at=datetime.fromtimestamp(self.now, UTC),
            )
            answers = (("ann", label),)
            ended = Ended(answers, by_majority(answers), response)
            self.write(self.review.verdict(body, ended, self.now, is_superseded=False))
        self.learner.learn(self.tails["verdicts"].poll(), self.now)
        self.publish()

    @staticmethod
    def label_of(size):
        """What people say."""
        return "large" if size > 0 else "small"

    def publish(self):
        """What the learner has to tell."""
        while issue := self.learner.due(self.now):
            self.write(issue.messages())
            self.learner.committed()

    def _fold(self):
        for message in self.tails["evidence"].poll():
            self.write(self.monitor.handle(message, message.offset + 1))


def told_story(records=420, task=TASK, functions=no_functions):
    """A model learns, a gate opens, a record is broken, a policy lapses; at last all people go home."""
    story = Story(task, functions)
    for number in range(records):
        if number == records // 2:
            story.record(BROKEN)
        if number == records - 40:
            story.passes(300)
        story.people_are_there = number < records - 5
        story.record()
    return story.logs


class KeptTopics:
    """The topics of a story, for a replay and for whoever tampers with them."""

    def __init__(self, logs):
        self.logs = {name: list(messages) for name, messages in logs.items()}
        self.first_offsets = {}

    def read(self, topic):
        return iter(list(self.logs[topic]))

    def first_offset(self, topic):
        return self.first_offsets.get(topic, 0)

    def find(self, topic, contract, wanted):
        """Place and content of the first message of which `wanted` is true."""
        for place, message in enumerate(self.logs[topic]):
            if message.value is not None and wanted(said := decode(contract, message.value)):
                return place, said
        raise AssertionError(f"no such message on {topic}")

    def put(self, topic, place, said):
        value = said if isinstance(said, bytes | None) else encode(said)
        self.logs[topic][place] = self.logs[topic][place]._replace(value=value)

    def drop(self, topic, unwanted):
        self.logs[topic] = [message for message in self.logs[topic] if not unwanted(message)]

    def check(self, *, salt=SALT, salt_id=SALT_ID, stream=STREAM, keys=KEYS, kept=20, task=TASK):
        run = Run(task, TOPICS, stream, 1, salt, salt_id, keys)
        return TopicsCheck(run, self, kept).check(lambda done, of: None)


def only(findings):
    """The one difference of all decisions."""
    assert not findings.holds
    assert findings.decisions.different == 1
    return findings.decisions.differences[0]
