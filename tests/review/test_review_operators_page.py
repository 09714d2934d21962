"""The operators' page: how the queue stands, how people do, and finished labels that go back in line."""

from typing import Any

import pytest
from tests.review.on_the_page import violations
from tests.review.running_review import RunningReview, answer, take_all, token_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.browser]


def enter(page: Any, name: str) -> None:
    page.fill("#token", token_of(name))
    page.keyboard.press("Enter")


def test_an_operator_watches_pauses_and_puts_a_wrong_label_back_in_line(desk: RunningReview, page: Any) -> None:
    (number,) = desk.fresh(1)
    with desk.client("ada") as ada:
        (request,) = take_all(ada, 1)
        ada.post("/v1/answers", json=answer(request, seconds=3.5)).raise_for_status()
    with desk.client("eve") as eve:
        eventually(
            lambda: [each for each in eve.get("/v1/labels").json()["labels"] if each["record_id"] == f"record-{number}"]
        )
    page.goto(f"{desk.url()}/operators")
    enter(page, "ada")
    page.wait_for_selector("#login-error:has-text('no operator')")
    enter(page, "eve")
    page.wait_for_selector("#people tr:has-text('ada')")
    assert violations(page) == []

    page.fill("#q", f"record-{number}")
    page.keyboard.press("Enter")
    page.click(f"#found li:has(:text-is('record-{number}')) button")
    page.wait_for_selector(f"#dispute-record:has-text('text of record {number}')")
    assert violations(page) == []
    page.fill("#note", "it is ham")
    page.click("#dispute-form .primary")
    page.wait_for_selector("#found li:has-text('in line again')")
    with desk.client("ben") as ben:
        (again,) = take_all(ben, 1)
        assert (again["record_id"], again["blind"]) == (f"record-{number}", True)

    page.click("#pause")
    page.fill("#pause-note", "new guidelines")
    page.keyboard.press("Enter")
    page.wait_for_selector("#notice:has-text('paused by eve: new guidelines')")
    page.click("#pause")
    page.wait_for_selector("#pause:text-is('Pause')")
