"""The programs of the invented tasks, by how their heads go."""
