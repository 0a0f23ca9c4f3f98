"""What a trained run is good for: solving a problem before one's eyes, and export as a model of its own."""
