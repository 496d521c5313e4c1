"""The texts of a new exercise, one module per call style: relative path -> text.

In a text, SLUG, CLASS (the slug as a class name), TITLE and the words of `skeleton.WORDS` are filled in.
They say the same in each framework: PRODUCT(x, w) multiplies every row, COLUMNS(a, b) and SUM(a) add up over the rows,
VECTOR(1.0, 2.0) and ROW(1.0, 2.0) are written numbers, SHOWN(1, 2) and SHOWNROW(1, 2) what Python prints for them.
"""
