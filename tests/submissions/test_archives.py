"""Archives that want to climb out, blow up, or lead elsewhere: a sentence, and the others are graded."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from grader import submissions
from grader.errors import SubmissionError
from grader.submissions import Submission, submission, tree

CODE = b"def f():\n    return 1\n"


def archive(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as written:
        for name, content in members:
            written.writestr(name, content, compress_type=method)
    return path


def only(path: Path) -> Submission:
    """What a plain archive with folder `ana` gives for her."""
    return next(source.read() for source in submissions.find([path], "plain") if source.id in ("ana", "hw"))


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil.py", "..\\evil.py", "C:\\evil.py", "ana/../../evil.py"])
def test_names_that_lead_out_are_left_out(tmp_path: Path, name: str) -> None:
    """Nothing is ever unpacked to disk; a climbing or absolute name is no submission and no file of one."""
    path = archive(tmp_path / "class.zip", ("ana/hw.py", CODE), ("bo/hw.py", CODE), (name, b"evil"))
    found = {source.id: source.read() for source in submissions.find([path])}
    assert set(found) == {"ana", "bo"}
    assert all(content == CODE for each in found.values() for _, content in each.files)
    assert not (tmp_path.parent / "evil.py").exists()
    assert tree.of_archive(path).notes == ("1 of its names lead out of the archive and were left out",)


def test_a_student_learns_that_names_were_left_out(tmp_path: Path) -> None:
    """In an archive of a student's own, the note is in their report."""
    (tmp_path / "class").mkdir()
    archive(tmp_path / "class" / "ana.zip", ("hw.py", CODE), ("../hw.py", CODE))
    found = submissions.find([tmp_path / "class"])[0].read()
    assert found.notes == (("unreadable_file", "ana.zip: 1 of its names lead out of the archive and were left out"),)


