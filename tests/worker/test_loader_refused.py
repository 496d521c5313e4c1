"""What hidden grading refuses is read in the source and said in the same words; what is handed in can be opened."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
import torch

from grader.worker.loader import describe, load
from grader.worker.loader import refusals as words
from tests.worker.conftest import load_py


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("threading.Thread(target=g).start()", words.NO_THREADS),
        ("ThreadPoolExecutor(4).map(g, x)", words.NO_THREADS),
        ("concurrent.futures.ThreadPoolExecutor()", words.NO_THREADS),
        ("asyncio.run(g())", words.NO_PROCESSES),
        ("subprocess.run(['ls'])", words.NO_PROCESSES),
        ("os.system('ls')", words.NO_PROCESSES),
        ("multiprocessing.Pool(2)", words.NO_PROCESSES),
        ("urllib.request.urlopen('http://x')", words.NO_NETWORK),
        ("requests.get(url)", words.NO_NETWORK),
        ("open('log.txt', 'a').write('x')", words.NO_WRITING),
        ("with open('log.txt', mode='w') as log: log.write('x')", words.NO_WRITING),
        ("Path('log.txt').open('w')", words.NO_WRITING),
        ("open('w.txt').read()", words.NOT_HANDED_IN),
        ("with open('data/w.txt', 'rb') as file: x = file.read()", words.NOT_HANDED_IN),
        ("Path('log.txt').write_text('x')", words.NO_WRITING),
        ("np.save('w.npy', x)", words.NO_WRITING),
        ("torch.save(x, 'w.pt')", words.NO_WRITING),
        ("plt.savefig('p.png')", words.NO_WRITING),
        ("input('how many?')", words.NO_INPUT),
    ],
)
def test_what_the_walls_refuse_is_said_before_it_happens(line: str, sentence: str) -> None:
    """Place, line, and the words of the refusal itself; it costs nothing, as the line may never run."""
    _, loaded = load_py(f"def f(x):\n    if x is None:\n        {line}\n    return x")
    assert [(note.kind, note.message) for note in loaded.notes] == [
        ("refused", f"hw1.py, line 3, `{line}`: {sentence}.")
    ]


@pytest.mark.parametrize(
    "line",
    [
        "open('hw1.py').read()",
        "open('../hw1.py', 'rb').read()",
        "open(x, encoding='utf-8')",
        "Path('w.txt').open()",
        "Path('w.txt').read_text()",
        "self.input(x)",
        "layer.run(x)",
        "np.load('w.npy')",
        "x = 'subprocess.run'  # open('log.txt', 'w')",
        "thread = 1",
    ],
)
def test_reading_and_the_students_own_names_are_not_spoken_of(line: str) -> None:
    """Nor are strings and comments."""
    _, loaded = load_py(f"def f(x):\n    if x is None:\n        {line}\n    return x")
    assert loaded.notes == ()


def test_what_the_function_does_not_need_is_not_spoken_of() -> None:
    """A cell that saves weights is nobody's business."""
    _, loaded = load_py("import torch\ndef f(x): return x\ndef save(x): torch.save(x, 'w.pt')\ntorch.save(1, 'w.pt')")
    assert loaded.notes == ()


def test_a_library_that_few_graders_have_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is installed on the student's own machine; the usual ones and helper files are not spoken of."""
    monkeypatch.setitem(sys.modules, "rare_library", torch)
    source = "import rare_library, numpy, math, helper\ndef f(x): return rare_library, numpy, math, helper"
    _, loaded = load([("hw1.py", source.encode()), ("helper.py", b"k = 1")], ["f"])
    assert [note.message for note in loaded.notes] == [
        "hw1.py, line 1, `import rare_library, numpy, math, helper`: the library 'rare_library' is not one that every "
        "grader has; it may be missing where your work is graded."
    ]


FILES = [("hw/config.json", b'{"k": 2}'), ("hw/data/w.bin", b"\x00\xff"), ("hw/helper.py", b"k = 2\n")]


@pytest.mark.parametrize(
    "expression",
    [
        "json.load(open('config.json'))['k']",
        "json.load(open('./config.json', 'r', encoding='utf-8'))['k']",
        "json.load(open(Path('config.json')))['k']",
        "json.load(open(Path(__file__).parent / 'config.json'))['k']",
        "json.load(open('/content/drive/MyDrive/hw/config.json'))['k']",
        "json.load(open('../hw/config.json'))['k']",
        "len(open('data/w.bin', 'rb').read())",
        "len(open('data/w.bin', mode='rb').read())",
        "int(open('helper.py').readline()[4])",
    ],
)
def test_files_that_are_handed_in_can_be_opened(expression: str) -> None:
    """By their names beside the file, from the top, or as the student's own machine has them."""
    source = f"import json\nfrom pathlib import Path\ndef f(): return {expression}\n"
    functions, loaded = load([("hw/hw1.py", source.encode()), *FILES], ["f"])
    assert functions["f"]() == 2, loaded
    assert functions["f"]() == 2


