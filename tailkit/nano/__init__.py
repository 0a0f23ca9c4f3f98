"""nano: the small base model that ships inside the package, in `model/`; `tailkit.nano.workshop` made it."""

from pathlib import Path

MODEL_DIR = Path(__file__).parent / "model"
