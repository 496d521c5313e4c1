"""Each layout that an LMS downloads, as a folder and as a .zip: who handed in what, and what a note says about it."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import submissions
from grader.batch.anonymous import Mask
from grader.errors import SubmissionError
from grader.submissions import Submission

Files = dict[str, str]
CODE = "def f():\n    return 1\n"
YAML = """---
submission_11:
  :submitters:
  - :name: Ana Diaz
    :sid: '100'
    :email: ana@x.edu
  :created_at: 2025-01-01 10:00:00.000000000 Z
  :score: 3.0
submission_12:
  :submitters:
  - :name: Ana Diaz
    :sid: '100'
    :email: ana@x.edu
  - :name: Bo Li
    :sid: '101'
    :email: bo@x.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2025-01-02 10:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: Etc/UTC
  :score: 9.0
"""
LAYOUTS: dict[str, Files] = {
    "canvas": {
        "diazana_100_9001_hw.py": "first = 1",
        "diazana_100_9002_hw-1.py": CODE,
        "libo_LATE_101_9003_part-1.py": CODE,
        "libo_LATE_101_9004_part-2.ipynb": "{}",
        "roe_102_9005_essay.pdf": "no code",
    },
    "moodle": {
        "Ana Diaz_100_assignsubmission_file/hw.py": CODE,
        "Bo Li_101_assignsubmission_file_/sub/hw.ipynb": "{}",
        "Cy Roe_102_assignsubmission_onlinetext/onlinetext.html": "hello",
    },
    "gradescope": {
        "submission_metadata.yml": YAML,
        "submission_11/hw.py": "first = 1",
        "submission_12/hw.py": CODE,
        "submission_99/hw.py": CODE,
    },
    "nbgrader": {
        "submitted/ana/ps1/hw.ipynb": "{}",
        "submitted/ana/ps1/timestamp.txt": "2025-01-01 10:00:00 UTC",
        "submitted/bo/ps1/hw.ipynb": "{}",
        "release/ps1/hw.ipynb": "{}",
    },
    "plain": {"ana.py": CODE, "ana.ipynb": "{}", "bo/hw.py": CODE, "bo/lib/helper.py": CODE, "notes.txt": "no"},
}


def on_disk(root: Path, files: Files) -> Path:
    for name, content in files.items():
        path = root / "download" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root / "download"


def zipped(root: Path, files: Files) -> Path:
    with zipfile.ZipFile(root / "download.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return root / "download.zip"


def wrapped(root: Path, files: Files) -> Path:
    return zipped(root, {f"assignment_1_export/{name}": content for name, content in files.items()})


Pack = Callable[[Path, Files], Path]
packed = pytest.mark.parametrize("pack", [on_disk, zipped, wrapped])


def read(path: Path, layout: str | None = None) -> dict[str, Submission]:
    return {source.id: source.read() for source in submissions.find([path], layout)}


def names(submission: Submission) -> list[str]:
    return [name for name, _ in submission.files]


def kinds(submission: Submission) -> set[str]:
    return {kind for kind, _ in submission.notes}


@packed
@pytest.mark.parametrize("layout", LAYOUTS)
def test_is_recognised_by_itself(tmp_path: Path, pack: Pack, layout: str) -> None:
    """Whatever it is packed in, a layout is known by its names, and naming it gives the same submissions."""
    path = pack(tmp_path, LAYOUTS[layout])
    assert submissions.layout_of(path) == layout
    if layout != "plain":
        assert read(path) == read(path, layout)


@packed
def test_canvas(tmp_path: Path, pack: Pack) -> None:
    """Files are grouped by user id; all of an attempt count, hw and hw-1 too, late and no code are noted."""
    found = read(pack(tmp_path, LAYOUTS["canvas"]))
    assert list(found) == ["diazana_100", "libo_101", "roe_102"]
    assert found["diazana_100"].files == (("hw-1.py", CODE.encode()), ("hw.py", b"first = 1"))
    assert kinds(found["diazana_100"]) == set()
    assert names(found["libo_101"]) == ["part-1.py", "part-2.ipynb"]
    assert kinds(found["libo_101"]) == {"late"}
    assert found["libo_101"].students[0].id == "101"
    assert kinds(found["roe_102"]) == {"no_source_file"}
    assert "hand in the file that defines your functions" in found["roe_102"].problem


def test_canvas_names_of_all_kinds(tmp_path: Path) -> None:
    """Names with underscores, anonymous grading and late anonymous submissions are taken apart rightly."""
    files = {"de_la_cruz_7_8_a_1_2_b.py": CODE, "anon_Xy1_9_hw.py": CODE, "LATE_anon_Zz2_10_hw.py": CODE}
    found = read(on_disk(tmp_path, files))
    assert {key: names(value) for key, value in found.items()} == {
        "de_la_cruz_7": ["a_1_2_b.py"],
        "anon_Xy1": ["hw.py"],
        "anon_Zz2": ["hw.py"],
    }
    assert kinds(found["anon_Zz2"]) == {"late"}


def test_canvas_entries_without_a_file(tmp_path: Path) -> None:
    """A text or a link has no file id, is no code, and its student is listed all the same, late or not."""
    files = {"diazana_100_9001_hw.py": CODE, "libo_101_text.html": "<p>", "LATE_anon_Zz2_link.html": "<a>"}
    found = read(on_disk(tmp_path, {**files, "roe_LATE_102_text.html": "<p>"}))
    assert {key: kinds(value) for key, value in found.items()} == {
        "diazana_100": set(),
        "libo_101": {"no_source_file"},
        "anon_Zz2": {"no_source_file", "late"},
        "roe_102": {"no_source_file", "late"},
    }
    assert ("no_source_file", "Canvas holds text.html, and no .py or .ipynb file.") in found["libo_101"].notes


def test_canvas_renamed_a_file(tmp_path: Path) -> None:
    """A file that is util-1.py, because an earlier attempt had a util.py, can be imported as util."""
    files = {"diazana_100_9001_hw.py": CODE, "diazana_100_9002_util-1.py": CODE}
    assert names(read(on_disk(tmp_path, files))["diazana_100"]) == ["hw.py", "util.py"]


def test_canvas_attempts_in_one_folder(tmp_path: Path) -> None:
    """Of two downloads in one folder the higher file id of one name counts, and a note names the other."""
    files = {"diazana_100_9001_hw.py": "first = 1", "diazana_100_9002_hw.py": CODE}
    found = read(on_disk(tmp_path, files))["diazana_100"]
    assert found.files == (("hw.py", CODE.encode()),)
    assert found.notes == (
        ("earlier_attempt", "Several attempts: the latest counts; left out: diazana_100_9001_hw.py."),
    )


def test_canvas_names_without_letters(tmp_path: Path) -> None:
    """Somebody without a name in the file names, and somebody whose name is a number, keep their own user id."""
    files = {"diazana_100_9001_hw.py": CODE, "_103_9004_hw.py": CODE, "7_109_9011_hw.py": CODE, "_104_LATE.py": CODE}
    found = read(on_disk(tmp_path, files))
    assert {key: [student.id for student in value.students] for key, value in found.items()} == {
        "103": ["103"],
        "7_109": ["109"],
        "_104_LATE": [],
        "diazana_100": ["100"],
    }


def test_canvas_names_that_can_be_read_in_two_ways(tmp_path: Path) -> None:
    """Who calls themselves "_3" is not taken for user 3; an anonymous student's own file may begin with a number."""
    files = {"diazana_100_9001_1_hw.py": CODE, "_3_102_9003_hw.py": CODE, "anon_12345_9_10_hw.py": CODE}
    found = read(on_disk(tmp_path, files))
    assert {key: ([student.id for student in each.students], names(each)) for key, each in found.items()} == {
        "_3_102_9003_hw": ([], ["_3_102_9003_hw.py"]),
        "anon_12345": (["anon_12345"], ["10_hw.py"]),
        "diazana_100": (["100"], ["1_hw.py"]),
    }


