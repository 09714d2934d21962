"""Verdicts that look wrong, and are asked about again."""

import pytest
from tests.learner.school import AT, School, task_of, verdict

from winnow_schemas.decisions import Decision
from winnow_schemas.review_responses import ReviewResponse


class TestSecondLook:
    """Verdicts that look wrong go back to people, where the task says so."""

    TASK = task_of(review={"second_look": 0.5})

    def sure(self, offset, label, said, **changes):
        """A verdict on a request about which the model was sure of another label."""
        about = {"decision_id": f"s/0/{offset}", "reason": "uncertain", "propensity": 1.0, "look": "review"}
        sure = 0.93 if said == label else 0.97
        scores = {label: sure, **dict.fromkeys({"small", "large"} - {label}, 1 - sure)}
        decision = Decision(**about, label=label, scores=scores, model_version=1, policy_version=1, decided_at=AT)
        answers = changes.pop("answers", {"ann": said})
        return verdict(offset, decision=decision, label=said, answers=answers, **changes)

    def doubts(self, *messages, task=TASK):
        school = School(task).learn(*(self.sure(offset, "large", "large") for offset in range(60)))
        school.learn(*messages).publish()
        return school.written("review-responses", ReviewResponse)

    def test_one_that_a_sure_model_contradicts_is_disputed_once(self):
        (doubt,) = self.doubts(self.sure(60, "large", "small"))
        assert (doubt.action, doubt.reviewer, doubt.request_id) == ("dispute", "learner", "s/0/60")
        assert (doubt.record_id, doubt.label, doubt.response_id) == ("r60", "small", "second-look/s/0/60/1")

    def test_where_the_task_does_not_ask_for_it_nobody_is(self):
        assert self.doubts(self.sure(60, "large", "small"), task=task_of()) == []

    @pytest.mark.parametrize("reason", ["audit", "gold", "seed", "disputed", "recalled"])
    def test_what_is_evidence_or_was_picked_out_is_left_alone(self, reason):
        assert self.doubts(self.sure(60, "large", "small", reason=reason)) == []

    def test_what_two_people_said_is_not_doubted(self):
        assert self.doubts(self.sure(60, "large", "small", answers={"ann": "small", "ben": "small"})) == []

    def test_a_restart_says_nothing_again(self):
        before = School(self.TASK).learn(*(self.sure(offset, "large", "large") for offset in range(60)))
        before.learn(self.sure(60, "large", "small")).publish()
        after = School(self.TASK, [m for m in before.models if b"state" not in m.key])
        after.learn(*(self.sure(offset, "large", "large") for offset in range(60)), self.sure(60, "large", "small"))
        after.learn(self.sure(61, "large", "large")).publish()
        assert after.written("review-responses", ReviewResponse) == []
