"""Takes the pictures: the real review service on the embedded broker, Chromium in front of it."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.review.running_review import NAMES, RunningReview, answer, take_all, token_of
from tests.screenshots import stories
from tests.screenshots.stories import Story
from tests.screenshots.teaching import published
from tests.support.chromium import chromium
from tests.support.waiting import eventually

from winnow.demo.embedded_broker import EmbeddedBroker
from winnow.demo.embedded_redis import EmbeddedRedis
from winnow.runtime.model_keys import load_model_keys
from winnow.runtime.settings import Settings

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESKTOP, PHONE = (1200, 860), (390, 800)


class Studio:
    """A browser, and a deployment for each story."""

    def __init__(self, browser: Any, broker: EmbeddedBroker, redis: EmbeddedRedis, folder: Path) -> None:
        self._browser = browser
        self._broker = broker
        self._redis = redis
        self._folder = folder
        self._keys = folder / "model.keys"
        self._keys.write_text("k1:" + "ab" * 32)

    @contextmanager
    def telling(self, story: Story) -> Iterator[RunningReview]:
        """The story's requests wait in a running review service."""
        name = f"story-{len(list(self._folder.iterdir()))}"
        settings = Settings(
            prefix=name,
            partitions=1,
            kafka={"bootstrap_servers": self._broker.bootstrap_servers},
            broker=self._broker.kind,
            redis={"url": self._redis.url},
            secrets={"salt": "a salt for pictures", "model_key_file": self._keys},
        )
        folder = self._folder / name
        folder.mkdir()
        running = RunningReview(settings, folder, task=story.task, **story.review)
        if story.champion is not None:
            running.send(published(story.champion, settings.topics["models"], load_model_keys(settings)))
        running.start()
        try:
            running.wait_ready()
            if story.before:
                running.send_requests(story.before)
                with running.client() as api:
                    eventually(lambda: api.get("/v1/queue").json()["open"] == len(story.before))
            running.send_requests(story.requests)
            yield running
        finally:
            running.close()

    @contextmanager
    def page(self, running: RunningReview, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Iterator[Any]:
        """The review page, somebody logged in and a record in front of them."""
        with self.logged_in(running.url(), NAMES[0], size, scheme) as page:
            page.wait_for_selector("#desk:visible")
            page.wait_for_timeout(300)
            yield page

    @contextmanager
    def logged_in(self, url: str, name: str, size: tuple[int, int], scheme: str) -> Iterator[Any]:
        """A page in a browser of its own."""
        is_phone = size == PHONE
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            has_touch=is_phone,
            is_mobile=is_phone,
            device_scale_factor=2 if is_phone else 1,
        )
        page = context.new_page()
        page.goto(url)
        page.fill("#token", token_of(name))
        page.keyboard.press("Enter")
        yield page
        page.click("#logout")
        page.wait_for_selector("#login:visible")
        context.close()


def shoot(page: Any, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")
    sys.stdout.write(f"docs/images/{name}.png\n")


def take_mail(studio: Studio) -> None:
    with studio.telling(stories.mail()) as running:
        with running.client() as api:
            eventually(lambda: is_explained(api), what="the model's arrival")
        for name, record, size, scheme in (
            ("review", "00412", DESKTOP, "light"),
            ("review-blind", "00415", DESKTOP, "light"),
            ("review-dark", "00413", DESKTOP, "dark"),
            ("review-phone", "00412", PHONE, "light"),
        ):
            with studio.page(running, size, scheme) as page:
                bring(page, record)
                shoot(page, name)


def bring(page: Any, record: str) -> None:
    """Put back what is in front until this record is."""
    eventually(lambda: record in page.inner_text("#record-title") or page.keyboard.press("b"), what=record)


def is_explained(api: httpx.Client) -> bool:
    """Whether the service has the model; what was leased for looking is given back."""
    requests = api.post("/v1/next", json={"count": 1, "explain": True}).json()["requests"]
    api.post("/v1/release", json={"request_ids": [each["request_id"] for each in requests]})
    return any("why" in each for each in requests)


def take_flights(studio: Studio) -> None:
    with studio.telling(stories.flights()) as running, studio.page(running) as page:
        shoot(page, "review-features")


def take_invoice(studio: Studio) -> None:
    with studio.telling(stories.invoice()) as running, studio.page(running) as page:
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        shoot(page, "review-document")


def take_banking(studio: Studio) -> None:
    with studio.telling(stories.banking()) as running:
        with studio.page(running) as page:
            shoot(page, "review-77-labels")
        with studio.page(running, PHONE) as page:
            shoot(page, "review-77-labels-phone")


def take_operators(studio: Studio) -> None:
    with studio.telling(stories.mail_by_hundreds()) as running:
        for name, careless in (("ada", 17), ("ben", 6)):
            with running.client(name) as api:
                for number, request in enumerate(take_all(api, 60)):
                    label = "ham" if number % careless == 0 else "spam"
                    given = answer(request, label=label, seconds=2.0 + number % careless / 4)
                    api.post("/v1/answers", json=given).raise_for_status()
        with running.client("eve") as api:
            eventually(lambda: api.get("/v1/queue").json()["oldest_seconds"])
            eventually(lambda: len(api.get("/v1/labels").json()["labels"]) >= 20)
        with studio.page(running) as page:
            page.click("#filter")
            page.wait_for_selector("#filter-dialog[open]")
            page.check("#filter-labels input >> nth=0")
            page.wait_for_timeout(200)
            shoot(page, "review-filter")
            page.keyboard.press("Escape")
        with studio.logged_in(f"{running.url()}/operators", "eve", (1200, 1180), "light") as page:
            page.wait_for_selector("#found li")
            shoot(page, "operators")
            page.click("#found li:nth-child(2) button")
            page.fill("#note", "The customer says that this was no advertisement.")
            eventually(lambda: "Subject" in page.inner_text("#dispute-record"), what="the record")
            shoot(page, "operators-put-back")
            page.keyboard.press("Escape")


SCENES: dict[str, Callable[[Studio], None]] = {
    "mail": take_mail,
    "flights": take_flights,
    "invoice": take_invoice,
    "banking": take_banking,
    "operators": take_operators,
}


def main() -> None:
    wanted = sys.argv[1:] or list(SCENES)
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedBroker() as broker,
        EmbeddedRedis() as redis,
        chromium() as browser,
    ):
        studio = Studio(browser, broker, redis, Path(folder))
        for name in wanted:
            SCENES[name](studio)


if __name__ == "__main__":
    main()
