"""The page in a real browser while metrics come in."""

import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.dashboard.metrics_story import metric, story
from tests.support.chromium import running_chromium

pytestmark = [pytest.mark.browser, pytest.mark.kafka]
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from running_chromium()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must load nothing from elsewhere and report no error."""
    complaints, elsewhere = [], []
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: elsewhere.append(request.url) if "127.0.0.1" not in request.url else None)
    yield page
    page.close()
    assert complaints == []
    assert elsewhere == []


def term(page: Page, list_id: str, name: str):
    return page.locator(f"#{list_id} .term", has_text=name).locator("dd")


def test_numbers_change_while_metrics_come_and_survive_a_restart_of_the_service(dashboard, page):
    now = time.time() // 10 * 10
    dashboard.send(story(now - 30, 60))
    dashboard.start()
    page.goto(dashboard.address)

    expect(page.locator("#headline")).to_have_text("The machine is labelling; 8 % of its labels are checked blind.")
    expect(page.locator("#sum")).to_have_text("Adds up: every record has exactly one outcome.")
    dashboard.send([metric("flow", "monitor", now, {"records": 123456, "auto": 120000, "review": 3000, "dead": 6})])
    expect(term(page, "outcomes", "records")).to_have_text("123,456")
    expect(page.locator("#sum")).to_have_text("Does not add up: 450 records have no outcome.")
    dashboard.send([metric("gate", "monitor", now, {"state": "suspended", "alarms": 2, "target": 0.05})])
    expect(page.locator("body")).to_have_attribute("data-tone", "stopped")
    expect(page.locator("#alarms .row")).to_have_count(2)

    dashboard.stop()
    expect(page.locator("#link")).to_have_text("Connection lost: the last known numbers")
    expect(term(page, "outcomes", "records")).to_have_text("123,456")
    dashboard.send([metric("flow", "monitor", now, {"records": 200000, "auto": 200000}, sequence=1)])
    dashboard.start()

    expect(page.locator("#link")).to_have_text("Live")
    expect(term(page, "outcomes", "records")).to_have_text("200,000")
    expect(page.locator("#alarms .row")).to_have_count(2)


def test_everybody_can_use_the_page(dashboard, page):
    dashboard.send(story(time.time(), 120))
    dashboard.start()
    for scheme, width in (("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(dashboard.address)
        expect(page.locator("#models .bar")).to_have_count(3)

        found = Axe().run(page)

        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#error-chart svg").get_attribute("aria-label").startswith("Estimated error over")


def test_hostile_names_are_shown_as_text(dashboard, page):
    evil = "<img src=x onerror=alert(1)>"
    now = time.time() // 10 * 10
    dashboard.send(
        [
            metric("gate", "monitor", now, {"state": evil, "thresholds": {evil: 0.9, '"]': 0.8}}),
            metric("scorer", evil, now, {"model_version": 3}),
            metric("learner", "learner", now, {"accuracy": {evil: 0.5}}),
        ]
    )
    dashboard.start()

    page.goto(dashboard.address)

    expect(page.locator("#thresholds .bar").first.locator(".name")).to_have_text(evil)
    expect(page.locator("#scorers .row strong")).to_have_text(evil)
    expect(page.locator("img")).to_have_count(0)


def test_before_the_first_metrics_the_page_says_so(dashboard, page):
    dashboard.start()

    page.goto(dashboard.address)

    expect(page.locator("#headline")).to_contain_text("No news from the monitor yet")
    expect(page.locator("#error")).to_have_text("–")
    expect(page.locator("#share-chart")).to_contain_text("No numbers yet")
