"""What all tests share."""

from __future__ import annotations

import os

import hypothesis

# Two workers share two cores: one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

hypothesis.settings.register_profile("gradcli", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("gradcli")
