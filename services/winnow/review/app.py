"""Wires the review service: the transactional loop in the main thread, the API beside it."""

import hmac
import secrets
import threading
import time
from datetime import timedelta

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from winnow.core.choice import Manner
from winnow.core.sketch import Sketcher
from winnow.review.answering import Answering
from winnow.review.api import ReviewDesk, create_app
from winnow.review.api_server import ApiServer
from winnow.review.bodies import Bodies
from winnow.review.bodies_ahead import BodiesAhead
from winnow.review.closings import ClosingMessages
from winnow.review.desk import Means
from winnow.review.disputing import Disputing
from winnow.review.explaining import explaining
from winnow.review.figures import QueueFigures
from winnow.review.finished_labels import FinishedLabels
from winnow.review.handler import RebuildPace, ReviewHandler
from winnow.review.history import KafkaHistory
from winnow.review.identity import Identity
from winnow.review.judge import Judge
from winnow.review.known_reviewers import KnownReviewers
from winnow.review.label_book import LabelBook
from winnow.review.label_log import KafkaLabelLog
from winnow.review.label_routes import LabelDesk
from winnow.review.leasing import Leasing
from winnow.review.limits import RateLimit
from winnow.review.probes import Probes
from winnow.review.queue_feed import RedisFeed
from winnow.review.queue_watch import QueueWatch
from winnow.review.recall_job import Pace, RecallJob
from winnow.review.recall_messages import RecallMessages
from winnow.review.recall_writer import RecallWriter
from winnow.review.redis_queue import Ahead, RedisQueue, ignored
from winnow.review.request_handles import RequestHandles
from winnow.review.response_writer import ResponseWriter
from winnow.review.reviewers import ReviewersFile
from winnow.review.reviewers_log import KafkaReviewersLog
from winnow.review.rules import ReviewRules, rules_of
from winnow.review.sessions import Sessions
from winnow.review.usual_values import UsualValues
from winnow.runtime.admin import require_topics
from winnow.runtime.errors import RestartNeeded
from winnow.runtime.loop import LoopPolicy, TransactionalLoop
from winnow.runtime.metrics import MetricsWindow
from winnow.runtime.process import stop_event
from winnow.runtime.settings import Settings
from winnow_schemas.review_requests import ReviewRequest

POLICY = LoopPolicy(max_wait_s=0.05, tick_s=0.1, assignment_strategy="range")
BROKER_WITHIN_S = 30.0
FEED_PATIENCE_S = 0.5
API_PATIENCE_S = 2.0
REQUESTS_A_SECOND, REQUESTS_AT_ONCE = 100.0, 300.0
WRONG_LOGINS_A_SECOND, WRONG_LOGINS_AT_ONCE = 0.2, 10.0

log = structlog.get_logger(__name__)


def main(settings: Settings) -> int:
    """Serve until asked to stop."""
    require_topics(settings, BROKER_WITHIN_S)
    return serve(settings, stop_event())


