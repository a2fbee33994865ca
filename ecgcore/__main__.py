"""``python -m ecgcore``."""

from ecgcore.cli.app import main

if __name__ == "__main__":
    main()
