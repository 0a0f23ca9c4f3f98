"""What tasks share: drawing problems, numbers on a tape, wordings, and when two answers are the same."""