CANVAS_NUMBERED: dict[str, tuple[Files, dict[str, list[str]]]] = {
    "every group's name ends with a number": (
        {"team_3_102_9003_hw.py": CODE, "team_4_104_9004_hw.py": CODE, "team_5_LATE_106_9005_hw.py": CODE},
        {"team_3_102": ["hw.py"], "team_4_104": ["hw.py"], "team_5_106": ["hw.py"]},
    ),
    "one number in two names": (
        {"red_3_102_9003_hw.py": CODE, "blue_3_104_9004_hw.py": CODE},
        {"red_3_102": ["hw.py"], "blue_3_104": ["hw.py"]},
    ),
    "two files of one group": (
        {"team_3_102_9003_hw.py": CODE, "team_3_102_9004_util.py": CODE},
        {"team_3_102": ["hw.py", "util.py"]},
    ),
    "one group's name among others": (
        {"team_3_102_9003_hw.py": CODE, "teamb_104_9004_2_hw.py": CODE, "teamc_106_9005_hw.py": CODE},
        {"team_3_102": ["hw.py"], "teamb_104": ["2_hw.py"], "teamc_106": ["hw.py"]},
    ),
    "files that begin with a number, also those of namesakes": (
        {
            **{f"{name}_90{name[-3:]}_771_hw.py": CODE for name in ("diazana_102", "roe_105", "fox_106")},
            **{f"libo_{user}_900{user}_77_hw.py": CODE for user in (4, 5)},
        },
        {name: ["771_hw.py"] for name in ("diazana_102", "roe_105", "fox_106")}
        | {"libo_4": ["77_hw.py"], "libo_5": ["77_hw.py"]},
    ),
    "namesakes whose files begin with a number": (
        {"kimlee_102_9003_1_hw.py": CODE, "kimlee_140_9004_2_hw.py": CODE, "roe_107_9005_hw.py": CODE},
        {"kimlee_102": ["1_hw.py"], "kimlee_140": ["2_hw.py"], "roe_107": ["hw.py"]},
    ),
    "no letters, and nothing but a number": (
        {"_3_102_9003_hw.py": CODE, "_103_9004_1_hw.py": CODE, "roe_107_9005_hw.py": CODE},
        {"_3_102": ["hw.py"], "103": ["1_hw.py"], "roe_107": ["hw.py"]},
    ),
}


