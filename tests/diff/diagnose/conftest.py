"""With torch loaded, a command runs in the test's own process, and not in new ones that import it again."""

from __future__ import annotations

import torch  # noqa: F401
