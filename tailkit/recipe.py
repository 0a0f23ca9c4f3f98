"""The recipe: how to make data, train and decode. All defaults stand here.

In: defaults → a YAML file → its values for one task → `key=value` overrides. Out: a frozen, typed `Recipe`.
This is the only reader of YAML; it builds plain values only, so a file cannot run code.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_serializer

from tailkit.errors import UsageError, unknown
from tailkit.records import RANGES

NANO = "nano"
"""The name of the bundled model."""

# In the wheel the recipes lie inside the package, in a checkout beside it.
_PLACES = (Path(__file__).parent / "recipes", Path(__file__).parent.parent / "recipes")
FOLDER = next((place for place in _PLACES if place.is_dir()), _PLACES[0])


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


class _Loader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2 numbers (1e-3 is a float, 8:1:1 is not in base 60) and no key twice."""

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        return int(self.construct_scalar(node))

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":int", ":float"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9][0-9_]*$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+|[0-9]+[eE][-+]?[0-9]+)$"),
    list("-+0123456789."),
)


def names() -> list[str]:
    """The names of the recipes that ship with the kit."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of a recipe, by the kit's name or by path; raises `UsageError`."""
    if name in names():
        return FOLDER / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise UsageError(f"recipe file {name} does not exist", "`tailkit recipes` lists the recipes of the kit.")
    raise unknown("recipe", name, names(), "`tailkit recipes` lists them; a file must end in .yaml.")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; raises `UsageError` that names the file and the line."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise UsageError(f"{path}{where}: not a plain YAML recipe: {problem}", "See recipes/nano.yaml.") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"{path}: holds no sections", "See recipes/nano.yaml.")
    return content


def load(name: str, overrides: Iterable[str] = (), *, task: str | None) -> Recipe:
    """The recipe `name` (a name of the kit or a path) with its values for `task`, and `section.key=value` overrides.

    Raises `UsageError` for a wrong value, also where it is another task's.
    """
    path = path_of(name)
    # A run folder's resolved recipe names its task; it is a recipe all the same. A section may be empty.
    content = {key: {} if value is None else value for key, value in read_yaml(path).items() if key != "task"}
    build(content, str(path))
    content = _merged(content, content.get("tasks", {}).get(task, {}))
    asked = list(overrides)
    for override in asked:
        _override(content, override)
    return build(content, str(path), asked)


def _merged(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The content with the values of `changes` at the same places."""
    return content | {
        key: _merged(content.get(key, {}), value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def _override(content: dict[str, Any], override: str) -> None:
    dotted, equals, value = override.partition("=")
    _, dot, key = dotted.partition(".")
    if not equals or not dot or not key or dotted.startswith("tasks."):
        raise UsageError(f"{override!r} is no override", "Write section.key=value, such as train.epochs=2.")
    try:
        plain = yaml.load(value, Loader=_Loader)
    except (yaml.YAMLError, ValueError):
        raise UsageError(f"{override!r}: the value is not plain YAML", "Quote it for the shell.") from None
    target = content
    for part in dotted.split(".")[:-1]:
        if target.get(part) is None:
            target[part] = {}
        target = target[part]
        if not isinstance(target, dict):
            raise UsageError(f"{override!r}: {part} holds a value, no keys", "`tailkit recipes show nano` lists keys.")
    target[dotted.split(".")[-1]] = plain


def build(content: dict[str, Any], source: str, overrides: Iterable[str] = ()) -> Recipe:
    """A `Recipe` from plain values; raises `UsageError` with the key, its source and the nearest valid key."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"]]
        dotted = ".".join(place)
        by_hand = [one for one in overrides if f"{dotted}.".startswith(f"{one.partition('=')[0]}.")]
        source = f"override {by_hand[-1]}" if by_hand else source
        if first["type"] == "extra_forbidden":
            # A task's values lie two names deeper than the recipe's own.
            place = place[2:] if place[0] == "tasks" else place
            owner = Recipe.model_fields[place[0]].annotation if len(place) > 1 else Recipe
            known = getattr(owner, "model_fields", {})
            raise unknown(
                f"key {dotted} in {source}:", place[-1], known, "`tailkit recipes show nano` lists keys."
            ) from None
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{source}: {dotted}: {message}", f"It is {first['input']!r} now.") from None


def dump(recipe: Recipe) -> str:
    """The whole recipe as YAML that `load` reads again."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
