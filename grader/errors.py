"""The errors that a user can meet: each is one sentence that names the thing and the remedy.

GraderError
+-- ExerciseError     an exercise folder is wrong: names file, field and remedy
+-- AssignmentError   an assignment file is wrong
+-- SubmissionError   what was handed in cannot be read at all
+-- SecretError       the secret file is missing, too short or readable by others
+-- OutputError       reports cannot be written
+-- SandboxError      our own fault: the sandbox could not do its work; never costs points
    +-- LayersMissing the machine lacks a required isolation layer
"""

from __future__ import annotations


class GraderError(Exception):
    """A problem that the person at the terminal can solve; shown as one sentence, without traceback."""


class ExerciseError(GraderError):
    """An exercise folder is wrong; the sentence names the file, the field and the remedy."""


class AssignmentError(GraderError):
    """An assignment file is wrong; the sentence names the file, the field and the remedy."""


class SubmissionError(GraderError):
    """What was handed in cannot be read; the sentence names the file and the remedy."""


class SecretError(GraderError):
    """The secret cannot be used; the sentence never contains any of it."""


class OutputError(GraderError):
    """Reports cannot be written; what was written before stays."""


class SandboxError(GraderError):
    """The sandbox itself failed; becomes `internal_error`, never a zero for the student."""


class LayersMissing(SandboxError):
    """This machine lacks an isolation layer that hidden grading requires."""
