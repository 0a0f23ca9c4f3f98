"""What users bring: completions to train on, extra rows, and other models' generations to score.

In: files. Out: records. A line or row that will not do is named with its field, before anything is written.
"""
