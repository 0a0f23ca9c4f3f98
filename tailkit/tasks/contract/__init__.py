"""What a task must give: the record of it, where task files are found, and the check that holds a file to it."""
