"""One file per learning platform, and what they share: the same exercises, checks and words as everywhere else.

On the instructor's machine `package` writes what is uploaded. In the platform's container `container` grades one
submission under `settings`, in the time that `pace` leaves, and `gradescope` or `prairielearn` say it in the platform's
own fields. docs/lms.md tells an instructor what to click.
"""
