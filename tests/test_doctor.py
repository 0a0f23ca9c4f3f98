"""What `tailkit doctor` finds, and that it can find fault."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tailkit.cli import app
from tailkit.hardware import doctor
from tailkit.train import one_step
from tests.machines import RTX_4060, Fake, card, fake

__all__ = ["fake"]


@pytest.fixture(params=["step", pytest.param("real step", marks=pytest.mark.slow)])
def step(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsloth's step, or what it gives: its import alone takes 12 s."""
    if request.param == "step":
        monkeypatch.setattr(doctor, "run_apart", lambda function: (2.0, 1e-3))


@pytest.mark.usefixtures("step")
def test_doctor_tries_things_out_and_finds_this_machine_well() -> None:
    done = CliRunner().invoke(app, ["doctor", "--json", "--offline"])
    assert done.exit_code == 0, done.output
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert {"torch", "trl", "bundled model", "GPU", "4-bit product", "Unsloth step"} <= findings.keys()
    assert "model hub" not in findings
    assert "largest error" in findings["4-bit product"]["value"]
    assert "gguf" in findings


def test_a_quick_doctor_tries_nothing_and_gives_a_verdict() -> None:
    shown = CliRunner().invoke(app, ["doctor", "--quick"]).stdout
    assert "4-bit" not in shown
    assert shown.count("ok ") >= 15
    assert " ".join(shown.split()).rpartition("This machine can run `tailkit run addition --recipe nano`")[2]


def test_doctor_names_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = doctor.importlib.metadata.version
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: "0.1" if name == "trl" else versions(name))
    bad = [finding for finding in doctor.examine(one_step.step, quick=True) if not finding.ok]
    assert [finding.what for finding in bad] == ["trl"]
    assert bad[0].repair == "pip install 'trl==1.14.2'"


@pytest.mark.parametrize("quick", [True, False])
def test_doctor_goes_through_to_its_verdict_without_torch(monkeypatch: pytest.MonkeyPatch, quick: bool) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(doctor, "run_apart", lambda function: (2.0, 1e-3))
    findings = list(doctor.examine(one_step.step, quick=quick, offline=True))
    (gpu,) = (one for one in findings if one.what == "GPU")
    assert (gpu.ok, gpu.repair) == (False, "Install tailkit again.")
    assert quick or not next(one for one in findings if one.what == "4-bit product").ok


def test_a_gpu_without_unsloth_is_a_fault_and_no_gpu_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None)
    assert doctor._unsloth_versions()[0].ok
    monkeypatch.setattr(doctor, "_has_cuda", lambda: True)
    found = doctor._unsloth_versions()[0]
    assert not found.ok
    assert found.repair == "pip install 'tailkit[gpu]'"


@pytest.mark.parametrize("result", [(float("nan"), 1e-3), (2.0, 0.0), (2.0, float("nan"))])
def test_a_step_that_teaches_nothing_is_a_fault(monkeypatch: pytest.MonkeyPatch, result: tuple[float, float]) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(doctor, "run_apart", lambda function: result)
    assert not doctor._unsloth_step(one_step.step).ok
    monkeypatch.setattr(doctor, "run_apart", lambda function: (2.0, 1e-3))
    assert doctor._unsloth_step(one_step.step).ok


@pytest.mark.slow
def test_the_step_trains_two_packed_rows_of_a_qwen2_in_four_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a run does: nano, whose layers are others, would not show what fails with a real model."""
    import bitsandbytes as bnb

    seen: list[Any] = []
    build = one_step.training.build

    def watched(run: Any, loaded: Any, rows: Any, plan: Any) -> Any:
        seen[:] = [loaded.model, rows, plan]
        return build(run, loaded, rows, plan)

    monkeypatch.setattr(one_step.training, "build", watched)
    loss, moved = one_step.step("hf")
    model, rows, plan = seen
    assert 0 < moved < 0.1
    assert loss > 0
    assert model.config.model_type == "qwen2"
    assert any(isinstance(module, bnb.nn.Linear4bit) for module in model.modules())
    assert (len(rows), plan.units, plan.packed) == (2, 1, True)


def test_wrong_four_bit_weights_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    import bitsandbytes as bnb

    unpack = bnb.functional.dequantize_4bit
    assert doctor._four_bits().ok
    monkeypatch.setattr(bnb.functional, "dequantize_4bit", lambda *given, **more: 2 * unpack(*given, **more))
    found = doctor._four_bits()
    assert not found.ok
    assert "bitsandbytes==" in found.repair


def test_a_hub_out_of_reach_is_a_fault_only_where_there_is_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    found = doctor._hub()
    assert (found.ok, found.repair) == (True, "")
    assert "does not answer" in found.value
    monkeypatch.setattr(doctor, "_has_cuda", lambda: True)
    found = doctor._hub()
    assert not found.ok
    assert "--offline" in found.repair


FINE = doctor.Diagnosis("trl", "1.0", ok=True)
NO_GPU = doctor.Diagnosis("GPU", doctor.NO_GPU, ok=True)
GPU = doctor.Diagnosis("GPU", "RTX 4090, 23.5 of 24.0 GiB free", ok=True)


@pytest.mark.parametrize(
    ("findings", "free", "said"),
    [
        ([FINE, NO_GPU], 79, "on its CPU; for Qwen/Qwen2.5-7B (recipe hobby) it lacks a GPU."),
        ([FINE, NO_GPU], 9, "it lacks a GPU and disk for its weights (16 GB; 9 GB are free)."),
        ([FINE, GPU], 79, "on its CPU, and Qwen/Qwen2.5-7B on its GPU (recipe hobby): `tailkit plan addition`"),
        ([FINE, GPU, doctor.Diagnosis("4-bit product", "no kernel", ok=False)], 79, "lacks 4-bit product (no kernel)."),
        ([doctor.Diagnosis("trl", "0.1", ok=False), NO_GPU], 79, "cannot run anything yet: fix trl (0.1) first."),
    ],
)
def test_the_verdict_says_what_can_be_run(
    monkeypatch: pytest.MonkeyPatch, findings: list[doctor.Diagnosis], free: int, said: str
) -> None:
    monkeypatch.setattr(doctor, "free_disk", lambda _: free)
    monkeypatch.setattr(doctor, "folders", lambda _: [])
    assert said in doctor.verdict(findings)


def test_the_verdict_names_the_recipe_of_the_card(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.has(RTX_4060)
    monkeypatch.setattr(doctor, "free_disk", lambda _: 2)
    monkeypatch.setattr(doctor, "folders", lambda _: [])
    said = doctor.verdict([GPU])
    assert "for Qwen/Qwen2.5-1.5B (recipe 8gb) it lacks disk for its weights (4 GB; 2 GB are free)" in said


def test_the_verdict_promises_no_model_to_a_card_too_small(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """`plan` and `run` take the bundled model there."""
    fake.has(card("NVIDIA GeForce MX450", 2048, capability="7.5"))
    monkeypatch.setattr(doctor, "free_disk", lambda _: 79)
    said = doctor.verdict([GPU])
    assert "for Qwen/Qwen2.5-1.5B (recipe 8gb) it lacks a GPU of 2.2 GiB or more." in said


def test_weights_that_are_there_need_no_more_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(doctor, "free_disk", lambda _: 1)
    monkeypatch.setattr(doctor, "folders", lambda _: [tmp_path])
    assert "lacks" not in doctor.verdict([GPU])
