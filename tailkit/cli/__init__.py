"""The command line: Typer commands, one call each; errors become one or two lines and an exit code.

`make` holds the commands that make something, `evaluate` the one that scores models, `study` the one for grids
of runs, `view` those that only look, `lint` the one that measures traces, `hardware` those about what this machine
can do, `use` those for a trained run, `runs` the list of runs.
"""

import os
import re
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from tailkit import __version__, tasks
from tailkit.arithmetic.host import use_expandable_segments
from tailkit.cli import evaluate, hardware, lint, make, runs, study, use, view
from tailkit.cli.options import app
from tailkit.errors import QUOTED, DoesNotFit, EnvironmentMissing, Interrupted, TailkitError, UsageError, cut
from tailkit.run.apart import forget_launcher
from tailkit.run.files import NO_SPACE, cannot_write
from tailkit.run.start import end_interrupted, is_stopping
from tailkit.screen import show, visible

CLICK_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""What all of Typer's errors about options and arguments are."""

__all__ = ["app", "evaluate", "hardware", "lint", "make", "runs", "study", "use", "view"]


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


TOO_LONG = re.compile(rf"\S{{{QUOTED + 1},}}")


def run_command() -> int:
    """Run the command in `sys.argv`; errors become lines on standard error. Returns the exit code."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    use_expandable_segments()
    forget_launcher(tell=arguments[:1] in (["run"], ["train"], ["study"]))
    try:
        code = app(arguments or ["--help"], prog_name="tailkit", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as end:
        # Typer ends a command whose reader has gone with this, and says nothing, as is the custom.
        code = end.code
    except BrokenPipeError:
        # What is left in the stream has no reader, so that the interpreter must not try to write it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = TailkitError.exit_code
    except Exception as error:  # noqa: BLE001 - the last resort keeps the message short
        failure = explained(error)
        if debug:
            traceback.print_exc()
        if isinstance(failure, Interrupted):
            end_interrupted(_lines(failure))
        show(_lines(failure))
        return failure.exit_code
    if is_stopping() or code == Interrupted.exit_code:
        end_interrupted()
    return code if isinstance(code, int) else 0


def _lines(error: TailkitError) -> str:
    """What is said of an error; a path with a line's end in it stays in one line, and a very long one is cut."""
    message = TOO_LONG.sub(lambda path: cut(path[0]), error.message.replace("\n", "\\n"))
    return visible("\n".join(filter(None, [f"error: {message}", error.hint])))


def explained(error: BaseException) -> TailkitError:
    """Any error in words: what is wrong, and what to do next."""
    if isinstance(error, Interrupted):
        return error
    if is_stopping():
        return Interrupted("interrupted", "The same command goes on where it was.")  # whatever a library made of it
    if isinstance(error, TailkitError):
        return error
    if isinstance(error, CLICK_ERROR):
        return _of_usage(error)
    if isinstance(error, typer.Abort):
        return UsageError("the question was not answered", "Answer it at a terminal; `--help` shows what does not ask.")
    if isinstance(error, ImportError):
        return EnvironmentMissing(cut(error), "Install tailkit again, then run `tailkit doctor`.")
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, UnicodeEncodeError):
        return UsageError(
            f"a path or text is not Unicode: {cut(error.object)}", "Rename it, or leave the character out."
        )
    return _of_program(error)


def _of_usage(error: Any) -> UsageError:
    """What Typer finds wrong with options and arguments."""
    command = error.ctx.command_path if getattr(error, "ctx", None) else "tailkit"
    message = cut(error.format_message())
    hint = f"`{command} --help` shows what there is."
    option = str(getattr(error, "option_name", "")).lstrip("-")
    if "." in option:
        hint = f"Values of the recipe have no dashes: {cut(option, 60)}=VALUE."
    elif command == "tailkit" and (task := message.rpartition("'")[0].rpartition("'")[2]) in tasks.names():
        hint = f"A command comes first: `tailkit run {task}`."
    elif command == "tailkit study" and "argument" in message:
        hint = "`tailkit study list` lists those of the kit."
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint)


def _of_system(error: OSError) -> TailkitError:
    """What to say where the system refuses a file: which one, why, what to do."""
    if isinstance(error.filename, str | bytes):
        return cannot_write(Path(os.fsdecode(error.filename)), error)
    if error.errno == NO_SPACE:
        what = "no space is left on the disk, or where the output goes to"
        return TailkitError(what, "Free some space; the same command goes on.")
    return TailkitError(cut(error), "Run again with --debug for the traceback.")


def _of_program(error: BaseException) -> TailkitError:
    if type(error).__name__ == "OutOfMemoryError":
        return DoesNotFit("out of GPU memory", "Lower train.micro_tokens or decode.batch.")
    if isinstance(error, MemoryError):
        return DoesNotFit("out of memory", "Make it smaller: fewer or shorter rows, or a lower decode.batch.")
    if isinstance(error, RecursionError):
        return TailkitError(f"nested too deeply: {cut(error)}", "Make it flatter; --debug shows the traceback.")
    return TailkitError(f"{type(error).__name__}: {cut(error)}", "Run again with --debug for the traceback.")
