"""The task's labelling functions, asked about a whole batch at once; what came of it is counted."""

from collections import Counter
from collections.abc import Callable, Sequence

from winnow.core.batch_scores import FunctionsHeard
from winnow.runtime.labelling_functions import LabellingFunctions, votes_of
from winnow.scorer.figures import Figures
from winnow_schemas.records import Record

AskFunctions = Callable[[Sequence[Record]], FunctionsHeard]


def no_functions(records: Sequence[Record]) -> FunctionsHeard:  # noqa: ARG001 - says the same of all
    """Where the task has none."""
    return None


def counted(functions: LabellingFunctions, figures: Figures) -> AskFunctions:
    """Asks these functions; errors and overruns are abstentions, and show in the figures."""

    def ask(records: Sequence[Record]) -> FunctionsHeard:
        heard = functions.ask(records)
        outcomes: Counter[tuple[str, str]] = Counter()
        for each in heard:
            outcomes.update((name, one.outcome) for name, one in each.items())
        figures.heard(outcomes)
        return list(map(votes_of, heard))

    return ask
