"""The page when something is wrong: hostile records, no connection, lost leases, revoked tokens, two tabs, a clock."""

from typing import Any

import pytest
from tests.review.on_the_page import in_order, log_in, responses_about, title_of, wait_for_response, wait_for_text
from tests.review.running_review import NAMES, RunningReview, token_of
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.browser]


def test_hostile_records_are_shown_as_text(desk: RunningReview, page: Any) -> None:
    text = "<img src=x onerror=alert(1)><script>document.title='owned'</script>\n\n\u202eright to left"
    record = {"id": "<b>x</b>", "text": text, "show": {"<i>a</i>": "<u>b</u>"}, "features": {"<s>": "<hr>"}}
    desk.fresh(1, record=record)
    log_in(page, desk)
    assert page.inner_text("#record-title") == record["id"]
    assert page.text_content("#text") == text
    assert page.locator("#record").locator("img, script, b, i, u, s, hr").count() == 0
    assert "owned" not in page.title()


def test_large_records_are_shown_whole_and_the_next_one_comes(desk: RunningReview, page: Any) -> None:
    text = "\u05e9\u05dc\u05d5\u05dd " * (64 * 1024 // 9)
    features = {f"feature {n}": float(n) for n in range(300)}
    large, following = in_order(desk, {"record": {"id": "large", "text": text, "features": features}}, {})
    log_in(page, desk)
    assert title_of(page) == "large" != large
    assert page.text_content("#text") == text
    assert page.evaluate("getComputedStyle(document.querySelector('#text')).unicodeBidi") == "plaintext"
    assert page.locator("#more-feature-rows tr").count() == 300
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off at the side"
    assert page.locator("#labels button").first.is_visible()
    page.keyboard.press("Enter")
    wait_for_text(page, "#record-title", following)


def test_answers_given_without_connection_wait_and_are_sent_once(desk: RunningReview, page: Any) -> None:
    first, second = in_order(desk, {}, {})
    log_in(page, desk)
    wait_for_text(page, "#waiting", "2")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_selector("#notice:has-text('2 of your answers')")
    page.context.set_offline(False)
    wait_for_response(desk, first, "label", "ham")
    wait_for_response(desk, second, "label", "ham")
    given = [each.record_id for each in desk.read("review-responses") if each.record_id in (first, second)]
    assert sorted(given) == sorted((first, second))


def test_a_lease_that_somebody_else_took_is_told_and_can_be_taken_again(desk: RunningReview, page: Any) -> None:
    (record,) = in_order(desk, {})
    log_in(page, desk)
    with desk.client("ada") as ada, desk.client("ben") as ben:
        ids = {"request_ids": [f"streamid/0/{record.removeprefix('record-')}"]}
        ada.post("/v1/release", json=ids).raise_for_status()
        ben.post("/v1/take", json=ids).raise_for_status()
        page.keyboard.press("Enter")
        page.wait_for_selector("#notice:has-text('does not count')")
        page.click("#take-again")
        page.wait_for_selector("#notice:has-text('cannot be taken again')")
        assert responses_about(desk, record) == []
        ben.post("/v1/release", json=ids).raise_for_status()
    page.wait_for_selector("#record:visible")
    page.keyboard.press("Enter")
    wait_for_response(desk, record, "label", "ham")


def test_a_token_revoked_in_mid_session_keeps_the_answer_until_its_reviewer_is_back(
    desk: RunningReview, page: Any
) -> None:
    first, second = in_order(desk, {}, {})
    log_in(page, desk)
    desk.write_reviewers("ben", "eve")
    try:
        with desk.client("ada") as ada:
            eventually(lambda: ada.get("/v1/queue").status_code == 401, within_s=10)
        page.keyboard.press("Enter")
        page.wait_for_selector("#login:visible")
        assert not page.is_visible("#record")
    finally:
        desk.write_reviewers(*NAMES)
    with desk.client("ada") as ada:
        eventually(lambda: ada.get("/v1/queue").status_code == 200, within_s=10)
    page.fill("#token", token_of("ada"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#record:visible")
    wait_for_response(desk, first, "label", "ham")
    assert title_of(page) == second


def test_two_tabs_of_one_reviewer_get_different_records(desk: RunningReview, page: Any) -> None:
    records = in_order(desk, *({} for _ in range(6)))
    log_in(page, desk)
    other = page.context.new_page()
    other.goto(desk.url())
    other.wait_for_selector("#record:visible")
    for tab in (page, other, page, other):
        tab.bring_to_front()
        tab.keyboard.press("Enter")
    eventually(lambda: len(responses_about(desk, *records)) == 4, what="four answers")
    assert len({record for record, _, _ in responses_about(desk, *records)}) == 4


def test_a_wrong_clock_changes_nothing(desk: RunningReview, page: Any) -> None:
    first, second = in_order(desk, {}, {})
    page.add_init_script("const real = Date.now; Date.now = () => (real() % 2 ? 1e15 : -1e15)")
    log_in(page, desk)
    for record in (first, second):
        wait_for_text(page, "#record-title", record)
        page.keyboard.press("Enter")
        wait_for_response(desk, record, "label", "ham")
    given = [each for each in desk.read("review-responses") if each.record_id in (first, second)]
    assert all(0 <= each.seconds < 60 for each in given)
    assert all(each.at.year < 3000 for each in given)


def test_a_wrong_token_is_told_and_logging_out_gives_records_back(desk: RunningReview, page: Any) -> None:
    (record,) = in_order(desk, {})
    page.goto(desk.url())
    page.fill("#token", "nonsense")
    page.keyboard.press("Enter")
    page.wait_for_selector("#login-error:has-text('not known')")
    log_in(page, desk)
    page.click("#logout")
    page.wait_for_selector("#login:visible")
    log_in(page, desk, "ben")
    assert title_of(page) == record
