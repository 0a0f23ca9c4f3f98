"""The keys of a recipe: their kinds, bounds, defaults and descriptions. All defaults stand here.

In: plain values. Out: a frozen, typed `Recipe`.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

from tailkit.records import RANGES

NANO = "nano"
"""The name of the bundled model."""


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


Count = Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def parse_mix(text: str) -> tuple[int, int, int]:
    """Shares of S, M and L in the training set, "8:1:1" → (8, 1, 1); raises `ValueError`."""
    if not re.fullmatch(r"\d+:\d+:\d+", text) or not sum(map(int, text.split(":"))):
        raise ValueError(f"{text!r} is no mixture; write three whole numbers S:M:L such as 8:1:1")
    s, m, l = map(int, text.split(":"))  # noqa: E741 - the paper's names
    return s, m, l


def _is_mix(text: str) -> str:
    parse_mix(text)
    return text


def _bounds(value: tuple[int, int]) -> tuple[int, int]:
    if not 1 <= value[0] <= value[1]:
        raise ValueError(f"{list(value)} is no range; write [shortest, longest] with 1 <= shortest <= longest")
    return value


Bounds = Annotated[tuple[int, int], AfterValidator(_bounds)]


class Model(_Section):
    """The base model and how it is loaded."""

    name: str = Field("Qwen/Qwen2.5-7B", description="nano, a hub id, a folder, or a GGUF file")
    revision: str | None = Field(None, description="branch, tag or commit of a hub id")
    precision: Literal["nf4", "bf16", "fp32"] = Field("nf4", description="nf4 is 4-bit QLoRA")
    backend: Literal["auto", "unsloth", "hf"] = Field(
        "auto", description="what trains: Unsloth, or transformers + PEFT; auto: Unsloth where it and a GPU are"
    )


class Lora(_Section):
    """The adapter; it goes on all linear layers."""

    rank: Count = 16
    alpha: Count = 32
    dropout: float = Field(0.0, ge=0, lt=1)
    keep: float = Field(
        1.0, gt=0, le=1, description="share of the trained change that is kept; with less, more of the base stays"
    )


class Data(_Section):
    """What is generated."""

    variant: str = "tail"
    teach: Literal["task", "rest", "all"] = Field(
        "task", description="train on the task, on the rest of its paradigm, or on all of it, in equal shares"
    )
    completions: str | None = Field(
        None, description="a jsonl file with query and completion, to train on instead of generated rows"
    )
    train: Count = Field(20_000, description="training examples in all, replay not counted")
    replay: dict[str, Count] = Field(
        default_factory=dict,
        description="rows added from what nano was pretrained on, by program of its invented tasks; {}: none",
    )
    short: Count = Field(20_000, description="training examples at most of a range with fewer problems than asked for")
    eval: Count = Field(500, description="evaluation problems for each range")
    mix: Annotated[str, AfterValidator(_is_mix)] = Field("1:0:0", description="shares S:M:L of the training set")
    seed: int = 0
    ranges: dict[str, dict[Literal["S", "M", "L"], Bounds]] = Field(
        default_factory=dict, description="ranges other than the paper's, by task"
    )
    settings: dict[str, dict[str, int]] = Field(default_factory=dict, description="settings of tasks, by task")


class Train(_Section):
    """Fine-tuning; sizes in rows, the schedule is linear decay after warm-up."""

    epochs: float = Field(1.0, ge=0, description="0: no training, the base model is evaluated as it is")
    batch: Count = Field(32, description="rows of one optimizer step")
    micro_tokens: Count = Field(
        8192, description="tokens of one forward pass, padding included; its rows follow from the longest row"
    )
    learning_rate: float = Field(2e-4, gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(0.03, ge=0, lt=1, description="share of all steps")
    weight_decay: float = Field(0.0, ge=0)
    autocast: Literal["auto", "bf16", "none"] = Field(
        "auto", description="matrix products in bf16; auto: where the hardware has them"
    )
    packing: bool = Field(False, description="bfd packing, isolated examples")
    save_every: Count = Field(100, description="steps between checkpoints")
    report_to: Literal["none", "tensorboard", "wandb", "mlflow", "trackio"] = Field(
        "none", description="a tracker that also gets the metrics; it must be installed"
    )
    seed: int = 0


class Decode(_Section):
    """Greedy generation."""

    method: Literal["verified", "plain"] = Field(
        "verified", description="verified: generate only what differs from the gold trace; the output is the same"
    )
    batch: Count = Field(32, description="rows decoded together, at most; fewer where GPU memory asks for it")
    slack: float = Field(1.2, ge=1, description="token budget of a row: gold length × slack + 16")
    free: Count = Field(1024, description="token budget of a row where the model was not trained on our traces")


class Sections(_Section):
    """What decides a run's result, but for the task."""

    model: Model = Model()
    lora: Lora = Lora()
    data: Data = Data()
    train: Train = Train()
    decode: Decode = Decode()


class Recipe(Sections):
    """The sections, and where single tasks have other values."""

    tasks: dict[str, Sections] = Field(default_factory=dict, description="sections with other values, by task")

    @field_serializer("tasks")
    def _only_what_is_set(self, tasks: dict[str, Sections]) -> dict[str, Any]:
        return {task: sections.model_dump(mode="json", exclude_unset=True) for task, sections in tasks.items()}

    @property
    def trains(self) -> bool:
        """Whether there is any training; without it the base model is evaluated as it is."""
        return self.train.epochs > 0

    @property
    def free_form(self) -> bool:
        """Whether completions have another form than our traces, so that nothing but their answer can be judged."""
        return not self.trains or self.data.completions is not None

    def of(self, task: str) -> "Recipe":
        """This recipe, loaded for `task`, without what only runs of other tasks need."""
        made = self.model_copy(update={"tasks": {}})
        if self.data.teach != "task":
            return made
        kept = {
            section: {name: value for name, value in getattr(self.data, section).items() if name == task}
            for section in ("ranges", "settings")
        }
        return made.model_copy(update={"data": self.data.model_copy(update=kept)})

    def ranges(self, task: str, defaults: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        """The length bounds of S, M and L for a task: the paper's unless the recipe has others."""
        return {name: self.data.ranges.get(task, {}).get(name, defaults[name]) for name in RANGES}  # type: ignore[call-overload]
