"""The command line: Typer commands, one call each; errors become one or two lines and an exit code.

`make` holds the commands that make something, `study` the one for grids of runs, `view` those that
only look, `machine` those about what this machine can do, `use` those for a trained run.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tailkit import __version__
from tailkit.cli import machine, make, runs, study, use, view
from tailkit.cli.options import app
from tailkit.errors import DoesNotFit, EnvironmentMissing, Interrupted, TailkitError, UsageError, cut
from tailkit.run.files import cannot_write
from tailkit.run.processes import forget_launcher

__all__ = ["app", "machine", "main", "make", "runs", "study", "use", "view"]


def _version(value: bool) -> None:
    if value:
        print(f"tailkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point, as `tailkit.__main__` has it."""
    from tailkit.__main__ import main as start

    start()


def run_command() -> None:
    """Run the command in `sys.argv`, turn errors into lines on standard error and exit codes."""
    debug = "--debug" in sys.argv
    sys.argv[1:] = [argument for argument in sys.argv[1:] if argument != "--debug"]
    forget_launcher(tell=sys.argv[1:2] in (["run"], ["train"]))
    try:
        app()
    except SystemExit as end:
        # Typer ends a command that Ctrl-C stopped with this code, and says nothing.
        if end.code == Interrupted.exit_code:
            _fail(Interrupted("interrupted", "The same command goes on where it was."), debug)
        raise
    except TailkitError as error:
        _fail(error, debug)
    except ImportError as error:
        _fail(EnvironmentMissing(cut(error), "Install tailkit again, then run `tailkit doctor`."), debug)
    except OSError as error:
        _fail(_of_system(error), debug)
    except UnicodeEncodeError as error:
        what = f"a path or text is not Unicode: {cut(error.object)}"
        _fail(UsageError(what, "Rename it, or leave the character out."), debug)
    except (MemoryError, RecursionError) as error:
        _fail(
            TailkitError(f"{type(error).__name__}: {cut(error)}", "Make it smaller: fewer rows, shorter ones."), debug
        )
    except Exception as error:  # noqa: BLE001 - the last resort keeps the message short
        if type(error).__name__ == "OutOfMemoryError":
            _fail(DoesNotFit("out of GPU memory", "Lower train.micro_tokens or decode.batch."), debug)
        what = f"{type(error).__name__}: {cut(error)}"
        _fail(TailkitError(what, "Run again with --debug for the traceback."), debug)


def _of_system(error: OSError) -> TailkitError:
    """What to say where the system refuses a file: which one, why, what to do."""
    if error.filename is not None:
        return cannot_write(Path(os.fsdecode(error.filename)), error)
    return TailkitError(cut(error), "Run again with --debug for the traceback.")


def _fail(error: TailkitError, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