def test_links_are_refused(tmp_path: Path) -> None:
    """A symbolic link in an archive is neither followed nor taken for its target's name."""
    link = zipfile.ZipInfo("ana/hw.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "class.zip", (link, b"/etc/passwd"), ("bo/hw.py", CODE))
    assert only(path).problem == "hw.py: is a link inside the archive; hand in the file itself"


def test_links_on_disk_are_refused(tmp_path: Path) -> None:
    """Symbolic links, to files and to folders, hard links and named pipes are refused without being opened."""
    (tmp_path / "secret.py").write_bytes(CODE)
    folder = tmp_path / "class"
    for name in ("a", "b", "c", "d"):
        (folder / name).mkdir(parents=True)
    (folder / "a" / "hw.py").symlink_to(tmp_path / "secret.py")
    os.link(tmp_path / "secret.py", folder / "b" / "hw.py")
    os.mkfifo(folder / "c" / "hw.py")
    (folder / "d" / "more.py").symlink_to(tmp_path)
    (folder / "e").symlink_to(tmp_path)
    found = {source.id: source.read() for source in submissions.find([folder])}
    assert [found[name].problem for name in "abcde"] == [
        "hw.py: cannot be read (it is a link); hand in the file itself",
        "hw.py: is a hard link to another file; hand in a copy of the file itself",
        "hw.py: is no ordinary file; hand in a .py or .ipynb file",
        "more.py: cannot be read (it is a link); hand in the file itself",
        "e: cannot be read (it is a link); hand in the file itself",
    ]


@pytest.mark.parametrize("swapped", ["ana", "ana/week1", "ana/week1/part", "ana/week1/part/hw.py"])
def test_a_folder_swapped_for_a_link_while_grading(tmp_path: Path, swapped: str) -> None:
    """What was a folder when the class was listed and is a link when it is read leads nowhere, at every depth."""
    outside, inside = tmp_path / "instructor", tmp_path / "class"
    for top in (outside, inside):
        (top / "ana" / "week1" / "part").mkdir(parents=True)
        (top / "ana" / "week1" / "part" / "hw.py").write_bytes(CODE)
    (inside / "bo.py").write_bytes(CODE)
    found = {source.id: source for source in submissions.find([inside])}
    (inside / swapped).rename(tmp_path / "moved")
    (inside / swapped).symlink_to(outside / swapped)
    read = found["ana"].read()
    assert read.files == ()
    assert read.problem == "week1/part/hw.py: cannot be read (it is a link); hand in the file itself"
    assert found["bo"].read().files == (("bo.py", CODE),)


def test_the_folder_that_is_named_may_be_a_link(tmp_path: Path) -> None:
    """A link to the class is the instructor's own, and its submissions are read."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "ana.py").write_bytes(CODE)
    (tmp_path / "disk" / "bo.py").write_bytes(CODE)
    (tmp_path / "class").symlink_to(tmp_path / "disk")
    assert [source.read().files[0][1] for source in submissions.find([tmp_path / "class"])] == [CODE, CODE]


def test_a_bomb_of_one_file(tmp_path: Path) -> None:
    """A file that would inflate beyond the cap is refused by its announced size."""
    path = archive(tmp_path / "class.zip", ("ana/hw.py", b" " * (tree.MAX_FILE_BYTES + 1)), ("bo/hw.py", CODE))
    assert only(path).problem == "hw.py: is larger than 32 MB; clear the notebook's outputs and save it again"


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """What inflates to more than it announces is damaged, and no more than announced is ever inflated."""
    content = b" " * (tree.MAX_FILE_BYTES + 1)
    path = archive(tmp_path / "class.zip", ("ana/hw.py", content), ("bo/hw.py", CODE))
    data = path.read_bytes().replace(struct.pack("<I", len(content)), struct.pack("<I", 100))
    path.write_bytes(data)
    assert only(path).problem == "hw.py: the archive is damaged there; pack it again"


def test_a_bomb_of_many_files(tmp_path: Path) -> None:
    """All files of one submission share a budget; what is beyond it is left out and said."""
    content = b" " * (tree.MAX_FILE_BYTES - 1)
    members = [(f"ana/hw{index}.py", content) for index in range(4)]
    path = archive(tmp_path / "class.zip", *members, ("bo/hw.py", CODE))
    found = only(path)
    assert sum(len(content) for _, content in found.files) <= submission.MAX_BYTES + tree.MAX_FILE_BYTES
    assert any("was left out, because the files before it are 64 MB already" in note for _, note in found.notes)


def test_too_many_files(tmp_path: Path) -> None:
    """The first files count and a note says how many were read; a student's archive of thousands is refused."""
    members = [(f"hw{index:05}.py", CODE) for index in range(tree.MAX_NESTED_ENTRIES + 1)]
    path = archive(tmp_path / "class.zip", *((f"ana/{name}", content) for name, content in members), ("bo.py", CODE))
    found = only(path)
    assert len(found.files) == submission.MAX_FILES
    assert ("too_many_files", "More than 200 files: only the first 200 were read.") in found.notes
    (tmp_path / "class").mkdir()
    archive(tmp_path / "class" / "ana.zip", *members)
    problem = submissions.find([tmp_path / "class"])[0].read().problem
    assert problem == "ana.zip: holds more than 2000 files; hand in only what defines functions"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_methods_are_refused(tmp_path: Path, method: int) -> None:
    """Methods whose memory the archive itself decides are not run."""
    path = archive(tmp_path / "class.zip", ("ana/hw.py", CODE), ("bo/hw.py", CODE), method=method)
    assert only(path).problem == "hw.py: is packed with a rare method; pack it again as an ordinary .zip"


def test_encrypted_members(tmp_path: Path) -> None:
    """A password-protected file is named as such."""
    path = archive(tmp_path / "class.zip", ("ana/hw.py", CODE), ("bo/hw.py", CODE))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert only(path).problem == "hw.py: is encrypted; hand in an archive without a password"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"not a zip" * 100])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    """A broken .zip for a class is refused with its path; a student's is a note and costs nobody else anything."""
    path = tmp_path / "class.zip"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=r"class: is no \.zip archive that can be read; pack it again"):
        submissions.find([path])
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "ana.zip").write_bytes(content)
    assert submissions.find([folder])[0].read().problem.startswith("ana.zip: is no .zip archive")


