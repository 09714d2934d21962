"""The report's sentences: what the figures mean, in words that need no explanation."""

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]

REASONS: Mapping[str, str] = {
    "audit": "checks: the machine was sure, and people looked all the same, unseen and by chance",
    "cold": "the beginning: too few answers yet to trust the machine with anything",
    "uncertain": "the machine was not sure enough",
    "suspended": "after an alarm: people labelled everything until the machine had proved itself again",
    "recalled": "labels of the machine that an alarm took back",
    "stale": "the machine had not heard from its monitor",
}
ALARMS: Mapping[str, str] = {
    "errors": "The checks found wrong labels more often than the target allows: the data had probably changed.",
    "ledger": "Keeping the newest labels would have broken the promise: they were taken back instead.",
    "gap": "Some of the evidence was missing.",
    "incomplete": "Some of the evidence was late.",
    "operator": "An operator stopped the machine.",
    "model": "A newer model became worse and was not given out.",
}


def percent(share: float | None, digits: int = 1) -> str:
    """A share as people write it; a dash for none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def number(value: float | None) -> str:
    """A count with its thousands set apart."""
    return "–" if value is None else f"{value:,.0f}"


def headline(values: Values) -> str:
    """The outcome in one or two sentences."""
    records, auto = values["records"], values["auto"]
    if not auto:
        return (
            f"The machine would have labelled none of the {number(records)} records by itself: "
            f"{_why_nothing(values)} People would have labelled everything."
        )
    return (
        f"Of {number(records)} records the machine would have labelled {number(auto)} ({percent(auto / records)}) "
        f"by itself. {number(values['auto_errors'])} of these labels would have been wrong "
        f"({percent(values['auto_error'])}); you asked for at most {percent(values['target'])}."
    )


def _why_nothing(values: Values) -> str:
    if values["target"] == 0:
        return "nobody can promise that no label at all is wrong, and a target of 0 asks for that."
    return f"it was never sure enough to keep its errors below {percent(values['target'])}."


def verdict(values: Values) -> str:
    """Whether the target was kept, and what could be proven without knowing the true labels."""
    if not values["auto"]:
        return "That is the right answer when a model cannot do better. Try another model, or a higher target."
    proven = values["certificate"]["error_at_most"]
    confidence = percent(values["certificate"]["confidence"], 0)
    known = (
        f"Live, nobody knows the true labels. From its checks alone Winnow could have proven, "
        f"with {confidence} confidence, that at most {percent(proven)} of them are wrong."
    )
    return f"{_kept(values)} {known}"


def _kept(values: Values) -> str:
    if values["auto_error"] <= values["target"]:
        return "The target was kept."
    return (
        "The target was missed by a little, within what is promised: beyond the target Winnow allows itself up to "
        f"{number(values['allowances'])} wrong labels at the beginnings, when there are too few checks to know better. "
        "Where only few records can be labelled at all, this shows."
        if values["auto_errors"] <= values["target"] * values["auto"] + values["allowances"]
        else "The target was missed, and by more than is promised. This happens in few runs; please report it."
    )


def savings(values: Values) -> str:
    """What it costs and saves in reviews."""
    records, reviews = values["records"], values["reviews"]["total"]
    return (
        f"Without the machine people would review {number(records)} records; with it {number(reviews)} "
        f"({percent(reviews / records) if records else '–'}). {number(values['audits'])} of these reviews are checks "
        "of the machine: they are the price of knowing how often it is wrong."
    )


def hindsight(values: Values) -> str:
    """The comparison with a fixed threshold."""
    best = values["best_fixed_threshold"]
    if best["threshold"] is None:
        return (
            "No fixed threshold on the machine's certainty, not even the best one chosen afterwards, "
            f"would have kept its errors below {percent(values['target'])}."
        )
    return (
        f"Who had known the true labels beforehand could have set one fixed threshold "
        f"({best['threshold']:.3f}) and labelled {percent(best['coverage'])} of the records with "
        f"{percent(best['error'])} wrong. Nobody knows that threshold beforehand."
    )


def conditions(values: Values) -> str:
    """What the replay supposed."""
    given = values["conditions"]
    unit = "records" if given["clock"] == "records" else "seconds"
    parts = [f"answers come {number(given['delay_s'])} {unit} after the question"]
    if given["accuracy"] < 1:
        parts.append(f"{percent(given['accuracy'])} of the answers are right")
    if given["absence"] > 0:
        parts.append(f"{percent(given['absence'])} of the questions are never answered")
    return (
        f"The model ({values['model']['name']}) starts without any knowledge and learns from people's answers only. "
        f"Supposed: {', '.join(parts)}."
    )
