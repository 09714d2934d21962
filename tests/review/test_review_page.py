"""The page in a real browser: what a person does with keys and buttons, and what becomes of it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from tests.review.on_the_page import in_order, log_in, title_of, violations, wait_for_response, wait_for_text
from tests.review.running_review import RunningReview
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.browser]


def test_a_person_accepts_corrects_skips_and_puts_back_with_the_keyboard_alone(desk: RunningReview, page: Any) -> None:
    accepted, corrected, skipped, returned = in_order(desk, {}, {}, {}, {})
    log_in(page, desk)

    for record, key in ((accepted, "Enter"), (corrected, "2"), (skipped, "s"), (returned, "b")):
        wait_for_text(page, "#record-title", record)
        page.keyboard.press(key)

    wait_for_response(desk, accepted, "label", "ham")
    wait_for_response(desk, corrected, "label", "spam")
    wait_for_response(desk, skipped, "skip")
    wait_for_response(desk, returned, "put_back")
    wait_for_text(page, "#record-title", returned)
    assert page.inner_text("#done") == "2"


def test_one_key_a_record_and_the_next_ones_are_there_before_the_network_answers(
    desk: RunningReview, page: Any
) -> None:
    records = in_order(desk, {}, {}, {}, {}, {})
    with desk.client("eve") as operator:
        eventually(lambda: operator.get("/v1/queue").json()["waiting"] == len(records), what="all of them in line")
    log_in(page, desk)
    held: list[Any] = []
    page.route("**/v1/**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright wants a function
    for record, following in pairwise(records[:4]):
        assert title_of(page) == record
        page.keyboard.press("Enter")
        assert title_of(page) == following, "it was there under lease"
    assert held, "the first answer is on its way, no further"
    page.unroute("**/v1/**")
    for record in records[:3]:
        wait_for_response(desk, record, "label", "ham")


def test_a_letter_picks_the_tenth_label(desk: RunningReview, page: Any) -> None:
    (record,) = in_order(desk, {})

    def among_many(route: Any) -> None:
        told = route.fetch().json()
        for request in told["requests"]:
            request["labels"] = [*(f"label {number}" for number in range(9)), "spam", "ham"]
        route.fulfill(json=told)

    page.route("**/v1/next", among_many)
    log_in(page, desk)
    page.keyboard.press("c")
    wait_for_response(desk, record, "label", "spam")
    page.unroute_all(behavior="ignoreErrors")


def test_every_action_has_a_button_and_a_double_click_answers_once(desk: RunningReview, page: Any) -> None:
    first, second, third = in_order(desk, {}, {}, {})
    log_in(page, desk)

    page.dblclick("#labels button:has-text('spam')")
    wait_for_text(page, "#record-title", second)
    page.click("#skip")
    wait_for_text(page, "#record-title", third)
    page.keyboard.press("Enter")

    wait_for_response(desk, first, "label", "spam")
    wait_for_response(desk, second, "skip")
    wait_for_response(desk, third, "label", "ham")
    page.wait_for_selector("#empty:visible")


def test_undo_brings_the_last_record_back_and_the_new_answer_counts(desk: RunningReview, page: Any) -> None:
    (record,) = in_order(desk, {})
    log_in(page, desk)
    page.keyboard.press("1")
    wait_for_response(desk, record, "label", "ham")
    page.keyboard.press("u")
    page.wait_for_selector("#record:visible")
    assert title_of(page) == record
    assert page.inner_text("#done") == "0"
    page.keyboard.press("2")
    wait_for_response(desk, record, "label", "spam")


def test_nothing_on_the_page_tells_a_blind_request_s_score(desk: RunningReview, page: Any) -> None:
    decision = {"reason": "audit", "look": "ledger", "propensity": 0.08}
    (audit,) = in_order(desk, {"decision": decision, "blind": True, "suggestion": None, "scores": None})
    log_in(page, desk)
    assert title_of(page) == audit
    shown = page.content()
    assert "audit" not in shown
    assert page.locator(".share, .bar, .suggested, .spoke-chip").count() == 0
    page.keyboard.press("Enter")
    assert title_of(page) == audit, "there is nothing to accept"
    page.keyboard.press("1")
    wait_for_response(desk, audit, "label", "ham")


def test_x_says_that_the_suggestion_is_wrong(desk: RunningReview, page: Any) -> None:
    first, second = in_order(desk, {}, {})
    log_in(page, desk)
    page.keyboard.press("x")
    wait_for_text(page, "#record-title", second)
    page.click("#reject")
    wait_for_response(desk, first, "label", "spam")
    wait_for_response(desk, second, "label", "spam")


def test_answers_before_the_last_one_are_taken_back_one_by_one(desk: RunningReview, page: Any) -> None:
    records = in_order(desk, {}, {}, {}, {})
    log_in(page, desk)
    for record, key in zip(records[:3], ("Enter", "s", "b"), strict=True):
        wait_for_text(page, "#record-title", record)
        page.keyboard.press(key)
    wait_for_response(desk, records[2], "put_back")
    page.reload()
    page.wait_for_selector("#record:visible")
    for record in reversed(records[:3]):
        page.keyboard.press("u")
        wait_for_text(page, "#record-title", record)
    assert page.inner_text("#done") == "0"
    page.keyboard.press("2")
    wait_for_response(desk, records[0], "label", "spam")


def test_lines_of_a_document_are_accepted_together_but_for_the_blind_ones(desk: RunningReview, page: Any) -> None:
    lines = [{"record": {"id": f"line-{n}", "text": f"line {n}", "group": "invoice 7"}} for n in range(1, 5)]
    lines[2] |= {"blind": True, "suggestion": None, "scores": None}
    for line in lines:
        desk.fresh(1, **line)
    log_in(page, desk)
    eventually(lambda: page.locator("#lines .line").count() == 4, what="all lines of the document")
    assert page.locator("#lines .line-text").all_inner_texts() == ["line 1", "line 2", "line 3", "line 4"]
    assert violations(page) == []
    page.click("#lines .line:nth-child(2) .line-reject")
    page.keyboard.press("a")
    wait_for_text(page, "#document-count", "1 of 4 lines open")
    assert page.inner_text("#lines [aria-current]").startswith("line 3")
    page.keyboard.press("1")
    page.wait_for_selector("#empty:visible")
    labels = {"line-1": "ham", "line-2": "spam", "line-3": "ham", "line-4": "ham"}
    for record, label in labels.items():
        wait_for_response(desk, record, "label", label)


@pytest.mark.parametrize("styled_page", [((1100, 850), "light"), ((390, 780), "dark")], indirect=True)
def test_what_spoke_for_the_suggestion_is_marked_and_has_no_barriers(desk: RunningReview, styled_page: Any) -> None:
    features = {"links": 12.0, "<b>odd</b>": 1.0}
    in_order(
        desk, {"record": {"id": "mail", "text": "Dear FRIEND, dear friends: a free meeting", "features": features}}
    )

    def explained(route: Any) -> None:
        told = route.fetch().json()
        for request in told["requests"]:
            request["why"] = [{"word": "friend", "weight": 1.5}, {"word": "meeting", "weight": -0.5}]
            request["why"] += [{"feature": "<b>odd</b>", "weight": 0.25}]
            request["unusual"] = {"links": {"is": "high", "share": 0.01, "usual": [0.0, 2.0]}}
        route.fulfill(json=told)

    styled_page.route("**/v1/next", explained)
    log_in(styled_page, desk)
    assert styled_page.locator("mark.for").all_inner_texts() == ["FRIEND"]
    assert styled_page.locator("mark.against").all_inner_texts() == ["meeting"]
    assert styled_page.locator("#spoke .spoke-chip").all_inner_texts() == ["friend", "<b>odd</b>", "meeting"]
    assert "higher than 99 of 100" in styled_page.inner_text("#feature-rows tr.odd")
    assert styled_page.text_content("#text") == "Dear FRIEND, dear friends: a free meeting"
    assert violations(styled_page) == []
    styled_page.unroute_all(behavior="ignoreErrors")


def test_a_line_that_a_document_lacks_is_added_and_taken_back(desk: RunningReview, page: Any) -> None:
    desk.fresh(1, record={"id": "row-1", "text": "row 1", "group": "invoice 9"})
    log_in(page, desk)
    page.click("#add-beside")
    page.fill("#line-text", "VAT 20 %")
    page.fill("#line-label", "eggs")
    page.keyboard.press("Enter")
    page.wait_for_selector("#line-error:has-text('no label eggs')")
    page.fill("#line-label", "spam")
    assert violations(page) == []
    page.keyboard.press("Enter")
    added = eventually(lambda: [each for each in desk.read("verdicts") if each.record.get("group") == "invoice 9"])
    assert [(each.label, each.record["text"]) for each in added] == [("spam", "VAT 20 %")]
    assert page.locator("#lines .line-main").all_inner_texts() == ["row 1\nham 60 %", "VAT 20 %\n+ spam"]
    page.keyboard.press("n")
    page.wait_for_selector("#line-dialog[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.wait_for_selector("#record:visible")
    about_it = eventually(
        lambda: (
            len(said := [each for each in desk.read("labels") if each.record_id == added[0].record["id"]]) > 1 and said
        )
    )
    assert [(each.source, each.label) for each in about_it] == [("human", "spam"), ("recall", None)]


def test_the_keys_are_told(desk: RunningReview, page: Any) -> None:
    (record,) = in_order(desk, {})
    log_in(page, desk)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    assert violations(page) == []
    page.keyboard.press("s")
    assert title_of(page) == record, "keys do nothing while a window is open"
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    wait_for_response(desk, record, "label", "ham")


@pytest.fixture
def styled_page(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    (width, height), scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "styled_page", [((1100, 850), "light"), ((1100, 850), "dark"), ((390, 780), "light")], indirect=True
)
def test_the_page_has_no_barriers(desk: RunningReview, styled_page: Any) -> None:
    features = {"hour": 3.0, "html": True, "language": "en"}
    in_order(desk, {"record": {"id": "mail", "text": "Dear friend", "features": features, "show": {"from": "kate"}}})
    styled_page.goto(desk.url())
    styled_page.wait_for_selector("#login:visible")
    assert violations(styled_page) == []
    log_in(styled_page, desk)
    assert violations(styled_page) == []
    styled_page.keyboard.press("1")
    styled_page.wait_for_selector("#empty:visible")
    assert violations(styled_page) == []
    assert styled_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off at the side"
