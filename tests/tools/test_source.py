"""A source is read whole, or refused with file and line; what it gives is a chapter and its solutions."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from tiny import TINY, write_tiny

from helpers import topics
from helpers.lesson import exercise as core
from helpers.lesson.exercise import Case, Exercise
from tools.source import ROOT, Cell, Source, SourceError, notebook, sources

EXERCISE = TINY[TINY.index("# %% [markdown]\n# ### Exercise"):TINY.index("# %%\nprint")]
SOLUTION = "    ### BEGIN SOLUTION\n    y = x\n    return 2 * y\n    ### END SOLUTION\n"


def source_of(folder: Path, text: str = TINY) -> Source:
    return Source(write_tiny(folder, text))


#: What is replaced by what, where the cell that must be named begins, and what must be said of it.
BROKEN = [
    ("### BEGIN SOLUTION", "## BEGIN SOLUTION", "# %%\ndef double", "a marker is misspelt; write it as '### BEGIN SOLUTION'"),
    ("### END SOLUTION", "### END SOLUTION of 1", "# %%\ndef double", "a marker is misspelt"),
    ("    ### END SOLUTION\n", "", "# %%\ndef double", "one BEGIN and one END, in this order (in a fix with INSTEAD between them); found BEGIN"),
    ("    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n", "# %%\ndef double", "found END, END"),
    (SOLUTION, SOLUTION * 2, "# %%\ndef double", "found BEGIN, END, BEGIN, END"),
    ("# Give twice", "# ### BEGIN SOLUTION\n# ### END SOLUTION\n# Give", "# %% [markdown]\n# ### Exercise", "a solution stands in a code cell"),
    (EXERCISE, EXERCISE * 2, "# %% [markdown]\n# ### Exercise 97.1 · Double · 5 min", "exercise 97.1 appears twice"),
    ("Exercise 97.1", "Exercise 97.2", "# %% [markdown]\n# ### Exercise", "exercise 97.2 should be 97.1: they are numbered in order"),
    ("Exercise 97.1", "Exercise 96.1", "# %% [markdown]\n# ### Exercise", "exercise 96.1 should be 97.1"),
    (SOLUTION, "    return 2 * x\n", "# %%\ndef double", "exercise 97.1 has no stub"),
    ("    y = x\n    return 2 * y\n", "\n", "# %%\ndef double", "the solution of exercise 97.1 is empty"),
    ('check("97.1", double)', 'check("97.2", double)', '# %%\ncheck(', 'must read check("97.1", function)'),
    ('check("97.1", double)', 'check("97.1", double(2))', '# %%\ncheck(', 'must read check("97.1", function)'),
    ('check("97.1", double)', 'check("97.1", twice)', '# %%\ncheck(', "check names twice, which the answer's cell does not define"),
    ("· 5 min ·", "· 5 minutes ·", "# %% [markdown]\n# ### Exercise", "an exercise's heading reads '### Exercise 2.1"),
    ("· ★☆☆", "", "# %% [markdown]\n# ### Exercise", "an exercise's heading reads"),
    ("### Exercise", "## Exercise", "# %% [markdown]\n# ## Exercise", "an exercise's heading reads"),
    ("# <details><summary>Hint 2</summary>Multiply.</details>\n", "", "# %% [markdown]\n# <details>", "needs two folded hints; found 1"),
    ("# %% [markdown]\n# <details>", "# %%\n# <details>", "# %% [markdown]\n# ### Exercise", "needs five cells: statement, answer, check, hints, discussion; found markdown, code, code, code, markdown"),
    (TINY[TINY.index("# %% [markdown]\n# <details>"):], "", "# %% [markdown]\n# ### Exercise", "found markdown, code, code"),
    (' tags=["discussion"]', "", "# %% [markdown]\n# Two times", "the discussion of exercise 97.1 is tagged"),
    ('print("N is"', '### BEGIN SOLUTION\na = 1\n### END SOLUTION\nprint("N is"', "# %%\n### BEGIN", "this solution stands under no exercise's heading"),
    ("# %% [markdown]\n# # 97", "import os\n\n# %% [markdown]\n# # 97", "", "begin with the title cell: '# %% [markdown]', and below it '# # 97 · "),
    ("# # 97 · Doubles — How much is twice?", "", "", "begin with the title cell"),
    (TINY, "", "", "begin with the title cell"),
    ('print("N is"', 'text = """\n# %%\n"""\nprint("N is"', '# %%\n"""', "this '# %%' begins not one cell: does it stand inside a text?"),
    ('print("N is"', 'text = 1\n\n#%%\nprint("N is"', "# %%\ntext", "Or is a marker below it written in another way, as '#%%'?"),
]


