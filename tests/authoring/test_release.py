"""Generated files follow from their sources, byte for byte, and a wrong source is named."""

import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from grader.authoring import release
from grader.course import catalog
from grader.course.catalog import Catalog
from grader.errors import ExerciseError

COURSE = catalog.bundled()
SLUGS = COURSE.slugs("")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("slug", SLUGS)
def test_no_generated_file_is_stale(slug: str) -> None:
    """What lies in the exercise folder is what `grader release` would write now."""
    assert release.stale(COURSE, slug) == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_stub_keeps_everything_but_the_solution(slug: str) -> None:
    """The stub is the solution without the marked lines, and it parses."""
    assert COURSE.solutions is not None
    solution = (COURSE.solutions / slug / "solution.py").read_text()
    stub = (COURSE.exercises / slug / "stub.py").read_text()
    inside = solution.split(release.BEGIN)[1].split(release.END)[0]
    before, after = solution.split(f"    {release.BEGIN}{inside}{release.END}")
    assert stub.endswith(f"{before}    {release.TODO}{after}")
    assert not any(line.strip() and line in stub.splitlines() for line in inside.splitlines())
    compile(stub, "stub.py", "exec")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_notebook_holds_statement_stub_and_check(slug: str) -> None:
    """It is valid, has fixed cell ids, shows the figure without any other file and ends by checking the entry point."""
    notebook = nbformat.read(COURSE.exercises / slug / "stub.ipynb", as_version=4)
    nbformat.validate(notebook)
    *text, code, check = notebook.cells
    assert [cell.id for cell in notebook.cells] == [*(f"statement-{n}" for n in range(len(text))), "solution", "check"]
    assert code.source == (COURSE.exercises / slug / "stub.py").read_text().strip()
    assert check.source == f"from grader import check\n\ncheck({COURSE.load(slug).entry_point})"
    statement = (COURSE.exercises / slug / "statement.md").read_text()
    shown = re.sub(r"\(data:[^)]*\)", "(graph.svg)", "\n\n".join(cell.source for cell in text))
    assert shown.split() == statement.split()
    assert "data:image/svg+xml;base64," in text[0].source


@pytest.mark.parametrize("slug", SLUGS)
def test_a_figure_stands_alone(slug: str) -> None:
    """It is well-formed, has a title and a description in words, shows every used input, and links to nothing."""
    source = (COURSE.exercises / slug / "graph.svg").read_text()
    root = ElementTree.fromstring(source)
    assert root.find(f"{SVG}title").text == f"Computation graph: {COURSE.load(slug).title}"
    assert " from " in root.find(f"{SVG}desc").text
    assert not re.search(r"href|url\((?!#)|@import|<script", source)
    labels = {text.text for text in root.iter(f"{SVG}text")}
    used = {p.name for p in COURSE.load(slug).parameters(COURSE.load(slug).variant_names[-1])} - {"lr", "steps"}
    if slug != "update_step":
        assert used <= labels
    assert root.find(f"{SVG}rect").get("class") == "page"


def test_a_second_release_writes_nothing(course: Catalog) -> None:
    """After a release nothing is stale; after a change to the solution only what depends on it is."""
    assert len(release.release(course, "small")) == 4
    assert release.release(course, "small") == ()
    assert course.solutions is not None
    path = course.solutions / "small" / "solution.py"
    path.write_text(path.read_text().replace("The gradient", "A gradient"))
    assert [changed.name for changed in release.release(course, "small")] == ["stub.py", "stub.ipynb"]


def test_several_blocks_may_be_marked() -> None:
    """Every marked block becomes one line to fill in, at its own indentation."""
    source = f"a\n{release.BEGIN}\nb\n{release.END}\nif c:\n    {release.BEGIN}\n    d\n    {release.END}\n"
    todo = release.TODO
    assert release.without_solution(source, Path("s.py")) == f"a\n{todo}\nif c:\n    {todo}\n"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a\n", "s.py: put the solution between the lines '### BEGIN SOLUTION' and '### END SOLUTION'"),
        ("### BEGIN SOLUTION\na\n", "s.py: put the solution between the lines"),
        ("### END SOLUTION\n", "s.py, line 1: '### END SOLUTION' has no partner; marks come in pairs"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n",
            "s.py, line 2: '### BEGIN SOLUTION' has no partner; marks come in pairs",
        ),
    ],
)
def test_wrong_marks_are_named(source: str, says: str) -> None:
    """A solution without marks, or with unpaired ones, is refused with file, line and remedy."""
    with pytest.raises(ExerciseError) as error:
        release.without_solution(source, Path("s.py"))
    assert str(error.value).startswith(says)


def test_what_is_missing_is_named(course: Catalog) -> None:
    """Without a statement, or without the solutions, the sentence says which file and what to do."""
    (course.exercises / "small" / "statement.md").unlink()
    with pytest.raises(ExerciseError, match=r"statement\.md: is missing; write it, or start with `grader new`"):
        release.release(course, "small")
    with pytest.raises(ExerciseError, match="there is no solutions folder beside it, so no stub can be made"):
        release.release(Catalog(course.exercises, None), "small")
