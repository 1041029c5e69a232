"""Which language a text is in: by its script where the script suffices, otherwise by a detector."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from rewardkit.characters import IDEOGRAPHS, asciified
from rewardkit.detectors import DEFAULT, detect
from rewardkit.languages import LANGUAGES, are_related, common_words, count_common, name_of, sharing

if TYPE_CHECKING:
    from rewardkit.text import Text
    from rewardkit.types import Span


class _Proof(NamedTuple):
    """What it takes to call one sentence another language."""

    probability: float
    letters: int
    words: int


# Where a text should be in a language, and where it only must not show another one (case constraints). What they make
# of real responses, and every segment they call foreign, is printed by benchmarks/language_accuracy.py --list.
_LIKELY = _Proof(0.7, 15, 3)
_CERTAIN = _Proof(0.92, 24, 5)
_STRANGE = 0.1  # less than this, for a sentence without a common word of the language, and it is in another
_ALSO_ENGLISH = frozenset(["a", "an", "as", "at", "by", "for", "in", "is", "it", "no", "of", "on", "or", "so", "to"])
_ENOUGH = 80  # characters of one sentence; more of it changes no detector's mind

_web = re.compile(r"(?:https?://|www\.)[!-~]+|[!-?A-~]{1,64}@[!-~]+")
_boundary = re.compile(
    r"[\n.!?\u2026\u3002\uff01\uff1f\u061f\u06d4\u0964]"
    r"(?:(?<=[\n\u3002\uff01\uff1f\u061f\u06d4\u0964])|[\"')\]*_\u201d\u2019\xbb]*+(?=\s))\s*"
)
_ideograph = re.compile(f"[{IDEOGRAPHS}]")
_word = regex.compile(r"[\p{L}\p{M}\u200c\u200d]+")


class Spoken(NamedTuple):
    """What a look at the language found: whether the text is in it, why, and the stretches that are not."""

    ok: bool | None
    note: str
    spans: tuple[Span, ...] = ()


class _Script(NamedTuple):
    """What the script says of a language."""

    foreign: regex.Pattern[str]  # a run of letters of other scripts
    native: regex.Pattern[str]  # a letter or mark of its scripts
    signature: regex.Pattern[str]  # a letter that shows the script at work: kana for Japanese, which Han is not
    is_latin: bool
    is_own: bool  # no other language of the table is written in it first of all
    is_related: bool  # those that are cannot be told from it by one sentence
    is_default: bool  # of those that share it, the one that text too short to tell is taken for

    def is_left_by(self, prose: str) -> bool:
        """Whether the text has a letter of another script."""
        return not (self.is_latin and asciified(prose) is not None) and self.foreign.search(prose) is not None

    def foreign_letters(self, text: str) -> int:
        return sum(map(len, self.foreign.findall(text)))

    def shown_by(self, piece: str) -> bool | None:
        """Whether letters of other scripts make the piece foreign; None where the words must tell."""
        if len(piece) < 3 or (len(piece) < 6 and piece.isascii()):  # too short for a sentence in any script
            return False
        if self.foreign.search(piece) is None:
            return None
        if 2 * self.foreign_letters(piece) > _letters(piece):
            return _is_prose(_word.findall(self.native.sub(" ", piece)))
        if any(len(between) >= 12 and _is_long_run(between) for between in self.native.split(piece)):
            return True
        return None


def spoken(text: Text, code: str, detector: str = DEFAULT, *, entire: bool = True) -> Spoken:
    """Whether the entire text is in the language: no sentence, heading or item is in another; or at least most of it.

    Names and terms of another script inside a sentence are let pass. What holds no letter is in no language; what is
    too short to tell is undecided.
    """
    prose = _prose(text)
    if not prose[:1].isalpha() and not any(map(str.isalpha, prose)):
        return Spoken(False, "no letters, so in no language")
    script = _script(code)
    mixed = script.is_left_by(prose)
    signed = script.signature.search(prose) is not None
    if not mixed and signed and script.is_own:
        return Spoken(True, f"in the script of {name_of(code)}")
    seen = _survey(text, code, mixed, detector, _LIKELY)
    if seen.foreign and (entire or 2 * sum(end - start for start, end in seen.foreign) > len(prose)):
        return Spoken(False, f"{len(seen.foreign)} of {seen.segments} segments in another language", seen.foreign)
    if 2 * seen.recognised > len(prose):
        return Spoken(True, f"{seen.recognised} of {len(prose)} characters in sentences of {name_of(code)}")
    own = _readable(script.foreign.sub(" ", prose) if mixed else prose)
    letters = _letters(own) + 2 * len(_ideograph.findall(own))  # one says as much as three letters
    others = script.foreign_letters(prose) if mixed else 0
    if 5 * letters < others:
        return Spoken(False, f"{letters} of {letters + others} letters in a script of {name_of(code)}")
    return _by_detector(own, letters, code, detector)


def other_language(text: Text, code: str, detector: str = DEFAULT) -> Spoken | None:
    """The evidence that the text is not, or not only, in the language; None where it shows no other.

    Looser than `spoken`: odd or very short text shows nothing.
    """
    prose = _prose(text)
    seen = _survey(text, code, _script(code).is_left_by(prose), detector, _CERTAIN)
    if seen.foreign:
        return Spoken(False, f"{len(seen.foreign)} of {seen.segments} segments in another language", seen.foreign)
    if not seen.recognised and _letters(prose) >= 2 * _LIKELY.letters:
        guesses = dict(detect(_readable(prose)[: 4 * _ENOUGH], detector=detector))
        found = next(iter(guesses), code)
        # No sentence was the language beyond doubt, so less will do to call the whole another one.
        if found != code and guesses[found] >= 0.4 and guesses.get(code, 0.0) < 0.05:
            return Spoken(False, f"in {name_of(found)} ({guesses[found]:.2f})", ((0, len(text.string)),))
    return None


def _prose(text: Text) -> str:
    if len(text.prose) == 1:
        start, end = text.prose[0]
        return text.string[start:end]
    return "\n".join([text.string[start:end] for start, end in text.prose])


class _Survey(NamedTuple):
    """What a look at every segment found."""

    recognised: int  # characters in segments that are the language beyond doubt
    foreign: tuple[Span, ...]  # segments in another language
    segments: int


def _survey(text: Text, code: str, mixed: bool, detector: str, proof: _Proof) -> _Survey:
    """Look at the prose piece by piece, cut at line ends and marks that end sentences: finer than sentences."""
    script, is_common, is_english = _script(code), common_words(code).__contains__, common_words("en").__contains__
    string = text.string
    curly = "\u2019" in string
    recognised, segments = 0, 0
    foreign: list[Span] = []
    guessed: dict[str, str] = {}  # a response repeats itself
    for start, end in text.prose:
        pieces = _boundary.split(string[start:end])
        segments += len(pieces)
        found: list[int] = []
        for number, piece in enumerate(pieces):
            if mixed and (shown := script.shown_by(piece)) is not None:
                found += [number] if shown else []
                continue
            if len(piece) < proof.letters:
                continue
            words = (piece.replace("\u2019", "'") if curly else piece).lower().split()
            own = sum(map(is_common, words))
            # One in eight at least: fewer prove nothing, a policy can put one into every sentence of another language.
            english = sum(map(is_english, words)) if code != "en" else 0
            if 0 < len(words) <= 8 * own and own >= english:
                recognised += len(piece)
                continue
            guess = guessed.get(piece)
            if guess is None:
                least = 0.0 if own or not _is_long(words, code) else _STRANGE
                guess = guessed[piece] = _firmly(piece, code, detector, proof, least)
            if guess == code:
                recognised += 0 if english > own else len(piece)
            elif guess and not are_related(code, guess):
                found.append(number)
        if found:
            spans = _spans(string, start, end)
            foreign += [spans[number] for number in found]
    return _Survey(recognised, tuple(foreign), segments)


def _spans(string: str, start: int, end: int) -> list[Span]:
    """Where the pieces of a stretch stand."""
    spans: list[Span] = []
    for boundary in _boundary.finditer(string, start, end):
        spans.append((start, boundary.start()))
        start = boundary.end()
    return [*spans, (start, end)]


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


def _is_long(words: list[str], code: str) -> bool:
    """Whether a sentence of this language with so many words would have a common one."""
    if not common_words(code) or sum(map(str.isalpha, words)) < 8:
        return False
    return code != "en" or sum(map(_ALSO_ENGLISH.__contains__, words)) < 2


def _firmly(segment: str, code: str, detector: str, proof: _Proof, least: float) -> str:
    """The language in which the detector firmly puts the segment, "" where it is too short or too odd to tell.

    Firmly also means that it gives `code` less than `least`.
    """
    size = len(segment)
    if size < proof.letters or segment.count(" ") < proof.words - 1:
        return ""
    if size < 3 * proof.letters and _letters(segment) < proof.letters:
        return ""
    script = _script(code)
    if script.is_related and script.signature.search(segment):
        return ""
    guesses = detect(_readable(segment)[:_ENOUGH], 4 if least else 1, detector=detector)
    if not guesses:
        return ""
    guess, probability = guesses[0]
    if probability < proof.probability:
        # The detector knows English so well that little of it is a sign; of other languages it takes a word as well.
        shown = code == "en" or count_common(segment.lower().split(), guess) > 0
        if not shown or dict(guesses).get(code, 0.0) >= least:
            return ""
    return guess


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
        words = own.lower().split()
        english = count_common(words, "en") if code != "en" else 0
        if 8 * english >= len(words) and english > count_common(words, code):
            return Spoken(None, f"{name_of(code)} ({guesses[code]:.2f}) in words of English")
        return Spoken(True, f"{name_of(code)} ({guesses[code]:.2f})")
    if letters < 2 * _LIKELY.letters and default:
        return Spoken(True, f"{letters} letters in a script of {name_of(code)}")
    if not short and guesses.get(code, 0.0) < 0.1:
        return Spoken(False, f"{name_of(likeliest)} ({guesses.get(likeliest, 0.0):.2f})")
    reason = "too short to tell" if short else f"{name_of(likeliest)} or {name_of(code)}"
    return Spoken(None, f"{letters} letters: {reason}")


def _settled(text: str, guesses: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The guesses, unless common words settle what the detector leaves open between related languages."""
    rivals = [code for code, _ in guesses if are_related(code, guesses[0][0]) and common_words(code)]
    if len(rivals) < 2 or guesses[0][1] >= 0.9:
        return guesses
    words = _boundary.sub(" ", text).lower().split()
    counts = {code: count_common(words, code) for code in rivals}
    first, second, *_ = sorted(counts, key=lambda code: -counts[code])
    return [(first, 1.0)] if counts[first] >= 3 * max(counts[second], 1) else guesses


@cache
def _script(code: str) -> _Script:
    scripts = LANGUAGES[code][1]
    own = "".join(rf"\p{{Script={script}}}" for script in scripts)
    shown = "".join(rf"\p{{Script={script}}}" for script in scripts if script != "Han") or own
    others = sharing(code)
    return _Script(
        foreign=regex.compile(rf"[\p{{L}}--[{own}\p{{Script=Common}}\p{{Script=Inherited}}]]+", regex.V1),
        native=regex.compile(rf"[[\p{{L}}\p{{M}}]&&[{own}\p{{Script=Inherited}}]]", regex.V1),
        signature=regex.compile(f"[{shown}]"),
        is_latin="Latin" in scripts,
        is_own=others == [code],
        is_related=all(other == code or are_related(code, other) for other in others),
        is_default=others[0] == code and "Latin" not in scripts,
    )
