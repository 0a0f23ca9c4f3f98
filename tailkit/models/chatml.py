"""The chat format ChatML, without a system turn: that of Qwen, SmolLM2 and the bundled model."""

TURN = "<|im_start|>"
STOP = "<|im_end|>"
PAD = "<|endoftext|>"


class ChatML:
    """A `ChatFormat`."""

    title = "ChatML without a system turn"
    marks = (TURN, STOP)
    stop = STOP
    pad = PAD
    template = (
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' }}"
        "{% if not loop.last or add_generation_prompt %}{{ '\n' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )

    def prompt(self, query: str) -> str:
        return f"{TURN}user\n{query}{STOP}\n{TURN}assistant\n"
