"""Make nano: pretrain a small causal LM on the primitives, on CPU or GPU.

In: a seed and a number of tokens. Out: `model/` (safetensors, config, tokenizer); its card is written by hand.
Every batch follows from (seed, step) alone, so a run that was stopped goes on as if it never had been, and
the weights do not depend on the number of workers that share each step.

    python -m tailkit.nano.workshop.pretrain --workers 2 --work .cache/nano
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

from tailkit.nano.workshop import invented, primitives
from tailkit.nano.workshop.batches import IGNORED, batch, encode, new_tokenizer, tensors
from tailkit.nano.workshop.design import Pretraining, new_model

SHARDS = 2
"""Batches of a step, whose gradients are averaged; workers share them."""


def optimizers(plan: Pretraining, model: Any) -> list[Any]:
    """Muon for the matrices of the layers, AdamW for embeddings, convolutions and norms."""
    import torch

    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    rate, decay = plan.learning_rate, plan.weight_decay
    return [
        torch.optim.Muon(matrices, lr=rate, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def loss_of(model: Any, ids: Any, labels: Any) -> Any:
    """Mean cross entropy over the tokens of the completions, in nats."""
    import torch

    if ids.device.type == "cpu":
        # Measured on 2 cores: short rows are faster without the fused kernel, long ones with it.
        model.set_attn_implementation("eager" if ids.shape[1] < 300 else "sdpa")
    # The weights stay in fp32; a forward pass in bf16 throughout is a fifth faster than autocast.
    half = {name: weight.bfloat16() for name, weight in model.named_parameters()}
    logits = torch.func.functional_call(model, half, kwargs={"input_ids": ids}, tie_weights=True).logits[:, :-1]
    wanted = labels[:, 1:] != IGNORED
    return torch.nn.functional.cross_entropy(logits[wanted].float(), labels[:, 1:][wanted])


def whole_outputs_right(model: Any, size: int, rows: int = 48) -> dict[str, float]:
    """Share of held-out texts, by program or primitive, whose whole completion greedy decoding would print.

    A teacher-forced argmax that is right everywhere is just what greedy decoding prints.
    """
    import torch

    texts: dict[str, list[tuple[str, str]]] = {}
    rng = Random(f"held-out/{size}")
    for named in (True, False):
        for _ in range(20 * rows):
            task = rng.randrange(invented.STAGES[-1][0]) if named else None
            name, *pair = invented.problem(rng, size, primitives.WORDS, task)
            found = texts.setdefault(f"{name}, {'named' if named else 'once'}", [])
            if len(found) < rows:
                found.append((pair[0], pair[1]))
    for primitive, _ in primitives.PRIMITIVES[1:]:
        texts[primitive.__name__] = [primitive(rng, size) for _ in range(rows)]
    scores = {}
    for name, pairs in texts.items():
        encoded = sorted((encode(*pair) for pair in pairs), key=lambda row: len(row[0]))
        right = 0
        for start in range(0, len(pairs), 16):
            ids, labels = tensors(encoded[start : start + 16])
            device = next(model.parameters()).device
            with torch.no_grad():
                best = model(input_ids=ids.to(device)).logits[:, :-1].argmax(-1).cpu()
            wrong = (best != labels[:, 1:]) & (labels[:, 1:] != IGNORED)
            right += int((~wrong.any(-1)).sum())
        scores[name] = round(right / len(pairs), 3)
    return scores


def rate(plan: Pretraining, tokens: int, step: int) -> float:
    """Learning rate behind so many tokens and steps: warm up, hold, fall linearly to zero."""
    left = (plan.tokens - tokens) / max(1, plan.tokens - plan.hold)
    return plan.learning_rate * min(1.0, (step + 1) / plan.warmup, left + 1e-3)


@dataclass(frozen=True)
class Worker:
    """One of the processes that share each step."""

    rank: int = 0
    count: int = 1


def train(
    plan: Pretraining, work: Path, device: str, stop: int | None = None, worker: Worker = Worker()
) -> Iterator[dict[str, Any]]:
    """Pretrain; the first worker yields a record every 100 steps and saves the state in `work` every 500 steps.

    `stop` ends the work after that step, with the state saved.
    """
    import torch

    model = new_model(plan).to(device)
    steppers = optimizers(plan, model)
    state = resume(work, plan, model, steppers)
    begun, losses = time.monotonic() - state["seconds"], []
    while state["tokens"] < plan.tokens and state["step"] != stop:
        grown = min(1.0, state["tokens"] / plan.grow)
        stage = plan.stage if state["tokens"] >= plan.turn else 0
        size = int(plan.smallest + (plan.largest - plan.smallest) * grown)
        for group in (group for stepper in steppers for group in stepper.param_groups):
            group["lr"] = rate(plan, state["tokens"], state["step"])
        loss, tokens = gradients(plan, model, state["step"], worker, size=size, stage=stage)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
        model.zero_grad()
        losses.append(loss)
        state = {
            "step": state["step"] + 1,
            "tokens": state["tokens"] + tokens,
            "seconds": time.monotonic() - begun,
        }
        last = state["tokens"] >= plan.tokens or state["step"] == stop
        if worker.rank == 0 and (state["step"] % 100 == 0 or last):
            record = {**state, "loss": sum(losses) / len(losses), "size": size}
            losses = []
            if state["step"] % 2500 == 0 or last:
                record["whole"] = whole_outputs_right(model, 12)
            if state["step"] % 500 == 0 or last:
                save(work, plan, model, steppers, state)
            yield record


def gradients(plan: Pretraining, model: Any, step: int, worker: Worker, *, size: int, stage: int) -> tuple[float, int]:
    """Leave the step's mean gradient in the model; (mean loss, tokens of the step).

    Each worker takes its shards. The sum of two gradients is the same in any order.
    """
    import torch

    weights = list(model.parameters())
    shared = torch.zeros(sum(w.numel() for w in weights) + 2, device=weights[0].device)
    for shard in range(worker.rank, SHARDS, worker.count):
        ids, labels = (t.to(shared.device) for t in tensors(batch(plan.seed, step, shard, size, stage=stage)))
        loss = loss_of(model, ids, labels)
        loss.backward()
        figures = torch.tensor([loss.item(), float(ids.numel())], device=shared.device)
        shared += torch.cat([*(w.grad.flatten() for w in weights), figures])
        model.zero_grad()
    if worker.count > 1:
        torch.distributed.all_reduce(shared)
    for w, gradient in zip(weights, shared[:-2].split([w.numel() for w in weights]), strict=True):
        w.grad = (gradient / SHARDS).view_as(w)
    return shared[-2].item() / SHARDS, int(shared[-1].item())


def resume(work: Path, plan: Pretraining, model: Any, steppers: list[Any]) -> dict[str, Any]:
    """Load the checkpoint in `work`, if there is one; step, tokens and seconds so far."""
    import torch

    if not (work / "state.pt").exists():
        return {"step": 0, "tokens": 0, "seconds": 0.0}
    saved = torch.load(work / "state.pt", weights_only=True, map_location=next(model.parameters()).device)
    before = saved.get("plan", _shape(plan))
    if before != _shape(plan):
        raise SystemExit(f"{work} holds another pretraining: {before}, not {_shape(plan)}; choose another --work")
    model.load_state_dict(saved["model"])
    for stepper, held in zip(steppers, saved["optimizers"], strict=True):
        stepper.load_state_dict(held)
    state: dict[str, Any] = saved["state"]
    return state


def _shape(plan: Pretraining) -> dict[str, Any]:
    """What a checkpoint must share with the run that goes on from it; more tokens may be asked for."""
    return {name: value for name, value in asdict(plan).items() if name != "tokens"}


def save(work: Path, plan: Pretraining, model: Any, steppers: list[Any], state: dict[str, Any]) -> None:
    import torch

    held = [stepper.state_dict() for stepper in steppers]
    whole = {"plan": _shape(plan), "model": model.state_dict(), "optimizers": held, "state": state}
    torch.save(whole, work / "state.pt.tmp")
    (work / "state.pt.tmp").replace(work / "state.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for value in fields(Pretraining):
        parser.add_argument(f"--{value.name.replace('_', '-')}", type=type(value.default), default=value.default)
    parser.add_argument("--work", type=Path, default=Path(".cache/nano"), help="checkpoints and the log")
    parser.add_argument("--out", type=Path, help="where the finished model goes (default: WORK/model)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1, choices=range(1, SHARDS + 1), help="processes")
    parser.add_argument("--stop", type=int, help="stop after this step; the same command without it goes on")
    args = parser.parse_args()
    plan = Pretraining(**{value.name: getattr(args, value.name) for value in fields(Pretraining)})
    args.work.mkdir(parents=True, exist_ok=True)
    if args.workers > 1:
        import torch

        meeting(args.work).unlink(missing_ok=True)
        # Daemons end with this process, also where it is asked to end.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        torch.multiprocessing.spawn(work_on, (plan, args), nprocs=args.workers, daemon=True)
    else:
        work_on(0, plan, args)
    if args.stop is None:
        export(plan, args.work, args.out or args.work / "model")


def meeting(work: Path) -> Path:
    """The file by which workers find each other."""
    return work.resolve() / "workers"


def work_on(rank: int, plan: Pretraining, args: argparse.Namespace) -> None:
    """What one worker does; the first one writes the log."""
    import torch

    if args.workers > 1:
        torch.set_num_threads(1)
        torch.distributed.init_process_group(
            "gloo", init_method=f"file://{meeting(args.work)}", rank=rank, world_size=args.workers
        )
    with (args.work / "log.jsonl").open("a") as log:
        for record in train(plan, args.work, args.device, args.stop, Worker(rank, args.workers)):
            print(json.dumps(record), flush=True)
            log.write(json.dumps(record) + "\n")
            log.flush()


def export(plan: Pretraining, work: Path, out: Path) -> None:
    """Write the model of the last checkpoint in `work` with its tokenizer to `out`."""
    import torch

    model = new_model(plan)
    model.load_state_dict(torch.load(work / "state.pt", weights_only=True, map_location="cpu")["model"])
    model.save_pretrained(out)
    new_tokenizer().save_pretrained(out)


if __name__ == "__main__":
    main()
