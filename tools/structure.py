"""The anatomy of a chapter (CONTRIBUTING.md), as rules that a source and its built notebooks are held to.

    python -m tools.structure         what is wrong with the sources
    python -m tools.structure 02      only with chapter 02
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from statistics import median

from nbformat import NotebookNode

from tools import words_for_terminals
from tools.source import BLOCK, ROOT, Cell, Source, SourceError, sources

TITLE = re.compile(r"# (\d\d[a-z]?) · .+ — .+\?")
BOX = ("You will be able to", "Time", "Before this", "article")
SECTIONS = ("Break it", "The article, checked", "Summary", "Further reading")
LONGEST, LONGEST_LESSONS, WORDS, WORDS_EXEMPT = 15, 6, 130, 220
FENCE = re.compile(r"^```.*?^```[ \t]*$", re.M | re.S)
DETAILS = re.compile(r"<details\b.*?</details>", re.S)
PUBLISHED = re.compile(r"\b10\.\d{4,}/\S+|arxiv\S*\s*\d{4}\.\d{4,5}|arxiv\S*/\d{4}\.\d{4,5}|arxiv:\s*[a-z-]+/\d{7}", re.I)
Found = Iterator[tuple[int, str]]       # line in the source, and what is wrong there


class Chapter:
    """A source, and what the rules look at."""

    def __init__(self, source: Source) -> None:
        self.cells, self.number, self.lesson, self.exercises = source.cells, source.chapter, source.lesson, source.exercises
        self.answers = {id(e.answer) for e in source.exercises}
        self.checks = {id(e.check) for e in source.exercises}
        self.hints = {id(e.hints) for e in source.exercises}
        self.exercise_prose = {id(c) for e in source.exercises for c in (e.statement, e.discussion)}
        self.code = [c for c in self.cells if c.kind == "code"]
        self.prose = [c for c in self.cells if c.kind == "markdown" and id(c) not in self.hints and "discussion" not in c.tags]
        self.broken: list[tuple[int, str]] = []
        self.trees: dict[int, ast.Module] = {}
        self.calls: list[tuple[int, str, ast.Call]] = []
        for cell in self.code:
            try:
                tree = ast.parse(re.sub(r"^[ \t]*[%!].*$", "pass", cell.text, flags=re.M))
            except SyntaxError as error:
                self.broken.append((cell.line + (error.lineno or 1), f"this is not Python: {error.msg}"))
                continue
            self.trees[id(cell)] = tree
            self.calls += [(cell.line + node.lineno, name_of(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        self.calls.sort(key=lambda call: call[0])
        self.headings = [(cell.line + line, i, text) for i, cell in enumerate(self.cells) if cell.kind == "markdown"
                         for line, text in headings(cell.text)]

    def named(self, *names: str) -> list[tuple[int, ast.Call]]:
        """The calls of functions with these names, as (line, call)."""
        return [(line, call) for line, name, call in self.calls if name in names]

    def section(self, title: str) -> list[Cell]:
        """The cells from the ## heading that holds title up to the next ## heading."""
        starts = [i for _, i, text in self.headings if text.startswith("## ")]
        begin = next((i for _, i, text in self.headings if text.startswith("## ") and title in text), None)
        if begin is None:
            return []
        return self.cells[begin:min((i for i in starts if i > begin), default=len(self.cells))]

    def is_questions(self, cell: Cell) -> bool:
        """Whether a code cell holds nothing but questions to the reader: text, not code."""
        body = self.trees[id(cell)].body if id(cell) in self.trees else []
        return bool(body) and all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Call) and name_of(s.value.func) == "quiz" for s in body)


