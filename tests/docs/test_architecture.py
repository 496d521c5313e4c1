"""The page on the architecture describes the package as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def drawn() -> Iterator[str]:
    """The folders of the page's tree, from the indentation of its lines."""
    (tree,) = re.findall(r"^```text\n(grader/\n.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    parents: list[str] = []
    for spaces, name in re.findall(r"^( *)(\w+)/", tree, re.MULTILINE):
        parents[len(spaces) // 4 :] = [name]
        yield "/".join(parents)


def test_the_tree_is_that_of_the_package() -> None:
    """Every folder of the package is drawn, once, and no other."""
    found = {path.parent for path in (ROOT / "grader").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert sorted(drawn()) == sorted(str(folder.relative_to(ROOT)) for folder in found)


def test_named_files_exist() -> None:
    """A file or folder that the page names is there."""
    named = set(re.findall(r"`((?:grader|tests|docs)/[\w/.]+)`", TEXT))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_named_functions_exist() -> None:
    """A name in code font of the two ways is defined in the package."""
    ways = TEXT.split("## The way of one submission")[1].split("## Where something new goes")[0]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "grader").rglob("*.py"))
    names = {name.rsplit(".", 1)[-1] for name in re.findall(r"`([A-Za-z_.]+)`", ways)}
    missing = [name for name in sorted(names) if not re.search(rf"\b(?:def|class) {name}\b", sources)]
    assert missing == []
