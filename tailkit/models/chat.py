"""The one prompt format: ChatML without a system turn.

In: a query. Out: the prompt text that training, generation and export all use, byte for byte.
The chat template of a tokenizer is never called: Qwen2.5's would add a default system prompt.
"""

import re

TURN = "<|im_start|>"
STOP = "<|im_end|>"
PAD = "<|endoftext|>"

# The same format as a Jinja template, saved with tokenizers and adapters for other tools.
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' }}"
    "{% if not loop.last or add_generation_prompt %}{{ '\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def prompt(query: str) -> str:
    """The text that stands before a completion: the user's turn, then the assistant's opening."""
    return f"{TURN}user\n{query}{STOP}\n{TURN}assistant\n"


def messages(query: str, completion: str) -> list[dict[str, str]]:
    """The same exchange in the form that chat trainers read."""
    return [{"role": "user", "content": query}, {"role": "assistant", "content": completion}]


# The marks of the chat formats in use, whose only place is around a message: ChatML, Llama, Gemma, Mistral, DeepSeek, …
MARK = re.compile(
    r"<[|｜][^<>|｜\s]{1,40}[|｜]>|</?s>|<(?:bos|eos|pad|unk)>|<(?:start|end)_of_turn>|<\|?turn\|?>|\[/?INST\]|<</?SYS>>"
)
# Those of them that end a message.
END_MARK = re.compile(
    r"<[|｜](?:im_end|endoftext|eot|eot_id|eom_id|EOT|end|return|call|end_of_(?:text|turn|sentence)|role_end|"
    r"END_OF_TURN_TOKEN|end▁of▁sentence)[|｜]>|</s>|<eos>|<end_of_turn>|<turn\|>"
)


def bare(text: str) -> str:
    """A message without the one mark that may end it; raises `ValueError`, with the mark, if it holds another."""
    marks = list(MARK.finditer(text))
    if marks and END_MARK.fullmatch(marks[-1][0]) and not text[marks[-1].end() :].strip():
        text = text[: marks.pop().start()]
    if marks:
        raise ValueError(marks[0][0])
    return text
