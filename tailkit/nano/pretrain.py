"""Make nano: pretrain a small causal LM on the primitives, on CPU or GPU.

In: a seed and a number of tokens. Out: `model/` (safetensors, config, tokenizer); its card is written by hand.
Every batch follows from (seed, step) alone, so a run that was stopped goes on as if it never had been.

    python -m tailkit.nano.pretrain --tokens 42000000 --work .cache/nano
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from tailkit import chat
from tailkit.nano import primitives

# Token ids: the 256 bytes are their own ids, the three marks of ChatML follow.
SPECIALS = (chat.PAD, chat.TURN, chat.STOP)
PAD_ID, TURN_ID, STOP_ID = 256, 257, 258
BATCH_TOKENS = 4096
WINDOW = 1024


@dataclass(frozen=True)
class Plan:
    """A pretraining run; sizes in characters of a text's strings, lengths in tokens."""

    tokens: int = 42_000_000
    seed: int = 0
    learning_rate: float = 3e-3
    warmup: int = 400
    decay: float = 0.25
    smallest: int = 6
    largest: int = 24
    grow: float = 0.7
    layers: int = 4
    hidden: int = 128


def encode(prompt: str, completion: str) -> tuple[list[int], int]:
    """Token ids of one text in the chat format and how many of them are the prompt."""
    head = [TURN_ID, *f"user\n{prompt}".encode(), STOP_ID, 10, TURN_ID, *b"assistant\n"]
    return [*head, *completion.encode(), STOP_ID], len(head)


