import multiprocessing
import os
import signal

import pytest
from benchmarks.run_cache import REPLAY_CODE, RISK_CODE, RunCache, code_hash

from benchmarks import run_cache


@pytest.fixture
def sources(tmp_path, monkeypatch):
    monkeypatch.setattr(run_cache, "REPOSITORY", tmp_path)
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "one.py").write_text("a = 1\n")
    return folder


def test_what_was_kept_is_found_again_by_another_process_of_the_same_code(tmp_path):
    RunCache(tmp_path, "c0de").put("elec2/0.05", "s", {"auto": 3, "alarms": [{"at": 1}]})
    assert RunCache(tmp_path, "c0de").get("elec2/0.05", "s") == {"auto": 3, "alarms": [{"at": 1}]}


def test_another_row_seed_or_code_is_another_run(tmp_path):
    RunCache(tmp_path, "c0de").put("elec2/0.05", "s", {"auto": 3})
    assert RunCache(tmp_path, "c0de").get("elec2-0.05", "s") is None
    assert RunCache(tmp_path, "c0de").get("elec2/0.05", "s1") is None
    assert RunCache(tmp_path, "other").get("elec2/0.05", "s") is None


def test_a_later_result_replaces_the_earlier_one_and_leaves_no_rubbish(tmp_path):
    cache = RunCache(tmp_path, "c0de")
    cache.put("row", "s", {"auto": 1})
    cache.put("row", "s", {"auto": 2})
    assert cache.get("row", "s") == {"auto": 2}
    assert len(list(tmp_path.rglob("*"))) == 2


def test_a_value_that_is_no_json_keeps_nothing(tmp_path):
    cache = RunCache(tmp_path, "c0de")
    with pytest.raises(ValueError, match="JSON"):
        cache.put("row", "s", {"auto": float("nan")})
    assert cache.get("row", "s") is None


def test_a_half_written_entry_counts_as_none(tmp_path):
    cache = RunCache(tmp_path, "c0de")
    cache.put("row", "s", {"auto": 1})
    entry = next(tmp_path.rglob("*.json"))
    entry.write_text(entry.read_text()[:-9])
    assert cache.get("row", "s") is None


def _put_for_ever(folder):
    cache = RunCache(folder, "c0de")
    number = 0
    while True:
        number += 1
        cache.put("row", "s", {"number": number, "much": "x" * 100_000})


def test_a_writer_that_is_killed_leaves_a_whole_entry(tmp_path):
    writer = multiprocessing.get_context("spawn").Process(target=_put_for_ever, args=(tmp_path,))
    writer.start()
    cache = RunCache(tmp_path, "c0de")
    while writer.is_alive() and (cache.get("row", "s") or {"number": 0})["number"] < 20:
        pass
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    assert cache.get("row", "s")["number"] >= 20


def test_the_hash_changes_with_each_file_its_name_and_the_packages(sources):
    seen = [code_hash([sources], ())]
    (sources / "one.py").write_text("a = 2\n")
    seen.append(code_hash([sources], ()))
    (sources / "deeper").mkdir()
    (sources / "deeper" / "two.py").write_text("b = 1\n")
    seen.append(code_hash([sources], ()))
    (sources / "deeper" / "two.py").rename(sources / "three.py")
    seen.append(code_hash([sources], ()))
    seen.extend((code_hash([sources], ["numpy"]), code_hash([sources], ["no-such-package"])))
    assert len(set(seen)) == len(seen)


def test_the_hash_does_not_change_with_what_is_no_code(sources):
    before = code_hash([sources], ["numpy"])
    (sources / "one.pyc").write_bytes(b"compiled")
    assert code_hash([sources, sources / "one.py"], ["numpy"]) == before


def test_code_that_went_elsewhere_is_noticed(sources):
    with pytest.raises(FileNotFoundError, match=r"gone\.py"):
        code_hash([sources / "gone.py"], ())


def test_the_places_a_replay_rests_on_are_there():
    assert code_hash(REPLAY_CODE) != code_hash(RISK_CODE)