def serve(settings: Settings, stop: threading.Event) -> int:
    """Serve until `stop` is set; 0 when all is in order."""
    rules = rules_of(settings.task)
    reviewers = ReviewersFile(settings.review.reviewers_file, time.monotonic)
    history = KafkaHistory(settings)
    labels_known, usual = LabelBook(rules.labels, open_labels=rules.open_labels), UsualValues()

    def on_read(request: ReviewRequest) -> None:
        usual.saw(request.record)
        labels_known.saw(request.decision.scores or ())

    bodies = Bodies(history, on_read=on_read)
    feed = RedisFeed(_queue(settings, rules.lease, FEED_PATIENCE_S), rules.answer_rule)
    reviewers_log = KafkaReviewersLog(settings, time.time)
    people = KnownReviewers(reviewers_log, settings.topics, rules.labels, rules.least_accuracy)
    messages = ClosingMessages(settings.topics)
    finished, looked_up = FinishedLabels(settings), FinishedLabels(settings)
    sketch = Sketcher(settings.task.input).sketch
    means = Means(
        settings.topics,
        rules,
        people,
        Judge(rules, people),
        bodies,
        history,
        finished,
        messages,
        sketch,
        settings.partitions,
    )
    labels = KafkaLabelLog(settings)
    watch = QueueWatch(_redis(settings, FEED_PATIENCE_S), settings.prefix, settings.slot, lambda: feed.counts)
    figures = QueueFigures(_window(settings), watch, people)
    recalls = _recalls(settings, rules, labels)
    handler = ReviewHandler(means, reviewers, feed, figures, recalls, RebuildPace())
    topics = [settings.topics["review-requests"], settings.topics["review-responses"]]
    loop = TransactionalLoop(settings, topics, "review", settings.slot, handler, POLICY)

    def waits_for() -> str | None:
        if not handler.is_assigned:
            return "its partitions"
        return None if feed.is_reachable else "redis"

    with ResponseWriter(settings) as writer, BodiesAhead(bodies) as ahead, explaining(settings) as explain:
        queue = _queue(settings, rules.lease, API_PATIENCE_S, ahead.expect)
        identity = _identity(settings, reviewers)
        desk = ReviewDesk(
            task=settings.task.task,
            input=settings.task.input.model_dump(),
            rules=rules,
            queue=queue,
            leasing=Leasing(queue, bodies, labels_known, usual, explain),
            answering=Answering(queue, writer, rules, settings.partitions, time.time),
            identity=identity,
            handles=RequestHandles(_secret(settings, b"request handles")),
            labels=LabelDesk(Disputing(looked_up, writer, time.time), identity, settings.partitions),
            probes=Probes(waits_for),
            people=people,
            watch=watch,
            keep_pause=feed.keep,
            clock=time.time,
        )
        with ApiServer(create_app(desk), settings.http.host, settings.http_port("review"), stop) as api:
            log.info("review desk open", address=f"http://{settings.http.host}:{api.port}/")
            loop.run(stop)
    history.close()
    labels.close()
    for reader in (reviewers_log, finished, looked_up):
        reader.close()
    if api.has_failed:
        raise RestartNeeded("the API ended by itself")
    return 0


def _recalls(settings: Settings, rules: ReviewRules, labels: KafkaLabelLog) -> RecallJob:
    writer = RecallWriter(labels, RecallMessages(settings.topics), rules, settings.partitions)
    return RecallJob(labels, writer, Pace())


def _window(settings: Settings) -> MetricsWindow:
    return MetricsWindow("queue", f"review-{settings.slot}", settings.topics["metrics"], time.time())


def _queue(settings: Settings, lease: timedelta, patience_s: float, ahead: Ahead = ignored) -> RedisQueue:
    manner = Manner.of(settings.task.sampling)
    return RedisQueue(_redis(settings, patience_s), settings.prefix, lease, manner, ahead)


def _redis(settings: Settings, patience_s: float) -> redis.Redis:
    return redis.Redis.from_url(
        settings.redis.url,
        socket_timeout=patience_s,
        socket_connect_timeout=patience_s,
        health_check_interval=10,
        retry=Retry(NoBackoff(), 1),
    )


def _identity(settings: Settings, reviewers: ReviewersFile) -> Identity:
    return Identity(
        reviewers,
        Sessions(_secret(settings, b"review sessions"), reviewers, time.time),
        RateLimit(REQUESTS_A_SECOND, REQUESTS_AT_ONCE, time.monotonic),
        RateLimit(WRONG_LOGINS_A_SECOND, WRONG_LOGINS_AT_ONCE, time.monotonic),
    )


def _secret(settings: Settings, purpose: bytes) -> bytes:
    """From the deployment's salt, so that all workers know each other's sessions and ids; else of this process."""
    if settings.secrets.salt is None and settings.secrets.salt_file is None:
        return secrets.token_bytes(32)
    return hmac.digest(settings.salt.encode(), purpose, "sha256")
