"""What is known of a card without torch: device files, and what nvidia-smi tells."""

import platform

import pytest

from tailkit.arithmetic import card, host, speed
from tests.machines import RTX_4090, T4, Fake, fake
from tests.machines import card as row

__all__ = ["fake"]


def test_a_card_is_read_with_memory_driver_and_capability(fake: Fake) -> None:
    fake.has(RTX_4090)
    found = card.read().card
    assert found is not None
    assert (found.name, found.driver, found.capability) == ("NVIDIA GeForce RTX 4090", "580.95.05", 8.9)
    assert found.memory == pytest.approx(23.99, abs=0.01)
    assert found.memory - found.free == pytest.approx(0.29, abs=0.01)
    assert found.title == "RTX 4090, 24 GiB"


def test_without_a_device_nothing_is_asked(fake: Fake) -> None:
    fake.answers("exit 1")
    assert card.read() == card.Reading()


def test_a_container_with_one_card_of_several_is_seen(fake: Fake) -> None:
    fake.device("dev/nvidiactl")
    assert not host.has_gpu()
    fake.device("dev/nvidia3")
    assert host.has_gpu()


def test_wsl_with_another_vendor_s_card_has_none(fake: Fake) -> None:
    """/dev/dxg is that of any card; NVIDIA's driver for Windows brings its own libcuda and nvidia-smi."""
    fake.device("dev/dxg")
    fake.device(f"{host.WSL_DRIVER}/libd3d12.so")
    assert host.is_wsl()
    assert not host.has_gpu()
    fake.device(f"{host.WSL_DRIVER}/libcuda.so.1")
    assert host.has_gpu()
    fake.answers(f"echo '{RTX_4090}'", path=f"{host.WSL_DRIVER}/nvidia-smi")
    assert card.read().card


def test_wsl_is_known_by_its_kernel_too(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not host.is_wsl()
    monkeypatch.setattr(platform, "release", lambda: "5.15.153.1-microsoft-standard-WSL2")
    assert host.is_wsl()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'NVIDIA-SMI has failed because it could not talk to the driver.'; exit 9", "could not talk"),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch' >&2; exit 18", "version mismatch"),
        ("exit 6", "exit code 6"),
        ("true", "lists no card"),
        ("echo nonsense", "nvidia-smi: nonsense"),
        ("printf 'Ger\\344t fehlt\\n'; exit 3", "t fehlt"),
        ("echo 'NVIDIA-SMI has failed because, among others, the driver'", "nvidia-smi: NVIDIA-SMI has failed"),
    ],
)
def test_what_nvidia_smi_says_where_it_fails_is_kept(fake: Fake, script: str, said: str) -> None:
    fake.device()
    fake.answers(script)
    found = card.read()
    assert found.card is None
    assert said in found.problem
    assert "`nvidia-smi` has to list the card" in found.repair


def test_a_warning_beside_the_rows_loses_no_card(fake: Fake) -> None:
    fake.device()
    fake.answers(f"echo '{RTX_4090}'; echo 'Unable to determine the device handle for GPU 0000:02:00.0'")
    found = card.read().card
    assert found is not None
    assert found.title == "RTX 4090, 24 GiB"


def test_a_container_without_nvidia_smi_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.device()
    monkeypatch.setenv("PATH", str(fake.bin))
    found = card.read()
    assert ("nvidia-smi is not here" in found.problem, found.repair) == (True, "")


def test_an_nvidia_smi_that_hangs_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "SECONDS", 0.1)
    fake.device()
    fake.answers("exec sleep 5")
    found = card.read()
    assert "no answer" in found.problem
    assert "restart the machine" in found.repair


def test_an_old_driver_knows_no_capability(fake: Fake) -> None:
    fake.has(row("Tesla V100-SXM2-16GB", 16160, driver="470.57.02"), old=True)
    found = card.read().card
    assert found is not None
    assert (found.driver, found.capability) == ("470.57.02", 0)


def test_a_card_without_memory_of_its_own_has_the_processor_s(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "memory", lambda: 119 * 2**30)
    fake.has("0, GPU-1, NVIDIA GB10, [N/A], [N/A], 580.95.05, 12.1")
    found = card.read().card
    assert found is not None
    assert (found.memory, found.free, found.title) == (119, 119, "GB10, 119 GiB")


def test_free_memory_that_is_not_told_is_not_none(fake: Fake) -> None:
    fake.has(RTX_4090.replace("24264", "[Insufficient Permissions]"))
    found = card.read().card
    assert found is not None
    assert found.free == found.memory == pytest.approx(24, abs=0.1)


