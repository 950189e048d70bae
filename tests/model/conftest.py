# SPDX-License-Identifier: GPL-2.0-or-later
"""The home folder of the tests of the plugin; and their modules."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "epan")]

from fixtures import home  # noqa: E402, F401
