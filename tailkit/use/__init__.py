"""What a trained run is good for: solving a problem before one's eyes, and export as a model of its own."""

QUANTS = ("f16", "bf16", "f32", "q8_0")
"""How the weights of a GGUF file can be kept."""
