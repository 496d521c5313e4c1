"""Writes the inputs of an exercise's public cases for the other programs.

Usage: public_calls.py SLUG PATH
"""

import sys

import torch

from grader.cases import suite as cases
from grader.cases.secret import PUBLIC
from grader.course import catalog

if __name__ == "__main__":
    exercise = catalog.bundled().load(sys.argv[1])
    suite = cases.prepare(exercise, PUBLIC)
    torch.save([(exercise.entry_point, list(each.inputs.values())) for each in suite.cases], sys.argv[2])
