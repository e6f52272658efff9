"""What the lab shows of a notebook, and what it writes: no answer before its question, no change that nobody made."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from course_contents import LANGUAGE, WIDGET, Contents, for_disk, for_page

PICTURE = {"image/png": "AAAA", "text/plain": "[a figure]"}


def code(source: str, outputs: list[Any], count: int | None = 1, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": source, "source": source, "outputs": outputs, "execution_count": count, "metadata": metadata}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(model_id: str, data: dict[str, str] = PICTURE) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {**data, WIDGET: {"model_id": model_id}}}


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": [{"cell_type": "markdown", "id": "text", "source": "# Text", "metadata": {}}, *cells],
            "metadata": {"language_info": {"name": "python"}, "kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}


DELIVERED = notebook(code("a", [stream("94")], 1, delivered=True), code("b", [], 2, delivered=True))


def test_delivered_outputs_are_left_out_and_come_back() -> None:
    page = copy.deepcopy(DELIVERED)
    for_page(page, set(), own=True)
    assert [(c["outputs"], c["execution_count"]) for c in page["cells"][1:]] == [([], None), ([], None)]
    assert page["metadata"]["language_info"] == LANGUAGE
    page["cells"][0]["source"] = "# Another text"
    for_disk(page, DELIVERED)
    assert [{k: v for k, v in c.items() if k != "metadata"} for c in page["cells"][1:]] == [{k: v for k, v in c.items() if k != "metadata"} for c in DELIVERED["cells"][1:]]
    assert [c["metadata"].get("delivered") for c in page["cells"][1:]] == [True, True]
    assert page["metadata"] == DELIVERED["metadata"]


def test_what_the_learner_has_run_is_the_learners() -> None:
    page = copy.deepcopy(DELIVERED)
    for_page(page, set(), own=True)
    page["cells"][1].update(outputs=[stream("93")], execution_count=7)
    for_disk(page, DELIVERED)
    assert page["cells"][1]["outputs"] == [stream("93")]
    assert "delivered" not in page["cells"][1]["metadata"]
    assert page["cells"][2]["metadata"]["delivered"]
    again = copy.deepcopy(page)
    for_page(again, set(), own=True)
    assert again["cells"][1]["outputs"] == [stream("93")]


def test_a_cell_that_ran_without_an_output_counts_as_run() -> None:
    page = copy.deepcopy(DELIVERED)
    for_page(page, set(), own=True)
    page["cells"][1]["execution_count"] = 1
    for_disk(page, DELIVERED)
    assert page["cells"][1]["outputs"] == []
    assert "delivered" not in page["cells"][1]["metadata"]


@pytest.mark.parametrize(("alive", "left"), [({"x"}, [True, False]), (set(), [False, False]), (None, [True, True])])
def test_a_widget_shows_its_still_unless_its_kernel_holds_it(alive: set[str] | None, left: list[bool]) -> None:
    page = notebook(code("a", [shown("x"), shown("y"), {**shown("z"), "data": {WIDGET: {"model_id": "z"}}}]))
    for_page(page, alive, own=False)
    outputs = page["cells"][1]["outputs"]
    assert [WIDGET in o["data"] for o in outputs[:2]] == left
    assert all(PICTURE.items() <= o["data"].items() for o in outputs[:2])
    assert WIDGET in outputs[2]["data"], "nothing else would be left of it"


@pytest.mark.parametrize("own", [True, False])
def test_only_the_courses_own_notebooks_are_trusted(own: bool) -> None:
    page = notebook(code("a", [stream("1")]))
    for_page(page, set(), own=own)
    assert page["cells"][1]["metadata"].get("trusted", False) is own


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    (tmp_path / "chapters").mkdir()
    nb = nbformat.from_dict(DELIVERED)
    nbformat.write(nb, tmp_path / "chapters" / "97.ipynb")
    return Contents(root_dir=str(tmp_path))


def test_to_open_and_save_changes_not_one_byte(contents: Contents, tmp_path: Path) -> None:
    path = tmp_path / "chapters" / "97.ipynb"
    before = path.read_bytes()

    async def open_and_save() -> Any:
        model = await contents.get("chapters/97.ipynb")
        assert model["content"]["cells"][1]["outputs"] == []
        return await contents.save({"type": "notebook", "format": "json", "content": model["content"]}, "chapters/97.ipynb")

    asyncio.run(open_and_save())
    assert path.read_bytes() == before


def test_a_copy_holds_all_that_the_notebook_holds(contents: Contents, tmp_path: Path) -> None:
    asyncio.run(contents.copy("chapters/97.ipynb", "mine.ipynb"))
    assert nbformat.read(tmp_path / "mine.ipynb", 4).cells[1].outputs[0].text == "94"


def test_a_new_notebook_is_written_as_it_is(contents: Contents, tmp_path: Path) -> None:
    nb = notebook(code("a", [stream("1")]))
    asyncio.run(contents.save({"type": "notebook", "format": "json", "content": nb}, "new.ipynb"))
    assert nbformat.read(tmp_path / "new.ipynb", 4).cells[1].outputs[0].text == "1"