@pytest.mark.parametrize("case", CANVAS_NUMBERED)
def test_canvas_names_that_end_with_a_number(tmp_path: Path, case: str) -> None:
    """A group called Team_3 keeps its member's user id and its files; a file that begins with a number does too."""
    files, expected = CANVAS_NUMBERED[case]
    found = read(on_disk(tmp_path, files))
    assert {key: names(each) for key, each in found.items()} == expected
    users = {key: [student.id for student in each.students] for key, each in found.items()}
    assert users == {key: [key.rpartition("_")[2]] for key in expected}


def test_a_list_beside_a_canvas_download(tmp_path: Path) -> None:
    """What an instructor put into the folder is nobody's submission and does not hide the layout."""
    path = on_disk(tmp_path, {**LAYOUTS["canvas"], "marks.csv": "a,b", "read me.txt": "hello"})
    assert submissions.layout_of(path) == "canvas"
    assert list(read(path)) == ["diazana_100", "libo_101", "roe_102"]


ODD: dict[str, Files] = {
    "canvas": {"eve.py": CODE, "eve.ipynb": "{}", "fay/hw.py": CODE},
    "moodle": {"eve.py": CODE, "fay/hw.py": CODE},
    "gradescope": {"eve.py": CODE, "fay.ipynb": "{}"},
}


