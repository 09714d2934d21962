"""The section `model` of a task file: who decides, who is tried beside it, and a search over settings."""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from winnow_schemas.model_names import MODEL_NAMES, SETTINGS, combinations, model_name
from winnow_schemas.task_section import Section

ModelName = Annotated[
    str,
    BeforeValidator(model_name),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(MODEL_NAMES)},
                {"type": "string", "pattern": r"^python:\s*[\w.]+:\w+$"},
                {"type": "string", "pattern": rf"^({'|'.join(SETTINGS)})\[\w+=[^\[\]]+\]$"},
                {"type": "object", "minProperties": 1, "maxProperties": 1},
            ]
        }
    ),
]
MOST_CANDIDATES = 32
_LEAST_VERDICTS = 20
_USUAL_VERDICTS = 200


def _grids(value: Any) -> Any:
    """Names alone mean the usual settings of these models."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        value = dict.fromkeys(map(str, value))
    if not isinstance(value, dict) or not value:
        raise ValueError("models to try, as in [logistic], or with settings: {logistic: {learning_rate: [0.02, 0.2]}}")
    return {str(model): _grid(str(model), settings) for model, settings in value.items()}


def _grid(model: str, settings: Any) -> dict[str, list[Any]]:
    if settings and not isinstance(settings, dict):
        raise ValueError(f"{model}: settings with values to try are wanted, as in {{learning_rate: [0.02, 0.2]}}")
    grid = {name: value if isinstance(value, list | tuple) else [value] for name, value in (settings or {}).items()}
    combinations(model, grid)
    return {name: list(values) for name, values in grid.items()}


class SearchSpec(Section):
    """A search over settings of models: candidates learn beside the champion, and the worse half of them leaves after
    each round. `lessons` bounds what it costs in all: verdicts times the candidates that learn them.
    """

    models: Annotated[
        dict[str, dict[str, tuple[float, ...]]],
        BeforeValidator(_grids),
        WithJsonSchema({"anyOf": [{"type": "array", "items": {"enum": list(SETTINGS)}}, {"type": "object"}]}),
    ]
    lessons: Annotated[int, Field(ge=1)] | None = None


def _search(value: Any) -> Any:
    """A list of models alone will do."""
    return {"models": value} if isinstance(value, list | str) else value


class ModelSpec(Section):
    """Who decides (champion), who is tried beside it on the same verdicts (challengers), and a search for one more."""

    champion: ModelName | None = None
    challengers: tuple[ModelName, ...] = ()
    search: Annotated[
        SearchSpec | None,
        BeforeValidator(_search),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    SearchSpec.model_json_schema(),
                    {"type": "null"},
                ]
            }
        ),
    ] = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [name for name in (self.champion, *self.challengers) if name]
        if len(set(names)) != len(names):
            raise ValueError("each model may stand once only")
        return self

    @property
    def candidates(self) -> tuple[str, ...]:
        """Who the search begins with: all combinations of settings but what decides or is a challenger anyway."""
        grids = self.search.models.items() if self.search else ()
        found = [name for model, grid in grids for name in combinations(model, grid)]
        return tuple(name for name in dict.fromkeys(found) if name not in {self.champion, *self.challengers})

    @property
    def lessons(self) -> int:
        """What the search may cost: as asked for, or so much that the first round has 200 verdicts."""
        each = len(self.candidates) * rounds_of(len(self.candidates))
        return (self.search.lessons if self.search else None) or _USUAL_VERDICTS * each

    @model_validator(mode="after")
    def _can_search(self) -> Self:
        if self.search is None:
            return self
        count = len(self.candidates)
        least = _LEAST_VERDICTS * count * rounds_of(count)
        if not count:
            raise ValueError("search: all it would try is champion or challenger already; give it more settings")
        if count > MOST_CANDIDATES:
            raise ValueError(f"search: {count} candidates, at most {MOST_CANDIDATES}; give it fewer values to try")
        if self.lessons < least:
            raise ValueError(
                f"search: lessons: at least {least:,}, so that each of {count} candidates is judged fairly"
            )
        return self


def rounds_of(candidates: int) -> int:
    """How often half of them may leave until one is left."""
    return max(0, candidates - 1).bit_length()
