"""The keys of a recipe: their kinds, bounds, defaults and descriptions. All defaults stand here.

In: plain values. Out: a frozen, typed `Recipe`.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

from tailkit.errors import quoted
from tailkit.recipe.choices import BACKENDS, DECODERS
from tailkit.recipe.spelling import EVERY_FUNCTION, is_function
from tailkit.records import RANGES, Bounds, RangeName

NANO = "nano"
"""The name of the bundled model."""


MOST_ROWS = 100_000_000
LONGEST_PROBLEM = 10_000
LARGEST_SEED = 2**32 - 1
"""The largest that numpy takes."""

Count = Annotated[int, Field(strict=True, ge=1, le=MOST_ROWS)]
Seed = Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED)]


class _Section(BaseModel):
    """Keys of one kind each: no text is taken for a number, no number for a truth value."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def parse_mix(text: str) -> tuple[int, int, int]:
    """Shares of S, M and L in the training set, "8:1:1" → (8, 1, 1); raises `ValueError`."""
    if not re.fullmatch(r"[0-9]{1,6}(:[0-9]{1,6}){2}", text) or not sum(map(int, text.split(":"))):
        raise ValueError(f"{quoted(text, 40)} is no mixture; write three whole numbers S:M:L such as 8:1:1")
    s, m, l = map(int, text.split(":"))  # noqa: E741 - the paper's names
    return s, m, l


def _is_mix(text: str) -> str:
    parse_mix(text)
    return text


def _is_writable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not hold line ends, control characters or bytes that are not UTF-8")
    return text


def _from_list(value: object) -> object:
    """A YAML list in the place of a tuple."""
    return tuple(value) if isinstance(value, list) else value


def _ascending(value: Bounds) -> Bounds:
    if not 1 <= value[0] <= value[1] <= LONGEST_PROBLEM:
        raise ValueError(f"must be a range [shortest, longest] with 1 <= shortest <= longest <= {LONGEST_PROBLEM}")
    return value


Name = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_is_writable)]
"""A name or path in one line."""
Ascending = Annotated[Bounds, BeforeValidator(_from_list), AfterValidator(_ascending)]


if TYPE_CHECKING:
    BackendName: TypeAlias = str
    DecoderName: TypeAlias = str
else:
    BackendName, DecoderName = Literal["auto", *BACKENDS], Literal[*DECODERS]


class Model(_Section):
    """The base model and how it is loaded."""

    name: Name = Field(
        "Qwen/Qwen2.5-7B",
        description="nano (bundled), a hub id, or the path of a folder or GGUF file, relative to the working directory",
    )
    revision: Name | None = Field(None, description="branch, tag or commit of a hub id; null: the newest")
    precision: Literal["nf4", "bf16", "fp32"] = Field("nf4", description="of the base's weights; nf4 is 4-bit QLoRA")
    quantised: bool = Field(
        False,
        description="with nf4, load Unsloth's ready 4-bit copy of it, where the kit knows one: a third of the download",
    )
    backend: BackendName = Field(
        "auto", description="what trains: Unsloth, or transformers + PEFT; auto: Unsloth where it and a GPU are"
    )


class Lora(_Section):
    """The adapter; it goes on all linear layers."""

    rank: int = Field(16, ge=1, le=8192, description="rank of the adapter's matrices: how much it can learn")
    alpha: int = Field(32, ge=1, le=65_536, description="the adapter's change is scaled by alpha / rank")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of the adapter's inputs that training leaves out")
    keep: float = Field(
        1.0, gt=0, le=1, description="share of the trained change that is kept; with less, more of the base stays"
    )


class Data(_Section):
    """What is generated to train on and to evaluate."""

    variant: Name = Field("tail", description="how runs are rendered; `tailkit tasks` lists the variants")
    teach: Literal["task", "rest", "all"] = Field(
        "task", description="train on the task, on the rest of its paradigm, or on all of it, in equal shares"
    )
    completions: Name | None = Field(
        None,
        description="a jsonl file with query and completion, to train on instead of generated rows; "
        "its path is relative to the working directory",
    )
    train: Count = Field(20_000, description="training examples in all, replay not counted")
    replay: dict[Name, Count] = Field(
        default_factory=dict,
        description="rows added from other sources: a generator's name (such as grid, of what nano was pretrained on) "
        "or a jsonl or parquet file's path, and how many; {}: none",
    )
    short: Count = Field(20_000, description="training examples at most of a range with fewer problems than asked for")
    eval: Count = Field(500, description="evaluation problems for each range")
    mix: Annotated[str, AfterValidator(_is_mix)] = Field("1:0:0", description="shares S:M:L of the training set")
    seed: Seed = Field(0, description="of all problems and their wordings")
    ranges: dict[Name, dict[RangeName, Ascending]] = Field(
        default_factory=dict, description="shortest and longest problem of S, M, L, by task; {}: the paper's"
    )
    settings: dict[Name, dict[Name, Annotated[int, Field(ge=0, le=MOST_ROWS)]]] = Field(
        default_factory=dict,
        description="settings of tasks, by task; python: for every Python function; {}: each task's own",
    )