@packed
@pytest.mark.parametrize("layout", ODD)
def test_names_that_do_not_fit_among_many_that_do(tmp_path: Path, pack: Pack, layout: str) -> None:
    """A third or more of the class is not named as the platform names it: the others keep their numbers, these are
    graded under their own names, nobody guesses whose they are, and all of that is said."""
    told: list[str] = []
    path = pack(tmp_path, {**LAYOUTS[layout], **ODD[layout]})
    found = {source.id: source.read() for source in submissions.find([path], tell=told.append)}
    regular = read(on_disk(tmp_path / "regular", LAYOUTS[layout]))
    assert found == {**regular, "eve": found["eve"], "fay": found["fay"]}
    for name in ("eve", "fay"):
        assert found[name].students == ()
        sentence = (
            f"Its name is none that {layout.title()} gives, so the grader does not know whose this submission is."
        )
        assert found[name].notes == (("misnamed", sentence),)
    assert names(found["eve"]) == sorted(name for name in ODD[layout] if name.startswith("eve"))
    assert [each.partition(": ")[2] for each in told] == [
        f"layout {layout}, {len(regular) + 2} submissions.",
        "graded, but their names do not say whose they are: eve, fay.",
    ]


def test_most_names_decide_the_layout(tmp_path: Path) -> None:
    """One name like a platform's among others makes no layout, and a platform's layout that is named is used."""
    files = {"diazana_100_9001_hw.py": CODE, "bo.py": CODE, "cy.py": CODE}
    path = on_disk(tmp_path, files)
    assert submissions.layout_of(path) == "plain"
    assert list(read(path, "canvas")) == ["bo", "cy", "diazana_100"]


def test_names_that_do_not_fit_can_be_kept_back(tmp_path: Path) -> None:
    """Where reports are anonymous, they are counted and not named."""
    told: list[str] = []
    submissions.find([on_disk(tmp_path, {**LAYOUTS["canvas"], "eve.py": CODE})], None, told.append, named=False)
    assert told[1].endswith("graded, but their names do not say whose they are: 1 of its submissions.")


def test_what_was_recognised_and_left_out_is_told(tmp_path: Path) -> None:
    """Whoever asks hears the layout that was recognised, and that names of an archive led out of it."""
    told: list[str] = []
    path = zipped(tmp_path, {**LAYOUTS["nbgrader"], "../evil.py": CODE})
    submissions.find([path], tell=told.append)
    assert told == [
        f"{path}: 1 of its names lead out of the archive and were left out.",
        f"{path}: layout nbgrader, 2 submissions.",
    ]


@pytest.mark.parametrize("pack", [on_disk, zipped])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_that_are_no_submissions_are_named(tmp_path: Path, pack: Pack, layout: str) -> None:
    """A page or a text that lies where submissions lie is no submission, and whoever grades hears its name."""
    inside = "submitted/" if layout == "nbgrader" else ""
    files = {**LAYOUTS[layout], inside + "dora.pdf": "no code", inside + "essay of eve.html": "<p>"}
    told: list[str] = []
    found = submissions.find([pack(tmp_path, files)], layout, told.append)
    assert not {"dora", "essay of eve"} & {source.id for source in found}
    notes = ", notes.txt" if layout == "plain" else ""
    sentence = f"no submissions, and not read: dora.pdf, essay of eve.html{notes}."
    assert [each.partition(": ")[2] for each in told] == [sentence]
    told.clear()
    (tmp_path / "without").mkdir()
    submissions.find([pack(tmp_path / "without", LAYOUTS[layout])], layout, told.append)
    assert len(told) == (layout == "plain")  # its own notes.txt


def test_names_of_left_over_files_can_be_kept_back(tmp_path: Path) -> None:
    """Where reports are anonymous, files that are no submissions are counted and not named."""
    (tmp_path / "ana.pdf").write_text("no code")
    (tmp_path / "bo.py").write_text(CODE)
    told: list[str] = []
    submissions.find([tmp_path], None, told.append, named=False)
    assert told[1].endswith("no submissions, and not read: 1 of its files and folders.")


