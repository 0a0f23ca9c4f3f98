"""Exports a trained run: merged in 16 bits, as GGUF, for Ollama; each scored again.

In: a run folder. Out: a folder or a file that stands on its own, whole or not at all.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tailkit.arithmetic.decoding import room
from tailkit.errors import EnvironmentMissing, TailkitError, UsageError, cut, quoted
from tailkit.models import load_adapter, load_base, load_codec
from tailkit.models.likeness import BOUNDS, compare, portrait
from tailkit.models.origin import folder_of_gguf
from tailkit.recipe import Model
from tailkit.records import RANGES, HeldOut
from tailkit.report.model_card import write_card
from tailkit.run.apart import run_apart
from tailkit.run.files import clear, temporary_of, whole, writing
from tailkit.run.folder import RunDir
from tailkit.run.stages import CARD
from tailkit.screen import note
from tailkit.use import QUANTS

CONVERTER = "convert_hf_to_gguf.py"
CLONE = (
    "git clone --depth 1 https://github.com/ggml-org/llama.cpp && "
    "pip install -r llama.cpp/requirements/requirements-convert_hf_to_gguf.txt && export LLAMA_CPP_DIR=llama.cpp"
)
# How far mean log-probabilities may move, in nats a token. Training in 4 bits saw rounded weights; the
# merged model has the original ones, which is a change of its own, and no error.
MOVED = {"nf4": 0.5, "bf16": BOUNDS["bf16"], "fp32": BOUNDS["fp32"]}
HALF = 0.05

Figures = tuple[list[HeldOut], int]


def merged(run: RunDir, folder: Path) -> None:
    """Write the adapter merged onto the original weights, as safetensors with tokenizer and card.

    Raises `UsageError` if `folder` is there already, `TailkitError` if what was written does not do
    on held-out rows what the run's own model does; it is then kept as `folder`.suspect.
    """
    _refuse_existing(folder)
    with whole(folder) as temporary:
        ours, theirs = run_apart(_merge_and_score, run.path, temporary)
        _hold(ours, theirs, MOVED[run.recipe.model.precision], temporary, folder)


def gguf(run: RunDir, file: Path, quant: str = "f16") -> None:
    """Write the merged model as a GGUF file through llama.cpp's converter.

    Raises `EnvironmentMissing` where the converter is not there.
    """
    _refuse_existing(file)
    if quant not in QUANTS:
        raise UsageError(f"--quant {quoted(quant)} is unknown", f"One of {', '.join(QUANTS)}.")
    script, folder = converter(), file.with_name(f".{file.stem}.merged")
    clear(folder)
    try:
        merged(run, folder)
        with whole(file) as temporary:
            # The reader of GGUF goes by the suffix.
            made = temporary.with_suffix(".gguf")
            _convert(script, folder, made, quant)
            _read_back(run, made, folder, quant)
            made.replace(temporary)
    finally:
        clear(folder)
        clear(temporary_of(file).with_suffix(".gguf"))


def _convert(script: Path, folder: Path, file: Path, quant: str) -> None:
    """Have llama.cpp's converter turn a model's folder into a GGUF file; raises `TailkitError` if it fails."""
    command = [sys.executable, str(script), str(folder), "--outfile", str(file), "--outtype", quant]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not file.is_file():
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise TailkitError(f"{CONVERTER} failed: {cut(last)}", f"Try it by hand: {shlex.join(command)}")


def ollama(run: RunDir, folder: Path, quant: str = "f16") -> None:
    """Write a folder with the GGUF file and a Modelfile of the same prompt format."""
    _refuse_existing(folder)
    with whole(folder) as temporary:
        temporary.mkdir()
        gguf(run, temporary / "model.gguf", quant)
        with writing(temporary / "Modelfile") as file:
            file.write(modelfile(run))


def modelfile(run: RunDir) -> str:
    """An Ollama Modelfile: greedy, one turn, the prompt's bytes those of training."""
    codec, window, longest = load_codec(run.recipe.model), 0, 0
    before, after = codec.form.prompt("\0").split("\0")
    for rows in run.evaluation_sets().values():
        for row in rows:
            new = room(run.recipe, len(codec.completion_ids(row.completion)))
            window, longest = max(window, len(codec.prompt_ids(row.query)) + new), max(longest, new)
    return (
        f'FROM ./model.gguf\nTEMPLATE """{before}{{{{ .Prompt }}}}{after}"""\nPARAMETER stop "{codec.form.stop}"\n'
        f"PARAMETER temperature 0\nPARAMETER num_ctx {window}\nPARAMETER num_predict {longest}\n"
    )


