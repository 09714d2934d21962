"""A learner whose forests have ten trees, as River's have by default, and not the five that Winnow takes."""

from river import forest

from winnow.core.models import table_models
from winnow.learner.app import main
from winnow.runtime.process import run_service


def forest_of_ten(n_models: int = 10, grace_period: int = 50, max_depth: int | None = None) -> forest.ARFClassifier:
    """In the place of the five trees that Winnow takes."""
    return forest.ARFClassifier(
        n_models=n_models, grace_period=grace_period, max_depth=max_depth, seed=table_models.SEED
    )


if __name__ == "__main__":
    table_models.adaptive_random_forest = forest_of_ten
    run_service("learner", main)