def name_of(function: ast.expr) -> str:
    """``f`` for f(…), ``a.f`` for a.f(…); of longer chains the last two names."""
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        return f"{name_of(function.value).rsplit('.', 1)[-1]}.{function.attr}"
    return ""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def is_drawn_elsewhere(chapter: Chapter, call: ast.Call) -> bool:
    """Whether the figure of show(fig) comes from a drawing function; show() itself refuses one that has no sentence."""
    figure: ast.expr | None = call.args[0] if len(call.args) == 1 else None
    if isinstance(figure, ast.Name):
        cell = next(tree for tree in chapter.trees.values() if any(node is call for node in ast.walk(tree)))
        made = [node.value for node in ast.walk(cell) if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == figure.id for t in node.targets)]
        figure = made[-1] if made else None
    return isinstance(figure, ast.Call) and name_of(figure.func) not in ("plt.subplots", "plt.figure", "plt.subplot_mosaic")


def headings(text: str) -> list[tuple[int, str]]:
    """The headings of a cell outside its code blocks, with their lines (from 1)."""
    open_text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), text)
    return [(i, line) for i, line in enumerate(open_text.splitlines(), 1) if re.match(r"#{1,6} ", line)]


def words_of(text: str) -> int:
    """The words that a reader reads in one go: without code, formulas, link addresses and what is folded."""
    for pattern in (DETAILS, FENCE, re.compile(r"\$\$.*?\$\$", re.S), re.compile(r"<[^>]*>"), re.compile(r"(?<=\])\([^)]*\)")):
        text = pattern.sub(" ", text)
    text = re.sub(r"\$[^$\n]+\$", "x", text)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


