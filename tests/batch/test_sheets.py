"""Every sheet that Canvas and Moodle export: which cells change, what is said, and that no other byte does.

A table, one entry a kind of sheet: that is why the file is long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.batch import exported
from grader.cli import main
from grader.cli.gradebook import EXIT_REFUSED
from grader.errors import OutputError
from grader.models import Student
from tests.batch.test_gradebook import a_report

Who = tuple[str, str] | tuple[str, str, str]
"""Id, name and e-mail address, as a layout gives them."""

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 3 (4711),Final Score\n"
    "    Points Possible,,,,,20.00,(read only)\n"
    '"Diaz, Ana",100,s100,ana@x.edu,A and B,,55.1\n'
    '"Li, Bo",101,s101,bo@x.edu,A,3,\n'
    '"Student, Test",190,,f00,A,,\n'
)
MOODLE = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 100,Ana Diaz,ana@x.edu,Submitted for grading - ,,20.00,Yes,"Monday, 3 March 2025, 10:00 AM",-,seen\r\n'
    'Participant 101,"Bo ""B"" Li",bo@x.edu,Submitted,3.00,20.00,Yes,-,-,"- well done\r\n=1+1, see page 3"\r\n'
)
TEAMS = (
    "Identifier,Full name,Status,Group,Grade,Maximum Grade\n"
    "Participant 11,Bob Ott,Submitted,Team B,,20.00\n"
    "Participant 12,Cy Roe,Submitted,Team A,,20.00\n"
    "Participant 13,Di Doe,Submitted,Team A,,20.00\n"
    "Participant 14,Ed Fox,No submission,Default group,,20.00\n"
)
BLIND = "Identifier,Status,Grade,Maximum Grade\nParticipant 100,Submitted,,20.00\nParticipant 101,Submitted,,20.00\n"
ROSTER = (
    "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
    "Ana Diaz,100,s100,ana@x.edu,A,Team A,7,\nBo Li,101,s101,bo@x.edu,A,Team A,7,\nTest Student,190,,,A,Team B,8,\n"
)
ANA, BO = ("100", "diazana"), ("101", "libo")
M_ANA, M_BO = ("100", "Ana Diaz"), ("101", "Bo B Li")


@dataclass(frozen=True)
class Case:
    """A sheet, whose reports there are (12.5 points of 20 each), and what comes of it.

    changes: (text that occurs once in the sheet, what stands there instead). said: parts of standard error.
    """

    name: str
    sheet: str
    reports: tuple[Who, ...]
    changes: tuple[tuple[str, str], ...] = ()
    said: tuple[str, ...] = ()
    status: int = 0
    options: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        text = self.sheet
        for old, new in self.changes:
            assert self.sheet.count(old) == 1, old
            text = text.replace(old, new)
        return text


A_ROW = ("ana@x.edu,A and B,,", "ana@x.edu,A and B,12.5,")
B_ROW = ("bo@x.edu,A,3,", "bo@x.edu,A,12.5,")
M_ROW = ("Submitted for grading - ,,20.00", "Submitted for grading - ,12.5,20.00")


CANVAS_CASES = (
    Case("by id", CANVAS, (ANA, BO), (A_ROW, B_ROW), ("Filled: 2.", "no report: 1 (Student, Test).")),
    Case("windows lines", CANVAS.replace("\n", "\r\n"), (ANA,), (A_ROW,)),
    Case("byte order mark", "\ufeff" + CANVAS, (ANA,), (A_ROW,)),
    Case("no last line end", CANVAS.rstrip("\n"), (ANA,), (A_ROW,)),
    Case("empty lines", CANVAS.replace('"Li', '\n"Li') + "\n\n", (ANA,), (A_ROW,)),
    Case(
        "semicolons and a decimal comma",
        CANVAS.replace('"Diaz, Ana"', "Diaz@ Ana")
        .replace('"Li, Bo"', "Li@ Bo")
        .replace('"Student, Test"', "T")
        .replace(",", ";")
        .replace("@ ", ", ")
        .replace("20.00", "20,00"),
        (ANA,),
        (("ana@x.edu;A and B;;", 'ana@x.edu;A and B;"12,5";'),),
    ),
    Case(
        "a title full of commas between semicolons",
        re.sub(r",(?! )", ";", CANVAS.replace('"', "")).replace("Home", "a,b,c,d,e,f,g"),
        (ANA,),
        (("ana@x.edu;A and B;;", "ana@x.edu;A and B;12.5;"),),
    ),
    Case("tabs", re.sub(r",(?! )", "\t", CANVAS), (ANA,), (("A and B\t\t", "A and B\t12.5\t"),)),
    Case(
        "every cell in quotes",
        "\n".join(
            ",".join(f'"{c}"' for c in re.split(r",(?! )", line.replace('"', ""))) for line in CANVAS.splitlines()
        ),
        (ANA,),
        (('"A and B",""', '"A and B","12.5"'),),
    ),
    Case(
        "without SIS columns",
        'Student,ID,SIS Login ID,Section,HW (1)\n    Points Possible,,,,20\n"Diaz, Ana",100,ana,A,\n',
        (ANA,),
        (("ana,A,", "ana,A,12.5"),),
    ),
    Case(
        "last and first name in two columns, integration id, root account, notes",
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Notes,HW (1)\n"
        "    Points Possible,,,,,,,,(read only),20\nDiaz,Ana,100,s100,ana,,x.edu,A,likes trees,\n",
        (ANA,),
        (("likes trees,", "likes trees,12.5"),),
    ),
    Case(
        "hidden grades",
        CANVAS.replace("    Points", ",,,,,Manual Posting,\n    Points"),
        (ANA,),
        (A_ROW,),
        ("no report: 2 (Li, Bo; Student, Test)",),
    ),
    Case("muted grades", CANVAS.replace("    Points", ",,,,,Muted,\n    Points"), (ANA,), (A_ROW,)),
    Case(
        "anonymous and not posted",
        CANVAS.replace("    Points", ",,,,,Manual Posting (scores hidden from instructors),\n    Points").replace(
            "A and B,,", "A and B,N/A,"
        ),
        (ANA,),
        (),
        ("Refused: Diaz, Ana: the sheet says N/A: not assigned to them, or anonymous and not posted yet.",),
        EXIT_REFUSED,
    ),
    Case(
        "excused",
        CANVAS.replace("A and B,,", "A and B,EX,"),
        (ANA, BO),
        (B_ROW,),
        ("Left as it was: Diaz, Ana: excused.",),
    ),
    Case(
        "a row that is a column short",
        CANVAS.replace("B,,55.1", "B,"),
        (ANA, BO),
        (B_ROW,),
        ("the row has 6 cells where the header has 7",),
        EXIT_REFUSED,
    ),
    Case(
        "a row that is a column long",
        CANVAS.replace('"Diaz, Ana"', "Diaz, Ana"),
        (ANA, BO),
        (B_ROW,),
        ("Refused: Diaz: the row has 8 cells where the header has 7", "Not in the sheet: diazana (100)."),
        EXIT_REFUSED,
    ),
    Case(
        "totals of a grading period called 2020",
        CANVAS.replace("Final Score", "Homework Current Score (2020)"),
        (ANA,),
        (A_ROW,),
    ),
    Case(
        "totals of all kinds",
        CANVAS.replace(
            "Final Score",
            "Essays Current Points,Essays Unposted Current Score,Current Points,Unposted Final Grade,Override Score,"
            "Override Status",
        )
        .replace(",(read only)", ",(read only)" * 6)
        .replace(",55.1", ",55.1,,,,,")
        .replace(",A,3,", ",A,3,,,,,,")
        .replace("f00,A,,", "f00,A,,,,,,,"),
        (ANA,),
        (A_ROW,),
    ),
    Case(
        "excused in small letters",
        CANVAS.replace("A and B,,", "A and B,ex,"),
        (ANA,),
        (),
        ("Left as it was: Diaz, Ana: excused.",),
    ),
    Case(
        "a name that begins with an equals sign, as Canvas quotes it",
        CANVAS.replace('"Diaz, Ana"', '"=""=Diaz, Ana"""'),
        (ANA,),
        (A_ROW,),
    ),
    Case(
        "several assignments with one name",
        CANVAS.replace("Homework 3 (4711)", "Homework (1)").replace("Final Score", "Homework (2)"),
        (ANA,),
        (A_ROW,),
        options=("--column", "Homework (1)"),
    ),
    Case(
        "thousands",
        CANVAS.replace("20.00", '"1,000.00"'),
        (ANA,),
        (("A and B,,", "A and B,625,"),),
        options=("--out-of", "1000"),
    ),
    Case("of no known maximum", CANVAS.replace("20.00", ""), (ANA,), (A_ROW,)),
    Case(
        "names in two directions",
        CANVAS,
        (("", "Ana Diaz"),),
        (A_ROW,),
        ("by the name alone, please look: Diaz, Ana.",),
    ),
    Case("a login", CANVAS, (("ANA@x.edu", ""),), (A_ROW,)),
    Case("an address, whatever the name", CANVAS, (("77", "Anita D.", "Ana@X.edu"),), (A_ROW,)),
    Case(
        "three people, one number and one name",
        "Student,ID,SIS User ID,Section,HW (1)\n    Points Possible,,,,20\n"
        '"Lee, Kim",102,,A,\n"Lee, Kim",140,,B,\n"X, Y",150,102,C,\n',
        (("102", "leekim"),),
        (("102,,A,", "102,,A,12.5"),),
        ("Filled: 1.", "no report: 2 (Lee, Kim; X, Y)"),
    ),
    Case(
        "a number in two columns, and no name to tell them apart",
        CANVAS.replace("s101", "100"),
        (("100", ""), BO),
        (B_ROW,),
        ("Refused: 100: fits several rows: Diaz, Ana (100); Li, Bo (101).",),
        EXIT_REFUSED,
    ),
    Case(
        "a namesake of somebody who is not in the sheet",
        CANVAS,
        (("140", "diazana"),),
        (),
        ("Refused: diazana (140): the sheet knows Diaz, Ana by 100: it may be somebody else of that name.",),
        EXIT_REFUSED,
    ),
    Case(
        "somebody else's number",
        CANVAS,
        (("100", "roecy"), BO),
        (B_ROW,),
        ("Refused: roecy (100): the sheet has this number or login for Diaz, Ana (100)",),
        EXIT_REFUSED,
    ),
    Case(
        "a student number that is the number of a namesake without a row",
        CANVAS.replace("s100", "140"),
        (("140", "diazana"),),
        (),
        ("Refused: diazana (140): the sheet knows Diaz, Ana by 100: it may be somebody else of that name.",),
        EXIT_REFUSED,
    ),
    Case(
        "student numbers, one of them a number of Canvas's",
        CANVAS.replace("s100", "7").replace("s101", "8").replace("190,,", "190,9,"),
        (("7", ""), ("9", ""), ("101", "")),
        (A_ROW, ("f00,A,,", "f00,A,12.5,")),
        ("Refused: 101: its number is that of Li, Bo (101) in another column than most numbers of this class.",),
        EXIT_REFUSED,
    ),
    Case(
        "from Gradescope, a student number that is a number of Canvas's",
        CANVAS,
        (("100", "Ana Diaz", "diaz@y.edu"),),
        (),
        ("Refused: Ana Diaz (100): the number is that of Diaz, Ana (100), and the address there is ana@x.edu.",),
        EXIT_REFUSED,
    ),
    Case(
        "from Gradescope, namesakes without addresses in the sheet",
        CANVAS.replace("ana@x.edu", "ana").replace("bo@x.edu", "bo").replace("Li, Bo", "Diaz, Ana"),
        (("100", "Ana Diaz", "diaz@y.edu"),),
        (),
        ("Refused: Ana Diaz (100): several rows have this name: Diaz, Ana (100); Diaz, Ana (101).",),
        EXIT_REFUSED,
    ),
    Case(
        "from Gradescope, an address and the number of a namesake",
        CANVAS.replace("Li, Bo", "Diaz, Ana"),
        (("101", "Ana Diaz", "ana@x.edu"),),
        (A_ROW,),
    ),
    Case(
        "from Gradescope, an address that two rows have",
        CANVAS.replace("bo@x.edu", "ana@x.edu"),
        (("s100", "Ana Diaz", "ana@x.edu"),),
        (),
        ("Refused: Ana Diaz (s100): fits several rows: Diaz, Ana (100); Li, Bo (101).",),
        EXIT_REFUSED,
    ),
    Case(
        "hidden grades, in another language",
        CANVAS.replace("    Points", ",,,,,Manuelle Ver\u00f6ffentlichung,\n    Points").replace(
            "read only", "nur lesen"
        ),
        (ANA,),
        (A_ROW,),
        ("no report: 2 (Li, Bo; Student, Test).",),
    ),
    Case(
        "two rows with one name",
        CANVAS.replace('"Li, Bo"', '"Diaz, Ana"'),
        (("", "Ana Diaz"),),
        (),
        ("Refused: Ana Diaz: several rows have this name: Diaz, Ana (100); Diaz, Ana (101).",),
        EXIT_REFUSED,
    ),
    Case(
        "two reports with one name",
        CANVAS,
        (("", "Ana Diaz"), ("", "Diaz Ana")),
        (),
        ("Refused: Ana Diaz: several reports have this name", "Refused: Diaz Ana: several reports have this name"),
        EXIT_REFUSED,
    ),
    Case(
        "two reports for one row",
        CANVAS,
        (ANA, ("ana@x.edu", ""), BO),
        (B_ROW,),
        ("no report: 1 (Student, Test).", "Refused: Diaz, Ana: 2 reports belong to this row: report-0, report-1."),
        EXIT_REFUSED,
    ),
    Case(
        "names beyond ASCII, composed or not",
        CANVAS.replace("Diaz, Ana", "Núñez, Zoë").replace("Li, Bo", "किम, ली"),
        (("100", "nu\u0301n\u0303ezzoe\u0308"), ("101", "किमली")),
        (A_ROW, B_ROW),
    ),
    Case(
        "the sheet of another class",
        CANVAS,
        (("7", "x"),),
        (),
        ("Filled: 0.", "is it the sheet of this class"),
        EXIT_REFUSED,
    ),
    Case("anonymous", CANVAS, (("anon_Xy1", ""),), (), ("Not in the sheet: anon_Xy1.",), EXIT_REFUSED),
    Case(
        "a group without the list of groups",
        CANVAS,
        (("100", "teama"),),
        (),
        ("Refused: teama (100): the sheet has this number or login for Diaz, Ana (100); is it the", "or of a group?\n"),
        EXIT_REFUSED,
    ),
    Case("a group with the list of groups", CANVAS, (("100", "teama"),), (A_ROW, B_ROW), options=("--groups", ROSTER)),
    Case(
        "a group whose name ends with a number",
        CANVAS,
        (("100", "team_3"),),
        (A_ROW, B_ROW),
        options=("--groups", ROSTER.replace("Team A", "Team_3")),
    ),
    Case(
        "a group's name and number, where nothing in the download told them apart",
        CANVAS,
        (("3", "team"),),
        (A_ROW, B_ROW),
        options=("--groups", ROSTER.replace("Team A", "Team_3")),
    ),
    Case(
        "a name and number of somebody in the sheet are no group's name",
        CANVAS.replace(",190,", ",3,"),
        (("3", "team"),),
        (),
        ("Refused: team (3): the sheet has this number or login for Student, Test (3)",),
        EXIT_REFUSED,
        ("--groups", ROSTER.replace("Team A", "Team_3")),
    ),
    Case(
        "a group that the list knows without that member",
        CANVAS,
        (("190", "teama"),),
        (),
        ("Refused: teama (190): the list of groups has a group of this name without this member, or several.",),
        EXIT_REFUSED,
        ("--groups", ROSTER),
    ),
)
MOODLE_CASES = (
    Case("by number and name", MOODLE, (M_ANA, M_BO), (M_ROW, ("Submitted,3.00,", "Submitted,12.5,"))),
    Case("unix lines", MOODLE.replace("\r\n", "\n"), (M_ANA,), (M_ROW,)),
    Case("without a byte order mark", MOODLE.lstrip("\ufeff"), (M_ANA,), (M_ROW,)),
    Case("semicolons", TEAMS.replace(",", ";"), (("11", "Bob Ott"),), (("Team B;;", "Team B;12.5;"),)),
    Case("a decimal comma", MOODLE.replace("20.00", '"20,00"'), (M_ANA,), (("- ,,", '- ,"12,5",'),)),
    Case(
        "no last line end, empty lines",
        MOODLE.replace("\r\nPart", "\r\n\r\nPart", 1).rstrip("\r\n"),
        (M_ANA,),
        (M_ROW,),
    ),
    Case(
        "identities, the workflow's state, the marker",
        "Identifier,Full name,Username,ID number,Status,Marking workflow state,Marker,Grade,Maximum Grade\n"
        "Participant 100,Ana Diaz,ana,101,Submitted,Not marked,Kim Lee,,20.00\n"
        "Participant 101,Kim Lee,kim,100,Submitted,Not marked,Kim Lee,7.5,20.00\n",
        (M_ANA,),
        (("Not marked,Kim Lee,,", "Not marked,Kim Lee,12.5,"),),
    ),
    Case(
        "every cell in quotes",
        "\n".join('"' + line.replace(",", '","') + '"' for line in TEAMS.splitlines()),
        (("11", "Bob Ott"),),
        (('"Team B",""', '"Team B","12.5"'),),
    ),
    Case("three decimals", MOODLE.replace("20.00", "20.000"), (M_ANA,), (("- ,,", "- ,12.5,"),)),
    Case(
        "thousands and a comma",
        MOODLE.replace("20.00", '"1.000,00"'),
        (M_ANA,),
        (("- ,,", "- ,625,"),),
        options=("--out-of", "1000"),
    ),
    Case(
        "headers in another language",
        MOODLE.replace("Grade,Maximum Grade", "Bewertung,Bestwertung").replace("Participant", "Teilnehmer/in"),
        (M_ANA,),
        (("- ,,", "- ,12.5,"),),
        options=("--column", "Bewertung"),
    ),
    Case(
        "anonymous",
        BLIND,
        (("100", ""), ("101", "")),
        (("100,Submitted,", "100,Submitted,12.5"), ("101,Submitted,", "101,Submitted,12.5")),
    ),
    Case(
        "anonymous in another language",
        BLIND.replace("Participant ", "Teilnehmer/in"),
        (("100", "Teilnehmerin"), ("101", "Teilnehmerin")),
        (("100,Submitted,", "100,Submitted,12.5"), ("101,Submitted,", "101,Submitted,12.5")),
    ),
    Case(
        "somebody who was suspended",
        MOODLE.replace("Ana Diaz", '"<span class=""usersuspended"">Ana Diaz <img src=""x"" /></span>"'),
        (M_ANA,),
        (M_ROW,),
    ),
    Case(
        "a grade that is locked",
        MOODLE.replace('Yes,"', 'No,"'),
        (M_ANA,),
        (),
        ("Refused: Ana Diaz: the sheet says that this grade cannot be changed.",),
        EXIT_REFUSED,
    ),
    Case(
        "the worksheet of another assignment",
        MOODLE,
        (("101", "Ana Diaz"), ("100", "Bo B Li")),
        (),
        ('Refused: Ana Diaz (101): the sheet has this number or login for Bo "B" Li (101); is it',),
        EXIT_REFUSED,
    ),
    Case(
        "anonymous, with reports of one person alone and nobody",
        BLIND,
        (("100", "Participant"), ("250", "Participant")),
        (("100,Submitted,", "100,Submitted,12.5"),),
        ("no report: 1 (Participant 101).", "Not in the sheet: 250."),
    ),
    Case(
        "anonymous reports, and a worksheet with names",
        MOODLE,
        (("100", "Participant"), ("101", "Participant")),
        (M_ROW, ("Submitted,3.00,", "Submitted,12.5,")),
    ),
    Case(
        "two namesakes whom the worksheet does not have",
        MOODLE.replace("Status", "ID number", 1).replace("Submitted for grading - ", "7").replace("Submitted,3", "8,3"),
        (("7", "Kim Lee"), ("8", "Kim Lee")),
        (),
        ("Not in the sheet: Kim Lee (7); Kim Lee (8).", "Nothing was filled"),
        EXIT_REFUSED,
    ),
    Case(
        "a number that the worksheet does not have",
        MOODLE,
        (("250", "Ana Diaz"),),
        (),
        ("Refused: Ana Diaz (250): the sheet knows Ana Diaz by 100: it may be somebody else of that name.",),
        EXIT_REFUSED,
    ),
    Case(
        "namesakes",
        MOODLE.replace('"Bo ""B"" Li"', "Ana Diaz"),
        (M_ANA, ("101", "Ana Diaz")),
        (M_ROW, ("Submitted,3.00", "Submitted,12.5")),
    ),
    Case("from Gradescope, by address", MOODLE, (("101", "A. Diaz", "ana@x.edu"),), (M_ROW,)),
    Case("from nbgrader, by address", MOODLE, (("ana@x.edu", ""),), (M_ROW,)),
    Case(
        "teams, by the team's column and never by the group's number",
        TEAMS,
        (("11", "Team A"), ("12", "Team B"), ("", "Default group")),
        (
            ("Team B,,", "Team B,12.5,"),
            ("12,Cy Roe,Submitted,Team A,,", "12,Cy Roe,Submitted,Team A,12.5,"),
            ("13,Di Doe,Submitted,Team A,,", "13,Di Doe,Submitted,Team A,12.5,"),
            ("Default group,,", "Default group,12.5,"),
        ),
        ("Filled: 4.",),
    ),
    Case(
        "one team alone, in an anonymous worksheet",
        "Identifier,Status,Group,Grade,Maximum Grade\n"
        "Participant 11,Submitted,Team B,,20.00\nParticipant 12,Submitted,Team A,,20.00\n",
        (("11", "Team A"),),
        (("Team A,,", "Team A,12.5,"),),
    ),
    Case(
        "teams in older versions, where every member has a folder",
        TEAMS,
        (("12", "Team A-Cy Roe"), ("13", "Team A-Di Doe"), ("11", "Team B-Bob Ott"), ("14", "Default group-Ed Fox")),
        (
            ("Team B,,", "Team B,12.5,"),
            ("12,Cy Roe,Submitted,Team A,,", "12,Cy Roe,Submitted,Team A,12.5,"),
            ("13,Di Doe,Submitted,Team A,,", "13,Di Doe,Submitted,Team A,12.5,"),
            ("Default group,,", "Default group,12.5,"),
        ),
    ),
    Case(
        "a team in older versions, and another person's number",
        TEAMS,
        (("12", "Team A-Di Doe"),),
        (),
        ("Refused: Team A-Di Doe (12): the sheet has this number or login for Cy Roe (12); is it",),
        EXIT_REFUSED,
    ),
    Case(
        "teams in another language",
        TEAMS.replace("Group", "Gruppe"),
        (("11", "Team A"), ("12", "Team B")),
        (
            ("Team B,,", "Team B,12.5,"),
            ("12,Cy Roe,Submitted,Team A,,", "12,Cy Roe,Submitted,Team A,12.5,"),
            ("13,Di Doe,Submitted,Team A,,", "13,Di Doe,Submitted,Team A,12.5,"),
        ),
    ),
    Case(
        "somebody without a row who is called like another's user name",
        MOODLE.replace("Email address", "Username").replace("ana@x.edu", "kim").replace("bo@x.edu", "lee"),
        (("250", "Kim"), ("251", "Lee")),
        (),
        ("Not in the sheet: Kim (250); Lee (251).", "Nothing was filled"),
        EXIT_REFUSED,
    ),
    Case(
        "somebody without a row who is called like the marker of all",
        TEAMS.replace("Group", "Marker").replace("Team A", "Ana Diaz").replace("Team B", "Ana Diaz"),
        (("40", "Ana Diaz"),),
        (),
        ("Not in the sheet: Ana Diaz (40).", "Nothing was filled"),
        EXIT_REFUSED,
    ),
    Case(
        "teams with one name",
        TEAMS.replace("Team B", "Team: A"),
        (("21", "Team A"), ("22", "Team A"), ("", "Default group")),
        (("Default group,,", "Default group,12.5,"),),
        ("Refused: Team A (21): several teams have this name", "Refused: Team A (22): several teams have this name"),
        EXIT_REFUSED,
    ),
    Case(
        "teams, in a worksheet that does not name them",
        TEAMS.replace(",Group", "").replace(",Team B", "").replace(",Team A", "").replace(",Default group", ""),
        (("11", "Team A"), ("12", "Team B")),
        (),
        ("Refused: Team A (11): the sheet has this number or login for Bob Ott (11); is it the sheet of another",),
        EXIT_REFUSED,
    ),
    Case(
        "somebody who is called like the marker of all",
        TEAMS.replace("Group", "Marker").replace("Team A", "Ana Diaz").replace("Team B", "Ana Diaz"),
        (("11", "Bob Ott"), ("40", "Ana Diaz")),
        (("Bob Ott,Submitted,Ana Diaz,,", "Bob Ott,Submitted,Ana Diaz,12.5,"),),
        ("Not in the sheet: Ana Diaz (40).",),
    ),
)


