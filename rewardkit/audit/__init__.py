"""May this reward be trained on? How often it lets wrong responses through, and what a GRPO run makes of that.

`labels(rows, seed=0)` audits verdicts against labels that are given, `reward(function, rows, seed=0)` any reward
function, `judge(judge, pairs, seed=0)` a judge against labels that cost nothing. It needs the extra "audit".
"""

from __future__ import annotations

from rewardkit.errors import MissingExtra

try:
    import numpy as _numpy  # noqa: F401
    import scipy as _scipy  # noqa: F401
except ImportError:
    raise MissingExtra("the audit", "audit") from None

from rewardkit.audit.audit import Audit, judge, labels, reward
from rewardkit.audit.callables import adapted, load
from rewardkit.audit.decision import Rules
from rewardkit.audit.grpo import Errors, Group
from rewardkit.audit.labelled import Columns, read

__all__ = ["Audit", "Columns", "Errors", "Group", "Rules", "adapted", "judge", "labels", "load", "read", "reward"]
