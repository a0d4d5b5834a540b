"""``python -m nst_runtime`` is the program ``nst-runtime``."""

import sys

from nst_runtime import main

sys.exit(main())
