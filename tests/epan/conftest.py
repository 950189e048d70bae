# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the plugin inside Wireshark share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixtures import bare, home, tls, transcripts  # noqa: E402, F401
