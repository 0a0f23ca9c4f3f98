"""The wheels that a machine with a GPU, torch and transformers, and no network, needs for `tests.bench.gpu`.

    python -m tests.bench.bundle wheels --python 3.12
    pip install --no-index --no-deps wheels/*.whl        # there

Downloads them in the versions that are installed here, and leaves out what a run never opens: Unsloth's studio, and
bitsandbytes' libraries for other CUDA versions. Says what each takes; more than 64 MB in all is an error.
"""

import argparse
import importlib.metadata
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tailkit.run.files import whole

LIMIT = 64_000_000
NEEDED = ("accelerate", "bitsandbytes", "datasets", "dill", "multiprocess", "peft", "rapidfuzz", "ruamel.yaml", "trl",
          "unsloth", "unsloth_zoo", "xxhash")  # fmt: skip
"""What neither torch nor transformers brings. Images for data science have pandas, pyarrow, scipy, matplotlib."""
PLATFORMS = ("manylinux2014_x86_64", *(f"manylinux_2_{number}_x86_64" for number in (17, 24, 27, 28)))


def unneeded(name: str, cuda: str) -> bool:
    """Whether a file of a wheel is never opened on a machine with this CUDA version, such as 130."""
    library = name.rpartition("/")[2]
    if library.startswith("libbitsandbytes_"):
        return library not in ("libbitsandbytes_cpu.so", f"libbitsandbytes_cuda{cuda}.so")
    return name.startswith("studio/")


def slim(wheel: Path, cuda: str) -> None:
    """Leave out of a wheel what is not needed, and of its list of files too."""
    with zipfile.ZipFile(wheel) as given:
        names = given.namelist()
        if not any(unneeded(name, cuda) for name in names):
            return
        with whole(wheel) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as made:
            for name in names:
                content = given.read(name)
                if name.endswith(".dist-info/RECORD"):
                    rows = content.decode().splitlines()
                    content = "\n".join(row for row in rows if not unneeded(row.split(",")[0], cuda)).encode()
                if not unneeded(name, cuda):
                    made.writestr(name, content)


def download(folder: Path, python: str, names: Iterable[str]) -> None:
    """Fetch the wheels, without what they require, and build tailkit's own."""
    pip, to = [sys.executable, "-m", "pip"], ["--no-deps", "--quiet", "--disable-pip-version-check"]
    pinned = [f"{name}=={importlib.metadata.version(name)}" for name in names]
    platforms = [text for one in PLATFORMS for text in ("--platform", one)]
    version = ["--python-version", python, "--implementation", "cp", "--only-binary=:all:"]
    subprocess.run([*pip, "download", *to, "--dest", str(folder), *version, *platforms, *pinned], check=True)
    subprocess.run([*pip, "wheel", *to, "--wheel-dir", str(folder), str(Path(__file__).parents[2])], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", default=f"{sys.version_info.major}.{sys.version_info.minor}", help="there")
    parser.add_argument("--cuda", default="130", help="CUDA of torch there, as 130 for 13.0")
    parser.add_argument("--more", nargs="+", default=[], metavar="PACKAGE", help="such as pandas, pyarrow")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    download(args.folder, args.python, [*NEEDED, *args.more])
    sizes = {}
    for wheel in sorted(args.folder.glob("*.whl")):
        slim(wheel, args.cuda)
        sizes[wheel.name] = wheel.stat().st_size
        print(f"{sizes[wheel.name] / 1e6:6.1f} MB  {wheel.name}")
    total = sum(sizes.values())
    print(f"{total / 1e6:6.1f} MB  in all")
    return total > LIMIT


if __name__ == "__main__":
    sys.exit(main())
