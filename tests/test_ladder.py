"""Which recipe a machine takes: the largest that fits its card, by plan's own verdict."""

from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from tailkit import dataset, hardware, recipe
from tailkit.arithmetic import card as cards
from tailkit.arithmetic import host
from tailkit.cli import app
from tailkit.errors import UsageError
from tailkit.hardware import ladder, work
from tests.machines import RTX_3060, RTX_4060, RTX_4090, T4, Fake, card, fake

__all__ = ["fake"]
LONG = "data.mix=0:0:1"
MX150 = card("NVIDIA GeForce MX150", 2002, capability="6.1")


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "SAMPLE", 4)


def chosen(task: str | None, *overrides: str, memory: float | None = None) -> ladder.Choice:
    return hardware.choose(task, overrides, cards.read(), dataset.rows_of, memory)


@pytest.mark.parametrize(
    ("row", "name", "why"),
    [
        (RTX_4090, "hobby", "Qwen2.5-7B is the largest that fits RTX 4090, 24 GiB"),
        (card("NVIDIA H100 80GB HBM3", 81559, capability="9.0"), "hobby", "largest that fits H100"),
        (card("NVIDIA L4", 23034), "hobby", "fits L4, 22 GiB"),
        (T4, "16gb", "Qwen2.5-7B is the largest that fits T4, 15 GiB"),
        (RTX_3060, "12gb", "Qwen2.5-3B is the largest that fits RTX 3060, 12 GiB"),
        (RTX_4060, "8gb", "Qwen2.5-1.5B is the largest that fits RTX 4060, 8 GiB"),
        (MX150, "nano", "MX150, 2 GiB is too small for 8gb, which takes at least 2."),
    ],
    ids=lambda value: value.split(",")[2] if "GPU-" in value else value,
)
def test_a_card_takes_the_largest_recipe_that_fits(fake: Fake, row: str, name: str, why: str) -> None:
    fake.has(row)
    found = chosen("addition")
    assert found.recipe == name
    assert why in str(found)


def test_the_verdict_of_plan_decides_not_the_card_alone(fake: Fake) -> None:
    """Rows of ten thousand tokens leave a T4 no room for 7B."""
    fake.has(T4)
    assert chosen("derangement").recipe == "16gb"
    smaller = chosen("derangement", LONG).recipe
    assert smaller in ("12gb", "8gb")
    fits = []
    for name in ("16gb", smaller):
        made = recipe.load(name, [LONG], task="derangement")
        rows = dataset.rows_of("derangement", made)
        fits.append(hardware.make("derangement", made, rows, card=cards.read().card).in_memory == "fits")
    assert fits == [False, True]


