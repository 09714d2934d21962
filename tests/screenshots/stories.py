"""What is to be seen on the pictures: tasks as people have them, and records that came for review."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.review.review_messages import review_request
from tests.screenshots.teaching import taught_with_mail

from winnow.core.compiled import Compiled, scorer
from winnow_schemas.review_requests import ReviewRequest
from winnow_schemas.task import Task

MAIL = """Subject: You have been SELECTED

Dear friend,

earn $5,000 a week from the comfort of your home. No experience needed, no risk, 100% legal: hundreds of \
people in your town already do it.

Reply today with the subject line "yes please" and we send you the free starter kit. If you do not want \
to hear from us again, click here: http://example.invalid/remove"""

MORTGAGE = """Subject: rates are at an all-time low

Own a home? Refinance it today and save thousands.

Over 200 lenders compete for your business, bad credit is no problem, and it costs you nothing to ask. Fill in the \
short form at http://example.invalid/quote and we call you back within the hour."""

CONFERENCE = """Subject: Re: room for Thursday

Hi all,

the small room is taken, so we meet in 2.14 instead. Kate brings the projector, please bring your own \
numbers for March; we have one hour and six teams."""

INVOICE = (
    ("Invoice 2026-0417, Miller & Sons Ltd, Leeds", "heading", 0.97),
    ("Delivery of 40 oak boards, 220 × 20 cm", "position", 0.91),
    ("Sawing to size, 3 hours", "position", 0.84),
    ("Thank you for your order of 2 April.", "remark", 0.55),
    ("Net 1,840.00", "total", 0.62),
    ("VAT 20 %: 368.00", "tax", 0.88),
    ("Payable within 14 days without deduction", "terms", 0.71),
)

SUBJECTS = (
    "Re: minutes of Tuesday",
    "Lower your rate today",
    "Your parcel is waiting",
    "Lunch?",
    "You have been selected",
)
SUBJECTS += (
    "Question about the March numbers",
    "No fees, no risk",
    "Fwd: the new timetable",
    "Last reminder",
    "Photos from Sunday",
)
SENTENCES = (
    "Can we move it to four?",
    "Reply now and save half of it.",
    "The file is where it always was.",
    "Nobody else offers this.",
)
SENTENCES += (
    "I will be ten minutes late.",
    "Click below to confirm your address.",
    "Thanks for the quick answer!",
    "Offer ends at midnight.",
)

INTENTS = tuple(Path(__file__).with_name("intents.txt").read_text().split())

MAIL_TASK = {"task": "spam", "labels": ["ham", "spam"], "input": {"text": True}}
AUDIT = {"reason": "audit", "look": "ledger", "propensity": 0.08, "audit_rate": 0.08, "ledger_rate": 0.08}


@dataclass(frozen=True)
class Story:
    """A task, the requests waiting for people, and how many that came before were answered."""

    task: dict[str, Any]
    requests: list[ReviewRequest]
    before: list[ReviewRequest] = field(default_factory=list)
    review: dict[str, Any] = field(default_factory=dict)
    champion: Compiled | None = None


def mail() -> Story:
    champion = taught_with_mail(Task.model_validate(MAIL_TASK))
    record = {
        "id": "00412.b1ff20",
        "text": MAIL,
        "show": {"From": "mary@example.invalid", "Received": "3 April, 03:12"},
    }
    blind = {"id": "00415.77c0de", "text": CONFERENCE, "show": {"From": "kate@example.invalid"}}
    other = {"id": "00413.0be21a", "text": MORTGAGE, "show": {"From": "offers@example.invalid"}}
    said = scorer(champion).score([record, other])
    requests = [
        asked(place, one, scores or {}) for place, (one, scores) in enumerate(zip((record, other), said, strict=True))
    ]
    requests.append(audit(2, blind))
    return Story(MAIL_TASK, requests, champion=champion)


def mail_by_hundreds() -> Story:
    chance = random.Random(3)
    requests = []
    for number in range(180):
        share = round(chance.uniform(0.4, 0.9), 2)
        scores = {"spam": share, "ham": round(1 - share, 2)}
        record = {"id": f"mail-{4000 + number}", "text": mail_about(chance)}
        hours_ago = timedelta(hours=chance.choice((0, 0, 0, 2, 5, 30)))
        reason = chance.choice(("uncertain", "uncertain", "uncertain", "novel", "recalled"))
        requests.append(audit(number, record) if number % 9 == 0 else asked(number, record, scores, reason, hours_ago))
    return Story(MAIL_TASK, requests, review={"answers": 2})