def converter() -> Path:
    """llama.cpp's converter: in LLAMA_CPP_DIR or on PATH; raises `EnvironmentMissing`."""
    places = [Path(os.environ["LLAMA_CPP_DIR"])] if os.environ.get("LLAMA_CPP_DIR") else []
    places += [Path(one) for one in os.environ.get("PATH", "").split(os.pathsep)]
    for place in places:
        if (place / CONVERTER).is_file():
            return place / CONVERTER
    raise EnvironmentMissing(f"llama.cpp's {CONVERTER} is not here", CLONE)


def _refuse_existing(path: Path) -> None:
    for there in (path, _suspect(path)):
        if there.exists() or there.is_symlink():
            raise UsageError(
                f"{there} is there already", "Choose another name, or move it away; nothing is overwritten."
            )


def _suspect(path: Path) -> Path:
    """Where an export is kept that does not do what the run's own model does."""
    return path.with_name(f"{path.name}.suspect")


def _precision(run: RunDir, name: str) -> Model:
    """The 16-bit (or, after training in fp32, 32-bit) form of a model."""
    precision: Any = "fp32" if run.recipe.model.precision == "fp32" else "bf16"
    return Model(name=name, precision=precision, backend="hf")


def _merge(run: RunDir, folder: Path) -> None:
    from transformers import GenerationConfig

    spec = run.recipe.model
    loaded = load_base(spec.model_copy(update={"precision": _precision(run, spec.name).precision}))
    load_adapter(loaded, run.adapter)
    model, codec = loaded.model.merge_and_unload(), loaded.codec
    model.generation_config = GenerationConfig(
        do_sample=False, eos_token_id=codec.stop_id, pad_token_id=codec.pad_id, max_new_tokens=codec.context // 2
    )
    model.config.eos_token_id, model.config.pad_token_id = codec.stop_id, codec.pad_id
    model.save_pretrained(folder)
    codec.tokenizer.save_pretrained(folder)
    (folder / CARD).write_text(write_card(run, merged=True), encoding="utf-8")


def _merge_and_score(path: Path, folder: Path) -> tuple[Figures, Figures]:
    """Merge, then load both the run's own model and the merged one anew for their figures."""
    run = RunDir.open(path)
    _merge(run, folder)
    return _figures(run, run.recipe.model, with_adapter=True), _figures(run, _precision(run, str(folder)))


def _score_both(path: Path, one: str, other: str) -> tuple[Figures, Figures]:
    run = RunDir.open(path)
    # The one that may not be readable comes first.
    theirs = _figures(run, _precision(run, other))
    return _figures(run, _precision(run, one)), theirs


def _figures(run: RunDir, spec: Model, *, with_adapter: bool = False) -> Figures:
    """A model's portrait on held-out rows of the run, and how many gold traces it reproduces."""
    loaded = load_base(spec)
    if with_adapter:
        load_adapter(loaded, run.adapter)
    rows = run.evaluation_set(RANGES[0])
    found = portrait(loaded, rows)
    gold = [loaded.codec.completion_ids(row.completion) for row in rows[: len(found)]]
    return found, sum(one.best == ids for one, ids in zip(found, gold, strict=True))


def _hold(
    ours: Figures,
    theirs: Figures,
    bound: float,
    made: Path,
    folder: Path,
) -> None:
    """Hold an export against the run's own model; raises `TailkitError` and keeps it aside if it differs."""
    likeness = compare(ours[0], theirs[0])
    figures = (
        f"on {len(ours[0])} held-out rows the export reproduces {theirs[1]} gold traces, the run's model {ours[1]}; "
        f"log-probabilities within {likeness.difference:.1e} nats a token, "
        f"{100 * likeness.agreement:.2f} % of the likeliest tokens the same"
    )
    if likeness.difference > bound:
        suspect = _suspect(folder)
        made.replace(suspect)
        raise TailkitError(f"{figures}: more than {bound:g} allows", f"It is kept as {suspect}.")
    note(figures)


def _read_back(run: RunDir, file: Path, folder: Path, quant: str) -> None:
    """Hold a GGUF file against the merged model, where transformers can read it."""
    try:
        ours, theirs = run_apart(_score_both, run.path, str(folder), str(file))
    except (TailkitError, OSError) as error:
        note(f"{file.name} is not scored again: {str(error).splitlines()[0]}")
        return
    finally:
        clear(folder_of_gguf(file))
    _hold(ours, theirs, HALF if quant != "q8_0" else MOVED["nf4"], file, file)
