"""NeMo-Gym's instruction_following and ifbench rows: ids of IFEvalG and IFBench, each mapped to one of our specs.

The fields are IFEval's, at the top or under "verifier_metadata"; `grading_mode` ("binary" or "fraction") is a reward
and not a constraint: it stays in the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewardkit.formats import ifbench, ifevalg
from rewardkit.formats.mapping import specs
from rewardkit.formats.row import Row, key_of, prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rewardkit.formats.mapping import Table


def recognises(record: Mapping[str, Any]) -> bool:
    """Whether the record is one of NeMo-Gym's with a list of ids."""
    fields = _fields(record)
    return "responses_create_params" in record and isinstance(fields.get("instruction_id_list"), list)


def parse(record: Mapping[str, Any]) -> Row:
    """The record as a Row; FormatError in one sentence otherwise."""
    fields = _fields(record)
    found = specs(fields.get("instruction_id_list"), fields.get("kwargs"), IDS, "NeMo-Gym")
    return Row(key_of(record), prompt_of({**record, **fields}), found, record)


def _fields(record: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = record.get("verifier_metadata")
    return metadata if isinstance(metadata, dict) and "instruction_id_list" in metadata else record


IDS: Table = {**ifevalg.IDS, **ifbench.OWN}
