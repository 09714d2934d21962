"""Choosing which records come: by the reason why it is asked, and by the label suggested."""

from typing import Any

import pytest
from tests.review.on_the_page import in_order, log_in, title_of, violations, wait_for_text
from tests.review.running_review import RunningReview
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

SPAM = {"suggestion": "spam", "scores": {"spam": 0.7, "ham": 0.3}}
AUDIT = {"reason": "audit", "look": "ledger", "propensity": 0.08}
BLIND = {"blind": True, "suggestion": None, "scores": None}


def test_who_chooses_a_label_gets_its_records_and_blind_ones_in_between(desk: RunningReview, page: Any) -> None:
    first_ham, *spam, audit, blind, ham = in_order(
        desk, {}, SPAM, SPAM, SPAM, BLIND | {"decision": AUDIT}, BLIND | {"decision": {"reason": "uncertain"}}, {}
    )
    log_in(page, desk)
    wait_for_text(page, "#record-title", first_ham)
    page.click("#filter")
    page.wait_for_selector("#filter-dialog[open]")
    assert page.locator("#filter-labels label").all_inner_texts() == ["spam\n3", "ham\n2"]
    assert page.locator("#filter-reasons label").all_inner_texts() == ["cannot decide\n5"], "nothing tells of audits"
    assert violations(page) == []
    page.check("#filter-labels input[value=spam]")
    page.keyboard.press("Enter")
    wait_for_text(page, "#filter-text", "Only spam")

    assert _answered_until_nothing_waits(page, set(spam)) <= {*spam, audit, blind}
    assert "Nothing of what you chose" in page.inner_text("#empty-text")
    page.reload()
    page.wait_for_selector("#empty:visible")
    wait_for_text(page, "#filter-text", "Only spam")
    page.click("#show-all")
    page.wait_for_selector("#record:visible")
    _answered_until_nothing_waits(page, {first_ham, ham})


def test_a_filter_lets_what_was_taken_back_through(desk: RunningReview, page: Any) -> None:
    ham, spam = in_order(desk, {}, SPAM)
    log_in(page, desk)
    wait_for_text(page, "#record-title", ham)
    page.keyboard.press("1")
    wait_for_text(page, "#record-title", spam)
    page.click("#filter")
    page.check("#filter-labels input[value=spam]")
    page.click("#filter-form button.primary")
    page.keyboard.press("u")
    wait_for_text(page, "#record-title", ham)
    page.keyboard.press("2")
    wait_for_text(page, "#record-title", spam)


def _answered_until_nothing_waits(page: Any, wanted: set[str]) -> set[str]:
    """Answer all that comes, until the wanted ones came and nothing more is there."""
    seen: set[str] = set()

    def go_on() -> bool:
        if page.is_visible("#record") and title_of(page) not in seen:
            seen.add(title_of(page))
            page.keyboard.press("1")
        return wanted <= seen and bool(page.is_visible("#empty"))

    eventually(go_on, within_s=20, what=f"{wanted} answered")
    return seen
