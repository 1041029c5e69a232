"""Which language a text is in: by its script where the script suffices, otherwise by a detector."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from rewardkit.characters import IDEOGRAPHS, asciified
from rewardkit.detectors import DEFAULT, detect
from rewardkit.languages import COMMON_WORDS, FOREIGN_TO_ENGLISH, LANGUAGES, are_related, is_common, name_of, sharing

if TYPE_CHECKING:
    from rewardkit.text import Text
    from rewardkit.types import Span


class _Proof(NamedTuple):
    """What it takes to call one sentence another language."""

    probability: float
    letters: int
    words: int


# Where a text should be in a language, and where it only must not show another one (case constraints). The first calls
# 6 of 29,000 real sentences wrongly, the second none of 62,000; benchmarks/language_accuracy.py.
_LIKELY = _Proof(0.7, 15, 3)
_CERTAIN = _Proof(0.92, 24, 5)
_ENOUGH = 80  # characters of one sentence; more of it changes no detector's mind

_web = re.compile(r"(?:https?://|www\.)[!-~]+|[!-?A-~]{1,64}@[!-~]+")
_boundary = re.compile(
    r"[\n.!?\u2026\u3002\uff01\uff1f\u061f\u06d4\u0964]"
    r"(?:(?<=[\n\u3002\uff01\uff1f\u061f\u06d4\u0964])|[\"')\]*_\u201d\u2019\xbb]*+(?=\s))\s*"
)
_MARKS_TO_SPACES = str.maketrans(".!?", "   ")
_ideograph = re.compile(f"[{IDEOGRAPHS}]")
_word = regex.compile(r"[\p{L}\p{M}\u200c\u200d]+")


class Spoken(NamedTuple):
    """What a look at the language found: whether the text is in it, why, and the stretches that are not."""

    ok: bool | None
    note: str
    spans: tuple[Span, ...] = ()


class _Script(NamedTuple):
    """What the script says of a language."""

    foreign: regex.Pattern[str]  # a letter of any other script
    native: regex.Pattern[str]  # a letter or mark of its scripts
    signature: regex.Pattern[str]  # a letter that shows the script at work: kana for Japanese, which Han is not
    is_latin: bool
    is_own: bool  # no other language of the table is written in it first of all
    is_related: bool  # those that are cannot be told from it by one sentence
    is_default: bool  # of those that share it, the one that text too short to tell is taken for


def spoken(text: Text, code: str, detector: str = DEFAULT) -> Spoken:
    """Whether the entire text is in the language: no sentence, heading or item is in another.

    Names and terms of another script inside a sentence are let pass. What holds no letter is in no language; what is
    too short to tell is undecided.
    """
    string = text.string
    prose = string if len(text.prose) == 1 else "\n".join([string[start:end] for start, end in text.prose])
    if not prose[:1].isalpha() and not any(map(str.isalpha, prose)):
        return Spoken(False, "no letters, so in no language")
    script = _script(code)
    plain = asciified(prose)
    mixed = not (script.is_latin and plain is not None) and script.foreign.search(prose) is not None
    signed = script.signature.search(prose) is not None
    if not mixed and signed and script.is_own:
        return Spoken(True, f"in the script of {name_of(code)}")
    recognised = 0  # characters in segments that are the language beyond doubt
    for segment in _boundary.split(prose):
        found = _shown(segment, code, mixed, detector, _LIKELY)
        if found == code:
            recognised += len(segment)
        elif found and not are_related(code, found):
            return _foreign_segments(string, text.prose, code, mixed, detector, _LIKELY)
    if 2 * recognised > len(prose):
        return Spoken(True, f"{recognised} of {len(prose)} characters in sentences of {name_of(code)}")
    own = _readable(script.foreign.sub(" ", prose) if mixed else prose)
    letters = _letters(own) + 2 * len(_ideograph.findall(own))  # one says as much as three letters
    others = len(script.foreign.findall(prose)) if mixed else 0
    if 5 * letters < others:
        return Spoken(False, f"{letters} of {letters + others} letters in a script of {name_of(code)}")
    return _by_detector(own, letters, code, detector)


def other_language(text: Text, code: str, detector: str = DEFAULT) -> Spoken | None:
    """The evidence that the text is not, or not only, in the language; None where it shows no other.

    Looser than `spoken`: odd or very short text shows nothing.
    """
    string = text.string
    prose = string if len(text.prose) == 1 else "\n".join([string[start:end] for start, end in text.prose])
    script = _script(code)
    plain = asciified(prose)
    mixed = not (script.is_latin and plain is not None) and script.foreign.search(prose) is not None
    if code == "en" and plain is not None:
        words = plain.lower().translate(_MARKS_TO_SPACES).split()
        first = words[:64]
        # No foreign word anywhere and enough English ones: what a look at every segment would find.
        if FOREIGN_TO_ENGLISH.isdisjoint(words) and 8 * sum(map(COMMON_WORDS[code].__contains__, first)) >= len(first):
            return None
    recognised = False
    for segment in _boundary.split(prose):
        if len(segment) < _CERTAIN.letters and not mixed:
            continue
        if code == "en" and plain is not None and FOREIGN_TO_ENGLISH.isdisjoint(segment.lower().split()):
            recognised = recognised or _speaks(segment, code)
            continue
        if found := _shown(segment, code, mixed, detector, _CERTAIN):
            if found != code and not are_related(code, found):
                return _foreign_segments(string, text.prose, code, mixed, detector, _CERTAIN)
            recognised = True
    if not recognised and _letters(prose) >= 2 * _LIKELY.letters:
        guesses = dict(detect(_readable(prose)[: 4 * _ENOUGH], detector=detector))
        found = next(iter(guesses), code)
        # No sentence was the language beyond doubt, so less will do to call the whole another one.
        if found != code and guesses[found] >= 0.4 and guesses.get(code, 0.0) < 0.05:
            return Spoken(False, f"in {name_of(found)} ({guesses[found]:.2f})", ((0, len(string)),))
    return None


def _foreign_segments(
    string: str, prose: tuple[Span, ...], code: str, mixed: bool, detector: str, proof: _Proof
) -> Spoken:
    """The evidence against a text that holds segments of another language: where they stand."""
    segments = _segments(string, prose)
    foreign: list[Span] = []
    for start, end in segments:
        found = _shown(string[start:end], code, mixed, detector, proof)
        if found and found != code and not are_related(code, found):
            foreign.append((start, end))
    return Spoken(False, f"{len(foreign)} of {len(segments)} segments in another language", tuple(foreign))


def _segments(string: str, prose: tuple[Span, ...]) -> list[Span]:
    """The prose, cut at line ends and marks that end sentences: finer than sentences, and quicker."""
    spans: list[Span] = []
    for start, end in prose:
        for boundary in _boundary.finditer(string, start, end):
            here, after = boundary.span()
            if here > start:
                spans.append((start, here))
            start = after
        if start < end:
            spans.append((start, end))
    return spans


def _shown(segment: str, code: str, mixed: bool, detector: str, proof: _Proof) -> str:
    """The language a segment shows, "?" for one of a foreign script, "" where it shows none."""
    if len(segment) < 3:
        return ""
    script = _script(code)
    if mixed and script.foreign.search(segment) is not None:
        if 2 * len(script.foreign.findall(segment)) > _letters(segment):
            return "?" if _is_prose(_word.findall(script.native.sub(" ", segment))) else ""
        if any(len(piece) >= 12 and _is_long_run(piece) for piece in script.native.split(segment)):
            return "?"
    if len(segment) < proof.letters:
        return ""
    return code if _speaks(segment, code) else _firmly(segment, script, detector, proof)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _is_long_run(piece: str) -> bool:
    """Whether a stretch between native letters is a clause in a script without capitals, which has no other sign."""
    words = _word.findall(piece)
    return sum(map(len, words)) >= 12 and all(word.lower() == word.upper() for word in words)


def _is_prose(words: list[str]) -> bool:
    """Whether words of a foreign script make a sentence rather than a name or a term."""
    if all(word.lower() == word.upper() for word in words):
        # Without capitals nothing but length tells sentences from names.
        return sum(map(len, words)) >= 6 or len(_ideograph.findall("".join(words))) >= 3
    if len(words) < 3:
        return False
    return len(words) > 5 or sum(word.islower() for word in words) >= 2 or all(word.isupper() for word in words)


def _firmly(segment: str, script: _Script, detector: str, proof: _Proof) -> str:
    """The language in which the detector firmly puts the segment, "" where it is too short or too odd to tell."""
    size = len(segment)
    if size < proof.letters or segment.count(" ") < proof.words - 1:
        return ""
    if size < 3 * proof.letters and _letters(segment) < proof.letters:
        return ""
    if script.is_related and script.signature.search(segment):
        return ""
    guesses = detect(_readable(segment)[:_ENOUGH], 1, detector=detector)
    return guesses[0][0] if guesses and guesses[0][1] >= proof.probability else ""


def _readable(string: str) -> str:
    """The text without addresses."""
    return _web.sub(" ", string) if ":/" in string or "@" in string or "www." in string else string


def _by_detector(own: str, letters: int, code: str, detector: str) -> Spoken:
    script = _script(code)
    signed = script.signature.search(own) is not None
    if signed and script.is_own:
        return Spoken(True, f"{letters} letters in the script of {name_of(code)}")
    sample = own if len(own) <= 4 * _ENOUGH else f"{own[: 2 * _ENOUGH]} {own[-2 * _ENOUGH :]}"
    guesses = dict(_settled(own, detect(sample, detector=detector)))
    likeliest = next(iter(guesses), "")
    short, default = letters < _LIKELY.letters, signed and script.is_default
    if likeliest == code and (not short or default or guesses[code] >= _LIKELY.probability):
        return Spoken(True, f"{name_of(code)} ({guesses[code]:.2f})")
    if letters < 2 * _LIKELY.letters and default:
        return Spoken(True, f"{letters} letters in a script of {name_of(code)}")
    if not short and guesses.get(code, 0.0) < 0.1:
        return Spoken(False, f"{name_of(likeliest)} ({guesses.get(likeliest, 0.0):.2f})")
    reason = "too short to tell" if short else f"{name_of(likeliest)} or {name_of(code)}"
    return Spoken(None, f"{letters} letters: {reason}")


def _settled(text: str, guesses: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The guesses, unless common words settle what the detector leaves open between related languages."""
    rivals = [code for code, _ in guesses if are_related(code, guesses[0][0]) and code in COMMON_WORDS]
    if len(rivals) < 2 or guesses[0][1] >= 0.9:
        return guesses
    words = _boundary.sub(" ", text).lower().split()
    counts = {code: sum(is_common(word, code) for word in words) for code in rivals}
    first, second, *_ = sorted(counts, key=lambda code: -counts[code])
    return [(first, 1.0)] if counts[first] >= 3 * max(counts[second], 1) else guesses


