"""Seventy-seven labels, and one that was not there yet."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.review.on_the_page import log_in, violations, wait_for_response, wait_for_text
from tests.review.running_review import RunningReview
from tests.screenshots.stories import INTENTS
from tests.support.redis_server import RedisServer

from winnow.runtime.settings import Settings

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

LIKELY = {"card_arrival": 0.5, "card_delivery_estimate": 0.3, "pin_blocked": 0.2}
GUESS = {"suggestion": "card_arrival", "scores": dict.fromkeys(INTENTS, 0.0) | LIKELY}


@pytest.fixture(scope="module")
def banking(kafka: str, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReview]:
    settings = Settings(
        prefix="banking",
        partitions=2,
        kafka={"bootstrap_servers": kafka},
        redis={"url": redis_server.url},
        secrets={"salt": "a salt for tests"},
    )
    task = {"task": "banking", "labels": list(INTENTS), "open_labels": True, "input": {"text": True}}
    running = RunningReview(settings, tmp_path_factory.mktemp("banking"), task=task)
    running.start()
    running.wait_ready()
    yield running
    running.close()


def test_the_likeliest_are_a_key_away_the_others_a_search_and_new_ones_are_offered_later(
    banking: RunningReview, page: Any
) -> None:
    numbers = banking.fresh(4, **GUESS)
    records = [f"record-{number}" for number in numbers]
    given = {}
    log_in(page, banking)
    assert page.locator("#labels .label-name").all_inner_texts()[:3] == list(LIKELY)
    assert violations(page) == []

    given[page.inner_text("#record-title")] = "pin_blocked"
    page.keyboard.press("3")

    wait_for_text(page, "#done", "1")
    given[page.inner_text("#record-title")] = "card_delivery_estimate"
    page.keyboard.press("x")
    assert page.inner_text(".suggested .label-name") == "card_delivery_estimate", "the next likely one is suggested"
    page.keyboard.press("Enter")

    wait_for_text(page, "#done", "2")
    given[page.inner_text("#record-title")] = "refund_not_showing_up"
    page.keyboard.press("/")
    page.keyboard.type("refund show")
    assert page.locator("#all-labels button").count() == 1
    page.keyboard.press("Enter")

    wait_for_text(page, "#done", "3")
    given[page.inner_text("#record-title")] = "card in the sea"
    page.keyboard.press("+")
    page.keyboard.type("card in the sea")
    assert violations(page) == []
    page.keyboard.press("Enter")

    assert set(given) == set(records)
    for record, label in given.items():
        wait_for_response(banking, record, "label", label)
    (number,) = banking.fresh(1, **GUESS)
    wait_for_text(page, "#record-title", f"record-{number}")
    page.keyboard.press("/")
    page.keyboard.type("sea")
    assert page.inner_text("#all-labels .pointed") == "card in the sea"
