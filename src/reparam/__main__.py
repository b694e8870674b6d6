"""`python -m reparam` is the command line."""

from reparam.cli import main

if __name__ == "__main__":
    main()
