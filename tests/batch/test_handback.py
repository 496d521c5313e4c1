"""Every page handed back in one upload, under the names by which Canvas and Moodle know whose it is."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from grader.batch import exported, handback
from grader.batch import folder as batch
from grader.cli import main
from grader.grading import report as reporting
from grader.models import Report, Student
from grader.submissions import Source
from tests.batch.test_gradebook import a_report

ANA, BO, DI = Student(id="100", name="Ana Maria_Diaz"), Student(id="101", name=""), Student(id="103", name="Di")


def names(archive: handback.Archive, tmp_path: Path) -> list[str]:
    (tmp_path / "a.zip").write_bytes(archive.content)
    return zipfile.ZipFile(tmp_path / "a.zip").namelist()


def moodle_takes(name: str) -> tuple[str, str, str]:
    """What Moodle's importer reads: participant, plugin, file name; any part before may hold no underscore."""
    _, participant, kind, plugin, file = name.split("_", 4)
    return participant, f"{kind}_{plugin}", file


def canvas_takes(name: str) -> tuple[str, str]:
    """What Canvas's importer reads: the first two parts that are numbers are the user and the file."""
    user, file = [part for part in name.split("_") if part.isdigit()][:2]
    return user, file


def exported_sheet(tmp_path: Path, text: str) -> exported.Exported:
    (tmp_path / "sheet.csv").write_text(text)
    return exported.read(tmp_path / "sheet.csv")


SHEET = (
    "Identifier,Full name,Email address,Status,Grade\nParticipant 100,Ana Maria_Diaz,ana@x,Submitted,\n"
    "Participant 101,Bo Li,bo@x,Submitted,\nParticipant 103,Di,di@x,Submitted,\nParticipant 104,Ed,ed@x,Submitted,\n"
)


def test_moodle(tmp_path: Path) -> None:
    """A page for each person, also of a group; who has no row, or a name alone, is named; always the same bytes."""
    reports = [a_report("ana", 1.0, ANA), a_report("group", 2.0, DI, BO), a_report("cy", 3.0), a_report("Ed", 4.0)]
    found_names = handback.moodle(reports, exported_sheet(tmp_path, SHEET))
    found = handback.archive(reports, found_names, lambda report: f"page of {report.submission.id}")
    assert [moodle_takes(name) for name in names(found, tmp_path)] == [
        ("100", "assignfeedback_file", "feedback.html"),
        ("101", "assignfeedback_file", "feedback.html"),
        ("103", "assignfeedback_file", "feedback.html"),
    ]
    assert (found.files, found.without) == (3, ("cy", "Ed"))
    assert zipfile.ZipFile(tmp_path / "a.zip").read(names(found, tmp_path)[0]) == b"page of ana"
    again = handback.archive(reports, found_names, lambda report: f"page of {report.submission.id}")
    assert again.content == found.content


def test_moodle_teams_get_their_own_pages(tmp_path: Path) -> None:
    """A team's number may be a participant's, and Moodle looks at the number alone: the worksheet says who is in it."""
    teams = SHEET.replace("Status", "Group").replace("ana@x,Submitted", "ana@x,Team B").replace("Submitted", "Team A")
    reports = [
        a_report("a", 1.0, Student(id="100", name="Team A")),
        a_report("b", 2.0, Student(id="101", name="Team B")),
    ]
    found = handback.moodle(reports, exported_sheet(tmp_path, teams))
    assert {report: [moodle_takes(name)[0] for name in each] for report, each in found.items()} == {
        "a": ["101", "103", "104"],
        "b": ["100"],
    }


@pytest.mark.parametrize(
    ("uploads", "taken"),
    [
        (("diazana_100_9001_hw.py", "hw.py"), "9001"),
        (("diazana_LATE_100_9001_hw.py", "hw.py", "diazana_LATE_100_9003_hw-1.py", "hw-1.py"), "9003"),
        (("100_9001_hw_2_3.py", "hw_2_3.py"), "9001"),
        (("team_3_100_9001_hw.py", "hw.py"), "9001"),
        (("7_LATE_100_9001_hw.py", "hw.py"), "9001"),
    ],
)
def test_canvas(tmp_path: Path, uploads: tuple[str, ...], taken: str) -> None:
    """A page lies beside the last file of its student, whose number Canvas asks for."""
    reports = [a_report("diazana_100", 1.0, ANA), a_report("gone_5", 2.0, Student(id="5")), a_report("x", 1.0)]
    sources = [Source("diazana_100", (), (ANA,), (), uploads)]
    found = handback.archive(reports, handback.canvas(reports, sources), lambda report: "page")
    (name,) = names(found, tmp_path)
    assert canvas_takes(name) == ("100", taken)
    assert name.endswith("_feedback.html")
    assert found.without == ("gone_5", "x")


