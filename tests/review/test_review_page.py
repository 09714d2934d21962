"""The page in a real browser: what a person does with keys and buttons, and what becomes of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.review.running_review import RunningReview, token_of
from tests.support.chromium import running_chromium
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.browser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from running_chromium()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1100, "height": 850})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None
    )
    yield opened
    context.close()
    assert complaints == []


def log_in(page: Any, review: RunningReview, name: str = "ada") -> None:
    page.goto(review.url())
    page.fill("#token", token_of(name))
    page.keyboard.press("Enter")
    page.wait_for_selector("#record:visible")


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
    assert page.locator("#scores li").count() == page.locator(".suggested").count() == 0
    page.keyboard.press("Enter")
    assert title_of(page) == audit, "there is nothing to accept"
    page.keyboard.press("1")
    wait_for_response(desk, audit, "label", "ham")


def test_hostile_records_are_shown_as_text(desk: RunningReview, page: Any) -> None:
    text = "<img src=x onerror=alert(1)><script>document.title='owned'</script>\n\n\u202eright to left"
    record = {"id": "<b>x</b>", "text": text, "show": {"<i>a</i>": "<u>b</u>"}, "features": {"<s>": "<hr>"}}
    desk.fresh(1, record=record)
    log_in(page, desk)
    assert page.inner_text("#record-title") == record["id"]
    assert page.text_content("#text") == text
    assert page.locator("#record").locator("img, script, b, i, u, s, hr").count() == 0
    assert "owned" not in page.title()


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


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']} {node['failureSummary']}" for each in found for node in each["nodes"]]


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