def test_a_full_disk_does_not_change_the_recipe(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command has to go on with the same run."""
    fake.has(RTX_4090)
    monkeypatch.setattr(host, "free_disk", lambda _: 1.0)
    assert chosen("addition").recipe == "hobby"


def test_what_is_taken_at_the_moment_does_not_either(fake: Fake) -> None:
    fake.has(card("NVIDIA GeForce RTX 4090", 24564, free=100))
    assert chosen("addition").recipe == "hobby"


def test_a_card_that_cannot_be_read_takes_the_largest(fake: Fake) -> None:
    fake.device()
    fake.answers("echo 'No devices were found'; exit 6")
    found = chosen("addition")
    assert found.recipe == "hobby"
    assert "No devices were found" in found.why
    assert "24 GB" in found.why


def test_a_model_of_unknown_size_goes_by_the_memory(fake: Fake) -> None:
    fake.has(T4)
    found = chosen("addition", "model.name=some/model")
    assert (found.recipe, found.why) == ("16gb", "by the memory of T4, 15 GiB")


def test_a_study_goes_by_the_memory_alone(fake: Fake) -> None:
    fake.has(RTX_3060)
    assert chosen(None).recipe == "12gb"


@pytest.mark.parametrize(
    ("cores", "here", "name", "why"),
    [
        (4, True, "nano", "there is no NVIDIA GPU"),
        (8, False, "nano", "to download first"),
        (8, True, "laptop", "there are 8 cores"),
    ],
)
def test_without_a_gpu_it_depends_on_the_cores(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, cores: int, here: bool, name: str, why: str
) -> None:
    names, load = recipe.names(), recipe.load

    def laptop(name: str, overrides: Sequence[str] = (), *, task: str | None) -> recipe.Recipe:
        return load("8gb" if name == "laptop" else name, overrides, task=task)

    monkeypatch.setattr(recipe, "names", lambda: sorted({*names, "laptop"}))
    monkeypatch.setattr(recipe, "load", laptop)
    monkeypatch.setattr(ladder, "processors", lambda: cores)
    monkeypatch.setattr(ladder, "is_here", lambda _: here)
    found = chosen("addition")
    assert found.recipe == name
    assert why in found.why


def test_a_mac_is_told_that_it_runs_on_the_cpu(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "processors", lambda: 4)
    monkeypatch.setattr(host, "is_mac", lambda: True)
    assert str(chosen("addition")).startswith("recipe nano: the bundled model; on macOS it runs on the CPU")


def test_a_wrong_override_is_refused_as_ever(fake: Fake) -> None:
    fake.has(T4)
    with pytest.raises(UsageError, match="epochs"):
        chosen("addition", "train.epoch=1")


def said(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_plan_reads_the_card_and_says_its_hours(fake: Fake) -> None:
    fake.has(T4)
    shown = said("plan", "addition")
    assert "recipe 16gb: Qwen2.5-7B is the largest that fits T4, 15 GiB (--recipe takes another)" in shown
    assert "on T4, 15 GiB" in shown
    assert "of 15 GiB" in shown
    (time,) = (line for line in shown.splitlines() if line.startswith("time"))
    assert time.startswith("time        T4, 15 GiB: ")
    assert "hours of training" in time
    assert "hours of evaluation" in time
    assert "4090" not in shown
    assert "recipe 16gb" not in said("plan", "addition", "--recipe", "8gb")


def test_plan_knows_no_other_card_s_speed(fake: Fake) -> None:
    fake.has(card("NVIDIA GeForce RTX 4090 Laptop GPU", 16376))
    shown = said("plan", "addition")
    assert "not known for RTX 4090 Laptop GPU, 16 GiB: --tokens-per-second" in shown
    shown = said("plan", "addition", "--tokens-per-second", "1000")
    assert "RTX 4090 Laptop GPU, 16 GiB: " in shown
    assert "at 1,000 tokens/s" in shown


def test_plan_takes_a_card_by_name_or_the_cards_of_a_size(fake: Fake) -> None:
    assert "on RTX 3060, 12 GiB" in said("plan", "addition", "--gpu", "RTX 3060")
    shown = said("plan", "addition", "--gpu-memory", "8")
    assert "RTX 4060: " in shown
    assert "RTX 3070: " in shown
    assert "RTX 3060: " not in shown
    with pytest.raises(UsageError, match="RTX 4090"):
        said("plan", "addition", "--gpu", "RTX 4091")


def test_more_bandwidth_and_more_operations_take_less_time(fake: Fake) -> None:
    def hours(name: str, *overrides: str) -> tuple[tuple[float, float], ...]:
        made = recipe.load("8gb", overrides, task="addition")
        from tailkit.arithmetic.speed import named

        (time,) = hardware.make("addition", made, dataset.rows_of("addition", made), card=named(name)).times
        assert time.evaluation
        assert time.training[0] < time.training[1]
        assert time.evaluation[0] < time.evaluation[1]
        return time.training, time.evaluation

    slow, fast = hours("RTX 4060"), hours("RTX 5090")
    assert all(f < s for part, other in zip(slow, fast, strict=True) for s, f in zip(part, other, strict=True))
    # Without drafts all is generated.
    assert hours("RTX 4060", "decode.method=plain")[1][0] > slow[1][0]


@pytest.mark.parametrize(("name", "size"), [("hobby", 24), ("16gb", 16), ("12gb", 12), ("8gb", 8), ("paper", 24)])
def test_without_a_card_a_recipe_is_planned_for_its_own(fake: Fake, name: str, size: int) -> None:
    shown = said("plan", "addition", "--recipe", name)
    assert f"parameters, on a GPU of {size} GiB\n" in shown
    assert f" of {size} GiB (" in shown
    assert f"note: there is no NVIDIA GPU; this is for a GPU of {size} GB, --gpu NAME or --gpu-memory GB" in shown
    assert ("RTX 4060: " in shown, "RTX 4090: " in shown) == (size == 8, size == 24)
    assert "note:" not in said("plan", "addition", "--recipe", name, "--gpu", "RTX 4090")


def test_a_card_that_is_hidden_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.has(T4)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "recipe nano: the bundled model; CUDA_VISIBLE_DEVICES=-1 hides all GPUs" in said("plan", "addition")


def test_a_card_that_is_named_may_have_another_memory(fake: Fake) -> None:
    """It is sold with 8 and with 16 GB."""
    shown = said("plan", "addition", "--gpu", "RTX 4060 Ti", "--gpu-memory", "8")
    assert "on RTX 4060 Ti, 8 GiB" in shown
    assert "of 8 GiB (" in shown
    assert "on RTX 4060 Ti, 16 GiB" in said("plan", "addition", "--gpu", "RTX 4060 Ti")


def test_a_card_of_no_known_size_is_not_called_a_cpu(fake: Fake) -> None:
    assert "not known for a GPU of 100 GiB: --tokens" in said("plan", "addition", "--gpu-memory", "100")
    shown = said("plan", "addition", "--gpu-memory", "100", "--tokens-per-second", "1000")
    assert "time        a GPU of 100 GiB: " in shown


def test_evaluation_that_takes_fewer_rows_says_so(fake: Fake) -> None:
    """Its upper estimate is more than the card has, and yet it fits."""
    fewer = "fewer where memory does not hold them"
    assert fewer in said("plan", "addition", "--recipe", "8gb")
    assert fewer not in said("plan", "addition", "--recipe", "8gb", "--gpu-memory", "24")


def test_no_time_is_told_as_none(fake: Fake) -> None:
    assert " 0–" not in said("plan", "addition", "--recipe", "8gb", "--gpu", "RTX 5090")


def test_nano_is_planned_for_the_cpu_also_beside_a_card(fake: Fake) -> None:
    fake.has(RTX_4090)
    assert "this CPU: " in said("plan", "addition", "--recipe", "nano")