def test_numpy_finds_what_is_handed_in(tmp_path: Path) -> None:
    """By name, an archive read later included; without such files numpy's readers are its own."""
    made = {}
    for save, name in ((np.save, "w.npy"), (np.savez, "two.npz"), (np.savetxt, "t.txt")):
        save(tmp_path / name, np.full(3, 2.0))
        made[f"hw/data/{name}"] = (tmp_path / name).read_bytes()
    value = "np.load('w.npy')[0] * np.load('data/two.npz')['arr_0'] + np.loadtxt('t.txt')"
    source = f"import numpy as np\ndef f(): return {value}"
    load([("hw1.py", source.encode())], ["f"])
    own = np.load
    functions, _ = load([("hw/hw1.py", source.encode()), *made.items()], ["f"])
    assert np.load is not own
    assert functions["f"]().tolist() == [6.0, 6.0, 6.0]
    functions, _ = load([("hw/hw1.py", source.encode())], ["f"])
    assert np.load is own
    with pytest.raises(FileNotFoundError) as missing:
        functions["f"]()
    assert words.NOT_HANDED_IN in words.explained(missing.value, "no such file")


def test_a_file_that_is_handed_in_is_not_spoken_of() -> None:
    """Wherever its folder may be; one that lies only on the student's own machine is."""
    source = "def f(): return open('config.json'), open('data/config.json'), open('other.json')"
    _, loaded = load([("hw/hw1.py", source.encode()), *FILES], ["f"])
    assert [note.message.rpartition(": ")[2] for note in loaded.notes] == [f"{words.NOT_HANDED_IN}."]


def test_data_in_a_folder_of_its_own_moves_no_module() -> None:
    """Where the source files lie says how they import each other."""
    source = "import helper\ndef f(): return helper.__name__, open('data/x.json').read()"
    files = [("src/hw1.py", source.encode()), ("src/helper.py", b"k = 1"), ("data/x.json", b"2")]
    functions, _ = load(files, ["f"])
    assert functions["f"]() == ("helper", "2")


def test_files_are_read_while_the_file_is_loaded() -> None:
    """Constants from a file, and code that is run from one."""
    source = "import json\nk = json.load(open('config.json'))['k']\nexec(open('helper.py').read().replace('k', 'q'))\n"
    functions, _ = load([("hw/hw1.py", (source + "def f(): return k + q").encode()), *FILES], ["f"])
    assert functions["f"]() == 4


def test_other_files_are_opened_as_ever(tmp_path: Path) -> None:
    """What is on disk and was not handed in, and what is written."""
    (tmp_path / "there.txt").write_text("2")
    functions, _ = load_py("def f(path, *mode): return open(path, *mode)")
    with functions["f"](tmp_path / "there.txt") as file:
        assert file.read() == "2"
    with functions["f"](str(tmp_path / "new.txt"), "w") as file:
        file.write("3")
    assert (tmp_path / "new.txt").read_text() == "3"
    with pytest.raises(FileNotFoundError, match="nowhere"):
        functions["f"]("nowhere.txt")


@pytest.mark.parametrize("folder", [sysconfig.get_paths()["purelib"], sysconfig.get_paths()["stdlib"], str(Path.cwd())])
def test_messages_do_not_show_where_this_machine_keeps_its_files(folder: str) -> None:
    """A path begins below the machine's folders; other paths are the student's."""
    text = f"cannot import name 'x' from 'y' ({folder}/y/__init__.py)"
    assert describe(ImportError(text)).message == "cannot import name 'x' from 'y' (y/__init__.py)"
    assert describe(ValueError("/content/drive/data.csv")).message == "/content/drive/data.csv"


def test_a_failed_import_does_not_show_a_path() -> None:
    """Neither in the note nor in the exception that the function raises."""
    functions, loaded = load_py("from torch import no_such_thing\ndef f(): return no_such_thing()")
    (note,) = loaded.notes
    assert "no_such_thing" in note.message
    assert sysconfig.get_paths()["purelib"] not in note.message
    with pytest.raises(ImportError) as caught:
        functions["f"]()
    assert sysconfig.get_paths()["purelib"] not in describe(caught.value).message
