"""The benchmarks' own arithmetic: marks, means, tables; what they measure is not tested, only printed."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import benchmarks.__main__ as command
from benchmarks.overhead import bare_loop, matmul_flops, training_flops
from benchmarks.race import OURS, PEERS, Run, first_time, step_lr, time_to_own_best, time_to_pass, train
from benchmarks.table import PARTS, as_text
from helpers.data import digits
from helpers.models import MLP
from helpers.training import fit
from tools.source import ROOT, sources

README = (ROOT / "README.md").read_text("utf-8")


def run(accuracy: list[float], seconds: list[float]) -> Run:
    return {"accuracy": accuracy, "seconds": seconds}


def test_a_mark_is_passed_at_the_end_of_the_first_epoch_that_reaches_it() -> None:
    assert first_time(run([0.5, 0.9, 0.8], [1.0, 2.0, 3.0]), 0.6) == 2.0
    assert first_time(run([0.5, 0.9, 0.8], [1.0, 2.0, 3.0]), 0.95) is None


def test_a_peers_own_best_is_compared_seed_by_seed() -> None:
    peers = [run([0.8, 0.9], [10.0, 20.0]), run([0.7, 0.6], [10.0, 20.0])]
    ours = [run([0.85, 0.95], [1.0, 2.0]), run([0.85, 0.95], [1.0, 2.0])]
    assert time_to_own_best(peers) == pytest.approx(15)
    assert time_to_pass(ours, peers) == pytest.approx(1.5)               # 2 s to pass 0.9, 1 s to pass 0.7
    assert time_to_pass(peers, ours) is None                             # one seed never does


def test_every_recipe_takes_a_step() -> None:
    split = digits(n_train=128, n_val=0)
    for recipe in (*PEERS, *OURS):
        short = type(recipe)(recipe.name, recipe.network, {**recipe.settings, "n_epochs": 1})
        assert train(short, split.train, (split.test[0][:50], split.test[1][:50]), seed=0).n_epochs == 1


def test_step_lr_falls_once_an_epoch() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = step_lr(optimizer, 12, n_epochs=3, gamma=0.5)
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates == [1.0] * 4 + [0.5] * 4 + [0.25] * 4


def test_the_bare_loop_does_what_fit_does() -> None:
    train_split = digits(n_train=96).train
    models = []
    for _ in range(2):
        torch.manual_seed(0)
        models.append(MLP((784, 8, 10)))
    bare_loop(models[0], train_split, n_epochs=2, batch_size=32, lr=1e-3, seed=4)
    fit(models[1], train_split, n_epochs=2, batch_size=32, lr=1e-3, seed=4, progress=False)
    assert all(torch.equal(a, b) for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True))


def test_speeds_are_positive_and_below_what_any_laptop_has() -> None:
    assert 1e7 < training_flops(width=4, batch_size=8, rounds=2) < 1e13
    assert 1e8 < matmul_flops(n=128, rounds=2) < 1e13


MACHINE = {"cpu": "a CPU", "cores": 2, "system": "Linux", "python": "3.11", "torch": "2.13", "threads": 1, "date": "2026-01-02"}


def results() -> dict[str, Any]:
    runs = {r.name: [run([0.9, 0.97], [10.0, 20.0])] * 2 for r in PEERS} | {"course, quick": [run([0.98], [2.0]), run([0.99], [2.0])]}
    return {"machines": dict.fromkeys(PARTS, MACHINE),
            "race": runs,
            "overhead": {"overhead": 0.02, "training_flops": 2e10, "matmul_flops": 4e10, "import_seconds": 0.05},
            "chapters": [{"chapter": "01_x", "seconds": 12.0, "kilobytes": 300.0, "figures": [{"figure": "a figure", "median_ms": 9.0}]}]}


def test_the_table_says_how_many_times_sooner() -> None:
    text = as_text(results())
    assert "| course, quick | 98.5% | 2.0 s | 98.5% | 2.0 s | 2.0 s (1 of 2 seeds) | 2.0 s, 10× sooner | 2.0 s, 10× sooner |" in text
    assert "`fit` costs +2.0% over the bare loop" in text
    assert "| 01_x | 12.0 s | 300 kB | a figure 9 ms |" in text


def test_the_table_says_when_once_or_above_each_part_measured_elsewhere() -> None:
    found = results()
    assert as_text(found).count("Measured on") == 1
    found["machines"]["overhead"] = {**MACHINE, "date": "2026-03-04"}
    said = [line[:22] for line in as_text(found).splitlines() if line.startswith(("Measured", "MNIST", "`fit`", "| lesson"))]
    assert said == ["Measured on 2026-01-02", "MNIST-5k, 4,000 digits", "Measured on 2026-03-04", "`fit` costs +2.0% over", "Measured on 2026-01-02", "| lesson | top to bott"]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where README and results of a test are."""
    readme, stored = tmp_path / "README.md", tmp_path / "results.json"
    monkeypatch.setattr(command, "README", readme)
    monkeypatch.setattr(command, "RESULTS", stored)
    return readme, stored


