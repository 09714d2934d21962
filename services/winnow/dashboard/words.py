"""The numbers in sentences that somebody who has never seen Winnow understands.

Bounds are rounded up, never down: a sentence may promise less than was proven, not more.
"""

import math
from collections.abc import Iterator

from winnow.dashboard.figures import Alarm, Delay, Flow, Gate, Queue, Reading, Recalls, Reported, Tone, Words

NO_NEWS_S = 30.0
LARGE_LAG = 1_000

_HEADLINES: dict[str, tuple[Tone, str]] = {
    "cold": ("learning", "The machine is not labelling yet: people label every record while it learns."),
    "building": ("learning", "The machine is not sure enough yet: people label every record while it learns."),
    "probation": ("labelling", "The machine labels and is watched closely"),
    "auto": ("labelling", "The machine is labelling"),
    "suspended": ("stopped", "The machine stopped labelling after an alarm: people label every record meanwhile."),
    "halted": ("stopped", "The machine is halted: it labels again only when an operator says so."),
}
_ALARMS = {
    "errors": "The machine stopped: too many of its labels were wrong, the stream has changed.",
    "ledger": "The machine stopped: too many wrong labels were found to release the others.",
    "gap": "The machine stopped: part of the evidence is missing.",
    "incomplete": "No news from part of the stream: no label is released until there is.",
    "operator": "The machine was stopped by an operator.",
    "model": "A newer model became worse and is not given out: the one before it goes on.",
}
_STOPPED = "The machine stopped labelling."


def words(figures: Reported, reading: Reading) -> Words:
    """All sentences of the page."""
    tone, headline = _headline(figures.gate, reading)
    return Words(
        headline=headline,
        tone=tone,
        bound=_bound(figures.gate),
        estimate=_estimate(figures.gate),
        sum=_sum(figures.flow, figures.recalls),
        review_sum=_review_sum(figures.flow),
        queue=_queue(figures.queue),
        delay=_delay(figures.delay),
        recalls=_recalls(figures.recalls),
        alarms=[_alarm(alarm) for alarm in figures.alarms],
        notices=list(_notices(figures, reading)),
    )


def percent(share: float) -> str:
    """0.0312 is "3.1 %": two figures below 10 %, whole numbers from there on."""
    digits = _digits(share)
    return _percent(round(share * 100, digits), digits)


def percent_at_most(share: float) -> str:
    """As `percent`, rounded up."""
    digits = _digits(share)
    return _percent(math.ceil(share * 100 * 10**digits - 1e-9) / 10**digits, digits)


def count(number: int, one: str, many: str) -> str:
    """1,240 labels, or 1 label."""
    return f"{number:,} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """Seconds in the largest unit that fits: 4 minutes, 2 hours."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(int(seconds // size), unit, f"{unit}s")
    return count(int(seconds), "second", "seconds")


def _digits(share: float) -> int:
    return 2 if share < 0.01 else 1 if share < 0.1 else 0


def _percent(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text} %"


def _headline(gate: Gate, reading: Reading) -> tuple[Tone, str]:
    if not reading.complete:
        return "unknown", "Reading the history of the metrics…"
    if gate.state is None:
        return "unknown", "No news from the monitor yet: until it speaks, people label every record."
    if gate.target == 0:
        return "stopped", "The target is 0 %: the machine never labels anything, people label every record."
    tone, sentence = _HEADLINES.get(gate.state, ("unknown", f"The gate is in the state {gate.state}."))
    if tone != "labelling":
        return tone, sentence
    if gate.audit_rate is None:
        return tone, f"{sentence}."
    return tone, f"{sentence}; {percent(gate.audit_rate)} of its labels are checked blind."


def _bound(gate: Gate) -> str:
    if gate.error_at_most is None or not gate.released:
        return "Nothing is proven yet: no label of the machine has been released."
    sure = f" ({percent(gate.confidence)} sure)" if gate.confidence is not None else ""
    labels = f"the {count(gate.released, 'released label is', 'released labels are')}"
    return f"At most {percent_at_most(gate.error_at_most)} of {labels} wrong{sure}{_met(gate)}."


