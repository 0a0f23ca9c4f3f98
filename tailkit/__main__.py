"""The entry point of `tailkit` and `python -m tailkit`: light, so that Ctrl-C is answered from the first moment on."""

import os
import signal
import sys


def main() -> None:
    """Run the command line; a Ctrl-C or SIGTERM while it is being loaded ends it as later ones do."""
    for stream in (sys.stdout, sys.stderr):
        # What the terminal's encoding lacks is shown as "?"; it is no reason to lose a run's last line.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        from tailkit.cli import run_command

        run_command()
    except KeyboardInterrupt:
        # The interpreter's own end may take a second one: say it at once.
        os.write(2, b"error: interrupted\nThe same command goes on where it was.\n")
        os._exit(130)


if __name__ == "__main__":
    main()