def length(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def title_and_box(chapter: Chapter) -> Found:
    first = chapter.cells[0]
    match = TITLE.fullmatch(first.text.splitlines()[0]) if first.kind == "markdown" and first.text else None
    if not match:
        yield first.line + 1, "the first cell begins '# NN · Topic — A question?'"
    elif match[1] != chapter.lesson:
        yield first.line + 1, f"the title says chapter {match[1]}, the file's name {chapter.lesson}"
    for name in BOX:
        if name.lower() not in first.text.lower():
            yield first.line, f"the box under the title lacks '{name}'"
    bullets = re.search(r"You will be able to.*\n((?:[> \t]*\n|[> \t]*(?:[-*+]|\d\.|<li>|<ul>) ?.*\n?|[> ]{2,}.*\n?)*)", first.text, re.I)
    count = len(re.findall(r"^[> \t]*(?:[-*+] (?!\*\*(?:Time|Before|The art|In the art))|\d\. |.*<li>)", bullets[1], re.M)) if bullets else 0
    if bullets and not 3 <= count <= 5:
        yield first.line, f"'You will be able to' lists {count} things; list 3 to 5, one a line"
    if "time" in first.text.lower() and not re.search(r"[\d½¼¾]\s*(?:min|h\b|hour)", first.text):
        yield first.line, "'Time' says how many minutes"
    for line, _, text in chapter.headings:
        if text.startswith("# ") and line > first.line + 1:
            yield line, "a chapter has one # heading, its title; begin a section with ##"


def tagged_cells(chapter: Chapter) -> Found:
    for tag in ("parameters", "setup"):
        tagged = [c for c in chapter.cells if tag in c.tags]
        if len(tagged) != 1:
            yield (tagged[1].line if tagged else 1), f"{len(tagged)} cells are tagged {tag!r}; there must be one"
        elif tag == "parameters" and not re.search(r"^FAST(?:: bool)? = False\b", tagged[0].text, re.M):
            yield tagged[0].line, "the parameters lack the line 'FAST = False'"


def interactive_figures(chapter: Chapter) -> Found:
    figures = chapter.named("explore", "live")
    count = len(figures) + len(chapter.named("draw_a_digit"))
    if count < 3:
        yield 1, f"{count} interactive figures: a chapter has at least 3 (explore, live, draw_a_digit)"
    for line, call in figures:
        if keyword(call, "name") is None:
            yield line, "this figure needs name=…: screen readers and the tests call it by that"
    goals = sum(keyword(call, "goal") is not None for _, call in [*figures, *chapter.named("draw_a_digit")])
    if goals < min(3, len(figures)):
        yield (figures[0][0] if figures else 1), f"{goals} figures have a target: give at least 3 of them goal=…"


def predictions(chapter: Chapter) -> Found:
    folded = sum(len(DETAILS.findall(c.text)) for c in chapter.prose)
    count = len(chapter.named("predict")) + folded
    if count < 3:
        yield 1, f"{count} predictions: ask at least 3 times before a run, with predict(…) or an answer folded in <details>"
    if not any(name.endswith(".compare") for _, name, _ in chapter.calls):
        yield 1, "no prediction is compared with its run: guess = predict(…), and after the run guess.compare(…)"


def sections(chapter: Chapter) -> Found:
    for title in SECTIONS:
        if not chapter.section(title):
            yield 1, f"there is no section '## {title}'"
    summary = chapter.section("Summary")
    if summary and not re.search(r"you (?:can now|have|now)\b", " ".join(c.text for c in summary if c.kind == "markdown"), re.I):
        yield summary[0].line, "the Summary repeats the objectives as reached: 'You can now …' or 'You have …'"
    reading = chapter.section("Further reading")
    entries = re.split(r"^[> ]*(?:[-*+]|\d+\.) ", "\n".join(c.text for c in reading if c.kind == "markdown"), flags=re.M)[1:]
    good = [e for e in entries if PUBLISHED.search(e) and re.search(r"\b(?:1[89]|20)\d\d\b", re.sub(r"(?<=\])\([^)]*\)|https?://\S+", "", PUBLISHED.sub("", e)))]
    if reading and len(good) < 3:
        yield reading[0].line, f"Further reading has {len(good)} entries with a year and a DOI or arXiv number; it needs 3"


def exercises(chapter: Chapter) -> Found:
    if not 4 <= len(chapter.exercises) <= 6:
        yield 1, f"{len(chapter.exercises)} exercises: a chapter has 4 to 6"
    places = [chapter.cells.index(e.statement) / len(chapter.cells) for e in chapter.exercises]
    if places and min(places) > 2 / 3:
        yield chapter.exercises[0].statement.line, "all exercises stand in the last third: spread them through the chapter"


def quizzes(chapter: Chapter) -> Found:
    found = chapter.named("quiz")
    if len(found) != 5:
        yield (found[0][0] if found else 1), f"{len(found)} quiz questions: a chapter has 5"
    right = [keyword(call, "right") for _, call in found]
    for (line, _), place in zip(found, right, strict=True):
        if place is None:
            yield line, "this quiz lacks right=…, the place of its right option"
    if len(found) > 1 and None not in right and len({ast.dump(place) for place in right if place}) == 1:
        yield found[0][0], "the right option stands at the same place in each quiz: move some"


def outputs(chapter: Chapter) -> Found:
    yield from chapter.broken
    for line, name, call in chapter.calls:
        if name in ("show", "plots.show") and keyword(call, "alt") is None and not is_drawn_elsewhere(chapter, call):
            yield line, "show(fig, alt=…) needs one sentence that says what is seen, or a drawing function that gives it with describe(fig, …)"
        if name.endswith(".show") and name != "plots.show":
            yield line, f"{name}() gives a picture without words; use show(fig, alt=…)"
        if name.rsplit(".", 1)[-1] in ("interact", "interactive", "interact_manual", "interactive_output"):
            yield line, "interact() is slow and fails nbval; use explore(draw, fig, …)"
    for cell in chapter.code:
        for i, text in enumerate(cell.text.splitlines(), 1):
            if re.match(r"\s*%%?(?:time|timeit|prun)\b", text):
                yield cell.line + i, "a magic that prints times differs in each run; measure, and print with measured(…)"
        for node in ast.walk(chapter.trees.get(id(cell), ast.Module([], []))):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(m.split(".")[0] == "tqdm" for m in modules):
                yield cell.line + getattr(node, "lineno", 1), "tqdm writes its clock into the outputs; use what helpers.training shows"
    if chapter.number and not (chapter.named("assert_close", "testing.assert_close", "testing.assert_allclose") or any(
            isinstance(node, ast.Assert) for tree in chapter.trees.values() for node in ast.walk(tree))):
        yield 1, "no assert: show that what is built from scratch agrees with the library"
    if len(chapter.named("expect")) < 3:
        yield 1, f"{len(chapter.named('expect'))} promises: pin at least 3 numbers that the text relies on with expect(…)"


def lengths(chapter: Chapter) -> Found:
    lessons = [c for c in chapter.code if "lesson" in c.tags]
    if len(lessons) > LONGEST_LESSONS:
        yield lessons[LONGEST_LESSONS].line, f"{len(lessons)} cells are tagged 'lesson'; keep it for {LONGEST_LESSONS}, move the rest to helpers/"
    taught = []
    for cell in chapter.code:
        if {"setup", "parameters"} & set(cell.tags) or id(cell) in chapter.checks or chapter.is_questions(cell):
            continue
        parts = {"code cell": BLOCK.sub("raise\n", cell.text)}
        if id(cell) in chapter.answers:
            parts = {"stub": parts["code cell"], "solution": "".join(m[2] for m in BLOCK.finditer(cell.text))}
        else:
            taught.append(length(cell.text))
        for what, text in parts.items():
            if length(text) > LONGEST and "lesson" not in cell.tags:
                yield cell.line, f"this {what} has {length(text)} lines; move what is not the lesson to helpers/, or tag the cell 'lesson' (at most {LONGEST})"
    if taught and not 2 <= median(taught) <= 8:
        yield 1, f"the median code cell has {median(taught):g} lines; it should have 2 to 8"
    exempt = {id(c) for title in SECTIONS[-2:] for c in chapter.section(title)} | chapter.exercise_prose | {id(chapter.cells[0])}
    for cell in chapter.cells:
        most = WORDS_EXEMPT if id(cell) in exempt else WORDS
        if cell.kind == "markdown" and words_of(cell.text) > most:
            yield cell.line, f"this text has {words_of(cell.text)} words, at most {most} are read: split it, or cut it"
    prose = sum(words_of(re.sub(r"^#+ .*$", "", c.text, flags=re.M)) > 3 or bool(DETAILS.search(c.text)) for c in chapter.prose)
    if prose < 0.7 * len(taught):
        yield 1, f"{prose} cells of text for {len(taught)} of code: say what each output shows (at least 7 for 10)"


def links(chapter: Chapter) -> Found:
    """Links within the course lead somewhere, as seen from chapters/."""
    stems = {path.stem for path in sources()}
    for cell in chapter.cells:
        for match in re.finditer(r"\]\(([^)\s#]+)", cell.text) if cell.kind == "markdown" else ():
            target = match[1]
            built = re.fullmatch(r"(?:\.\./(?:chapters|solutions)/)?(\d\d[a-z]?_\w+)\.ipynb", target)
            if re.match(r"\w+:", target) or (built and built[1] in stems) or (not built and (ROOT / "chapters" / target).exists()):
                continue
            yield cell.line + 1 + cell.text[:match.start()].count("\n"), f"this link leads nowhere: {target}"


RULES: tuple[Callable[[Chapter], Found], ...] = (
    title_and_box, tagged_cells, interactive_figures, predictions, sections, exercises, quizzes, outputs, lengths, links)


def problems(source: Source) -> list[str]:
    """Where a source departs from the anatomy: ``"02_cnn.py:123: what is wrong and what to do"``, in order of lines."""
    chapter = Chapter(source)
    return [f"{source.path.name}:{line}: {text}" for line, text in sorted(found for rule in RULES for found in rule(chapter))]


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
