"""What a prompt asks for, as far as its words tell: a piece of writing, a few words, yes or no, another language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rewardkit.characters import unspaced
from rewardkit.content_words import WORD, is_english
from rewardkit.detectors import DEFAULT
from rewardkit.language import spoken
from rewardkit.text import Text

if TYPE_CHECKING:
    from rewardkit.types import Spec

_LANGUAGES = (
    "arabic|bengali|bulgarian|chinese|dutch|finnish|french|german|greek|gujarati|hebrew|hindi|indonesian|italian|japanese"
    "|kannada|korean|latin|marathi|nepali|persian|polish|portuguese|punjabi|russian|spanish|swahili|swedish|tamil|telugu"
    "|thai|turkish|ukrainian|urdu|vietnamese|welsh"
)
_another_language = re.compile(rf"\b(?:in|into|to)\s+(?:\w+\s+){{0,2}}(?:{_LANGUAGES})\b", re.IGNORECASE)


def asks_for_another_language(prompt: str, specs: tuple[Spec, ...]) -> bool:
    """Whether the answer is to be in another language than the prompt is, or nothing tells in which the prompt is."""
    asked = {spec.args["language"] for spec in specs if spec.id == "language:response"}
    if is_english(prompt):
        return bool(asked - {"en"}) or (not asked and _another_language.search(prompt) is not None)
    # Without spaces between words the prompt's words are not told apart, so that nothing can be compared.
    if 4 * len(unspaced.findall(prompt)) > len(prompt):
        return True
    return any(spoken(Text(prompt), language, DEFAULT, entire=False).ok is not True for language in asked)


_piece = re.compile(
    r"\b(?:story|stories|essay|poem|(?<!the )(?<!first )(?<!last )(?<!same )(?<!each )letter(?!\s+\w\b)|e-?mail"
    r"|screenplay|prove|proof|blog|article|songs?|lyrics|rap|resume|itinerary|proposal|pitch|ads?|advertisement|review"
    r"|summar\w+|explain|describe|report|speech|script|dialogue|conversation|biography|guide|tutorial|outline|critique"
    r"|criticize|rubric|lecture|template|advice|compare|discuss|elaborat\w+|ideas|facts|limericks?|ode|sonnet|jokes?"
    r"|tweets?|parody|document|debate|plan|post)\b",
    re.IGNORECASE,
)
_about = re.compile(r"\b(?:write|tell\s+me)\s+about\b", re.IGNORECASE)
_brief = re.compile(
    r"\?|\b(?:what|which|who|whom|whose|how\s+(?:many|much|old|long|far)|(?:nick)?names?\s+(?:for|that|exactly|an?|of|to)"
    r"|titles?\s+(?:for|of)|taglines?|slogans?|mottos?|headlines?|captions?|riddles?|haikus?"
    r"|(?:a|one|another|single)\s+(?:word|sentence)|complete|continue|choose|pick|select|guess|solve|calculate|compute"
    r"|convert|correct|classify|identify|synonyms?|antonyms?|acronyms?)\b",
    re.IGNORECASE,
)
_reworked = re.compile(r"\b(?:re-?(?:write|phrase|word)|paraphrase|translate)\b", re.IGNORECASE)
_LONG = 60  # words of a prompt that holds a text to be reworked
_closed_question = re.compile(
    r"(?:^|[.?!,:;]\s+|\n)(?:is|are|was|were|am|do|does|did|can|could|will|would|should|has|have|had)\s+(?!you\b)"
    r"[^.?!\n]+\?",
    re.IGNORECASE,
)


def asks_for_a_piece(prompt: str) -> bool:
    """Whether a piece of writing is asked for, such as a story or an explanation: none is a word or two."""
    return _piece.search(prompt) is not None


def asks_to_write_about(prompt: str) -> bool:
    """Whether the prompt says to write or tell about something, and not what kind of text."""
    return _about.search(prompt) is not None


def asks_for_little(prompt: str) -> bool:
    """Whether something is asked that a few words may answer: a question, a name, a short text said otherwise."""
    reworked = _reworked.search(prompt) is not None and len(WORD.findall(prompt)) <= _LONG
    return reworked or _brief.search(prompt) is not None


def asks_yes_or_no(prompt: str) -> bool:
    """Whether a question is asked that yes or no may answer; "can you" and "could you" ask for more."""
    return _closed_question.search(prompt) is not None
