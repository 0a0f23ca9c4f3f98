"""nano: the small base model that ships inside the package.

`primitives` writes its pretraining texts, `pretrain` makes the model, `model/` holds it.
"""

from pathlib import Path

MODEL_DIR = Path(__file__).parent / "model"