class Train(_Section):
    """Fine-tuning with AdamW; sizes in rows."""

    epochs: float = Field(
        1.0, ge=0, le=10_000, description="passes over the data; 0: no training, the base model is evaluated as it is"
    )
    batch: int = Field(32, ge=1, le=1_000_000, description="rows of one optimizer step")
    micro_tokens: Count = Field(
        8192, description="tokens of one forward pass, padding included; its rows follow from the longest row"
    )
    learning_rate: float = Field(2e-4, gt=0, le=100, description="at its highest, after the warm-up")
    schedule: Literal["linear", "cosine", "constant"] = Field(
        "linear", description="how the learning rate falls after the warm-up"
    )
    warmup: float = Field(0.03, ge=0, lt=1, description="share of all steps in which the learning rate rises")
    weight_decay: float = Field(0.0, ge=0, le=100, description="of AdamW")
    optim: Literal["adamw_torch_fused", "adamw_8bit"] = Field(
        "adamw_torch_fused", description="AdamW in fp32, or with moments in 8 bits; by these names of transformers"
    )
    autocast: Literal["auto", "bf16", "none"] = Field(
        "auto", description="matrix products in bf16; auto: where the hardware has them, in fp16 on a GPU that has not"
    )
    packing: bool = Field(False, description="several rows in one sequence, each of which sees only itself")
    save_every: Count = Field(100, description="steps between checkpoints")
    report_to: Literal["none", "tensorboard", "wandb", "mlflow", "trackio"] = Field(
        "none", description="a tracker that also gets the metrics; it must be installed"
    )
    seed: Seed = Field(0, description="of the adapter's first values, the order of rows and dropout")


class Decode(_Section):
    """Greedy generation for the evaluation."""

    method: DecoderName = Field(
        "verified", description="verified: generate only what differs from the gold trace; the output is the same"
    )
    batch: int = Field(
        32, ge=1, le=1_000_000, description="rows decoded together, at most; fewer where GPU memory asks for it"
    )
    slack: float = Field(1.2, ge=1, le=1000, description="token budget of a row: gold length × slack + 16")
    free: int = Field(
        1024,
        ge=1,
        le=10_000_000,
        description="token budget of a row where the model was not trained on our traces",
    )


class Sections(_Section):
    """What decides a run's result, but for the task."""

    model: Model = Model()
    lora: Lora = Lora()
    data: Data = Data()
    train: Train = Train()
    decode: Decode = Decode()


class Recipe(Sections):
    """The sections, and where single tasks have other values."""

    tasks: dict[Name, Sections] = Field(default_factory=dict, description="sections with other values, by task")

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

    def settings(self, task: str) -> dict[str, int]:
        """The settings of a task; those of every plain function stand under `python`."""
        every = self.data.settings.get(EVERY_FUNCTION, {}) if is_function(task) else {}
        return every | self.data.settings.get(task, {})

    def of(self, task: str) -> "Recipe":
        """This recipe, loaded for `task`, without what only runs of other tasks need."""
        made = self.model_copy(update={"tasks": {}})
        if self.data.teach != "task":
            return made
        own = {"ranges": self.data.ranges.get(task), "settings": self.settings(task)}
        kept = {section: {task: values} if values else {} for section, values in own.items()}
        return made.model_copy(update={"data": self.data.model_copy(update=kept)})

    def ranges(self, task: str, defaults: dict[str, Bounds]) -> dict[str, Bounds]:
        """The length bounds of S, M and L for a task: the paper's unless the recipe has others."""
        return {name: self.data.ranges.get(task, {}).get(name, defaults[name]) for name in RANGES}  # type: ignore[call-overload]
