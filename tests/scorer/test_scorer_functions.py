"""Labelling functions in a scorer: whatever they do, every record is decided, and the figures tell."""

import json

from tests.scorer.test_scorer_handler import NOW, SETTINGS, TASK, TOPICS, Desk, record, taught

from winnow.runtime.labelling_functions import FunctionLimits, LabellingFunctions
from winnow.scorer.functions import counted
from winnow.scorer.handler import ScorerHandler
from winnow_schemas.codec import decode
from winnow_schemas.metrics import Metric
from winnow_schemas.review_requests import ReviewRequest

RULES = """
def big(record):
    return "large" if record["features"]["size"] > 2 else None

def raises(record):
    return record["nothing"]

def stranger(record):
    return "enormous"

def phones(record):
    import socket
    socket.create_connection(("127.0.0.1", 9))

def spoils(record):
    record["features"]["size"] = 99.0

def sees(record):
    return "large" if record["features"]["size"] > 50 else None

def ends(record):
    import os
    os._exit(1)

def last(record):
    return "small"
"""


def test_every_record_is_decided_and_the_figures_tell_what_came_of_each_function(tmp_path):
    (tmp_path / "rules.py").write_text(RULES)
    limits = FunctionLimits(seconds=0.3, memory=1 << 30, batch_seconds=20.0)
    with LabellingFunctions(tmp_path / "rules.py", TASK.labels, limits) as functions:
        desk = Desk()
        figures = desk.handler._figures
        desk.handler = ScorerHandler(SETTINGS, desk.knowledge, figures, lambda: None, counted(functions, figures))
        desk.assign()
        outgoing = desk.handle(record(0, 0.1), record(1, 3.0))
        later = desk.handle(now=NOW + 10)
    requests = [decode(ReviewRequest, one.value) for one in outgoing if one.topic == TOPICS["review-requests"]]
    assert [one.decision.function_votes for one in requests] == [{"last": "small"}, {"big": "large", "last": "small"}]
    (metric,) = [decode(Metric, one.value) for one in later if one.topic == TOPICS["metrics"]]
    calls = metric.values["functions"]
    assert (calls["big vote"], calls["big abstain"], calls["last vote"]) == (1, 1, 2)
    assert (calls["raises error"], calls["stranger error"], calls["phones error"]) == (2, 2, 2)
    assert calls["ends error"] == calls["spoils abstain"] == calls["sees abstain"] == 2


def test_a_champion_that_hears_no_functions_decides_as_if_nobody_was_asked():
    desk, deaf = Desk(), Desk()
    desk.handler._functions = lambda records: [{"big": "large"} for _ in records]
    said = []
    for one in (desk, deaf):
        one.assign()
        one.published.model(20, taught(20))
        (request,) = [m for m in one.handle(record(0, 0.1)) if m.topic == TOPICS["review-requests"]]
        said.append(json.loads(request.value)["decision"]["scores"])
    assert said[0] == said[1]
