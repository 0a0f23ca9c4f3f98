"""Greedy generation of one completion whose text is shown as it grows.

In: a model and a prompt. Out: ids; their text goes to a function, as far as its last character is whole.
"""

from typing import Any

from tailkit.decode.protocol import Show
from tailkit.models import Codec, Loaded


def stream(loaded: Loaded, prompt: list[int], room: int, show: Show) -> list[int]:
    """The ids that come after a prompt, at most `room`; `show` gets the text so far as it grows."""
    import torch
    from transformers import GenerationConfig

    codec = loaded.codec
    config = GenerationConfig(
        max_new_tokens=room, do_sample=False, eos_token_id=codec.stop_id, pad_token_id=codec.pad_id
    )
    ids = torch.tensor([prompt], device=loaded.device)
    with torch.inference_mode():
        output = loaded.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            generation_config=config,
            streamer=_streamer(codec, show),
        )
    return output[0, len(prompt) :].tolist()


def _streamer(codec: Codec, show: Show) -> Any:
    from transformers.generation.streamers import BaseStreamer

    class Streamer(BaseStreamer):
        def __init__(self) -> None:
            self.ids: list[int] | None = None

        def put(self, value: Any) -> None:
            # The prompt comes first.
            if self.ids is None:
                self.ids = []
                return
            self.ids += value.flatten().tolist()
            text = codec.text(self.ids)
            # A character may take several tokens; it is shown when it is whole.
            if not text.endswith("\ufffd"):
                show(text)

        def end(self) -> None:
            pass

    return Streamer()
