"""`winnow replay` as a person meets it: files in, figures, decisions and a report out, errors in one line."""

import gzip
import json
import random
import re
import sys

import pytest

from winnow.cli import main
from winnow.demo.sample import SAMPLE

TASK = """\
task: sizes
labels: [small, large]
input: {features: {size: number}}
target: {error: 0.1}
model: {champion: gaussian_naive_bayes}
"""


def record(number, **more):
    size = 1.0 if number % 2 else -1.0
    label = "large" if number % 2 else "small"
    return {"id": f"r{number}", "features": {"size": size + (number % 7) / 10}, "label": label, **more}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "sizes.yaml").write_text(TASK)
    write(tmp_path / "sizes.jsonl", [record(number) for number in range(700)])
    return tmp_path


def write(path, records):
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def test_a_replay_writes_figures_decisions_and_says_what_came_out(files, capsys):
    given = ["replay", "sizes.jsonl", "--task", "sizes.yaml", "--delay", "20"]

    assert main([*given, "--json", "out.json", "--decisions", "out.jsonl"]) == 0

    values = json.loads((files / "out.json").read_text())
    assert values["records"] == 700
    assert values["auto"] == round(values["coverage"] * 700) > 400
    assert values["certificate"]["labels"] == values["auto"]
    wanted = {"worst_window", "first_auto", "alarms", "allowances", "violations", "model", "best_fixed_threshold"}
    assert wanted <= values.keys()
    decisions = [json.loads(line) for line in (files / "out.jsonl").read_text().splitlines()]
    assert [line["id"] for line in decisions] == [f"r{number}" for number in range(700)]
    assert sum(line["released"] for line in decisions) == values["auto"]
    assert "labelled by the machine" in capsys.readouterr().out


def test_figures_can_go_to_a_program(files, capsys):
    assert main(["replay", "sizes.jsonl", "--task", "sizes.yaml", "--limit", "100", "--json", "-"]) == 0

    assert json.loads(capsys.readouterr().out)["records"] == 100


def test_salts_and_targets_are_told_beside_the_first_run(files, capsys):
    given = ["replay", "sizes.jsonl", "--task", "sizes.yaml", "--delay", "10", "--limit", "300"]

    assert main([*given, "--salts", "2", "--targets", "0.05,0.2", "--json", "out.json"]) == 0

    values = json.loads((files / "out.json").read_text())
    assert values["spread"]["salts"] == ["s", "s1"]
    assert [each["target"] for each in values["targets"]] == [0.05, 0.1, 0.2]
    said = capsys.readouterr().out
    assert "Over 2 salts" in said
    assert "What other targets cost" in said


def test_a_packed_file_is_read_too(files):
    (files / "sizes.jsonl.gz").write_bytes(gzip.compress((files / "sizes.jsonl").read_bytes()))

    assert main(["replay", "sizes.jsonl.gz", "--task", "sizes.yaml", "--limit", "50", "--json", "out.json"]) == 0

    assert json.loads((files / "out.json").read_text())["records"] == 50


def test_a_target_of_zero_is_explained(files, capsys):
    assert main(["replay", "sizes.jsonl", "--task", "sizes.yaml", "--limit", "150", "--target", "0"]) == 0

    assert "A target of 0 is never reached" in capsys.readouterr().out


def test_lines_that_are_no_records_are_told_and_left_out(files, capsys):
    broken = ['{"id": "x"', '{"id": "y"}', "[]", "7", "{}", "null", '"text"']
    good = (files / "sizes.jsonl").read_text()
    (files / "sizes.jsonl").write_text("\n".join(broken) + "\n\n" + good)

    assert main(["replay", "sizes.jsonl", "--task", "sizes.yaml", "--limit", "107", "--json", "out.json"]) == 0

    values = json.loads((files / "out.json").read_text())
    assert (values["records"], values["dead"]) == (100, 7)
    assert values["alarms"] == []
    told = capsys.readouterr().err
    assert "sizes.jsonl:1: " in told
    assert "2 more lines" in told