def test_two_members_with_one_name(tmp_path: Path) -> None:
    """The last one counts, as it does for every program that unpacks."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(tmp_path / "class.zip", ("ana/hw.py", b"old"), ("ana/hw.py", CODE), ("bo.py", CODE))
    assert only(path).files == (("hw.py", CODE),)


def test_an_archive_in_memory_is_capped_before_it_is_listed() -> None:
    """A directory of entries without files is counted by its signatures, before an object is made of each."""
    data = io.BytesIO(b"PK\x01\x02" * (tree.MAX_NESTED_ENTRIES + 1)).getvalue()
    with pytest.raises(SubmissionError, match="holds more than 2000 files"):
        tree.of_bytes(data, "ana.zip")


def test_the_directory_of_an_archive_does_not_fill_the_report(tmp_path: Path) -> None:
    """Names of 65,000 characters are counted and left out, and of thousands of remarks the first hundred are kept."""
    (tmp_path / "class").mkdir()
    long = [(f"{'n' * 60_000}{index}.py", CODE) for index in range(100)]
    archive(tmp_path / "class" / "ana.zip", *long, ("hw.py", CODE))
    locked = [(f"hw{index}.py", b"") for index in range(1000)]
    data = archive(tmp_path / "class" / "bo.zip", *locked, method=zipfile.ZIP_STORED).read_bytes()
    (tmp_path / "class" / "bo.zip").write_bytes(data.replace(b"PK\x03\x04", b"PK\x03\x05"))
    ana, bo = (source.read() for source in submissions.find([tmp_path / "class"]))
    assert ana.files == (("hw.py", CODE),)
    assert ana.notes == (
        ("unreadable_file", "ana.zip: 100 of its names are longer than 1000 characters and were left out"),
    )
    assert len(bo.notes) == submission.MAX_NOTES + 1
    assert bo.notes[-1] == ("unreadable_file", "900 more remarks about the files were left out.")


def test_damaged_files_are_not_inflated_without_end(tmp_path: Path) -> None:
    """After twenty of an archive's files no more are tried; what lies beside the archive is read all the same."""
    (tmp_path / "class" / "ana").mkdir(parents=True)
    members = [(f"{index:02}.py", bytes(1000)) for index in range(50)]
    path = archive(tmp_path / "class" / "ana" / "a.zip", *members, ("sound.py", CODE))
    data = bytearray(path.read_bytes())
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        if data[at + 46 : at + 51] != b"sound":
            data[at + 16] ^= 1  # the checksum
    path.write_bytes(data)
    (tmp_path / "class" / "ana" / "hw.py").write_bytes(CODE)
    found = submissions.find([tmp_path / "class"])[0].read()
    assert found.files == (("hw.py", CODE),)
    sentences = [sentence for _, sentence in found.notes]
    assert sentences.count("sound.py: was left out, because 20 files before it are damaged") == 1
    assert sum("the archive is damaged there" in sentence for sentence in sentences) == submission.MAX_DAMAGED


def test_many_archives_share_one_limit_of_entries(tmp_path: Path) -> None:
    """Listing an archive costs as much as its entries, so they are counted over all archives of a submission."""
    (tmp_path / "class" / "ana").mkdir(parents=True)
    for number in range(3):
        members = [(f"{number}_{index}.txt", b"") for index in range(900)]
        archive(tmp_path / "class" / "ana" / f"{number}.zip", *members)
    ((_, sentence),) = submissions.find([tmp_path / "class"])[0].read().notes
    assert sentence == (
        "2.zip: holds more than 2000 files together with the archives before it; hand in only what defines functions"
    )


@pytest.mark.parametrize(("packed", "shown"), [("José.py".encode(), "José"), (b"Jos\x82.py", "José")])
def test_names_without_the_utf_8_flag(tmp_path: Path, packed: bytes, shown: str) -> None:
    """UTF-8 that is not declared, as `zip -r` writes it, is read as UTF-8; other names as cp437, as the format says."""
    path = archive(tmp_path / "class.zip", ("J" * (len(packed) - 3) + ".py", CODE), ("bo.py", CODE))
    path.write_bytes(path.read_bytes().replace(b"J" * (len(packed) - 3) + b".py", packed))
    assert {source.id for source in submissions.find([path])} == {shown, "bo"}
