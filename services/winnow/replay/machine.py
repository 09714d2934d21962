"""The model that decides, learning as the file goes on. It scores with what it has learned so far only."""

from winnow.core.compiled import learning_scorer
from winnow.core.decision import Scored
from winnow.core.models import FUNCTION_VOTES, ModelInput, RecordReader, build, learn
from winnow.core.voting import PoolWeights, is_voting
from winnow.runtime.errors import UsageError
from winnow_schemas.base import NO_MODEL, FunctionVotes
from winnow_schemas.decisions import Decision
from winnow_schemas.records import Record
from winnow_schemas.task import Task


class Machine:
    """The task's champion. Before the first answer there is no model, but for one that hears labelling functions."""

    def __init__(self, task: Task) -> None:
        try:
            self._model = build(task, task.champion)
        except ValueError as error:
            raise UsageError(f"task {task.task}: {error}") from error
        self._reader = RecordReader(task)
        self._scorer = learning_scorer(task.champion, self._model)
        self._hears_functions = bool(task.functions) and is_voting(self._model)
        self.name = task.champion
        self.version = 0
        self.unlearnable = 0

    def read(self, record: Record, function_votes: FunctionVotes | None) -> ModelInput:
        """What the model sees of a record."""
        return self._reader.read(record, function_votes).values

    def score(self, values: ModelInput) -> Scored:
        """The score of one record."""
        function_votes = values.get(FUNCTION_VOTES)
        if not self._decides:
            return Scored(NO_MODEL, function_votes=function_votes)
        said = self._scorer.opinion(values)
        return Scored(self.version, said.scores, said.votes, function_votes)

    @property
    def pooling(self) -> PoolWeights | None:
        """What its votes are pooled with now, where it is a committee."""
        return self._model.weights if is_voting(self._model) and self._decides else None

    @property
    def _decides(self) -> bool:
        return self.version > 0 or self._hears_functions

    def learn(self, values: ModelInput, label: str, decision: Decision | None) -> None:
        """One answer. The version counts answers, also those that the model cannot take."""
        self.version += 1
        if not learn(self._model, values, label, decision):
            self.unlearnable += 1
        self._scorer.learned(values)
