"""Labels that are no longer the task's."""

from tests.learner.school import NOW, School, task_of, verdict

from winnow_schemas.codec import decode
from winnow_schemas.dead_letters import DeadLetter
from winnow_schemas.metrics import Metric


class TestFormerLabels:
    """A label that was taken out of the task file, or put together with another one."""

    BEFORE = task_of(labels=["small", "large", "vast", "odd"])
    NOW_TWO = task_of(former_labels={"vast": "large", "odd": None})

    def taught(self, task, count=40):
        school = School(task)
        labels = {0: "odd", 1: "vast"}
        for offset in range(count):
            changes = {"label": labels[offset % 10]} if offset % 10 in labels else {}
            school.learn(verdict(offset, **changes))
        return school

    def test_after_a_restart_its_verdicts_count_as_what_became_of_it_or_are_left_out(self):
        before = self.taught(self.BEFORE)
        before.publish()
        after = School(self.NOW_TWO, before.models)
        assert after.room.first_offset == 0
        after.learn(*(verdict(offset, label="odd" if offset % 10 == 0 else "large") for offset in range(40)))
        anew = self.taught(self.NOW_TWO)
        assert tuple(anew.room.champion.model.known) == ("small", "large")
        assert anew.room.champion.learned == 36
        assert anew.room.classroom.offset == 40
        assert anew.written("dead-letters", DeadLetter) == []

    def test_the_gate_starts_afresh_for_it_is_another_model(self):
        before = self.taught(self.BEFORE)
        before.publish()
        after = School(self.NOW_TWO, before.models)
        assert [change.change for change in after.room.classroom.changes] == ["promoted"]
        assert after.room.classroom.changes[0].version == 41
        assert "labels" in after.room.classroom.changes[0].note

    def test_how_many_were_left_out_stands_in_the_figures(self):
        school = self.taught(self.NOW_TWO)
        metrics = school.handler._figures.due(school.room.classroom, NOW + 10)
        assert decode(Metric, metrics[-1].value).values["left_out"] == {"odd": 4.0}

    def test_without_a_word_about_it_a_verdict_on_a_label_that_is_gone_is_a_dead_letter(self):
        school = School(task_of()).learn(verdict(0, label="odd"), verdict(1))
        school.publish()
        assert [letter.error.code for letter in school.written("dead-letters", DeadLetter)] == ["unknown_label"]
