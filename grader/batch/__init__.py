"""A class at a time: grading processes, executors that share them out, resume, gradebook, comparison of two gradings.

run.py       the loop: what is finished is skipped, the rest is handed to an executor, reports are written
node.py      one grading process: forks its spawner first, hears the secret after, grades one submission at a time
local.py     an executor of such processes on this machine
cluster.py   an executor of such processes beside the workers of a Dask cluster
folder.py    the reports of a batch on disk, and which of them count
adjustments.py    an instructor's own scores and comments beside them
code.py      the code of a submission as text; similar.py finds look-alikes in it
gradebook.py a platform's sheet filled in; marks.py decides whose a row is, worksheet.py for Moodle's
handback.py  every page in one archive for a platform
"""