def test_an_older_file_has_one_machine_for_all_its_parts(files: tuple[Path, Path]) -> None:
    older = results()
    del older["machines"], older["chapters"]
    files[1].write_text(json.dumps({"machine": MACHINE, **older}), "utf-8")
    assert command.stored() == {"machines": {"race": MACHINE, "overhead": MACHINE}, **older}


def test_one_part_measured_anew_leaves_the_others_their_machine(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    files[1].write_text(json.dumps(results()), "utf-8")
    monkeypatch.setattr(command, "machine", lambda: {**MACHINE, "cpu": "another"})
    monkeypatch.setattr(command, "overhead", lambda: {**results()["overhead"], "overhead": 0.5})
    assert command.main(["--only", "overhead"]) == 0
    found = json.loads(files[1].read_text("utf-8"))
    assert {part: m["cpu"] for part, m in found["machines"].items()} == {"race": "a CPU", "overhead": "another", "chapters": "a CPU"}
    assert found["overhead"]["overhead"] == 0.5
    assert found["race"] == results()["race"]


def test_a_late_failure_keeps_what_was_measured(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError("no room")

    monkeypatch.setattr(command, "race", lambda seeds: {name: runs[:seeds] for name, runs in results()["race"].items()})
    monkeypatch.setattr(command, "overhead", fails)
    with pytest.raises(OSError, match="no room"):
        command.main(["--seeds", "2"])
    assert json.loads(files[1].read_text("utf-8")) == {"race": results()["race"], "machines": {"race": command.machine()}}


def test_one_lesson_measured_anew_leaves_the_others_rows_and_drops_those_of_no_lesson(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, *_ = (path.stem for path in sources())
    old: list[dict[str, Any]] = [{"chapter": name, "seconds": 1.0, "kilobytes": None, "figures": []} for name in ("01_x", second)]
    files[1].write_text(json.dumps({**results(), "chapters": old}), "utf-8")
    monkeypatch.setattr("benchmarks.chapters.measure", lambda path: {**old[0], "chapter": path.stem, "seconds": 2.0})
    assert command.main([first]) == 0
    found = json.loads(files[1].read_text("utf-8"))
    assert [(row["chapter"], row["seconds"]) for row in found["chapters"]] == [(first, 2.0), (second, 1.0)]
    assert found["race"] == results()["race"]


def test_readme_shows_what_results_json_holds() -> None:
    """Else: python3 course.py bench --readme."""
    block = README.split("<!-- bench:start -->\n")[1].split("\n<!-- bench:end -->")[0]
    assert block == as_text(command.stored())


def test_every_lesson_is_measured() -> None:
    """Else: python3 course.py bench --only chapters, or bench with the lesson's number; then bench --readme."""
    assert [row["chapter"] for row in command.stored()["chapters"]] == [path.stem for path in sources()]


def test_a_readme_without_measurements_is_refused(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--readme"])
    assert "nothing has been measured yet. Run 'python3 course.py bench' first." in capsys.readouterr().err
    assert not any(path.exists() for path in files)


def test_the_readme_takes_the_table_between_its_marks_and_keeps_the_rest(files: tuple[Path, Path]) -> None:
    readme, stored = files
    readme.write_text("before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n", "utf-8")
    stored.write_text(json.dumps(results()), "utf-8")
    assert command.main(["--readme"]) == 0
    text = readme.read_text("utf-8")
    assert text.startswith("before\n<!-- bench:start -->\nMeasured on 2026-01-02")
    assert text.endswith("<!-- bench:end -->\nafter\n")
    assert "old" not in text


def test_a_readme_without_marks_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("no marks", "utf-8")
    monkeypatch.setattr(command, "README", readme)
    with pytest.raises(ValueError, match="bench:start"):
        command.into_readme("table")
    assert readme.read_text("utf-8") == "no marks"


def test_the_machine_is_described_and_not_named() -> None:
    assert set(command.machine()) == {"cpu", "cores", "system", "python", "torch", "threads", "date"}
