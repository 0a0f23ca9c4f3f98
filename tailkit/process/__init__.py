"""Processes: what each does first (`start`), and functions that run in one of their own (`apart`)."""
