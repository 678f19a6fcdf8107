"""What `./run` executes."""

import sys

from config.local.cli import main

sys.exit(main(sys.argv[1:]))
