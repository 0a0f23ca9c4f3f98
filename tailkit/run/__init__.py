"""The run folder, where the stages meet: its paths and markers, whole files, processes of one's own."""
