"""Constraints against answers that answer nothing: they look at what a response says beyond what its specs demand.

A verifier can be passed without answering. These guards ask, of a response to a known prompt, whether it is the prompt
again, the required tokens and nothing else, one phrase over and over, words that fit any prompt, a refusal, a form with
nothing filled in, or a text about something else. They count words; they do not understand. What they reject is
explained by spans and numbers. The thresholds were chosen on the very responses and on the junk prose by which
benchmarks/task_blind.py reports them, so that its figures for these flatter; prose that they were not set against, which
it tries as well, mostly passes.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache, partial
from math import log2
from typing import TYPE_CHECKING, Annotated, NamedTuple

from annotated_types import Ge, Gt, Le

from rewardkit.arguments import Count, Phrase, counted, excerpt
from rewardkit.characters import unspaced
from rewardkit.content_words import WORD, content_of, is_english, is_known, is_name, listed, parts, stems_of
from rewardkit.matching import starts_with
from rewardkit.prompts import (
    asks_for_a_piece,
    asks_for_another_language,
    asks_for_little,
    asks_to_write_about,
    asks_yes_or_no,
)
from rewardkit.registry import constraint
from rewardkit.runs import RUN, covered, in_a_row, pieces, runs, runs_of
from rewardkit.text import Text
from rewardkit.types import Finding, Span, Spec
from rewardkit.vectors import bad, good

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any


Share = Annotated[float, Ge(0), Le(1)]


def guards_for(prompt: str, specs: Iterable[Spec]) -> tuple[Spec, ...]:
    """The guards for the responses to a prompt with these specs, as specs.

    Where the specs themselves say what the answer is (see `is_given`), only a refusal and a loop are no answer. In a
    language other than the prompt's, nothing tells whether a response is about it: there the guards that compare the
    two are left out.
    """
    specs = tuple(specs)
    found = [Spec("guards:refusal", {}), Spec("guards:repetition", {})]
    if not prompt.strip() or any(map(is_given, specs)):
        return tuple(found[: 1 if any(spec.id.startswith("copy:") for spec in specs) else 2])
    given = given_by(specs)
    echoed = next((spec.args["phrase"] for spec in specs if spec.id == "position:echo"), None)
    echo = {"echoed": echoed} if echoed is not None else {}
    about: dict[str, Any] = {"prompt": prompt, "given": given, **echo}
    found += [Spec("guards:echo", {"prompt": prompt, **echo}), Spec("guards:placeholders", {"given": given})]
    found += [Spec("guards:shell", about)]
    if not asks_for_another_language(prompt, specs):
        found += [Spec("guards:filler", about), Spec("guards:related", about)]
    return tuple(found)


def is_given(spec: Spec) -> bool:
    """Whether the spec says what the whole answer is: a copy, one of the options, the items of a list."""
    return spec.id.startswith("copy:") or spec.id in _GIVEN


_GIVEN = ("format:options", "content:reversed", "data:csv", "lists:items", "lists:dates")


def given_by(specs: Iterable[Spec]) -> list[str]:
    """The texts that specs give, which are no words of the response's own."""
    return sorted({phrase for spec in specs for phrase in _phrases(spec)})


def _phrases(spec: Spec) -> Iterator[str]:
    """The texts among the arguments, those of inner specs too; not what is to be echoed, nor a language or relation."""
    if spec.id not in (
        "position:echo",
        "language:response",
        "rubric:criterion",
        "rubric:checklist",
        "unsupported:instruction",
    ):
        yield from _texts(spec.args)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("id", "relation", "unit", "which", "case", "separator", "kind", "rule"):
                yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


_drawn_out = re.compile(r"([^\W\d_])\1\1\1")  # no word, but a letter that has to appear
_json_escape = re.compile(r"\\(?:[nrtbf\"/]|u[0-9a-fA-F]{4})")


class _Own(NamedTuple):
    """A word of the response's own: neither given by the specs nor said of every answer."""

    stem: str
    span: Span
    weight: float  # from .1 for the commonest to 2.5 for words that are not among the common ones
    is_specific: bool
    is_number: bool