def filled(tmp_path: Path, form: str, case: Case, scores: dict[str, float | None] | None = None) -> tuple[Result, str]:
    """`grader gradebook` on the case's sheet: the result, and what was written."""
    (tmp_path / "reports").mkdir(exist_ok=True)
    for index, (identity, name, *email) in enumerate(case.reports):
        student = Student(id=identity, name=name, email="".join(email))
        score = 12.5 if scores is None else scores[identity]
        report = a_report(f"report-{index}", score, student)
        (tmp_path / "reports" / f"report-{index}.json").write_text(report.model_dump_json())
    sheet, out = tmp_path / "sheet.csv", tmp_path / "out.csv"
    sheet.write_bytes(case.sheet.encode())
    options = [*case.options]
    if "--groups" in options:
        (tmp_path / "groups.csv").write_text(options[1])
        options[1] = str(tmp_path / "groups.csv")
    arguments = ["gradebook", str(tmp_path / "reports"), "--format", form, "--sheet", str(sheet), "-o", str(out)]
    result = CliRunner().invoke(main, [*arguments, *options])
    return result, out.read_bytes().decode() if out.exists() else ""


def named(cases: tuple[Case, ...]) -> list[object]:
    return [pytest.param(case, id=case.name) for case in cases]


@pytest.mark.parametrize("case", named(CANVAS_CASES))
def test_canvas(tmp_path: Path, case: Case) -> None:
    """Exactly the cells that are certain change; what was refused has a reason and a status of its own."""
    holds(case, *filled(tmp_path, "canvas", case))


