"""What users bring to train on: completions of their own, extra rows.

In: files. Out: rows. A line or row that will not do is named with its field, before anything is written.
"""