_own_word: Callable[[tuple[str, Span, float, bool, bool]], _Own] = partial(tuple.__new__, _Own)  # faster than _Own()


class _About:
    """What the guards that compare a response with its prompt have in common."""

    prompt: str
    given: tuple[str, ...]
    echoed: str | None

    def _own(self, text: Text) -> list[_Own]:
        """The response's own content words, each once; kept with the text, since several guards ask for them."""
        key = ("guards", self.given, self.echoed)
        kept: list[_Own] | None = text.kept.get(key)
        if kept is None:
            kept = text.kept[key] = self._find_own(text)
        return kept

    def _find_own(self, text: Text) -> list[_Own]:
        if "\\" in text.string:  # of the same length, so that spans stay
            text = Text.whole(_json_escape.sub(lambda match: " " * len(match.group()), text.string))
        lower = text.string.lower()
        if len(lower) != len(text.string):  # a few letters grow
            lower = text.string
        begin = 0
        if self.echoed is not None and (found := starts_with(text, self.echoed)) is not None:
            begin = found[1]
        spans = [span for span in text.words if span[0] >= begin] if begin else text.words
        spans = tuple(parts(lower, spans))
        if spans == text.words and text.string.isascii():
            words = text.spelled
        else:
            words = [lower[start:end] for start, end in spans]
        first = dict(zip(reversed(words), reversed(spans), strict=True))  # where each word stands first
        given = stems_of("\n".join(self.given))
        shouts = text.string.isupper()
        mirrored = "palindrome" in self.prompt.lower()  # asked for, so that they are tokens and no answer
        once: dict[str, _Own] = {}
        for word in dict.fromkeys(words):
            content = content_of(word)
            if content is None or content.stem in given or content.stem in once or (mirrored and word == word[::-1]):
                continue
            span = first[word]
            specific = content.is_specific and (is_known(word) or (not shouts and is_name(text.string, span[0])))
            once[content.stem] = _own_word((content.stem, span, content.weight, specific, word.isdigit()))
        return list(once.values())

    def _shared(self, own: list[_Own]) -> list[_Own]:
        """Those of the words that the prompt has too."""
        asked = stems_of(self.prompt)
        return [one for one in own if one.stem in asked]

    def _chance(self, own: list[_Own]) -> float:
        """The weight that words about something else share with the prompt: more, the longer the text or the prompt."""
        return (1 + 0.3 * _doublings(len(own) / 8)) * (1 + _doublings(len(stems_of(self.prompt)) / 10))