@pytest.mark.parametrize(
    ("change", "arguments", "names"),
    [
        ({"label": None}, [], "sizes.jsonl:3: label: it is missing"),
        ({"label": "huge"}, [], "sizes.jsonl:3: label: the task does not know 'huge'; it knows small, large"),
        ({"label": 1}, [], "sizes.jsonl:3: label: a text is wanted"),
        ({}, ["--target", "0.5"], "at most 0.3"),
        ({}, ["--targets", "0.1,0.5"], "at most 0.3"),
        ({}, ["--targets", "low"], "--targets: numbers"),
        ({}, ["--model", "crystal_ball"], "crystal_ball"),
        ({}, ["--model", "text_logistic"], "reads text"),
        ({}, ["--delay-seconds", "5"], "it has no `at`"),
        ({}, ["--json", "nowhere/out.json"], "nowhere/out.json: cannot write it"),
        ({}, ["--decisions", "nowhere/out.jsonl"], "nowhere/out.jsonl: cannot write it"),
        ({}, ["--salts", "0"], "--salts"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(change, arguments, names, files, capsys):
    changed = {name: value for name, value in record(2, **change).items() if value is not None}
    write(files / "sizes.jsonl", [record(0), record(1), changed])

    assert main(["replay", "sizes.jsonl", "--task", "sizes.yaml", *arguments]) == 2

    complaints = [line for line in capsys.readouterr().err.splitlines() if line.startswith("winnow: ")]
    assert len(complaints) == 1
    assert names in complaints[0]


def test_an_empty_file_is_refused(files, capsys):
    (files / "empty.jsonl").write_text("\n\n")

    assert main(["replay", "empty.jsonl", "--task", "sizes.yaml"]) == 2

    assert "there is no line in it" in capsys.readouterr().err


def test_the_report_is_one_page_that_needs_nothing_from_outside(files):
    tricky = TASK.replace("small", "'<b>small</b>'")
    (files / "tricky.yaml").write_text(tricky)
    records = [{**record(n), "label": "large" if n % 2 else "<b>small</b>"} for n in range(700)]
    write(files / "tricky.jsonl", records)
    given = ["replay", "tricky.jsonl", "--task", "tricky.yaml", "--delay", "20", "--salts", "2", "--targets", "0.2"]

    assert main([*given, "--html", "report.html"]) == 0

    page = (files / "report.html").read_text()
    own = page[page.index("</script>\n</head>") :]
    assert "Of 700 records the machine would have labelled" in own
    assert "The target was kept." in own
    assert "How much of this is chance" in own
    assert "What another target would cost" in own
    assert "<b>small</b>" not in own
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)


def test_a_report_about_nothing_says_why(files):
    given = ["replay", "sizes.jsonl", "--task", "sizes.yaml", "--limit", "50"]

    assert main([*given, "--html", "report.html"]) == 0

    assert "would have labelled none of the 50 records" in (files / "report.html").read_text()


def test_a_report_without_plotly_says_what_to_install(files, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith(("plotly", "winnow.replay.report"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("winnow.replay.report", raising=False)
    monkeypatch.setitem(sys.modules, "plotly", None)

    assert main(["replay", "sizes.jsonl", "--task", "sizes.yaml", "--html", "report.html"]) == 2

    assert "pip install 'winnow[report]'" in capsys.readouterr().err
    assert not (files / "report.html").exists()


def test_a_replay_asks_the_tasks_labelling_functions_the_same_each_time(files, capsys):
    rules = "def big(record):\n    return 'large' if record['features']['size'] > 0.4 else None\n"
    (files / "rules.py").write_text(rules + "def broken(record):\n    return record['nothing']\n")
    task = TASK.replace("gaussian_naive_bayes", "committee") + "labelling_functions: rules.py\n"
    (files / "ruled.yaml").write_text(task)
    given = ["replay", "sizes.jsonl", "--task", "ruled.yaml", "--limit", "150", "--salts", "2"]
    assert main([*given, "--decisions", "one.jsonl"]) == 0
    assert main([*given, "--decisions", "two.jsonl"]) == 0
    first = (files / "one.jsonl").read_text()
    assert first == (files / "two.jsonl").read_text()
    lines = [json.loads(line) for line in first.splitlines()]
    assert lines[1]["label"] == "large"  # nobody had answered yet
    assert lines[1]["reason"] == "cold"


def test_records_that_are_labelled_beforehand_bring_the_first_auto_label_after_fewer_reviews(files, capsys):
    chance = random.Random(7)
    mails = []
    for number in range(700):
        label = chance.choice(("ham", "spam"))
        words = [f"any{chance.randrange(40)}" for _ in range(5)] + [f"{label}{chance.randrange(90)}" for _ in range(3)]
        mails.append({"id": f"m{number}", "text": " ".join(words), "label": label})
    write(files / "mails.jsonl", mails)
    (files / "mails.yaml").write_text("task: mails\nlabels: [ham, spam]\ninput: {text: true}\n")
    reviews = []
    for seed in ("0", "200"):
        given = ["replay", "mails.jsonl", "--task", "mails.yaml", "--seed", seed, "--delay", "60"]
        assert main([*given, "--decisions", f"seed{seed}.jsonl"]) == 0
        lines = [json.loads(line)["decision"] for line in (files / f"seed{seed}.jsonl").read_text().splitlines()]
        assert len(lines) == 700 - int(seed)
        reviews.append(lines.index("auto"))
    assert reviews[1] < reviews[0]


def test_a_search_finds_better_settings_for_real_mail_than_those_that_decide(files, capsys):
    bad, model = "text_logistic[learning_rate=0.001]", "search: {models: [text_logistic], lessons: 320}"
    head = "task: mails\nlabels: [ham, spam]\ninput: {text: true}\n"
    (files / "mails.yaml").write_text(f'{head}model: {{champion: "{bad}", {model}}}\n')
    given = ["replay", str(SAMPLE), "--task", "mails.yaml", "--limit", "300", "--delay", "1"]
    assert main([*given, "--json", "out.json"]) == 0
    search = json.loads((files / "out.json").read_text())["search"]
    assert search["survivor"] in {"text_logistic", "text_logistic[learning_rate=1]"}
    assert search["after"] == 40 + 80
    assert [len(one["leave"]) for one in search["rounds"]] == [2, 1]
    assert (search["decides"], search["promoted"]) == (bad, [])
    assert "log loss -" in search["gain"]
    assert f"{search['survivor']} after 120 answers" in capsys.readouterr().out
