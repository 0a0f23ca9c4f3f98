"""The tasks: a file each; `contract/` says what a file gives, `shelf/` holds what tasks share."""

from tailkit.tasks.contract.registry import add, added, file_of, known, load, names
from tailkit.tasks.contract.task import Task
from tailkit.tasks.contract.verify import MIN_QUERIES, verify

__all__ = ["MIN_QUERIES", "Task", "add", "added", "file_of", "known", "load", "names", "verify"]
