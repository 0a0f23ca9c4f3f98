"""The tasks: a file each; `contract/` says what a file gives, `shelf/` holds what tasks share."""

from tailkit.tasks.contract.registry import MIN_QUERIES, add, added, load, names
from tailkit.tasks.contract.task import Task
from tailkit.tasks.contract.verify import verify

__all__ = ["MIN_QUERIES", "Task", "add", "added", "load", "names", "verify"]
