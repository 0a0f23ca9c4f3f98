"""`python -m tailkit` is `tailkit`."""

from tailkit.cli import main

if __name__ == "__main__":
    main()