@pytest.mark.parametrize("case", named(MOODLE_CASES))
def test_moodle(tmp_path: Path, case: Case) -> None:
    """The same for Moodle's worksheet."""
    holds(case, *filled(tmp_path, "moodle", case))


def holds(case: Case, result: Result, written: str) -> None:
    assert written == case.expected, result.stderr
    for part in case.said:
        assert part in result.stderr
    assert result.exit_code == case.status, result.stderr


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_an_internal_error_wipes_nothing(tmp_path: Path, form: str) -> None:
    """A grade that stands in the sheet is still there where grading ended in internal_error, and that is said."""
    case = Case("", CANVAS, (ANA, BO), (A_ROW,)) if form == "canvas" else Case("", MOODLE, (M_ANA, M_BO), (M_ROW,))
    result, written = filled(tmp_path, form, case, {"100": 12.5, "101": None})
    assert written == case.expected
    assert "grading ended in internal_error; grade again to fill it." in result.stderr
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("form", "maximum", "sentence"),
    [
        ("canvas", '"100,00"', "the sheet's maximum is 100 and the reports' is 20; add --out-of 100 to scale"),
        ("canvas", '"1,000.00"', "the sheet's maximum is 1000 and the reports' is 20; add --out-of 1000 to scale"),
        ("canvas", '"1.000,00"', "the sheet's maximum is 1000 and the reports' is 20; add --out-of 1000 to scale"),
        ("canvas", "1.000", "the sheet's maximum is 1 or 1000 and the reports' is 20; add --out-of 1 to scale"),
        ("canvas", "(read only)", "the sheet's maximum '(read only)' is no number: is the column read-only"),
        ("canvas", "twenty", "the sheet's maximum 'twenty' is no number"),
        ("moodle", '"1,000.00"', "the sheet's maximum is 1000 and the reports' is 20; add --out-of 1000 to scale"),
        (
            "moodle",
            '"Bad\nGood"',
            "the sheet's maximum 'Bad\\nGood' is no number: is the column read-only or on a scale?",
        ),
    ],
)
def test_a_maximum_that_is_another_or_unreadable_is_refused(
    tmp_path: Path, form: str, maximum: str, sentence: str
) -> None:
    """Nothing is written, whatever the notation; a number that is no number is refused with --out-of too."""
    sheet = (CANVAS if form == "canvas" else MOODLE).replace("20.00", maximum)
    result, written = filled(tmp_path, form, Case("", sheet, (ANA,)))
    assert sentence in result.stderr
    assert (result.exit_code, written) == (2, "")
    if "no number" in sentence:
        result, written = filled(tmp_path, form, Case("", sheet, (ANA,), options=("--out-of", "50")))
        assert (result.exit_code, written) == (2, "")


