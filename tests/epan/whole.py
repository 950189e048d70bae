# SPDX-License-Identifier: GPL-2.0-or-later
"""How much is tried: of what is much of the same, a part, or with SMTPX_WHOLE=1 (`scripts/test --whole`) all."""

import os

WHOLE = os.environ.get("SMTPX_WHOLE", "") == "1"


def some(names, *few):
    """These of the names; all of them for a whole run."""
    assert set(few) <= set(names)
    return list(names) if WHOLE else list(few)


def every(things, step):
    """One of so many; all of them for a whole run."""
    return things if WHOLE else things[::step]