def view(*words: str) -> Any:
    return CliRunner().invoke(main, ["view", *words], catch_exceptions=False)


def folder_of(tmp_path: Path, *reports: Report) -> Path:
    for report in reports:
        reporting.write(report, tmp_path / "reports")
    return tmp_path / "reports"


def test_a_page_for_every_report_of_a_folder(tmp_path: Path) -> None:
    """They lie in a folder of their own, under the reports' names; a report that is set aside has none."""
    folder = folder_of(tmp_path, a_report("ana/1", 1.0, ANA), a_report("bo", 2.0, BO), a_report("left", 2.0))
    record = batch.Record(reports=("ana_1-dbb3ec58", "bo"), exercises=("batched_backward",))
    known = {path.stem for path in folder.glob("*.json")}
    record = record.model_copy(update={"reports": tuple(sorted(known - {"left"}))})
    (folder / batch.RECORD).write_text(record.model_dump_json())
    result = view(str(folder))
    assert result.stdout == f"wrote 2 pages into {folder / 'pages'}\n"
    assert "Set aside: 1 report of submissions that were not there at the last grading (left)." in result.stderr
    assert {path.stem for path in (folder / "pages").glob("*.html")} == known - {"left"}
    assert "2 of 20 points" in (folder / "pages" / "bo.html").read_text()


def test_an_archive_for_canvas_from_the_download(tmp_path: Path) -> None:
    """The names of the download are found where the reports were made from."""
    download = tmp_path / "download"
    download.mkdir()
    (download / "diazana_100_9001_hw.py").write_text("x = 1")
    folder = folder_of(tmp_path, a_report("diazana_100", 12.5, Student(id="100", name="diazana")), a_report("cy", 1.0))
    (folder / batch.RECORD).write_text(batch.Record(paths=(download,)).model_dump_json())
    output = tmp_path / "feedback.zip"
    result = view(str(folder), "--archive", "canvas", "-o", str(output))
    assert result.stdout == f"wrote {output}: 1 page\n"
    assert result.stderr == "Not in it, because Canvas's number for them is not known: cy.\n"
    assert zipfile.ZipFile(output).namelist() == ["diazana_100_9001_feedback.html"]
    assert b"12.5 of 20 points" in zipfile.ZipFile(output).read("diazana_100_9001_feedback.html")


def test_an_archive_for_moodle_from_the_worksheet(tmp_path: Path) -> None:
    """In any language; without the worksheet nothing is written."""
    (tmp_path / "sheet.csv").write_text(SHEET.replace("Grade", "Bewertung"))
    folder, output = folder_of(tmp_path, a_report("ana", 12.5, ANA), a_report("cy", 1.0)), tmp_path / "feedback.zip"
    refused = view(str(folder), "--archive", "moodle", "-o", str(output))
    assert (refused.exit_code, output.exists()) == (2, False)
    assert "--sheet goes with --archive moodle: the worksheet, because a team's number is nobody's" in refused.stderr
    options = ("--sheet", str(tmp_path / "sheet.csv"), "--column", "Bewertung", "-o", str(output))
    result = view(str(folder), "--archive", "moodle", *options)
    assert result.stdout == f"wrote {output}: 1 page\n"
    assert result.stderr == "Not in it, because no row of the sheet is surely theirs: cy.\n"
    assert zipfile.ZipFile(output).namelist() == ["Ana Maria Diaz_100_assignfeedback_file_feedback.html"]


def test_an_archive_of_one_report_is_refused(tmp_path: Path) -> None:
    """An archive is for a class."""
    folder = folder_of(tmp_path, a_report("bo", 2.0, BO))
    result = view(str(folder / "bo.json"), "--archive", "canvas")
    assert result.exit_code == 2
    assert "--archive goes with a folder of reports" in result.stderr