@pytest.mark.parametrize(
    ("sheet", "options", "sentence"),
    [
        (CANVAS, ("--column", "ID"), "--column ID: stands before the columns that can be filled in; name another"),
        (
            CANVAS.replace("Final Score", "Homework 3 (4711)"),
            ("--column", "Homework 3 (4711)"),
            "2 columns of that name",
        ),
        (CANVAS.replace("Homework 3 (4711)", "Notes"), (), "assignments in the sheet: none"),
        (
            CANVAS.replace('Ana"', 'Ana" x'),
            (),
            "is no table: line 3 has a quote that does not end a cell; export it again",
        ),
        (MOODLE, (), "the sheet has no columns ID and Section"),
        (CANVAS, ("--groups", CANVAS), "the list of groups has no columns canvas_user_id and group_name"),
    ],
)
def test_sheets_that_are_refused_as_a_whole(
    tmp_path: Path, sheet: str, options: tuple[str, ...], sentence: str
) -> None:
    """A column that is none for scores, two of one name, and a table that is damaged: nothing is written."""
    result, written = filled(tmp_path, "canvas", Case("", sheet, (ANA,), options=options))
    assert sentence in result.stderr
    assert (result.exit_code, written) == (2, "")


def test_a_sheet_that_cannot_be_read(tmp_path: Path) -> None:
    """What a spreadsheet saved in another encoding, and what is gone by now, is refused with what to do."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(CANVAS.replace("Diaz", "Díaz").encode("latin-1"))
    with pytest.raises(OutputError, match=r"sheet\.csv: is not UTF-8; export it again as CSV \(UTF-8\)"):
        exported.read(path)
    path.unlink()
    with pytest.raises(OutputError, match=r"sheet\.csv: cannot be read \(No such file .*\); name the sheet that was"):
        exported.read(path)


def test_a_class_of_two_thousand(tmp_path: Path) -> None:
    """Every second student of 2,000 has a report, and exactly their cells change."""
    head = "".join(CANVAS.splitlines(keepends=True)[:2])
    rows = [f'"Name{n}, First",{n},s{n},l{n}@x,A,,\n' for n in range(2000)]
    reports = tuple((str(n), f"name{n}first") for n in range(0, 2000, 2))
    result, written = filled(tmp_path, "canvas", Case("", head + "".join(rows), reports))
    assert written == head + "".join(
        row.replace(",A,,", ",A,12.5,") if n % 2 == 0 else row for n, row in enumerate(rows)
    )
    assert "Filled: 1000.\n" in result.stderr
    assert "no report: 1000 (Name1, First; " in result.stderr