def test_many_files_that_are_no_submissions_are_counted(tmp_path: Path) -> None:
    """After ten names the others are a number."""
    for number in range(13):
        (tmp_path / f"{number:02}.pdf").write_text("no code")
    (tmp_path / "ana.py").write_text(CODE)
    told: list[str] = []
    submissions.find([tmp_path], None, told.append)
    assert told[1].endswith(
        "no submissions, and not read: 00.pdf, " + ", ".join(f"{n:02}.pdf" for n in range(1, 10)) + " and 3 more."
    )


@pytest.mark.parametrize("pack", [on_disk, zipped])
def test_names_with_control_characters(tmp_path: Path, pack: Pack) -> None:
    """They are names like others, packed or not: nobody is left out for them."""
    assert list(read(pack(tmp_path, {"a\nb.py": CODE, "tab\there/hw.py": CODE}))) == ["a\nb", "tab\there"]


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    """Umlauts from an archive that was unpacked wrongly are written as bytes; different names stay different."""
    root = os.fsencode(on_disk(tmp_path, {"ana.py": CODE}))
    for name in (b"zo\xeb.py", b"zo\xea.zip"):
        Path(os.fsdecode(root + b"/" + name)).write_bytes(b"")
    Path(os.fsdecode(root + b"/Zo\xeb")).mkdir()
    found = read(tmp_path / "download")
    assert list(found) == ["Zo\\xeb", "ana", "zo\\xea", "zo\\xeb"]
    assert names(found["zo\\xeb"]) == ["zo\\xeb.py"]
    assert found["zo\\xea"].problem.startswith("zo\\xea.zip: is no .zip archive")
    assert submissions.at(Path(os.fsdecode(root + b"/zo\xeb.py"))).id == "zo\\xeb"


@packed
def test_moodle(tmp_path: Path, pack: Pack) -> None:
    """Folders are participants; an online text alone is no source file, and the student is still listed."""
    found = read(pack(tmp_path, LAYOUTS["moodle"]))
    assert list(found) == ["Ana Diaz_100", "Bo Li_101", "Cy Roe_102"]
    assert names(found["Bo Li_101"]) == ["sub/hw.ipynb"]
    assert found["Ana Diaz_100"].students[0].name == "Ana Diaz"
    assert kinds(found["Cy Roe_102"]) == {"no_source_file"}


def test_moodle_folders_that_were_unpacked_twice(tmp_path: Path) -> None:
    """A number that the file manager added to a folder is no part of the name: all of it is one submission."""
    files = {"Ana Diaz_100_assignsubmission_file_/hw.py": CODE, "Ana Diaz_100_assignsubmission_file_ (1)/more.py": CODE}
    found = read(on_disk(tmp_path, files))
    assert {key: names(value) for key, value in found.items()} == {"Ana Diaz_100": ["hw.py", "more.py"]}


def test_moodle_without_folders(tmp_path: Path) -> None:
    """Older versions put the same words in front of every file name."""
    files = {"Participant_8_assignsubmission_file_hw_1.py": CODE, "Participant_9_assignsubmission_file_a.ipynb": "{}"}
    found = read(on_disk(tmp_path, files))
    assert {key: names(value) for key, value in found.items()} == {
        "Participant_8": ["hw_1.py"],
        "Participant_9": ["a.ipynb"],
    }
    assert found["Participant_8"].students[0].name == ""


@packed
def test_moodle_with_teams(tmp_path: Path, pack: Pack) -> None:
    """A team's folder has the team's number; the folder of all who are in no team has none, and is theirs."""
    files = {"Team A_11_assignsubmission_file/hw.py": CODE, "Default group_assignsubmission_file/hw.py": CODE}
    found = read(pack(tmp_path, files))
    assert {key: (each.students[0].id, each.students[0].name) for key, each in found.items()} == {
        "Default group": ("", "Default group"),
        "Team A_11": ("11", "Team A"),
    }
    assert all(names(each) == ["hw.py"] and not each.notes for each in found.values())


