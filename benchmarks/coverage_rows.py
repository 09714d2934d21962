"""What a committee labelled in the closed loop when its design was tried, and the best single model beside it."""

from dataclasses import dataclass

from benchmarks.data_sets import DATA_SETS, DataSet

_TABLE = """
elec2        0.02  1.9 1.60  2.5 1.55
elec2        0.05  4.8 6.40  7.6 4.48
elec2        0.1  13.9 9.39 23.9 7.73
covertype    0.02  0.8 3.48  1.4 2.86
covertype    0.05  3.9 5.04  6.4 5.35
covertype    0.1  14.5 8.43 18.1 8.67
flights      0.02  0.0    -  0.0    -
flights      0.05  0.1  9.9  0.2  7.6
flights      0.1   0.1 13.5  0.6 13.0
shuttle      0.02 90.4 0.44 90.2 0.23
shuttle      0.05 90.6 0.37 90.5 0.21
shuttle      0.1  90.7 0.36 90.6 0.19
spamassassin 0.02 28.9 0.04 51.9 0.51
spamassassin 0.05 54.3 0.58 64.5 1.08
spamassassin 0.1  65.8 1.80 69.6 2.00
newsgroups   0.02 10.2 1.27 24.0 1.18
newsgroups   0.05 34.5 3.01 59.7 3.02
newsgroups   0.1  49.5 5.72 70.5 6.28
"""


@dataclass(frozen=True)
class Tried:
    """Labelled by the machine, and of these wrong, in per cent over three salts; no error where nothing was."""

    auto: float
    error: float | None


@dataclass(frozen=True)
class CoverageRow:
    """A data set and a target; `single` is the best single model, `committee` what is to be reached."""

    data: DataSet
    target: float
    single: Tried
    committee: Tried

    @property
    def name(self) -> str:
        """How the row is called on the command line and in files."""
        return f"{self.data.name}/committee/{self.target:g}"


def read_table(text: str) -> tuple[CoverageRow, ...]:
    """Rows from lines of six columns; `-` is nothing."""
    return tuple(_row(line.split()) for line in text.strip().splitlines())


def _row(cells: list[str]) -> CoverageRow:
    name, target, *figures = cells
    auto, error, new_auto, new_error = (None if cell == "-" else float(cell) for cell in figures)
    assert auto is not None
    assert new_auto is not None
    return CoverageRow(DATA_SETS[name], float(target), Tried(auto, error), Tried(new_auto, new_error))


COVERAGE_ROWS = read_table(_TABLE)