@constraint("guards:echo", ask="Answer the prompt instead of repeating it.")
class Echo:
    """The response is not the prompt again.

    It is where more than {share} of its words stand, six in a row, in the prompt, and they make up half of that. Where
    the specs want something repeated first (`echoed`), that is left out, and what follows it is no more of the prompt.
    A quotation, a rewritten sentence or a list made of the prompt's words is less of the prompt than that.
    """

    prompt: Phrase
    echoed: Phrase | None = None
    share: Share = 0.8

    def check(self, text: Text) -> Finding:
        begin = 0
        if self.echoed is not None and (found := starts_with(text, self.echoed)) is not None:
            begin = found[1]
        rest = text.string[begin:] if begin else text.string
        lower = rest.lower()
        said = WORD.findall(lower) if len(lower) == len(rest) else [word.lower() for word in WORD.findall(rest)]
        asked = WORD.findall(self.prompt.lower())
        common = sum(map(frozenset(asked).__contains__, said))
        if common <= self.share * len(said):  # most responses are told by this alone
            return Finding(True, f"at most {common} of {counted(len(said), 'word')} are the prompt's")
        size = min(RUN, len(asked))
        known = runs(tuple(asked), size)
        inside, used = covered(said, known, size)
        copied = inside.count(1)
        note = f"{copied} of {counted(len(said), 'word')} are the prompt's"
        much = 2 * len(used) >= len(known) or self.echoed is not None  # what remains of such a prompt is short
        is_echo = bool(said) and copied > self.share * len(said) and much
        if not is_echo:
            return Finding(True, note)
        words = list(WORD.finditer(text.string, begin))
        return Finding(False, note, ((words[inside.index(1)].start(), words[inside.rindex(1)].end()),))

    _POEM = "Write a short poem about the rain in Spain and do not use any commas."
    _TWICE = "Write a poem. Repeat this first."
    vectors = (
        good("It falls on the plain\nand again on the grain.", prompt=_POEM),
        good("Write a poem.\n\nIt falls on the plain.", prompt=_TWICE, echoed="Write a poem."),
        good("A short poem about the rain in Spain: it falls mainly on the plain, they say.", prompt=_POEM),
        bad(_POEM, prompt=_POEM),
        bad("write a short poem about the rain in Spain, and do not use any commas!!!", prompt=_POEM),
        bad(f"{_POEM}\n\n{_POEM}", prompt=_POEM),  # a cheat: twice
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _words_of(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset([word for text in texts for word in pieces(Text.whole(text))[0]])


_marked = re.compile(b"\1+")


@constraint("guards:elsewhere", ask="Answer this prompt in a text that does not serve for other prompts too.")
class Elsewhere:
    """At most {share} of the response's own words were said to unrelated prompts as well.

    `said`: stretches of six words or more that stand in the responses to other prompts too; `rewardkit.across` finds
    them among the responses to many prompts. They are compared by their letters, without capitals, accents, marks and
    numbers. Words that stand, six in a row, in the prompt, and those that the specs give, are not the response's own. Texts of fewer than {words}
    words are not looked at.
    """

    said: tuple[Phrase, ...] = ()
    prompt: str = ""
    given: tuple[Phrase, ...] = ()
    share: Share = 0.5
    words: Count = 8

    def check(self, text: Text) -> Finding:
        if not self.said:
            return Finding(True, "nothing of it was said elsewhere")
        spelled, spans = pieces(text)
        inside, _ = covered(spelled, runs_of(self.said), RUN)
        asked, _ = covered(spelled, runs_of((self.prompt,)), RUN)
        given = _words_of(self.given)
        own = [at for at, word in enumerate(spelled) if inside[at] or not (asked[at] or word in given)]
        copied = inside.count(1)
        note = f"{copied} of {counted(len(own), 'own word')} were said to unrelated prompts too"
        if len(spans) < self.words or copied <= self.share * len(own):
            return Finding(True, note)
        stretches = [match.span() for match in _marked.finditer(inside)]
        return Finding(False, note, tuple([(spans[first][0], spans[last - 1][1]) for first, last in stretches]))

    _SAID = "There are several things to consider, and each of them deserves a closer look"
    vectors = (
        good("There are several ways to cook rice, and each of them takes water, salt and heat."),
        good("Rice takes water, salt and heat: twice as much water as rice.", said=[_SAID]),
        good(f"{_SAID}: rice first. Rinse it until the water stays clear, add twice as much water, salt and a lid.",
             said=[_SAID]),
        good("There are several things to consider.", said=[_SAID]),  # too short to tell
        bad(f"{_SAID}.", said=[_SAID]),
        bad(f"Rice. {_SAID.upper()}! Rice.", said=[_SAID]),  # a cheat: dressed up with a word of the prompt's
        bad(f"How is rice cooked without salt? {_SAID}.", said=[_SAID], prompt="How is rice cooked without salt?"),
        bad(f"{_SAID}." + " rice" * 40, said=[_SAID], given=["rice"]),  # a cheat: drowned in a word that was given
        bad("\u00ad".join(f"{_SAID}."), said=[_SAID]),  # a cheat: invisible hyphens
        bad(_SAID.replace("e", "\u0435").replace("o", "\u00f6"), said=[_SAID]),  # a cheat: look-alikes and accents
        bad(" ".join(f"{word} {n}" for n, word in enumerate(_SAID.split())), said=[_SAID]),  # a cheat: numbers between
        bad(_SAID.replace(" ", ""), said=[_SAID.replace(" ", "")]),  # a cheat: without spaces
        bad(f"{_SAID} ... and then some rice: {_SAID}!", said=["several things to consider, and each of them deserves"]),
    )  # fmt: skip


@constraint("guards:refusal", ask="Answer the request instead of declining it.")
class Refusal:
    """The response does not decline and leave it at that.

    It begins (marks, capitals and a word of regret aside) with one of the phrases in which models decline, and has at
    most {words} words. A longer response that begins so goes on to answer something.
    """

    words: Count = 80

    def check(self, text: Text) -> Finding:
        if len(text.words) > self.words:
            return Finding(True, counted(len(text.words), "word"))
        for start, end in (text.stripped((0, len(text.string))), *text.sentences[1:2]):  # "I'm sorry. I can't help."
            said = _commas.sub("", _marks.sub("", text.part((start, min(end, start + 200))).folded.string, count=1))
            if said.startswith(_refusals()):
                phrases = zip(listed("refusals"), _refusals(), strict=True)
                phrase = next(phrase for phrase, plain in phrases if said.startswith(plain))
                return Finding(False, f"begins {excerpt(text[start, end])}", ((start, min(end, start + len(phrase))),))
        return Finding(True, "no refusal")

    vectors = (
        good("I can help you with that: boil the water first."),
        good("Sorry for the delay. The capital is Paris."),
        bad("I'm sorry, but I can't help with that request."),
        bad("I\u2019m sorry. I cannot assist with this."),
        bad("Lo siento, pero no puedo ayudar con eso."),
        bad("***I CANNOT HELP*** with that, my friend. Have a nice day!"),  # a cheat: dressed up
    )


@cache
def _refusals() -> tuple[str, ...]:
    """How models decline, without commas."""
    return tuple([_commas.sub("", phrase) for phrase in listed("refusals")])


_marks = re.compile(r"^[\W_]+")
_commas = re.compile("[,\u060c\u3001\uff0c]")


@constraint("guards:repetition", ask="Do not say the same thing over and over.")
class Repetition:
    """Of the four-word sequences of the response, at least {share} are different ones.

    Songs come back to their refrain and lists to their pattern; what a model says once it is caught in a loop is far
    below that. Texts of fewer than {words} words are not looked at. Where every character counts as a word, as in
    Chinese and Japanese, twelve make a sequence.
    """

    share: Share = 0.4
    words: Count = 40

    def check(self, text: Text) -> Finding:
        spans = text.words
        if len(spans) < max(self.words, 16):
            return Finding(True, counted(len(spans), "word"))
        said = text.spelled if text.string.isascii() else [text.string[start:end] for start, end in spans]
        size = 12 if 2 * len(spans) > len(text.string) else 4
        share = len(set(in_a_row(said, size))) / (len(said) - size + 1)
        note = f"{share:.0%} of the sequences of {size} words are different"
        if share >= self.share:
            return Finding(True, note)
        again = _first_again(in_a_row(said, size))
        return Finding(False, note, ((spans[again][0], spans[again + size - 1][1]),))

    vectors = (
        good("One small step."),
        good(" ".join(f"Line {n} says that {n} comes before {n + 1} and then a new one." for n in range(9))),
        bad("so it goes and goes " * 20),
        bad("I like it very much. " * 12),
        bad("Yes. No. " * 30),  # a cheat: short sentences
    )  # fmt: skip


def _first_again(runs: Iterable[tuple[str, ...]]) -> int:
    """The number of the first that is said again; there is one."""
    seen: set[tuple[str, ...]] = set()
    for at, run in enumerate(runs):
        if run in seen:
            return at
        seen.add(run)
    raise AssertionError("all are different")


# Up to four words in brackets, as in a form: what is longer says something.
_bracketed = re.compile(r"\[[^\[\]\n]{1,80}\]|\{[^{}\n\"]{1,40}\}|_{3,}")


@constraint("guards:placeholders", ask="Fill in your answer: do not leave placeholders in the place of content.")
class Placeholders:
    """Where there are placeholders, at least {words} different words stand outside that the specs do not give."""

    given: tuple[Phrase, ...] = ()
    words: Count = 4

    def check(self, text: Text) -> Finding:
        if not any(map(text.string.__contains__, ("[", "{", "___"))):
            return Finding(True, "no placeholder")
        found = [match.span() for match in _bracketed.finditer(text.string) if len(WORD.findall(match.group())) < 5]
        if not found:
            return Finding(True, "no placeholder")
        edges = [0, *(edge for span in found for edge in span), len(text.string)]
        outside = " ".join([text.string[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]).lower()
        given = set(WORD.findall(" ".join(self.given).lower()))
        own = {word for word in WORD.findall(outside) if len(word) > 1 or unspaced.match(word)} - given
        return Finding(
            len(own) >= self.words,
            f"{counted(len(own), 'word')} besides {counted(len(found), 'placeholder')}",
            tuple(found),
        )

    vectors = (
        good("No brackets here."),
        good("Dear [name], thank you for the lovely evening."),
        bad("[name] [address] [date]"),
        bad("Dear [name],\n[body]\n[closing]"),
        bad("P.S. [one] [two] rain", given=["P.S.", "rain"]),  # a cheat: with the words that were given
    )


@constraint("guards:shell", ask="Say something of your own, beyond what the instructions demand.")
class Shell(_About):
    """The response says something beyond the tokens its specs demand.

    Its own words are those that the specs do not give, without stop words and words about the form of an answer. A
    short response, of fewer than {words} of them, has one that the prompt has too (beyond four words, more than chance
    has) and, where a piece of writing is asked for, one that it has not. Where something is asked that a few words may
    answer, one that is not among the commonest words will do (the fewer the words of the answer, the commoner it may
    be), a number of two digits other than those of a prompt with three numbers, the letter of an option "(A)" of the
    prompt's, or "yes" or "no" to a question that these answer. To write or tell about something takes three such words,
    and where the response is in another language than the prompt, four will do.
    """

    prompt: Phrase
    given: tuple[Phrase, ...] = ()
    echoed: Phrase | None = None
    words: Count = 8

    def check(self, text: Text) -> Finding:
        own = self._own(text)
        said = tuple([one.span for one in own if not one.is_number])
        if len(said) >= self.words:
            return Finding(True, counted(len(said), "word") + " of its own", said)
        shared = self._shared(own)
        piece, about = asks_for_a_piece(self.prompt), asks_to_write_about(self.prompt)
        weight = sum(one.weight for one in shared if one.stem.isalpha())
        if weight > (self._chance(own) if len(own) > 4 else 0.0) and (not (piece or about) or len(said) > len(shared)):
            return Finding(True, f"{counted(len(shared), 'word')} of the prompt", tuple([one.span for one in shared]))
        words = [(one, text[one.span]) for one in own]
        length = self._length(text)
        least = 1.0 if length <= 4 or about else 1.5  # "The answer is love."
        says = [one for one, word in words if (one.weight >= least or word.isdigit()) and self._may_answer(word)]
        enough = 3 if about else 1
        if not is_english(self.prompt + " " + text.string):
            enough = 4
        choice = text.string.strip("\"'*_().!: \n")
        chosen = len(choice) == 1 and f"({choice})" in self.prompt and choice.isalpha()
        chosen = chosen or (choice.lower() in ("yes", "no") and not piece and asks_yes_or_no(self.prompt))
        short = length <= 6 + 4 * len(says)
        brief = not piece and (about or asks_for_little(self.prompt))
        ok = chosen or (short and len(says) >= enough and (enough == 4 or brief))
        spans = tuple(sorted([one.span for one in own]))
        return Finding(ok, f"{counted(len(own), 'word')} of its own, none of them the prompt's", spans)

    def _length(self, text: Text) -> int:
        """The words of the answer that are not given."""
        given = set(WORD.findall("\n".join(self.given).lower()))
        found = None if self.echoed is None else starts_with(text, self.echoed)
        begin = found[1] if found else 0
        return sum(text.string[start:end].lower() not in given for start, end in text.words if start >= begin)

    def _may_answer(self, word: str) -> bool:
        if not word.isdigit():
            return _drawn_out.search(word) is None
        numbers = {number for number in WORD.findall(self.prompt) if number.isdigit()}
        return len(word) > 1 and len(numbers) >= 3 and word not in numbers

    vectors = (
        good("Paris.", prompt="What is the capital of France?"),
        good("26", prompt="What comes next: 1, 4, 7, 11, 17?"),
        good(
            "The sea sings while gulls drift over silver harbours at dawn, and boats return.",
            prompt="Write a poem about the coast.",
        ),
        bad("1", prompt="What is the capital of France?"),
        good("No.", prompt="In set theory, are all sets classes?"),
        bad("No.", prompt="Can you write a poem about the coast?"),
        bad("Yes.", prompt="Is ozone a gas? Explain in 3 sentences."),  # a cheat: the short half of what is asked
        bad("Consider this: word", prompt="Galois theory in depth, with symbols. Start with a verb."),
        bad(  # a cheat: words that fit any prompt, of which one is the prompt's
            "There are several things to consider here, and each of them deserves a closer look.",
            prompt="Where should I look for a lost cat?",
        ),
        bad("wordooooooo", prompt="Is tea a drink? Use the letter o 8 times."),  # a cheat: what is demanded
        bad("level radar civic kayak", prompt="Is ozone a gas? Include 4 palindromes."),  # a cheat: what is demanded
        bad(".", prompt="What is the capital of France?"),
        good("The answer is love.", prompt="I begin as two, I end as one. What am I?"),
        bad(
            "The answer needs a close look and some time.", prompt="I begin as two, I end as one. What am I?"
        ),  # a cheat
        bad("So it is.", prompt="Write a story about a dragon."),
        bad("quartz obelisk", prompt="Write a story about a dragon."),  # a cheat: rare words
        bad("The dragon.", prompt="Write a story about a dragon."),  # a cheat: a word of the prompt
        good("The Rhine rises in the Alps and ends in the North Sea.", prompt="Write about a river."),
        bad("clocks", prompt="Write about clocks. Use fewer than 25 words."),  # what a policy came to under GRPO
        bad("clockwise", prompt="Write about time. Use fewer than 25 words."),
        good("Why did the dragon nap? Fire drill.", prompt="Write a joke about a dragon."),
        bad("rain P.S. rain", prompt="Tell me more.", given=["rain", "P.S."]),  # a cheat: what was given
    )


_sentence_like = re.compile(r"[^.!?\n]+")


@constraint("guards:filler", ask="Say something that would not fit any other prompt just as well.")
class Filler(_About):
    """The response is not made of words that would fit any prompt.

    Two signs: more than half of it are sentences about the response itself or dummy text; or, of {words} own words or
    more, hardly any is specific (beyond the 6,500 commonest English words, or rare among those, and a word that a
    dictionary has or a name) while what it shares with the prompt weighs less than {weight} (a rare word weighs 2.5, a
    common one down to .1). Of twelve words or more, two have to be specific, and at least 2.1 times {share} of them, up
    to 2.5 times for long texts, or what is shared weighs more than by chance.
    """

    prompt: Phrase
    given: tuple[Phrase, ...] = ()
    echoed: Phrase | None = None
    words: Count = 8
    share: Share = 0.04
    weight: Annotated[float, Ge(0)] = 1.0

    def check(self, text: Text) -> Finding:
        folded = text.string.lower()
        if any(map(folded.__contains__, listed("fillers"))):
            pieces = [match.group() for match in _sentence_like.finditer(folded)]
            empty = sum(len(piece) for piece in pieces if any(map(piece.__contains__, listed("fillers"))))
            if 2 * empty > sum(map(len, pieces)):
                return Finding(False, "half of it is about the response itself", ((0, len(text.string)),))
        own = self._own(text)
        specific = [one.span for one in own if one.is_specific]
        shared = sum(one.weight for one in self._shared(own))
        note = f"{len(specific)} of {counted(len(own), 'own word')} specific, {shared:.1f} shared with the prompt"
        if len(own) < self.words:
            return Finding(True, note, tuple(specific))
        denser, weight = 1 + 0.4 * _doublings(len(own) / 8), self.weight
        least = self.share * denser * len(own)
        if 2 * len(own) >= 3 * self.words:
            least = max(self.share * min(max(denser, 2.1), 2.5) * len(own), 2.0)
            weight *= self._chance(own)
        if len(specific) >= least or shared >= weight:
            return Finding(True, note, tuple(specific))
        return Finding(False, note, tuple([one.span for one in own]))

    _DRAGON = "Write a story about a dragon."
    vectors = (
        good("The dragon slept on a hoard of tarnished goblets until a squire tripped over its tail.", prompt=_DRAGON),
        good("So it is.", prompt=_DRAGON),
        bad(
            "There are many things to consider, and every situation is different. People often find that good work takes"
            " years, and the best results come at the end of a long day.",
            prompt=_DRAGON,
        ),
        bad("Lorem ipsum dolor sit amet, consectetur adipiscing elit.", prompt=_DRAGON),
        bad("This is my response. This response meets all requirements.", prompt=_DRAGON),  # a cheat: says that it complies
        bad(  # a cheat: no e, and so no common word
            "Thr ar many things to considr, and ach situation is diffrnt. Popl oftn find that good work taks yars, and th"
            " bst rsults com at th nd of a long day.",
            prompt=f"{_DRAGON} Do not use the letter e.",
        ),
        bad(  # a cheat: the numbers of a list are the prompt's too
            "1. There are many things to consider. 2. Every situation is different. 3. People often find that good work"
            " takes years.",
            prompt=f"{_DRAGON} Use 3 points.",
        ),
    )  # fmt: skip


def _doublings(ratio: float) -> float:
    """How often 1 must be doubled for the ratio, in whole steps and a linear rest."""
    steps = 0.0
    while ratio >= 2:
        ratio /= 2
        steps += 1
    return steps + max(ratio - 1, 0)


@constraint("guards:related", ask="Answer this very prompt.")
class Related(_About):
    """The response shares content words with the prompt: the more, the more either says.

    Where the prompt has p content words and the response n of its own, at least p log2(1 + n / 8) / {pairs} of them are
    the prompt's, rounded down: none in a text of eight words, one in a hundred for a prompt of ten, two for one of
    twenty. Words are compared by their stems; those that the specs give are not counted. A short text, or one that
    answers a short prompt, may well do without a word of it.
    """

    prompt: Phrase
    given: tuple[Phrase, ...] = ()
    echoed: Phrase | None = None
    pairs: Annotated[float, Gt(0)] = 36

    def check(self, text: Text) -> Finding:
        own = self._own(text)
        shared = self._shared(own)
        least = int(len(stems_of(self.prompt)) * log2(1 + len(own) / 8) / self.pairs)
        # What is about something else seldom has three; words about the form are known in English alone.
        least = min(least, 3 if is_english(self.prompt) else 1)
        note = f"{len(shared)} of {counted(len(own), 'own word')} shared with the prompt, {least} needed"
        return Finding(len(shared) >= least, note, tuple([one.span for one in shared]))

    _ENGINE = (
        "Explain in detail how a jet engine compresses air, burns kerosene and pushes a heavy aircraft forward against"
        " drag, and how pilots and mechanics keep turbines, pumps, valves and bearings safe during a long winter flight."
    )
    _SEA = (
        "Harbour gulls drift over silver waves while fishermen mend their nets beside barnacled hulls, and children chase"
        " crabs between rusty anchors until lanterns glow along the pier. An old captain hums ballads about storms."
    )
    vectors = (
        good("It squeezes it.", prompt=_ENGINE),
        good(f"{_SEA} His engine burns on.", prompt=_ENGINE),
        bad(_SEA, prompt=_ENGINE),
        bad(_SEA.upper(), prompt=_ENGINE),
        bad(f"{_SEA} Thrust!", prompt=f"{_ENGINE} Use the word thrust.", given=["thrust"]),  # a cheat: a given word
    )
