"""Names of models: `logistic`, and where it is not as it comes `logistic[learning_rate=0.1,l2=0.001]`.

A name says all by which two models of a task may differ, so that states, snapshots and reports of one are never taken
for another's. Settings stand in one order and those that are as by default are left out: equal models, equal names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

MODEL_NAMES = (
    "logistic",
    "gaussian_naive_bayes",
    "hoeffding_tree",
    "adaptive_random_forest",
    "text_naive_bayes",
    "text_logistic",
    "committee",
)
TEXT_MODELS = frozenset({"text_naive_bayes", "text_logistic"})
TABLE_MODELS = frozenset({"logistic", "gaussian_naive_bayes", "hoeffding_tree", "adaptive_random_forest"})

_WITH_SETTINGS = re.compile(r"(\w+)\[([^\[\]]*)\]")
_USERS = re.compile(r"python:\s*[\w.]+:\w+")


@dataclass(frozen=True)
class Setting:
    """What one may be: a number from `least` to `most`; `tried` is what a search tries when nobody says."""

    kind: type[int] | type[float]
    default: float | None
    least: float
    most: float
    tried: tuple[float, ...] = ()

    def fitting(self, model: str, name: str, value: object) -> float:
        """The value as a number of its kind; raises `ValueError`."""
        wanted = f"{'a whole number' if self.kind is int else 'a number'} from {self.least:g} to {self.most:g}"
        if isinstance(value, int | float) and not isinstance(value, bool) and self.least <= value <= self.most:
            number = self.kind(value)
            if number == value:
                return number
        raise ValueError(f"{model}: {name} is {wanted} (found: {value})")


SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "logistic": {
        "learning_rate": Setting(float, 0.05, 1e-5, 10.0, (0.005, 0.02, 0.05, 0.2)),
        "l2": Setting(float, 0.0, 0.0, 1.0, (0.0, 0.0001)),
    },
    "hoeffding_tree": {
        "grace_period": Setting(int, 100, 10, 100_000, (50, 100, 200, 400)),
        "delta": Setting(float, 1e-7, 1e-12, 0.5, (1e-7, 1e-3)),
        "max_depth": Setting(int, None, 1, 100),
    },
    "adaptive_random_forest": {
        "n_models": Setting(int, 5, 1, 20, (5, 10)),
        "grace_period": Setting(int, 50, 10, 100_000, (50, 200)),
        "max_depth": Setting(int, None, 1, 100),
    },
    "text_naive_bayes": {"alpha": Setting(float, 1.0, 1e-6, 100.0, (0.01, 0.1, 0.3, 1.0))},
    "text_logistic": {"learning_rate": Setting(float, 0.3, 1e-4, 10.0, (0.03, 0.1, 0.3, 1.0))},
}


def kind_of(name: str) -> str:
    """`logistic` of `logistic[learning_rate=0.1]`; other names as they are."""
    match = _WITH_SETTINGS.fullmatch(name)
    return match[1] if match else name


def settings_of(name: str) -> dict[str, float]:
    """What the name says of the model's settings, by their names; raises `ValueError`."""
    match = _WITH_SETTINGS.fullmatch(name)
    if match is None:
        return {}
    pairs = [pair.partition("=") for pair in match[2].split(",")]
    given = {setting.strip(): _number(name, value) for setting, _, value in pairs}
    if len(given) != len(pairs):
        raise ValueError(f"{name}: each setting may stand once only")
    return _checked(match[1], given)


def named(model: str, settings: Mapping[str, object]) -> str:
    """The one name of a model with these settings; raises `ValueError`."""
    given = _checked(model, settings)
    known = SETTINGS.get(model, {})
    said = [f"{name}={_written(given[name])}" for name in known if name in given and given[name] != known[name].default]
    return f"{model}[{','.join(said)}]" if said else model


def model_name(given: object) -> str:
    """The name of what a task file names, in any way one may write it; raises `ValueError`."""
    if isinstance(given, dict) and list(given) == ["python"]:  # YAML's reading of `python: module:build`
        given = f"python: {given['python']}"
    if isinstance(given, dict) and len(given) == 1:
        ((model, settings),) = given.items()
        if model in SETTINGS and isinstance(settings, dict):
            return named(model, settings)
    if isinstance(given, str) and (given in MODEL_NAMES or _USERS.fullmatch(given)):
        return given
    if isinstance(given, str) and kind_of(given) in SETTINGS:
        return named(kind_of(given), settings_of(given))
    raise ValueError(f"one of {', '.join(MODEL_NAMES)}, or python: package.module:build")


def combinations(model: str, grid: Mapping[str, Sequence[object]]) -> list[str]:
    """Names of the model with each combination of these values; of the usual ones when the grid is empty.

    Raises `ValueError`.
    """
    known = _known(model)
    grid = grid or {name: setting.tried for name, setting in known.items() if setting.tried}
    for name, values in grid.items():
        if not values:
            raise ValueError(f"{model}: {name} needs values to try, such as [{_examples(known.get(name))}]")
    return list(dict.fromkeys(named(model, dict(zip(grid, values, strict=True))) for values in product(*grid.values())))


def _checked(model: str, settings: Mapping[str, object]) -> dict[str, float]:
    known = _known(model)
    for name in settings:
        if name not in known:
            raise ValueError(f"{model} has no setting {name}; it has {', '.join(known)}")
    return {name: known[name].fitting(model, name, value) for name, value in settings.items()}


def _known(model: str) -> Mapping[str, Setting]:
    if model not in SETTINGS:
        raise ValueError(f"{model} has no settings to choose from; {', '.join(SETTINGS)} have some")
    return SETTINGS[model]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name}: settings are numbers, as in logistic[learning_rate=0.1,l2=0.001]") from None


def _written(value: float) -> str:
    """As short as it can be and still be read as the same number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _examples(setting: Setting | None) -> str:
    return ", ".join(f"{value:g}" for value in setting.tried or (5, 10)) if setting else "0.1, 0.2"