def batch(plan: Plan, step: int, size: int) -> list[tuple[list[int], int]]:
    """The rows of one step: of alike length, together at most BATCH_TOKENS with padding."""
    rng = Random(f"nano/{plan.seed}/{step}")
    size = rng.randint(2, size)
    rows: list[tuple[list[int], int]] = []
    while sum(len(row[0]) for row in rows) < 3 * BATCH_TOKENS:
        _, prompt, completion = primitives.sample(rng, size)
        row = encode(prompt, completion)
        if len(row[0]) <= WINDOW:
            rows.append(row)
    rows.sort(key=lambda row: len(row[0]))
    end = rng.randint(len(rows) // 5, len(rows))
    longest = len(rows[end - 1][0])
    return rows[max(0, end - BATCH_TOKENS // longest) : end]


def tensors(rows: list[tuple[list[int], int]]) -> tuple[Any, Any]:
    """(ids, labels), both (rows, longest) int64; labels of prompt and padding are -100."""
    import torch

    longest = -(-max(len(ids) for ids, _ in rows) // 16) * 16
    ids = torch.full((len(rows), longest), PAD_ID)
    labels = torch.full((len(rows), longest), -100)
    for r, (row, head) in enumerate(rows):
        ids[r, : len(row)] = torch.tensor(row)
        labels[r, head : len(row)] = ids[r, head : len(row)]
    return ids, labels


def new_model(plan: Plan) -> Any:
    """A SmolLM3 in miniature: layers that look near (RoPE, sliding window) and layers that look
    anywhere by content alone (no position encoding) take turns."""
    from transformers import SmolLM3Config, SmolLM3ForCausalLM, set_seed

    set_seed(plan.seed)
    near = [1 - layer % 2 for layer in range(plan.layers)]
    config = SmolLM3Config(
        vocab_size=264,
        hidden_size=plan.hidden,
        intermediate_size=3 * plan.hidden,
        num_hidden_layers=plan.layers,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        use_sliding_window=True,
        sliding_window=64,
        no_rope_layers=near,
        layer_types=["sliding_attention" if n else "full_attention" for n in near],
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        initializer_range=0.08,
        pad_token_id=PAD_ID,
        bos_token_id=None,
        eos_token_id=STOP_ID,
    )
    return SmolLM3ForCausalLM(config)


def loss_of(model: Any, ids: Any, labels: Any) -> Any:
    """Mean cross entropy over the tokens of the completions, in nats."""
    import torch

    if ids.device.type == "cpu":
        # Measured on 2 cores: short rows are faster without the fused kernel, long ones with it.
        model.set_attn_implementation("eager" if ids.shape[1] < 200 else "sdpa")
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        logits = model(input_ids=ids).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)


def whole_outputs_right(model: Any, size: int, rows: int = 32) -> dict[str, float]:
    """Share of held-out texts, by primitive, whose whole completion greedy decoding would print.

    A teacher-forced argmax that is right everywhere is just what greedy decoding prints.
    """
    import torch

    scores = {}
    for primitive, _ in primitives.PRIMITIVES:
        rng = Random(f"held-out/{primitive.__name__}/{size}")
        texts = [encode(*primitive(rng, size)) for _ in range(rows)]
        ids, labels = tensors(texts)
        device = next(model.parameters()).device
        ids, labels = ids.to(device), labels.to(device)
        with torch.no_grad():
            best = model(input_ids=ids).logits[:, :-1].argmax(-1)
        wrong = (best != labels[:, 1:]) & (labels[:, 1:] != -100)
        scores[primitive.__name__] = round(1 - wrong.any(-1).float().mean().item(), 3)
    return scores


def rate(plan: Plan, done: float, step: int) -> float:
    """Learning rate at the share `done` of all tokens: warm up, hold, fall linearly to zero."""
    return plan.learning_rate * min(1.0, (step + 1) / plan.warmup, (1 - done) / plan.decay + 1e-3)


def train(plan: Plan, work: Path, device: str, stop: int | None = None) -> Iterator[dict[str, Any]]:
    """Pretrain and yield a record every 100 steps; the state is saved in `work` every 1000 steps.

    `stop` ends the work after that step, with the state saved.
    """
    import torch

    model = new_model(plan).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=plan.learning_rate, betas=(0.9, 0.98), weight_decay=0.05)
    state: dict[str, Any] = {"step": 0, "tokens": 0, "seconds": 0.0}
    if (work / "state.pt").exists():
        saved = torch.load(work / "state.pt", weights_only=True, map_location=device)
        before = saved.get("plan", _shape(plan))
        if before != _shape(plan):
            raise SystemExit(f"{work} holds another pretraining: {before}, not {_shape(plan)}; choose another --work")
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        state = saved["state"]
    begun, losses = time.monotonic() - state["seconds"], []
    while state["tokens"] < plan.tokens and state["step"] != stop:
        done = state["tokens"] / plan.tokens
        size = int(plan.smallest + (plan.largest - plan.smallest) * min(1.0, done / plan.grow))
        ids, labels = (t.to(device) for t in tensors(batch(plan, state["step"], size)))
        for group in optimizer.param_groups:
            group["lr"] = rate(plan, done, state["step"])
        loss = loss_of(model, ids, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        state = {
            "step": state["step"] + 1,
            "tokens": state["tokens"] + ids.numel(),
            "seconds": time.monotonic() - begun,
        }
        last = state["tokens"] >= plan.tokens or state["step"] == stop
        if state["step"] % 100 == 0 or last:
            record = {**state, "loss": sum(losses) / len(losses), "size": size}
            losses = []
            if state["step"] % 1000 == 0:
                record["whole"] = whole_outputs_right(model, 16)
            yield record
        if state["step"] % 1000 == 0 or last:
            save(work, plan, model, optimizer, state)


def _shape(plan: Plan) -> dict[str, Any]:
    """What a checkpoint must share with the run that goes on from it; more tokens may be asked for."""
    return {name: value for name, value in asdict(plan).items() if name != "tokens"}


def save(work: Path, plan: Plan, model: Any, optimizer: Any, state: dict[str, Any]) -> None:
    import torch

    whole = {"plan": _shape(plan), "model": model.state_dict(), "optimizer": optimizer.state_dict(), "state": state}
    torch.save(whole, work / "state.pt.tmp")
    (work / "state.pt.tmp").replace(work / "state.pt")


def new_tokenizer() -> Any:
    """A `Qwen2Tokenizer` over the byte alphabet, without merges: one token a byte."""
    from transformers import Qwen2Tokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    vocab = {letter: byte for byte, letter in bytes_to_unicode().items()}
    vocab |= {mark: 256 + i for i, mark in enumerate(SPECIALS)}
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=[], eos_token=chat.STOP, pad_token=chat.PAD)
    tokenizer.add_special_tokens({"additional_special_tokens": [chat.TURN, chat.STOP]})
    tokenizer.chat_template = chat.TEMPLATE
    return tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=Plan.tokens)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    parser.add_argument("--layers", type=int, default=Plan.layers)
    parser.add_argument("--hidden", type=int, default=Plan.hidden)
    parser.add_argument("--work", type=Path, default=Path(".cache/nano"), help="checkpoints and the log")
    parser.add_argument("--out", type=Path, help="where the finished model goes (default: WORK/model)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--stop", type=int, help="stop after this step; the same command without it goes on")
    args = parser.parse_args()
    plan = Plan(tokens=args.tokens, seed=args.seed, layers=args.layers, hidden=args.hidden)
    args.work.mkdir(parents=True, exist_ok=True)
    with (args.work / "log.jsonl").open("a") as log:
        for record in train(plan, args.work, args.device, args.stop):
            print(json.dumps(record), flush=True)
            log.write(json.dumps(record) + "\n")
            log.flush()
    if args.stop is None:
        export(plan, args.work, args.out or args.work / "model")


def export(plan: Plan, work: Path, out: Path) -> None:
    """Write the model of the last checkpoint in `work` with its tokenizer to `out`."""
    import torch

    model = new_model(plan)
    model.load_state_dict(torch.load(work / "state.pt", weights_only=True, map_location="cpu")["model"])
    model.save_pretrained(out)
    new_tokenizer().save_pretrained(out)


if __name__ == "__main__":
    main()