@pytest.mark.parametrize(
    ("visible", "title"),
    [
        (None, "A100-SXM4-80GB 3g.40gb, 38 GiB"),
        ("MIG-22", "A100-SXM4-80GB 1g.10gb, 10 GiB"),
        ("MIG-9", ""),
        ("0", ""),
    ],
)
def test_of_a_card_that_is_cut_up_a_slice_is_taken(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, visible: str | None, title: str
) -> None:
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    whole = row("NVIDIA A100-SXM4-80GB", 81920, capability="8.0")
    listed = (
        "GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-0a2b3c4d)\n"
        "  MIG 3g.40gb     Device  0: (UUID: MIG-11a5)\n  MIG 1g.10gb     Device  1: (UUID: MIG-22b6)"
    )
    fake.device()
    fake.answers(f"case $1 in -L) echo '{listed}';; *) echo '{whole}';; esac")
    found = card.read()
    assert (found.card.title if found.card else "") == title
    assert title or "MIG-11a5 (A100-SXM4-80GB 3g.40gb, 38 GiB)" in found.repair


SMALL = row("NVIDIA GeForce GT 1030", 2048, capability="6.1")
TWO = (SMALL, row("NVIDIA GeForce RTX 4090", 24564, index=1))


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "RTX 4090"),
        ({"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, "GT 1030"),
        ({"CUDA_VISIBLE_DEVICES": "1"}, "RTX 4090"),
        ({"CUDA_VISIBLE_DEVICES": "0,1"}, "GT 1030"),
        ({"CUDA_VISIBLE_DEVICES": "GPU-1a2b"}, "RTX 4090"),
        ({"CUDA_VISIBLE_DEVICES": "1,7"}, "RTX 4090"),
        ({"CUDA_VISIBLE_DEVICES": "7"}, None),
        ({"CUDA_VISIBLE_DEVICES": "MIG-1a2b"}, None),
    ],
    ids=str,
)
def test_the_card_is_the_one_that_cuda_takes(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], name: str | None
) -> None:
    fake.has(*TWO)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    found = card.read()
    assert (card.short(found.card.name) if found.card else None) == name
    assert bool(found.problem) == (name is None)


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_cards_that_are_hidden_are_no_gpu(fake: Fake, monkeypatch: pytest.MonkeyPatch, hidden: str) -> None:
    fake.has(RTX_4090)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert not host.has_gpu()
    assert card.read() == card.Reading()


def test_who_holds_a_card_s_memory_is_known(fake: Fake) -> None:
    fake.has(T4, users=["41, /usr/bin/Xorg, 200", "4242, /opt/venv/bin/python, 9216"])
    reading = card.read()
    assert reading.card is not None
    assert card.users(reading.card) == [card.User("4242", "python", 9.0), card.User("41", "Xorg", 200 / 1024)]


@pytest.mark.parametrize(
    ("name", "mib", "known"),
    [
        ("NVIDIA GeForce RTX 4090", 24564, "RTX 4090"),
        ("Tesla T4", 15360, "T4"),
        ("NVIDIA A10", 23028, "A10"),
        ("NVIDIA L4", 23034, "L4"),
        ("NVIDIA A100-SXM4-40GB", 40960, "A100"),
        ("NVIDIA A100 80GB PCIe", 81920, "A100 80GB"),
        ("NVIDIA H100 80GB HBM3", 81559, "H100"),
        ("NVIDIA H100 PCIe", 81559, "H100 PCIe"),
        ("NVIDIA H200", 143771, "H200"),
        ("Tesla V100-SXM2-16GB", 16160, "V100"),
        ("NVIDIA GeForce RTX 4060 Ti", 16380, "RTX 4060 Ti"),
        # Slower than the card of the same number.
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 16376, None),
        ("NVIDIA GeForce RTX 3060", 8192, None),
        ("NVIDIA GeForce GTX 1080", 8192, None),
    ],
)
def test_a_card_s_speed_is_its_own_or_none(name: str, mib: int, known: str | None) -> None:
    gib = mib / 1024
    expected = speed.CHIPS[known] if known else None
    assert speed.chip_of(card.Card(name, gib, gib, "580", 8.9)) == expected


@pytest.mark.parametrize("name", speed.CHIPS)
def test_every_card_of_the_table_can_be_named(name: str) -> None:
    assert speed.chip_of(speed.named(name)) == speed.CHIPS[name]


def test_published_rates_lie_in_the_range_of_their_card() -> None:
    """Tokens a second: arXiv 2509.12229, and torchtune's README for 8.03 billion parameters."""
    from tailkit.arithmetic.shape import QWEN, Shape

    low, high = speed.training_rate(QWEN["1.5B"], speed.CHIPS["RTX 4060"])
    assert low <= 500
    assert high >= 628
    llama = Shape(32, 4096, 14336, 32, 8, 128, 128256, tied=False, biased=False, context=131072)
    low, high = speed.training_rate(llama, speed.CHIPS["RTX 4090"])
    assert low <= 2413 <= high < 1.05 * 2413