def test_moodle_file_called_like_another_students_folder(tmp_path: Path) -> None:
    """Without folders, whose file it is stands at the beginning, whatever its author called it."""
    files = {"Ana Diaz_100_assignsubmission_file_Bo Li_101_assignsubmission_file_hw.py": CODE}
    found = read(on_disk(tmp_path, files))
    assert list(found) == ["Ana Diaz_100"]
    assert names(found["Ana Diaz_100"]) == ["Bo Li_101_assignsubmission_file_hw.py"]


@packed
def test_gradescope(tmp_path: Path, pack: Pack) -> None:
    """The metadata say whose a folder is; the latest counts, a group is one submission, strangers are kept."""
    found = read(pack(tmp_path, LAYOUTS["gradescope"]))
    assert list(found) == ["submission_12", "submission_99"]
    group = found["submission_12"]
    assert [student.email for student in group.students] == ["ana@x.edu", "bo@x.edu"]
    assert kinds(group) == {"group", "earlier_attempt"}
    assert "Handed in by a group of 2; every member gets this score." in dict(group.notes).values()
    assert group.student == "100,101"
    assert kinds(found["submission_99"]) == {"unknown_student"}


def test_gradescope_metadata_that_cannot_be_read(tmp_path: Path) -> None:
    """A broken metadata file is named, and no Python object is made from YAML."""
    for content in ("a: [", "!!python/object/apply:os.system ['true']", "- 1"):
        path = on_disk(tmp_path, {"submission_metadata.yml": content, "submission_1/a.py": CODE})
        with pytest.raises(SubmissionError, match=r"submission_metadata\.yml"):
            submissions.find([path])


@packed
def test_nbgrader(tmp_path: Path, pack: Pack) -> None:
    """Students are the folders below `submitted`; nothing beside it is anybody's."""
    found = read(pack(tmp_path, LAYOUTS["nbgrader"]))
    assert {key: names(value) for key, value in found.items()} == {"ana": ["hw.ipynb"], "bo": ["hw.ipynb"]}


INBOUND = {
    "inbound/ana+ps1+2026-03-01 09:59:59.900000 UTC+Rk_9-a/hw.ipynb": "old",
    "inbound/ana+ps1+2026-03-01 10:00:00 UTC+AAAA/hw.ipynb": "new",
    "inbound/ana+ps1+2026-03-01 10:00:00 UTC+AAAA/lib/util.py": CODE,
    "inbound/ana+ps1+2026-03-01 10:00:00 UTC+AAAA/timestamp.txt": "2026-03-01 10:00:00 UTC",
    "inbound/ana+ps1+2026-02-28 23:00:00.100000 UTC+zzzz/hw.ipynb": "older",
    "inbound/bo+x+ps1+2026-03-02 10:00:00.5 -03+bbbb/hw.ipynb": "{}",
    "inbound/cy+ps1+2026-03-02 10:00:00.5 CET/timestamp.txt": "",
    "outbound/ps1/hw.ipynb": "{}",
    "feedback/abc.html": "",
}


@packed
def test_nbgrader_exchange(tmp_path: Path, pack: Pack) -> None:
    """In the exchange each folder is an attempt: the latest counts, and a note has the times of the others; an id may
    hold a plus, and nothing that was not handed in is anybody's."""
    told: list[str] = []
    path = pack(tmp_path, INBOUND)
    found = {source.id: source.read() for source in submissions.find([path], tell=told.append)}
    assert told == [f"{path}: layout nbgrader, 3 submissions."]
    assert {name: dict(each.files) for name, each in found.items()} == {
        "ana": {"hw.ipynb": b"new", "lib/util.py": CODE.encode()},
        "bo+x": {"hw.ipynb": b"{}"},
        "cy": {},
    }
    assert [student.id for each in found.values() for student in each.students] == ["ana", "bo+x", "cy"]
    sentence = "Several attempts: the latest counts; left out: 2026-02-28 23:00:00, 2026-03-01 09:59:59."
    assert found["ana"].notes == (("earlier_attempt", sentence),)
    masked = Mask(found["ana"], "anonymous-1").text(sentence)
    assert re.fullmatch(r"Several attempts: the latest counts; left out: file-\d+, file-\d+\.", masked)
    assert found["bo+x"].notes == ()


