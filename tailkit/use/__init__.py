"""What comes after a run: a problem solved before one's eyes, export as a model, the list of runs, what to do next."""

QUANTS = ("f16", "bf16", "f32", "q8_0")
"""How the weights of a GGUF file can be kept."""
