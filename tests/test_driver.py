"""What keeps torch from a card, found without loading it, and what doctor and run say of that."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from tailkit import dataset, hardware, recipe
from tailkit.arithmetic import card as cards
from tailkit.arithmetic import host
from tailkit.errors import DoesNotFit, EnvironmentMissing
from tailkit.hardware import driver, gpu
from tailkit.hardware.driver import Build
from tailkit.run import start
from tests.machines import RTX_4090, T4, Fake, card, fake

__all__ = ["fake"]
CU130, CU126, CPU = Build("2.13.0", "13.0"), Build("2.13.0+cu126", "12.6"), Build("2.13.0+cpu", "")
CU128, ROCM = Build("2.13.0+cu128", "12.8"), Build("2.13.0+rocm6.4", "")


def reading(name: str, version: str, capability: float, mib: int = 16384) -> cards.Reading:
    return cards.Reading(cards.Card(name, mib / 1024, mib / 1024, version, capability))


def found(monkeypatch: pytest.MonkeyPatch, build: Build, read: cards.Reading) -> str:
    """What is wrong and the repair, as one text."""
    monkeypatch.setattr(driver, "torch_build", lambda: build)
    wrong = driver.obstacle(read)
    return f"{wrong.what} | {wrong.repair}" if wrong else ""


@pytest.mark.parametrize(
    ("build", "card", "version", "capability", "said"),
    [
        (CU130, "RTX 4090", "580.65.06", 8.9, ()),
        (CU126, "RTX 4090", "535.104.05", 8.9, ()),
        (CU130, "RTX 5090", "575.51.03", 12.0, ("driver 575.51.03", "CUDA 13.0", "no build of torch 2.13.0 goes")),
        (CU130, "T4", "535.104.05", 7.5, ("driver 535.104.05 is too old", "built for CUDA 13.0", "580", "/whl/cu126")),
        (CU128, "T4", "470.57.02", 0, ("too old", "525 or newer", "no build of torch 2.13.0")),
        (CU126, "T4", "470.57.02", 7.5, ("too old", "525 or newer", "no build of torch 2.13.0")),
        (ROCM, "T4", "580.65.06", 7.5, ("rocm6.4 has no CUDA", "AMD's cards", "'torch==2.13.0'", "/whl/cu130")),
        (CPU, "T4", "580.65.06", 7.5, ("torch 2.13.0+cpu has no CUDA", "'torch==2.13.0'", "/whl/cu130")),
        (CPU, "T4", "550.54.14", 7.5, ("build for CPUs", "/whl/cu126")),
        (CU130, "V100", "580.65.06", 7.0, ("knows no V100", "capability 7.0", "/whl/cu126")),
        (CU130, "GTX 1080", "580.65.06", 6.1, ("capability 6.1", "needs 7.0", "--recipe nano")),
        (CU130, "T4", "", 0, ()),
    ],
)
def test_driver_and_build_are_held_against_each_other(
    monkeypatch: pytest.MonkeyPatch, build: Build, card: str, version: str, capability: float, said: tuple[str, ...]
) -> None:
    text = found(monkeypatch, build, reading(card, version, capability))
    assert bool(text) == bool(said)
    assert all(part in text for part in said), text


def test_a_driver_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, CU130, cards.Reading(problem="no answer", repair="Restart.")) == "no answer | Restart."
    assert found(monkeypatch, CU130, cards.Reading(problem="the driver's nvidia-smi is not here")) == ""


def test_the_build_is_read_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """torch itself, which takes seconds to load, is not."""
    import importlib.metadata

    here = driver.torch_build()
    assert here is not None
    assert here.version.partition("+")[0] == importlib.metadata.version("torch").partition("+")[0]
    file = tmp_path / "version.py"
    monkeypatch.setattr(driver, "_beside", lambda *_: file)
    lines = (
        "from typing import Optional\n__version__ = '2.13.0+cu130'\ncuda: Optional[str] = {}\nhip: Optional[str] = {}\n"
    )
    file.write_text(lines.format("'13.0'", None))
    assert driver.torch_build() == Build("2.13.0+cu130", "13.0")
    file.write_text(lines.format(None, "'6.4'"))
    assert driver.torch_build() == Build("2.13.0+cu130", "")


@pytest.mark.parametrize(
    ("made_for", "build", "loads"),
    [
        ("2.10.0+cu128", CU130, False),
        ("2.13.0+cu128", CU130, False),
        ("2.13.0+cu130", CU130, True),
        ("2.13.0", CU130, True),
    ],
)
def test_xformers_of_another_build_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made_for: str, build: Build, loads: bool
) -> None:
    file = tmp_path / "cpp_lib.json"
    file.write_text(json.dumps({"version": {"cuda": 1208, "torch": made_for}}))
    monkeypatch.setattr(driver, "torch_build", lambda: build)
    monkeypatch.setattr(driver, "_beside", lambda package, name: file if package == "xformers" else None)
    findings = gpu.xformers()
    assert [one.ok for one in findings] == [True] * (not loads)
    assert loads or "torch's attention" in findings[0].value
    assert loads or "pip uninstall xformers" in findings[0].value


def test_doctor_names_driver_build_and_repair(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.has(card("Tesla T4", 15360, driver="535.104.05", capability="7.5"))
    monkeypatch.setattr(driver, "torch_build", lambda: CU130)
    told = gpu.gpu()
    assert not told.ok
    assert "535.104.05" in told.value
    assert "cu126" in told.repair


def test_doctor_says_that_a_mac_has_its_cpu(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "is_mac", lambda: True)
    told = gpu.gpu()
    assert told.ok
    assert "on macOS everything runs on the CPU" in told.value


def test_doctor_says_what_is_there_that_torch_cannot_use(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.has(RTX_4090)
    monkeypatch.setattr(driver, "torch_build", lambda: CU130)
    told = gpu.gpu()
    assert not told.ok
    assert "there is RTX 4090, 24 GiB" in told.value


Check = Any


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    """Looks at the machine for a run of addition."""
    from tailkit.hardware import work

    monkeypatch.setattr(work, "SAMPLE", 4)
    monkeypatch.setattr(driver, "torch_build", lambda: CU130)

    def run(name: str = "hobby", *overrides: str) -> None:
        chosen = recipe.load(name, overrides, task="addition")
        hardware.check_machine("addition", chosen, dataset.rows_of("addition", chosen), cards.read())

    return run


def test_a_card_that_holds_the_run_passes(fake: Fake, check: Check) -> None:
    fake.has(RTX_4090)
    check()


def test_a_card_too_small_for_one_row_is_told_before(fake: Fake, check: Check) -> None:
    fake.has(T4)
    with pytest.raises(DoesNotFit, match=r"15\.0 GiB are there") as error:
        check("hobby", "model.precision=bf16")
    assert error.value.exit_code == 4
    assert "saves about" in error.value.hint
    assert "\n" not in error.value.hint


def test_a_card_that_another_process_holds_is_told_before(fake: Fake, check: Check) -> None:
    row = card("NVIDIA GeForce RTX 4090", 24564, free=2048)
    fake.has(row, users=["4242, /usr/bin/python3.11, 21504"])
    with pytest.raises(DoesNotFit, match=r"only 2\.0 of 24\.0 GiB of the RTX 4090 are free") as error:
        check()
    assert "python3.11 (pid 4242) holds 21.0 GiB" in error.value.message
    assert "CUDA_VISIBLE_DEVICES" in error.value.hint
    fake.has(row)
    with pytest.raises(DoesNotFit, match="another process or container"):
        check()


def test_plan_notes_what_is_wrong_with_the_card_that_is_here(fake: Fake, check: Check) -> None:
    from typer.testing import CliRunner

    from tailkit.cli import app

    fake.has(card("Tesla T4", 15360, driver="535.104.05", capability="7.5", free=100))
    done = CliRunner().invoke(app, ["plan", "addition"])
    assert done.exit_code == 0, done.output
    assert "note: driver 535.104.05 is too old" in done.stderr
    assert "note: only 0.1 of 15.0 GiB of the T4 are free" in done.stderr
    done = CliRunner().invoke(app, ["plan", "addition", "--gpu", "T4"])
    assert "note:" not in done.stderr


def test_a_card_that_cuda_will_not_see_is_told_before(
    fake: Fake, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.has(RTX_4090)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    with pytest.raises(EnvironmentMissing, match="CUDA_VISIBLE_DEVICES=7 names no card") as error:
        check()
    assert error.value.hint == "Unset it, or name one: 0 (RTX 4090, 24 GiB)."
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    fake.answers("echo 'No devices were found'")
    with pytest.raises(EnvironmentMissing, match="No devices were found"):
        check()


def test_an_old_driver_is_told_before(fake: Fake, check: Check) -> None:
    fake.has(card("Tesla T4", 15360, driver="535.104.05", capability="7.5"))
    with pytest.raises(EnvironmentMissing, match="too old") as error:
        check("16gb")
    assert "cu126" in error.value.hint


def test_a_full_disk_is_told_before(fake: Fake, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.has(RTX_4090)
    monkeypatch.setattr(host, "free_disk", lambda _: 3.0)
    with pytest.raises(DoesNotFit, match="3 GB are free"):
        check()


def test_what_runs_on_a_cpu_is_not_looked_at(fake: Fake, check: Check) -> None:
    fake.has(card("Tesla T4", 15360, free=0, driver="470.57.02"))
    check("nano")


@pytest.mark.parametrize(
    ("system", "release", "devices", "given", "expected"),
    [
        ("Linux", "6.8.0", ["dev/nvidia0"], {}, "expandable_segments:True"),
        ("Linux", "6.8.0", [], {}, None),
        ("Linux", "5.15.1-microsoft-standard-WSL2", ["dev/nvidia0"], {}, None),
        ("Linux", "6.8.0", ["dev/nvidia0", "etc/nv_tegra_release"], {}, None),
        ("Linux", "6.8.0", ["dev/nvidia0"], {"PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:64"}, None),
    ],
)
def test_memory_grows_in_pieces_where_that_helps(
    fake: Fake,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    release: str,
    devices: list[str],
    given: dict[str, str],
    expected: str | None,
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "release", lambda: release)
    for device in devices:
        fake.device(device)
    environment = {"PATH": os.environ["PATH"], **given}
    monkeypatch.setattr(os, "environ", environment)
    host.use_expandable_segments()
    assert environment.get("PYTORCH_ALLOC_CONF") == expected


def test_windows_is_refused_with_the_way_to_wsl(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tailkit.__main__ import main

    monkeypatch.setattr(start, "SYSTEM", "win32")
    monkeypatch.setattr(sys, "argv", ["tailkit", "--help"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 3
    said = capsys.readouterr().err
    assert "WSL 2" in said
    assert said.count("\n") == 2


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (card("Tesla T4", 15360, driver="535.104.05", capability="7.5"), EnvironmentMissing, "too old"),
        (card("Tesla T4", 15360, free=100, capability="7.5"), DoesNotFit, "another process"),
        (T4, EnvironmentMissing, "http://127.0.0.1:9"),
    ],
)
def test_run_and_train_make_nothing_before_the_machine_is_fit(
    fake: Fake, check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, row: str, code: type, said: str
) -> None:
    from huggingface_hub import constants
    from typer.testing import CliRunner

    from tailkit.cli import app
    from tailkit.models import origin

    monkeypatch.setattr(origin, "_has_cuda", lambda: True)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    fake.has(row)
    for command in ("run", "train"):
        done = CliRunner().invoke(app, [command, "addition"])
        assert type(done.exception) is code, done.output
        assert said in str(done.exception)
        assert "recipe 16gb" in done.stderr
    assert not (tmp_path / "runs").exists()
