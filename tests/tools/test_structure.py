"""Every source has the anatomy of a chapter, every built notebook is in step and readable; and each rule fires."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tools.build import build, orphans
from tools.source import ROOT, Source, sources
from tools.structure import main, notebook_problems, problems, words_of

NOTEBOOKS = [ROOT / folder / f"{path.stem}.ipynb" for path in sources() for folder in ("chapters", "solutions")]


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_a_source_has_the_anatomy_of_a_chapter(path: Path) -> None:
    found = problems(Source(path))
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.stem)
def test_notebooks_are_in_step_with_their_source(path: Path) -> None:
    assert build(path, check=True) == [], "run 'python3 course.py build'"


def test_no_notebook_is_an_orphan() -> None:
    assert orphans(sources()) == [], "no source makes these any more: delete them"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_built_notebook_is_small_whole_and_described(path: Path) -> None:
    assert path.exists(), f"it is not built: run 'python3 course.py build {path.stem[:2]}'"
    found = notebook_problems(nbformat.read(path, 4), path.stat().st_size)
    assert not found, "\n" + "\n".join(found)


# The rules themselves, on a small chapter that breaks one of them at a time.

def exercise(place: int) -> str:
    return f'''
# %% [markdown]
# ### Exercise 97.{place} · Double {place} · {("write", "target", "test", "write")[place - 1]} · 5 min · ★☆☆
# Give twice the number, as the sentence above says it.

# %%
def double_{place}(x):
    """Twice x, in one line."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %%
check("97.{place}", double_{place})

# %% [markdown]
# <details><summary>Hint 1</summary>What is twice?</details>
# <details><summary>Hint 2</summary>Multiply.</details>

# %% [markdown] tags=["discussion"]
# Two times, as simple as that.
'''


STEP = '''
# %% [markdown]
# Step {0}: look at what comes out of it, and say why.

# %%
guess_{0} = predict("What?", ["up", "down"])
a = {0}

# %%
value = a + 1
value

# %% tags=["promise"]
expect(value, what="value {0}", at_least=0)

# %%
guess_{0}.compare("up")

# %% [markdown]
# The value went up, because one was added to it.

# %%
fig, draw = scene({0})
explore(draw, fig, name="figure {0}", goal="reach the end of the line", steps=stages)

# %% [markdown]
# Move the slider until the line reaches its end.
'''

GOOD = '''# %% [markdown]
# # 97 · Doubles — How much is twice?
#
# > **You will be able to**
# > - double a number,
# > - say what a double is,
# > - tell it from a half.
# >
# > **Time** 32 minutes, exercises 20 more · **Before this** nothing · **In the article** "Doubles"

# %% tags=["parameters"]
FAST = False

# %% tags=["setup"]
from helpers import check, expect, show

# %%
warm_up("97")

# %%
sketch = draw_curve("How far?", x=("x", 0, 1), y=("y", 0, 1))

''' + STEP.format(1) + exercise(1) + STEP.format(2) + exercise(2) + STEP.format(3) + exercise(3) + '''
# %% [markdown]
# ## Break it: what if there is nothing?
# The picture is empty. Why is that so?

# %%
assert value == 4
show(fig, alt="A line that rises from left to right.")

# %% [markdown]
# ## The article, checked
# It says that twice two is four, and so do we.
''' + exercise(4) + '''
# %% [markdown]
# ## Summary
# Twice is two times. You can now double a number, say what a double is, and tell it from a half.

# %%
quiz("97.1")
quiz("97.2")
quiz("97.3")
quiz("97.4")
quiz("97.5")