def mail_about(chance: random.Random) -> str:
    return f"Subject: {chance.choice(SUBJECTS)}\n\n{' '.join(chance.sample(SENTENCES, k=3))}"


def flights() -> Story:
    kinds = {"carrier": "category", "from": "category", "to": "category", "hour": "number", "distance": "number"}
    kinds |= {"wind": "number", "visibility": "number", "rain": "flag"}
    task = {"task": "late-flights", "labels": ["on time", "late", "cancelled"], "input": {"features": kinds}}
    chance = random.Random(7)

    def usual() -> dict[str, Any]:
        whole = {
            "carrier": "UA",
            "from": chance.choice(["EWR", "JFK", "LGA"]),
            "to": chance.choice(["ORD", "BOS", "MIA"]),
        }
        numbers = {"hour": float(chance.randint(6, 21)), "distance": float(chance.randint(180, 1400))}
        return whole | numbers | {"wind": round(chance.uniform(2, 18), 1), "visibility": 10.0, "rain": False}

    before = [
        asked(100 + n, {"id": f"old {n}", "features": usual()}, {"late": 0.5, "on time": 0.5}) for n in range(120)
    ]
    odd = usual() | {"wind": 41.4, "visibility": 0.8, "rain": True, "hour": 21.0}
    scores = {"late": 0.46, "cancelled": 0.41, "on time": 0.13}
    record = {"id": "2013-02-09/UA 1455", "features": odd, "show": {"flight": "UA 1455, Newark to Chicago"}}
    return Story(task, [asked(0, record, scores)], before)


def invoice() -> Story:
    labels = ["heading", "position", "total", "tax", "terms", "remark"]
    task = {"task": "invoice-lines", "labels": labels, "input": {"text": True}}
    requests = []
    for number, (text, label, share) in enumerate(INVOICE):
        record = {"id": f"2026-0417/{number + 1}", "text": text, "group": "Invoice 2026-0417"}
        other = (1 - share) / (len(labels) - 1)
        scores = dict.fromkeys(labels, other) | {label: share}
        requests.append(audit(number, record) if number == 3 else asked(number, record, scores))
    return Story(task, requests)


def banking() -> Story:
    task = {"task": "banking-intents", "labels": list(INTENTS), "open_labels": True, "input": {"text": True}}
    likely = {
        "card_arrival": 0.31,
        "card_delivery_estimate": 0.27,
        "order_physical_card": 0.12,
        "lost_or_stolen_card": 0.07,
        "card_linking": 0.05,
        "card_not_working": 0.04,
        "activate_my_card": 0.03,
        "getting_spare_card": 0.02,
        "get_physical_card": 0.02,
    }
    rest = (1 - sum(likely.values())) / (len(INTENTS) - len(likely))
    scores = dict.fromkeys(INTENTS, rest) | likely
    record = {
        "id": "chat-88213",
        "text": "I ordered my card almost two weeks ago and still nothing. Is there any way to see where it is?",
    }
    return Story(task, [asked(0, record, scores)])


def asked(
    number: int,
    record: dict[str, Any],
    scores: dict[str, float],
    reason: str = "uncertain",
    hours_ago: timedelta = timedelta(0),
) -> ReviewRequest:
    """A request about this record, decided just now; the first number is asked first."""
    suggestion = max(scores, key=scores.__getitem__)
    decision = {"reason": reason, "label": suggestion, "scores": scores, "top_probability": scores[suggestion]}
    return review_request(
        number,
        decided_at=datetime.now(UTC) - hours_ago,
        record=record,
        scores=scores,
        suggestion=suggestion,
        decision=decision,
        priority=1 - number / 1000,
    )


def audit(number: int, record: dict[str, Any]) -> ReviewRequest:
    """The same, blind."""
    return asked(number, record, {"ham": 0.99}).model_copy(update={"blind": True, "suggestion": None, "scores": None})