@pytest.mark.parametrize(("old", "new", "place", "message"), BROKEN)
def test_a_broken_source_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    assert old in TINY
    text = TINY.replace(old, new, 1)
    line = text[:text.rindex(place)].count("\n") + 1 if place else 1
    with pytest.raises(SourceError) as caught:
        source_of(tmp_path, text)
    assert str(caught.value).startswith(f"97_doubles.py:{line}: ")
    assert message in str(caught.value)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    assert source_of(tmp_path, "\ufeff" + TINY).cells == source_of(tmp_path).cells


@pytest.mark.parametrize("name", ["doubles.py", "7_doubles.py", "97.py", "97-doubles.py"])
def test_a_source_has_a_number_and_a_topic(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=r"^\S+:1: a source is called NN_topic\.py or NNa_topic\.py"):
        Source(write_tiny(tmp_path, name=name))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exercise]:
    """No exercise is known; chapter 97 has checks."""
    known: dict[str, Exercise] = {}
    monkeypatch.setattr(core, "EXERCISES", known)
    monkeypatch.setattr(topics, "check_modules", lambda chapter: ["math"] if chapter == 97 else [])
    return known


def new_check(number: str, wrong_answers: int) -> None:
    exercise = Exercise(number, oracle=lambda x: 2 * x, cases=lambda: [Case("3", (3,))], verified="it doubles")
    for i in range(wrong_answers):
        exercise.wrong(f"cause {i}")(lambda x: x)