def test_nbgrader_exchange_with_two_assignments(tmp_path: Path) -> None:
    """One assignment at a time there too; a folder that nbgrader did not name is graded as nobody's."""
    path = on_disk(tmp_path, {**INBOUND, "inbound/ana+ps2+2026-04-01 10:00:00 UTC+cccc/hw.ipynb": "two"})
    with pytest.raises(SubmissionError, match="holds the assignments ps1, ps2; choose one: --layout nbgrader:ps1"):
        submissions.find([path])
    assert read(path, "nbgrader:ps2")["ana"].files == (("hw.ipynb", b"two"),)
    odd = read(on_disk(tmp_path / "odd", {**INBOUND, "inbound/copy of eve/hw.ipynb": "{}"}))
    assert odd["copy of eve"].students == ()
    assert odd["copy of eve"].notes[0][0] == "misnamed"


def test_nbgrader_with_two_assignments(tmp_path: Path) -> None:
    """One assignment at a time: the sentence says how to choose, and a wrong choice which there are."""
    files = {**LAYOUTS["nbgrader"], "submitted/ana/ps2/hw.ipynb": "{}"}
    path = on_disk(tmp_path, files)
    with pytest.raises(SubmissionError, match="holds the assignments ps1, ps2; choose one: --layout nbgrader:ps1"):
        submissions.find([path])
    assert list(read(path, "nbgrader:ps2")) == ["ana"]
    with pytest.raises(SubmissionError, match="holds no assignment 'ps3'; it holds ps1, ps2"):
        submissions.find([path], "nbgrader:ps3")


def test_a_layout_can_be_overruled(tmp_path: Path) -> None:
    """--layout wins over recognition; an unknown or unfitting one is refused with what there is."""
    path = on_disk(tmp_path, LAYOUTS["canvas"])
    assert "diazana_100_9001_hw" in read(path, "plain")
    with pytest.raises(SubmissionError, match="known: gradescope, canvas, moodle, nbgrader, plain"):
        submissions.find([path], "blackboard")
    with pytest.raises(SubmissionError, match="nothing in it has the layout moodle"):
        submissions.find([path], "moodle")


@packed
def test_plain(tmp_path: Path, pack: Pack) -> None:
    """Entries are submissions; ana.py and ana.ipynb are one; other files belong to nobody."""
    found = read(pack(tmp_path, LAYOUTS["plain"]))
    assert {key: names(value) for key, value in found.items()} == {
        "ana": ["ana.ipynb", "ana.py"],
        "bo": ["hw.py", "lib/helper.py"],
    }


def test_a_name_handed_in_twice(tmp_path: Path) -> None:
    """Of two folders with the same student and file name the one named last counts, and a note says so."""
    first = on_disk(tmp_path / "1", {"ana.py": "old = 1", "bo.py": CODE})
    second = on_disk(tmp_path / "2", {"ana.py": CODE, "bo.py": CODE})
    found = {source.id: source.read() for source in submissions.find([first, second])}
    assert found["ana"].files == (("ana.py", CODE.encode()),)
    assert found["ana"].notes == (("same_name", "ana.py: was handed in more than once; the last one counts."),)
    assert found["bo"].notes == ()


def test_a_students_own_archive(tmp_path: Path) -> None:
    """A .zip among the submissions is read one level deep, and the archive inside it is left out."""
    inner = zipped(tmp_path, {"hw.py": CODE, "deeper.zip": "PK", "__MACOSX/hw.py": "no"})
    folder = on_disk(tmp_path, {"bo.py": CODE})
    inner.rename(folder / "ana.zip")
    assert names(read(folder)["ana"]) == ["hw.py"]