def _speaks(segment: str, code: str) -> bool:
    """Whether it has common words of this language: one in eight, or any if it has none of another language."""
    common = COMMON_WORDS.get(code)
    if common is None:
        return False
    words = segment.lower().replace("\u2019", "'").split()
    if common.isdisjoint(words):
        return False
    if len(words) <= 8 or 8 * sum(map(common.__contains__, words)) >= len(words):
        return True
    return _common_elsewhere(code).isdisjoint(words)


@cache
def _common_elsewhere(code: str) -> frozenset[str]:
    return frozenset().union(*(words for other, words in COMMON_WORDS.items() if other != code)) - COMMON_WORDS[code]


@cache
def _script(code: str) -> _Script:
    scripts = LANGUAGES[code][1]
    own = "".join(rf"\p{{Script={script}}}" for script in scripts)
    shown = "".join(rf"\p{{Script={script}}}" for script in scripts if script != "Han") or own
    others = sharing(code)
    return _Script(
        foreign=regex.compile(rf"[\p{{L}}--[{own}\p{{Script=Common}}\p{{Script=Inherited}}]]", regex.V1),
        native=regex.compile(rf"[[\p{{L}}\p{{M}}]&&[{own}\p{{Script=Inherited}}]]", regex.V1),
        signature=regex.compile(f"[{shown}]"),
        is_latin="Latin" in scripts,
        is_own=others == [code],
        is_related=all(other == code or are_related(code, other) for other in others),
        is_default=others[0] == code and "Latin" not in scripts,
    )
