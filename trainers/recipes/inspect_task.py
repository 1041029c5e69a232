"""inspect eval inspect_task.py --model openai/my-model   (data.jsonl: records of any format that rewardkit reads)"""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.solver import generate

from rewardkit import formats
from rewardkit_trainers.inspect_ai import verified


@task
def instructions(path: str = "data.jsonl") -> Task:
    """Every record's prompt, verified."""
    rows = formats.read(path)
    samples = [Sample(input=row.prompt, id=row.key, metadata={"label": dict(row.record)}) for row in rows]
    return Task(dataset=MemoryDataset(samples), solver=generate(), scorer=verified())
