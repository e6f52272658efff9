"""Chapter 15: planted faults do what the lesson says, the tables lead to lessons, and each figure follows its controls."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.runtime import ROOT
from helpers.topics.questions import scenes_project as scenes
from helpers.topics.questions.article import CORRECTIONS
from helpers.topics.questions.checks_project import PROJECTS, symptoms
from helpers.topics.questions.course_map import BACK, STAGES, course_loop
from helpers.topics.questions.glossary import GLOSSARY, Term
from helpers.topics.questions.planted import FAULTS, Planted, copied, mislabelled, moved, parts, plant, told
from helpers.topics.questions.tables import article_checked, glossary

LESSONS = {path.stem.split("_")[0]: path for path in (ROOT / "source").glob("[0-9][0-9]*_*.py")}
RNG = np.random.default_rng


def test_each_fault_is_planted_at_its_share() -> None:
    x, y, u, v = parts(0)
    _, _, u2, _ = copied(x, y, u, v, 0.1, RNG(0))
    rows = {row.tobytes() for row in x}
    assert sum(row.tobytes() in rows for row in u2) == 20
    assert (u2 != u).any(1).sum() == 20
    assert (mislabelled(x, y, u, v, 0.2, RNG(0))[1] != y).sum() == round(0.2 * len(y))
    note = told(x, y, u, v, 0.3, RNG(0))[2][:, -1]
    assert np.mean(np.abs(note) > 5) == pytest.approx(0.3, abs=0.07)
    assert ((note[np.abs(note) > 5] > 0) == v[np.abs(note) > 5]).all()
    assert moved(x, y, u, v, 0.1, RNG(0))[2] - u == pytest.approx(1, abs=0.1)
    assert all(np.array_equal(a, b) for a, b in zip(parts(0), (x, y, u, v), strict=True)), "what was planted in is left as it was"


def test_without_a_share_nothing_is_planted() -> None:
    for fault in FAULTS:
        data = plant(fault, (0.0,), 2)
        assert data.measured == pytest.approx(data.honest, abs=0.03)
        assert data.named == ((),)
    with pytest.raises(ValueError, match="fault must be one of"):
        plant("a typing error")


def test_the_symptoms_tell_the_four_projects_apart() -> None:
    table = symptoms()
    assert list(table) == list(PROJECTS)
    of = {fault: table[letter] for letter, (fault, _) in PROJECTS.items()}
    flatters = {fault: own["score on its test"] - own["score in use"] for fault, own in of.items()}
    assert flatters["copies in the test"] > 0.05 < flatters["a note made afterwards"]
    assert flatters["another device"] < -0.02
    assert abs(flatters["wrong training labels"]) < 0.01
    assert max(of, key=lambda fault: of[fault]["copies"]) == "copies in the test"
    assert max(of, key=lambda fault: of[fault]["test tells from training (AUC)"]) == "another device"


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.english)
def test_a_term_is_taught_where_the_glossary_says(term: Term) -> None:
    assert re.search(r"[\u4e00-\u9fff]", term.chinese)
    if term.lesson in LESSONS:
        assert term.english.lower() in LESSONS[term.lesson].read_text("utf-8").lower()


def test_the_glossary_is_in_order_and_names_no_term_twice() -> None:
    names = [term.english.lower() for term in GLOSSARY]
    assert names == sorted(set(names))
    assert len(names) >= 60
    assert glossary("zz").data.count("\n") == 1
    assert "| gate | 门 |" in glossary("g").data
    assert "| loss |" not in glossary("g").data


def test_every_correction_leads_to_a_lesson() -> None:
    for row in CORRECTIONS:
        assert row.lessons
        assert all(re.fullmatch(r"\d\d[a-c]?", lesson) for lesson in row.lessons)
    assert article_checked().data.count("\n") == len(CORRECTIONS) + 1


def test_the_loop_names_lessons_and_goes_back_to_stages_that_exist() -> None:
    assert {*BACK, *BACK.values()} <= set(STAGES)
    draw, _ = course_loop()
    said = {stage: draw(stage) for stage in STAGES}
    assert [stage for stage, (_, reached) in said.items() if reached] == [BACK["evaluate"]]
    assert "sends one back to split" in said["evaluate"][0]
    plt.close("all")


def test_the_target_is_a_score_that_flatters_unseen() -> None:
    measured = np.array([[0.7, 0.7], [0.76, 0.76]])
    data = Planted((0.0, 0.3), measured, np.full((2, 2), 0.7), ((), ()))
    seen = Planted((0.0, 0.3), measured, np.full((2, 2), 0.7), ((), ("copies",)))
    draw, _ = scenes.planted_faults({"a": data, "b": seen})
    assert [bool(draw(fault, share)[1]) for fault in "ab" for share in (0.0, 0.3)] == [False, True, False, False]
    plt.close("all")


def test_the_verdict_follows_the_interval() -> None:
    results = {name: scenes.Compared(name, 0.1, 0.2, lead, 50) for name, lead in
               {"better": (0.1, 0.02, 0.2), "open": (0.02, -0.1, 0.1), "worse": (-0.1, -0.2, -0.05)}.items()}
    draw, _ = scenes.own_kinds(results)
    words = {name: draw(name) for name in results}
    assert "the network is better" in words["better"][0]
    assert "nobody can say" in words["open"][0]
    assert "the baseline is better" in words["worse"][0]
    assert [reached for _, reached in words.values()] == [False, True, True]
    plt.close("all")