# %% [markdown]
# ## Further reading
# - Rumelhart, Hinton, Williams (1986), *Learning representations*, [doi:10.1038/323533a0](https://doi.org/10.1038/323533a0)
# - Kingma, Ba (2015), *Adam*, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - LeCun and others (1998), doi 10.1109/5.726791
'''
LONG = "\n".join(f"x_{i} = {i}" for i in range(16))
SPARSE = "\n".join(f"# %%\na = {i}\nb = a\n" for i in range(20))


def found_in(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "97_doubles.py"
    path.write_text(text, "utf-8")
    return problems(Source(path))


def test_the_good_chapter_has_no_problems(tmp_path: Path) -> None:
    assert found_in(tmp_path, GOOD) == []


#: What is replaced by what, where the line that must be named begins ("": the chapter's first), and what must be said of it.
BROKEN = [
    ("— How much is twice?", "— Twice", "# # 97", "begins '# NN · Topic — A question?'"),
    ("# # 97", "# # 96", "# # 96", "the title says 96, the file's name 97"),
    ("**You will be able to**", "**Goals**", "", "the box under the title lacks 'You will be able to'"),
    ("**Time** 32 minutes, exercises", "32 minutes, exercises", "", "lacks 'Time'"),
    ("32 minutes", "some minutes", "", "the box says '**Time** 70 minutes, exercises 40 more'"),
    ("32 minutes", "20 minutes", "", "the box says 20 minutes, counted are 30"),
    ("exercises 20 more", "exercises 10 more", "", "the box says 10 minutes of exercises, their headings 20"),
    ("· 5 min ·", "· 35 min ·", "", "50 minutes of exercises, at most 45"),
    ("# %% [markdown]\n# Step 2:", "# %% [markdown]\n# Word\n" + "\n# %% [markdown]\n# so" + " so" * 88 + "\n" * 1 + ("\n# %% [markdown]\n#" + " so" * 89) * 75 + "\n\n# %% [markdown]\n# Step 2:", "", "minutes: a lesson is one sitting of at most 75"),
    ('warm_up("97")', "pass", "", "0 warm-ups: a lesson opens with one"),
    ('warm_up("97")', 'warm_up("96")', 'warm_up("96")', "the warm-up of this lesson is"),
    ("sketch = draw_curve(", "sketch = draw(", "", "no curve is drawn before it is measured"),
    (", steps=stages", "", "", "no figure has steps"),
    ("Double 1 · write ·", "Double 1 ·", "# %% [markdown]\n# ### Exercise 97.1", "write, fix, test, value, order or target"),
    ("· test ·", "· write ·", "", "2 kinds of exercise (target, write): a lesson has at least 3"),
    ("value = a + 1\nvalue", "value = a + 1  # " + "x" * 80, "value = a", "this line has 97 signs; 88 fit"),
    ('# %% tags=["promise"]\nexpect', "# %%\nexpect", "# %%\nexpect", "tagged 'promise'"),
    ('expect(value, what="value 2", at_least=0)', "value", '# %% tags=["promise"]\nvalue\n', "promises nothing"),
    ('guess_2.compare("up")', 'b = 2\nguess_2.compare("up")', 'guess_2.compare("up")', "stands in a cell of its own: the reader answers before it"),
    ('guess_2.compare("up")', 'guess_2.compare("up" if value else "down")', 'guess_2.compare("up" if', "a conditional picks the option"),
    ("**Before this** nothing", "nothing", "", "lacks 'Before this'"),
    ('**In the article** "Doubles"', "", "", "lacks 'article'"),
    ("# > - tell it from a half.\n", "", "", "lists 2 things; list 3 to 5"),
    ("# > - tell it from a half.\n", "# > - x\n" * 4, "", "lists 6 things"),
    ("# ## Break it", "# # Break it", "# # Break it", "one # heading"),
    (' tags=["parameters"]', "", "", "0 cells are tagged 'parameters'"),
    ("FAST = False", "QUICK = False", '# %% tags=["parameters"]', "lack the line 'FAST = False'"),
    ("FAST = False", 'FAST = False\n\n# %% tags=["setup"]\nb = 2', '# %% tags=["setup"]\nfrom', "2 cells are tagged 'setup'"),
    ('explore(draw, fig, name="figure 2", goal="reach the end of the line", steps=stages)', "draw(2)", "", "2 interactive figures"),
    ('name="figure 2", ', "", 'explore(draw, fig, goal="reach', "needs name=…"),
    (', name="figure 2", goal="reach the end of the line"', ', name="figure 2"', 'explore(draw, fig, name="figure 1"', "2 figures have a target"),
    ("predict(", "print(", "", "1 predictions"),
    (".compare(", ".compared(", "", "no prediction is compared with its run"),
    ("## Break it:", "## Look:", "", "there is no section '## Break it'"),
    ("## The article, checked", "## Checked", "", "there is no section '## The article, checked'"),
    ("## Summary", "## In short", "", "there is no section '## Summary'"),
    ("## Further reading", "## More", "", "there is no section '## Further reading'"),
    ("You can now double", "We can double", "# %% [markdown]\n# ## Summary", "repeats the objectives as reached"),
    ("(1998)", "(new)", "# %% [markdown]\n# ## Further", "2 entries with a year and a DOI"),
    ("doi 10.1109/5.726791", "a good one", "# %% [markdown]\n# ## Further", "2 entries with a year and a DOI"),
    ("# %% [markdown]\n# Step 1:", SPARSE * 6 + "\n# %% [markdown]\n# Step 1:", "# %% [markdown]\n# ### Exercise 97.1", "all exercises stand in the last third"),
    ('quiz("97.5")', 'print("97.5")', 'quiz("97.1")', "asks its five questions"),
    ('quiz("97.5")', 'quiz("97.4")', 'quiz("97.1")', "this asks 97.1, 97.2, 97.3, 97.4, 97.4"),
    (', alt="A line that rises from left to right."', "", "show(fig)", "needs one sentence that says what is seen"),
    ('show(fig, alt="A line that rises from left to right.")', "fig = plt.figure()\nshow(fig)", "show(fig)", "needs one sentence that says what is seen"),
    ('show(fig, alt="A line', 'plt.show(fig, alt="A line', "plt.show(", "plt.show() gives a picture without words"),
    ("fig, draw = scene(2)", "fig, draw = interact(2)", "fig, draw = interact", "interact() is slow"),
    ("value = a + 1", "# %timeit a", "# %timeit", "a magic that prints times"),
    ("value = a + 1", "from tqdm import trange", "from tqdm", "tqdm writes its clock"),
    ("value = a + 1", "value = = 1", "value = = 1", "this is not Python: invalid syntax"),
    ("assert value == 4", "value", "", "no assert"),
    ('expect(value, what="value 2", at_least=0)', "value", "", "2 promises: pin at least 3"),
    ("a = 2\n", f"{LONG}\n", '# %%\nguess_2 = predict("What?", ["up", "down"])\nx_0', "this code cell has 17 lines"),
    ("    return 2 * x\n", "\n".join(f"    x_{i} = x" for i in range(16)) + "\n", '# %%\ndef double_1', "this solution has 16 lines"),
    ("    ### BEGIN", "\n".join(f"    x_{i} = x" for i in range(14)) + "\n    ### BEGIN", '# %%\ndef double_1', "this stub has 17 lines"),
    ("\n# %% [markdown]\n# Step 1", '\n# %% tags=["lesson"]\na = 1\nb = 2\n' * 7 + "\n# %% [markdown]\n# Step 1", '# %% tags=["lesson"]\na = 1\nb = 2\n\n# %% [markdown]\n# Step', "7 cells are tagged 'lesson'"),
    ("\n# %% [markdown]\n# Step 1", "\n# %%\na = 1\n" * 20 + "\n# %% [markdown]\n# Step 1", "", "the median code cell has 1 lines"),
    ("# The value went up,", f"# {'so ' * 130}", "# %% [markdown]\n# so", "this text has 136 words, at most 90"),
    ("# Twice is two times.", f"# {'so ' * 220}", "# %% [markdown]\n# ## Summary", "at most 220"),
    ("\n# %% [markdown]\n# Step 1", SPARSE + "\n# %% [markdown]\n# Step 1", "", "cells of text for 34 of code"),
    ("It says", "It [says](03_none.ipynb)", "# It [says]", "this link leads nowhere: 03_none.ipynb"),
    ("It says", "It [says](../nowhere.md)", "# It [says]", "this link leads nowhere: ../nowhere.md"),
]


@pytest.mark.parametrize(("old", "new", "place", "message"), BROKEN, ids=[case[3] for case in BROKEN])
def test_a_rule_fires_with_file_and_line(tmp_path: Path, old: str, new: str, place: str, message: str) -> None:
    assert old in GOOD
    everywhere = old in (".compare(", "predict(", ", steps=stages")
    text = GOOD.replace(old, new) if everywhere else GOOD.replace(old, new, 1)
    line = text[:text.index(place)].count("\n") + 1
    found = found_in(tmp_path, text)
    assert [p for p in found if p.startswith(f"97_doubles.py:{line}: ") and message in p], found


def test_a_lesson_has_three_exercises_or_more(tmp_path: Path) -> None:
    found = found_in(tmp_path, GOOD.replace(exercise(3), "").replace(exercise(4), ""))
    assert [p for p in found if "2 exercises: a lesson has 3 to 6" in p], found


def test_the_article_is_checked_in_one_lesson_of_the_chapter(tmp_path: Path) -> None:
    (tmp_path / "97z_halves.py").write_text("# ## The article, checked\n", "utf-8")
    assert found_in(tmp_path, GOOD.replace("## The article, checked", "## Aside")) == []


@pytest.mark.parametrize(("old", "new"), [
    ("guess_2 = predict(\"What?\", [\"up\", \"down\"])", "b = 2"),       # a folded answer is a prediction too
    ("# %%\nguess_2 = predict", '# %% tags=["lesson"]\n' + LONG + "\nguess_2 = predict"),
    ("It says", "```python\n# # no heading\n" + "word " * 200 + "\n# ```\n# It says"),
    ("It says", "$$" + "x " * 200 + "$$ It [says](https://example.org/a/b)"),
    ("It says", "It [says](#summary), with a [solution](../solutions/../chapters)"),
    ('show(fig, alt="A line that rises from left to right.")', "show(stills.line(value))"),                        # it says itself what is seen
    ('show(fig, alt="A line that rises from left to right.")', "fig = stills.line(value)\nshow(fig)"),
    ("# Step 2:", "# <details><summary>Predict</summary>" + "why " * 200 + "</details> Step 2:"),
])
def test_what_is_right_is_not_flagged(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if old.startswith("guess_2"):
        text = text.replace('guess_2.compare("up")', "value").replace("# Step 2:", "# Up?\n# <details><summary>Answer</summary>up</details>\n# Step 2:")
    assert found_in(tmp_path, text) == []


def test_words_are_counted_as_a_reader_reads_them() -> None:
    assert words_of("One two – three.\n\n```\nx = 1\n```\n<details>four five</details> $a + b$ [six seven](https://x.y/z w) <b>eight</b>") == 7


def test_the_command_prints_what_is_wrong_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "source").mkdir()
    good, bad, broken = (tmp_path / "source" / f"{number}_doubles.py" for number in (97, 98, 99))
    good.write_text(GOOD, "utf-8")
    bad.write_text(GOOD.replace("97", "98").replace("FAST = False", "a = 1"), "utf-8")
    broken.write_text(GOOD, "utf-8")
    monkeypatch.setattr("tools.source.ROOT", tmp_path)
    assert main(["97"]) == 0
    assert main([]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("98_doubles.py:11: the parameters lack")
    assert second.startswith("99_doubles.py:")
    assert "should be 99.1" in second
    assert main(["97", "55"]) == 2
    assert capsys.readouterr().err == "no source fits 55; there are 97_doubles, 98_doubles, 99_doubles\n"


def notebook(*outputs: NotebookNode) -> NotebookNode:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=list(outputs))])
    nb.cells[0].id = "first"
    return nb


def picture(text: str) -> NotebookNode:
    return nbformat.v4.new_output("display_data", {"image/png": "AAAA", "text/plain": text})


def test_a_good_notebook_has_no_problems() -> None:
    assert notebook_problems(notebook(picture("A line that rises."), nbformat.v4.new_output("stream", text="1")), 1000) == []


@pytest.mark.parametrize(("output", "message"), [
    (picture("<Figure size 600x400 with 1 Axes>"), "cell 1 (first): a picture without a sentence"),
    (picture(""), "a picture without a sentence"),
    (nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[]), "cell 1 (first) ended in ValueError: no"),
])
def test_a_notebook_rule_fires(output: NotebookNode, message: str) -> None:
    (found,) = notebook_problems(notebook(output), 1000)
    assert message in found


def test_a_notebook_is_small_and_stores_no_widget_state() -> None:
    nb = notebook()
    nb.metadata["widgets"] = {}
    assert [p.split(";")[0] for p in notebook_problems(nb, 1_200_000)] == ["the notebook has 1.2 MB", "widget state is stored"]
