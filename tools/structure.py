"""The anatomy of a lesson (CONTRIBUTING.md), as rules that a source and its built notebooks are held to.

    python -m tools.structure         what is wrong with the sources
    python -m tools.structure 02      only with chapter 02
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from statistics import median

from nbformat import NotebookNode

from tools import devices, minutes, words_for_terminals
from tools.lesson import DETAILS, Found, Lesson, keyword, length, words_of
from tools.source import BLOCK, ROOT, Source, SourceError, sources

TITLE = re.compile(r"# (\d\d[a-z]?) · .+ — .+\?")
BOX = ("You will be able to", "Time", "Before this", "article")
CHECKED = "The article, checked"
SECTIONS = ("Break it", CHECKED, "Summary", "Further reading")
LONGEST, LONGEST_LESSONS, WORDS, WORDS_EXEMPT = 15, 6, 90, 220
PUBLISHED = re.compile(r"\b10\.\d{4,}/\S+|arxiv\S*\s*\d{4}\.\d{4,5}|arxiv\S*/\d{4}\.\d{4,5}|arxiv:\s*[a-z-]+/\d{7}", re.I)


def title_and_box(lesson: Lesson) -> Found:
    first = lesson.cells[0]
    match = TITLE.fullmatch(first.text.splitlines()[0]) if first.kind == "markdown" and first.text else None
    if not match:
        yield first.line + 1, "the first cell begins '# NN · Topic — A question?'"
    elif match[1] != lesson.lesson:
        yield first.line + 1, f"the title says {match[1]}, the file's name {lesson.lesson}"
    for name in BOX:
        if name.lower() not in first.text.lower():
            yield first.line, f"the box under the title lacks '{name}'"
    bullets = re.search(r"You will be able to.*\n((?:[> \t]*\n|[> \t]*(?:[-*+]|\d\.|<li>|<ul>) ?.*\n?|[> ]{2,}.*\n?)*)", first.text, re.I)
    count = len(re.findall(r"^[> \t]*(?:[-*+] (?!\*\*(?:Time|Before|The art|In the art))|\d\. |.*<li>)", bullets[1], re.M)) if bullets else 0
    if bullets and not 3 <= count <= 5:
        yield first.line, f"'You will be able to' lists {count} things; list 3 to 5, one a line"
    for line, _, text in lesson.headings:
        if text.startswith("# ") and line > first.line + 1:
            yield line, "a lesson has one # heading, its title; begin a section with ##"


def tagged_cells(lesson: Lesson) -> Found:
    for tag in ("parameters", "setup"):
        tagged = [c for c in lesson.cells if tag in c.tags]
        if len(tagged) != 1:
            yield (tagged[1].line if tagged else 1), f"{len(tagged)} cells are tagged {tag!r}; there must be one"
        elif tag == "parameters" and not re.search(r"^FAST(?:: bool)? = False\b", tagged[0].text, re.M):
            yield tagged[0].line, "the parameters lack the line 'FAST = False'"


def interactive_figures(lesson: Lesson) -> Found:
    figures = lesson.named("explore", "live")
    count = len(figures) + len(lesson.named("draw_a_digit"))
    if count < 3:
        yield 1, f"{count} interactive figures: a lesson has at least 3 (explore, live, draw_a_digit)"
    for line, call in figures:
        if keyword(call, "name") is None:
            yield line, "this figure needs name=…: screen readers and the tests call it by that"
    goals = sum(keyword(call, "goal") is not None for _, call in [*figures, *lesson.named("draw_a_digit")])
    if goals < min(3, len(figures)):
        yield (figures[0][0] if figures else 1), f"{goals} figures have a target: give at least 3 of them goal=…"


def predictions(lesson: Lesson) -> Found:
    folded = sum(len(DETAILS.findall(c.text)) for c in lesson.prose)
    count = len(lesson.named("predict", "draw_curve")) + folded
    if count < 3:
        yield 1, f"{count} predictions: ask at least 3 times before a run, with predict(…) or an answer folded in <details>"
    if not any(name.endswith(".compare") for _, name, _ in lesson.calls):
        yield 1, "no prediction is compared with its run: guess_x = predict(…), and after the run guess_x.compare(…)"


def _elsewhere(lesson: Lesson, title: str) -> bool:
    """Whether another lesson of this chapter has the section."""
    heading = re.compile(rf"^# ## .*{re.escape(title)}", re.M)
    return any(heading.search(path.read_text("utf-8")) for path in lesson.source.siblings() if path != lesson.source.path)


def sections(lesson: Lesson) -> Found:
    for title in SECTIONS:
        if not lesson.section(title) and not (title == CHECKED and _elsewhere(lesson, title)):
            yield 1, f"there is no section '## {title}'"
    summary = lesson.section("Summary")
    if summary and not re.search(r"you (?:can now|have|now)\b", " ".join(c.text for c in summary if c.kind == "markdown"), re.I):
        yield summary[0].line, "the Summary repeats the objectives as reached: 'You can now …' or 'You have …'"
    reading = lesson.section("Further reading")
    entries = re.split(r"^[> ]*(?:[-*+]|\d+\.) ", "\n".join(c.text for c in reading if c.kind == "markdown"), flags=re.M)[1:]
    good = [e for e in entries if PUBLISHED.search(e) and re.search(r"\b(?:1[89]|20)\d\d\b", re.sub(r"(?<=\])\([^)]*\)|https?://\S+", "", PUBLISHED.sub("", e)))]
    if reading and len(good) < 3:
        yield reading[0].line, f"Further reading has {len(good)} entries with a year and a DOI or arXiv number; it needs 3"


def exercises(lesson: Lesson) -> Found:
    if not 3 <= len(lesson.exercises) <= 6:
        yield 1, f"{len(lesson.exercises)} exercises: a lesson has 3 to 6"
    places = [lesson.cells.index(e.statement) / len(lesson.cells) for e in lesson.exercises]
    if places and min(places) > 2 / 3:
        yield lesson.exercises[0].statement.line, "all exercises stand in the last third: spread them through the lesson"


def quizzes(lesson: Lesson) -> Found:
    found = lesson.named("quiz")
    asked = [call.args[0].value for _, call in found if call.args and isinstance(call.args[0], ast.Constant)]
    wanted = [f"{lesson.lesson}.{i}" for i in range(1, 6)]
    if asked != wanted:
        yield (found[0][0] if found else 1), f"a lesson's quiz asks its five questions, quiz({wanted[0]!r}) to quiz({wanted[-1]!r}); this asks {', '.join(map(str, asked)) or 'none'}"


def outputs(lesson: Lesson) -> Found:
    yield from lesson.broken
    for line, name, call in lesson.calls:
        if name in ("show", "plots.show") and keyword(call, "alt") is None and not lesson.is_drawn_elsewhere(call):
            yield line, "show(fig, alt=…) needs one sentence that says what is seen, or a drawing function that gives it with describe(fig, …)"
        if name.endswith(".show") and name != "plots.show":
            yield line, f"{name}() gives a picture without words; use show(fig, alt=…)"
        if name.rsplit(".", 1)[-1] in ("interact", "interactive", "interact_manual", "interactive_output"):
            yield line, "interact() is slow and fails nbval; use explore(draw, fig, …)"
    for cell in lesson.code:
        for i, text in enumerate(cell.text.splitlines(), 1):
            if re.match(r"\s*%%?(?:time|timeit|prun)\b", text):
                yield cell.line + i, "a magic that prints times differs in each run; measure, and print with measured(…)"
        for node in ast.walk(lesson.trees.get(id(cell), ast.Module([], []))):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(m.split(".")[0] == "tqdm" for m in modules):
                yield cell.line + getattr(node, "lineno", 1), "tqdm writes its clock into the outputs; use what helpers.training shows"
    if lesson.number and not (lesson.named("assert_close", "testing.assert_close", "testing.assert_allclose") or any(
            isinstance(node, ast.Assert) for tree in lesson.trees.values() for node in ast.walk(tree))):
        yield 1, "no assert: show that what is built from scratch agrees with the library"
    if len(lesson.named("expect")) < 3:
        yield 1, f"{len(lesson.named('expect'))} promises: pin at least 3 numbers that the text relies on with expect(…)"


def lengths(lesson: Lesson) -> Found:
    lessons = [c for c in lesson.code if "lesson" in c.tags]
    if len(lessons) > LONGEST_LESSONS:
        yield lessons[LONGEST_LESSONS].line, f"{len(lessons)} cells are tagged 'lesson'; keep it for {LONGEST_LESSONS}, move the rest to helpers/"
    taught = []
    for cell in lesson.code:
        if {"setup", "parameters", "promise"} & set(cell.tags) or id(cell) in lesson.checks or lesson.is_questions(cell):
            continue
        parts = {"code cell": cell.text}
        if id(cell) in lesson.answers:
            parts = {"stub": BLOCK.sub(lambda block: block[3] or "raise\n", cell.text), "solution": "".join(m[2] for m in BLOCK.finditer(cell.text))}
        else:
            taught.append(length(cell.text))
        for what, text in parts.items():
            if length(text) > LONGEST and "lesson" not in cell.tags:
                yield cell.line, f"this {what} has {length(text)} lines; move what is not the lesson to helpers/, or tag the cell 'lesson' (at most {LONGEST})"
    if taught and not 2 <= median(taught) <= 8:
        yield 1, f"the median code cell has {median(taught):g} lines; it should have 2 to 8"
    exempt = {id(c) for title in SECTIONS[-2:] for c in lesson.section(title)} | lesson.exercise_prose | {id(lesson.cells[0])}
    for cell in lesson.cells:
        most = WORDS_EXEMPT if id(cell) in exempt else WORDS
        if cell.kind == "markdown" and words_of(cell.text) > most:
            yield cell.line, f"this text has {words_of(cell.text)} words, at most {most} are read: split it, or cut it"
    prose = sum(words_of(re.sub(r"^#+ .*$", "", c.text, flags=re.M)) > 3 or bool(DETAILS.search(c.text)) for c in lesson.prose)
    if prose < 0.7 * len(taught):
        yield 1, f"{prose} cells of text for {len(taught)} of code: say what each output shows (at least 7 for 10)"


def links(lesson: Lesson) -> Found:
    """Links within the course lead somewhere, as seen from chapters/."""
    stems = {path.stem for path in sources()}
    for cell in lesson.cells:
        for match in re.finditer(r"\]\(([^)\s#]+)", cell.text) if cell.kind == "markdown" else ():
            target = match[1]
            built = re.fullmatch(r"(?:\.\./(?:chapters|solutions)/)?(\d\d[a-z]?_\w+)\.ipynb", target)
            if re.match(r"\w+:", target) or (built and built[1] in stems) or (not built and (ROOT / "chapters" / target).exists()):
                continue
            yield cell.line + 1 + cell.text[:match.start()].count("\n"), f"this link leads nowhere: {target}"


RULES: tuple[Callable[[Lesson], Found], ...] = (
    title_and_box, tagged_cells, interactive_figures, predictions, sections, exercises, quizzes, outputs, lengths, links, minutes.told, *devices.RULES)


def problems(source: Source) -> list[str]:
    """Where a source departs from the anatomy: ``"02_cnn.py:123: what is wrong and what to do"``, in order of lines."""
    lesson = Lesson(source)
    return [f"{source.path.name}:{line}: {text}" for line, text in sorted(found for rule in RULES for found in rule(lesson))]


def notebook_problems(nb: NotebookNode, n_bytes: int) -> list[str]:
    """What a built notebook must not be: too large, in error, with widget state, with a picture that nothing describes."""
    found = []
    if n_bytes > 1_000_000:
        found.append(f"the notebook has {n_bytes / 1e6:.1f} MB; repository pages show at most 1 MB: make pictures smaller or fewer")
    if "widgets" in nb.metadata:
        found.append("widget state is stored; repository pages refuse some of it")
    for i, cell in enumerate(nb.cells, 1):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "error":
                found.append(f"cell {i} ({cell.id}) ended in {output.ename}: {output.evalue}")
            if "image/png" in data:
                said = "".join(data.get("text/plain", ""))
                if said.startswith("<") or len(said.split()) < 3:
                    found.append(f"cell {i} ({cell.id}): a picture without a sentence that says what is seen, but {said!r}")
    return found


def main(arguments: list[str]) -> int:
    words_for_terminals()
    try:
        paths = sources(arguments)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    found: list[str] = []
    for path in paths:
        try:
            found += problems(Source(path))
        except SourceError as error:
            found.append(str(error))
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
