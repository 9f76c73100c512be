"""``python -m einsgrad`` is the command ``einsgrad``."""

import sys

from einsgrad.cli import main

if __name__ == "__main__":
    sys.exit(main())
