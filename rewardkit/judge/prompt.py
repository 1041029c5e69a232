"""What a judge is shown, and how its verdict is read back.

The response is fenced by a mark that nobody can know who does not hold the secret, since it is a keyed hash of question
and response. The same hash chooses the labels of the verdicts and their order, out of those that stand nowhere in the
texts shown: a judge that repeats what it read gives no verdict. Equal questions make equal prompts, so that answers can
be kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from string import Template
from typing import TYPE_CHECKING, Any, Literal

from rewardkit.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rewardkit.asking import Question

Form = Literal["json", "json_label", "label", "text"]
"""How the verdict is given: as JSON after a reason, as JSON alone, as the bare label, as a last line after a reason."""

# Consonants, which are no words and one token each; no L, O, I, which are easily read as something else.
LETTERS = "BCDFGHJKMNPQRSTVWXZ"
_NAMES = (
    "form_json form_json_label form_json_together form_label form_text form_text_together intro reference response"
    " scale task together yes_no"
)
_token = re.compile(r"[^\W_]+")
# What chat templates take for the end of a turn or the beginning of one, in any model's spelling.
_role = re.compile(
    r"<(?=[|\uff5c][^|\uff5c<>\n]{1,40}[|\uff5c]>|/?s>|/?(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|</?SYS>>"
    r"|/?(?:think|tool_call|im_start|im_end)>)|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and what its verdicts mean.

    labels: the labels on offer, the worst verdict first; for yes and no, that is (no, yes).
    numbers: of several criteria asked together, how many; 0 for one.
    """

    text: str
    labels: tuple[str, ...]
    form: Form
    numbers: int = 0

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the answer, for the two forms that are JSON."""
        label = {"type": "string", "enum": sorted(self.labels)}  # in no order that would tell
        if self.numbers:
            properties: dict[str, Any] = {str(n): label for n in range(1, self.numbers + 1)}
        elif self.form == "json":
            properties = {"reason": {"type": "string"}, "verdict": label}
        else:
            properties = {"verdict": label}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


@cache
def version() -> str:
    """A hash of everything a prompt is made of but the texts."""
    parts = [_template(name).template for name in _NAMES.split()]
    return hashlib.sha256(json.dumps([parts, LETTERS, _role.pattern]).encode()).hexdigest()[:12]


def one(question: Question, response: str, form: Form, secret: bytes, sample: int = 0) -> Prompt:
    """The prompt for one question; `sample` numbers the votes, each of which has labels of its own."""
    shown = [question.prompt, question.reference, question.criterion, response]
    mark, labels = _hashed(secret, [question.to_json(), response, sample], shown, question.grades)
    parts = _parts(question, response, mark)
    criterion = quoted(question.criterion)
    if question.grades == 2:
        parts.append(_fill("yes_no", mark=mark, criterion=criterion, yes=labels[1], no=labels[0]))
    else:
        parts.append(_fill("scale", mark=mark, criterion=criterion, labels=", ".join(labels)))
    parts.append(_fill(f"form_{form}"))
    return Prompt("\n".join(parts), labels, form)


def together(questions: Sequence[Question], response: str, form: Form, secret: bytes, sample: int = 0) -> Prompt:
    """The prompt for several yes-or-no questions about one response to one task."""
    first = questions[0]
    if any((q.prompt, q.reference, q.grades) != (first.prompt, first.reference, 2) for q in questions):
        raise SpecError("questions asked together are yes-or-no questions about a response to one and the same task")
    criteria = [question.criterion for question in questions]
    mark, labels = _hashed(
        secret,
        [[q.to_json() for q in questions], response, sample],
        [first.prompt, first.reference, response, *criteria],
        2,
    )
    listed = "\n".join([f"{number}. {quoted(criterion)}" for number, criterion in enumerate(criteria, 1)])
    parts = _parts(first, response, mark)
    parts.append(_fill("together", mark=mark, criteria=listed, yes=labels[1], no=labels[0]))
    parts.append(_fill(f"form_{'json' if form.startswith('json') else 'text'}_together"))
    return Prompt("\n".join(parts), labels, form, len(questions))


def quoted(text: str) -> str:
    """Text that no chat template takes for a turn of its own: an invisible joiner stands in every role token.

    A lone surrogate, which no request can carry, becomes the replacement character.
    """
    text = _role.sub(lambda found: found.group() + "\u2060", text)
    return text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def _parts(question: Question, response: str, mark: str) -> list[str]:
    parts = [_fill("intro")]
    if question.prompt:
        parts.append(_fill("task", mark=mark, prompt=quoted(question.prompt)))
    if question.reference:
        parts.append(_fill("reference", mark=mark, reference=quoted(question.reference)))
    parts.append(_fill("response", mark=mark, response=quoted(response)))
    return parts


def _hashed(secret: bytes, asked: Any, shown: Sequence[str], grades: int) -> tuple[str, tuple[str, ...]]:
    """The mark and the labels, worst first. No label stands in any of the texts shown as a word of its own."""
    digest = hmac.digest(secret, json.dumps(asked).encode("ascii"), "sha256")
    taken = set().union(*[set(_token.findall(text)) for text in shown])
    labels: list[str] = []
    for pool in _pools():
        order = hashlib.shake_128(digest + pool[0].encode()).digest(2 * len(pool))
        ranked = sorted((order[2 * at : 2 * at + 2], label) for at, label in enumerate(pool))
        labels += [label for _, label in ranked if label not in taken][: grades - len(labels)]
        if len(labels) == grades:
            break
    return digest.hex()[:20], tuple(labels)


def _pools() -> Iterator[list[str]]:
    """Single letters; a response that holds nearly all of them gets pairs, and so on without end."""
    size = 1
    while True:
        yield ["".join(letters) for letters in product(LETTERS, repeat=size)]
        size += 1


@cache
def _template(name: str) -> Template:
    return Template(files("rewardkit.judge").joinpath(f"prompts/{name}.txt").read_text("utf-8"))


def _fill(name: str, **values: str) -> str:
    """One pass: what the values hold is never filled in again."""
    return _template(name).substitute(values)