@pytest.mark.usefixtures("registry")
def test_checks_and_exercises_must_match(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    line = TINY[:TINY.index("# %%\ncheck(")].count("\n") + 1
    with pytest.raises(SourceError, match=rf"^97_doubles\.py:{line}: there is no check 97\.1 among the checks of chapter 97$"):
        source.check_exercises_exist()
    new_check("97.1", 3)
    with pytest.raises(SourceError, match=rf"^97_doubles\.py:{line}: check 97\.1 knows 3 wrong answers; at least 4 are needed$"):
        source.check_exercises_exist()


@pytest.mark.usefixtures("registry")
def test_a_check_without_an_exercise_is_told(tmp_path: Path) -> None:
    new_check("97.1", 4)
    source_of(tmp_path).check_exercises_exist()
    new_check("97.2", 4)
    with pytest.raises(SourceError, match=r"^97_doubles\.py:1: checks without an exercise: 97\.2$"):
        source_of(tmp_path).check_exercises_exist()


def test_a_chapter_without_checks_says_which_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^97_doubles\.py:1: no checks of chapter 97; write helpers/topics/<topic>/checks\.py$"):
        source_of(tmp_path).check_exercises_exist()


def test_the_chapter_holds_a_stub_hints_with_a_link_and_no_discussion(tmp_path: Path) -> None:
    nb = source_of(tmp_path).chapter_notebook()
    text = "\n".join(c.source for c in nb.cells)
    assert 'def double(x):\n    """Twice x."""\n    raise NotImplementedError("exercise 97.1")' in text
    (statement,) = [c.id for c in source_of(tmp_path).solutions_notebook().cells if c.source.startswith("### Exercise")]
    assert f"[Solution and discussion](../solutions/97_doubles.ipynb#cell-id={statement})" in text
    assert "2 * y" not in text
    assert "Two times" not in text
    assert "SOLUTION" not in text
    nbformat.validate(nb)


def test_the_solved_chapter_differs_in_the_answer_alone(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    pairs = [(a.source, b.source) for a, b in zip(source.chapter_notebook().cells, source.chapter_notebook(solved=True).cells, strict=True) if a != b]
    ((stub, solved),) = pairs
    assert solved == 'def double(x):\n    """Twice x."""\n    y = x\n    return 2 * y'
    assert stub != solved


def test_the_solutions_hold_set_up_and_exercises_alone(tmp_path: Path) -> None:
    nb = source_of(tmp_path).solutions_notebook()
    nbformat.validate(nb)
    kinds = [c.source.split("\n")[0] for c in nb.cells]
    assert kinds == ["# Solutions · 97 · Doubles — How much is twice?", "FAST = False", "import os", "### Exercise 97.1 · Double · 5 min · ★☆☆",
                     "def double(x):", 'check("97.1", double, keep=False)', "Two times, and that is all."]
    assert "../chapters/97_doubles.ipynb" in nb.cells[0].source
    assert "SOLUTION" not in "".join(c.source for c in nb.cells)


def test_an_edited_cell_gets_another_id_and_no_other_does(tmp_path: Path) -> None:
    before = [c.id for c in source_of(tmp_path).chapter_notebook().cells]
    after = [c.id for c in source_of(tmp_path, TINY.replace('print("N is"', 'print("N was"')).chapter_notebook().cells]
    assert len(set(before)) == len(before)
    assert [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [len(before) - 2]


def test_an_inserted_cell_leaves_the_other_ids_and_twins_differ(tmp_path: Path) -> None:
    before = [c.id for c in source_of(tmp_path).chapter_notebook().cells]
    after = [c.id for c in source_of(tmp_path, TINY + "\n# %%\na = 1\n\n# %%\na = 1\n").chapter_notebook().cells]
    assert after[:-2] == before
    assert after[-1] == f"{after[-2]}-2"


def test_chapters_are_named_by_their_number_and_each_unknown_name_is_told() -> None:
    everything = [path.stem for path in sources()]
    assert everything == sorted(path.stem for path in (ROOT / "source").glob("*.py"))
    assert sorted({path.stem[:2] for path in sources(["02", "1"])}) == ["01", "02"]
    with pytest.raises(LookupError) as caught:
        sources(["98", "02", "99"])
    assert str(caught.value) == f"no source fits 98, 99; there are {', '.join(everything)}"


@pytest.mark.parametrize(("text", "tags", "folded"), [
    ('quiz("05a.1")\nquiz("05a.2")', (), True), ('warm_up("05a")', (), True), ("review()", (), True), ("guess_edges.compare(3, bins=[1, 9])", (), True),
    ('quiz("Q?", {\n    "a": "It is."}, right=0)', (), True), ("expect(x, at_least=1, what='x')", ("promise",), True),
    ('x = 1\nquiz("05a.1")', (), False), ('guess = predict("Q?", ["a"])', (), False), ("%time x", (), False), ("", (), False)])
def test_what_holds_an_answer_is_folded(text: str, tags: tuple[str, ...], folded: bool) -> None:
    (cell,) = notebook([Cell("code", text, tags, 1)]).cells
    assert cell.metadata.get("jupyter", {}).get("source_hidden", False) is folded
    assert cell.source == (f"{cell.source.splitlines()[0]}\n{text}" if folded else text)
    assert cell.source.startswith("# ") is folded, "the page shows the first line of what is folded"
    assert "jupyter" not in notebook([Cell("markdown", text, (), 1)]).cells[0].metadata
