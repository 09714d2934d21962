"""A model that says what the record tells it to, so that a test decides how sure and how right it is."""

from river import base


class Scripted(base.Classifier):
    """Reads `says` (a label) and `sure` (its probability); learns nothing."""

    @property
    def _multiclass(self):
        return True

    def learn_one(self, x, y):
        pass

    def predict_proba_one(self, x, **_):
        other = "b" if x["says"] == "a" else "a"
        return {x["says"]: x["sure"], other: 1.0 - x["sure"]}


def build():
    return Scripted()


def build_without_numbers():
    """A model whose scores are no probabilities."""

    class Broken(Scripted):
        def predict_proba_one(self, x, **_):
            return {"a": float("nan"), "b": 1.0}

    return Broken()
