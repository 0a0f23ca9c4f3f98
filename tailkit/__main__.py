"""The entry point of `tailkit` and `python -m tailkit`: light, so that Ctrl-C is answered from the first moment on."""

import sys

from tailkit.run import start


def main() -> None:
    """Run the command line; a signal while it is being loaded ends it as later ones do."""
    start.refuse_windows()
    try:
        start.prepare_output()
        start.take_signals()
        from tailkit.cli import run_command

        code = run_command()
    except BaseException:
        if start.is_stopping():
            start.end_interrupted()
        raise
    sys.exit(code)


if __name__ == "__main__":
    main()
