"""What a person sees and does on the review page, in words for tests."""

from typing import Any

from tests.review.running_review import RunningReview, token_of
from tests.support.waiting import eventually


def log_in(page: Any, review: RunningReview, name: str = "ada") -> None:
    page.goto(review.url())
    page.fill("#token", token_of(name))
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk:visible")


def wait_for_text(page: Any, selector: str, text: str) -> None:
    eventually(lambda: page.inner_text(selector) == text, within_s=15, what=f"{selector} showing {text}")


def title_of(page: Any) -> str:
    return str(page.inner_text("#record-title"))


def wait_for_response(review: RunningReview, record_id: str, action: str, label: str | None = None) -> None:
    eventually(
        lambda: any(
            (each.record_id, each.action, each.label) == (record_id, action, label)
            for each in review.read("review-responses")
        ),
        within_s=15,
        what=f"{action} for {record_id}",
    )


def in_order(desk: RunningReview, *changes: dict[str, Any]) -> list[str]:
    """One request for each set of changes, asked in this order; the record ids."""
    numbers = []
    for place, change in enumerate(changes):
        numbers += desk.fresh(1, priority=1 - place / 10, **change)
    return [f"record-{number}" for number in numbers]


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def responses_about(review: RunningReview, *record_ids: str) -> list[tuple[str, str, str | None]]:
    """Record, action and label of all that was answered about these records."""
    given = review.read("review-responses")
    return sorted((each.record_id, each.action, each.label) for each in given if each.record_id in record_ids)