def _met(gate: Gate) -> str:
    """Whether that is what was asked for."""
    if gate.met is None or gate.target is None:
        return ""
    target = f"the target of {percent(gate.target)}"
    return f": {target} is met" if gate.met else f"; {target} is not proven yet, that takes more audits"


def _estimate(gate: Gate) -> str:
    target = "No target is known yet." if gate.target is None else f"The target is {percent(gate.target)}."
    if gate.error_estimate is None:
        return f"No estimate yet. {target}"
    return f"Best estimate: {percent(gate.error_estimate)}. {target}"


def _sum(flow: Flow, recalls: Recalls) -> str:
    if flow.missing > 0:
        return f"Does not add up: {count(flow.missing, 'record has', 'records have')} no outcome."
    if flow.missing < 0:
        return f"Does not add up: {count(-flow.missing, 'outcome', 'outcomes')} more than records."
    since = " Labels taken back since then are among those of the machine." if recalls.lately else ""
    return f"Adds up: every record has exactly one outcome.{since}"


def _review_sum(flow: Flow) -> str:
    if flow.missing_review > 0:
        return f"Does not add up: {count(flow.missing_review, 'review is', 'reviews are')} neither open nor closed."
    if flow.missing_review < 0:
        return f"Does not add up: {count(-flow.missing_review, 'review', 'reviews')} too many open or closed."
    return "Adds up: every review is open or closed."


def _queue(queue: Queue) -> str:
    if queue.open is None:
        return "Nothing is known of the queue yet."
    if queue.open == 0:
        return "Nobody has to do anything: the queue is empty."
    waiting = f"{count(queue.open, 'record waits', 'records wait')} for people"
    return f"{waiting}." if queue.oldest_s is None else f"{waiting}, the oldest for {duration(queue.oldest_s)}."


def _budget(share: float, flow: Flow) -> str:
    """Only so much is asked, whatever the sentences about people say."""
    left = f"; {count(flow.unlabelled, 'record has', 'records have')} no label so far" if flow.unlabelled else ""
    return f"People are asked about {percent(share)} of the records at most{left}."


def _alarm(alarm: Alarm) -> str:
    """Why, as far as it is known; what an operator or the monitor noted is told too."""
    sentence = _ALARMS.get(alarm.kind or "", _STOPPED)
    told = alarm.message if alarm.kind in {"operator", "gap", "incomplete", "model"} else None
    return f"{sentence} ({told})" if told else sentence


def _recalls(recalls: Recalls) -> str:
    if not (recalls.lately or recalls.waiting or recalls.open):
        return ""
    parts = [f"{count(recalls.lately, 'label', 'labels')} taken back in the last two hours"]
    if recalls.waiting:
        parts.append(f"{count(recalls.waiting, 'is', 'are')} still to be taken back")
    if recalls.open:
        parts.append(f"{count(recalls.open, 'waits', 'wait')} for people again")
    return f"{'; '.join(parts)}."


def _delay(delay: Delay) -> str:
    if delay.median_s is None or delay.p95_s is None:
        return "No answer has reached a scorer yet."
    return f"An answer changes what the machine does within {delay.p95_s:.1f} s (95 of 100 times)."


def _notices(figures: Reported, reading: Reading) -> Iterator[str]:
    if reading.news_at is not None and reading.now - reading.news_at > NO_NEWS_S:
        yield f"No news for {duration(reading.now - reading.news_at)}: the numbers are the last known ones."
        return
    silent = [scorer.source for scorer in figures.scorers if scorer.silent]
    if silent and len(silent) == len(figures.scorers):
        yield "No scorer reports: records are waiting to be decided."
    stale = [scorer.source for scorer in figures.scorers if scorer.stale and not scorer.silent]
    if stale:
        yield f"Without a valid model or policy, so that everything goes to people: {', '.join(stale)}."
    if figures.gate.lag is not None and figures.gate.lag > LARGE_LAG:
        yield f"The monitor is behind: {figures.gate.lag:,} pieces of evidence wait to be counted."
    if figures.gate.review_share is not None:
        yield _budget(figures.gate.review_share, figures.flow)
    if figures.gate.notice:
        yield f"The monitor says: {figures.gate.notice}."
    if reading.unreadable:
        yield f"{count(reading.unreadable, 'message', 'messages')} could not be read."
