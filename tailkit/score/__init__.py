"""Scores: `find` looks for the answer in another model's text, `judge` judges a generation, `summary` counts."""

from tailkit.score.judge import first_difference, judge, judge_answer, span_at
from tailkit.score.summary import Summary, read_summaries, summarize, wilson, write_summaries

__all__ = [
    "Summary",
    "first_difference",
    "judge",
    "judge_answer",
    "read_summaries",
    "span_at",
    "summarize",
    "wilson",
    "write_summaries",
]
