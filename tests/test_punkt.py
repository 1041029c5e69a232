"""Our Punkt is NLTK's: the same parameters, the same spans on real and on hostile text, in linear time."""

from __future__ import annotations

import time

import nltk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
from punkt.data import english as published

from rewardkit import punkt, sentences
from rewardkit.backends.nltk_data import write_punkt_tab

PIECES = [
    "Mr.",
    "U.S.",
    "a.",
    "I",
    "the",
    "The",
    "5.",
    "etc.",
    " ",
    "\n",
    "...",
    ". .",
    '"',
    "')",
    "!",
    "?",
    "--",
    "S.",
    "Bach",
    "however",
    "He",
    "e.g.",
    "x",
    "-",
    ",",
    "K.",
    ".",
    "’t.",
    "can't.",
    "said",
    "1990.",
    "(a)",
    "\xa0",
]


@pytest.fixture(scope="module")
def tokenizer() -> PunktSentenceTokenizer:
    parameters = PunktParameters()
    parameters.abbrev_types = set(published.ABBREV_TYPES)
    parameters.collocations = set(published.COLLOCATIONS)
    parameters.sent_starters = set(published.SENT_STARTERS)
    parameters.ortho_context.update(published.ORTHO_CONTEXT)
    return PunktSentenceTokenizer(parameters)


def test_the_parameters_are_the_published_ones():
    ours = punkt.english()
    assert ours.abbreviations == published.ABBREV_TYPES
    assert ours.collocations == published.COLLOCATIONS
    assert ours.starters == published.SENT_STARTERS
    assert ours.contexts == published.ORTHO_CONTEXT


def test_nltk_reads_the_files_we_write(tmp_path, monkeypatch):
    write_punkt_tab(tmp_path)
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    read = nltk.tokenize.punkt.PunktTokenizer("english")._params
    assert read.abbrev_types == published.ABBREV_TYPES
    assert read.collocations == published.COLLOCATIONS
    assert read.sent_starters == published.SENT_STARTERS
    assert dict(read.ortho_context) == published.ORTHO_CONTEXT


def test_equal_on_real_text(tokenizer, demo_responses):
    for text in demo_responses:
        assert punkt.sentences(text) == list(tokenizer.span_tokenize(text))


def test_equal_on_much_real_text(tokenizer, real_responses):
    for text in real_responses:
        assert punkt.sentences(text) == list(tokenizer.span_tokenize(text))


@settings(max_examples=500)
@given(
    st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
        st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
        st.text(st.sampled_from("aA.. ?!\"'),1-\n\t\xa0”(;"), max_size=30),
    )
)
def test_equal_on_hostile_text(text):
    parameters = PunktParameters()
    parameters.abbrev_types, parameters.collocations = set(published.ABBREV_TYPES), set(published.COLLOCATIONS)
    parameters.sent_starters, parameters.ortho_context = (
        set(published.SENT_STARTERS),
        _Contexts(published.ORTHO_CONTEXT),
    )
    assert punkt.sentences(text) == list(PunktSentenceTokenizer(parameters).span_tokenize(text))


# What a sentence may plainly end in, and what makes an end doubtful.
ENDS = [
    "word",
    "Word",
    "no.* ",
    "no! ",
    "it? ",
    "3.5 ",
    "p. 3 ",
    "🎉 ",
    "😊. ",
    "yes! 🚀 ",
    "don't ",
    "**",
    "_",
    "inc. ",
    '."',
    "(a).",
    "\t",
]


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(PIECES + ENDS), max_size=12).map("".join), st.booleans())
def test_where_a_sentence_plainly_ends_it_does_for_punkt(text, foreign):
    assert sentences._cut(text, foreign=foreign) == sentences._cut_hard(text, foreign=foreign)


class _Contexts(dict):
    def __missing__(self, key):
        return 0


@pytest.mark.parametrize("unit", ["A. b ", "... ", ". . ", "!", '?"', ".)", "a. \n", "1. ", "\xa0.", "-. "])
def test_linear(unit):
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = 9.0
        for _ in range(3):
            start = time.perf_counter()
            punkt.sentences(text)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(300_000) < 30 * seconds(30_000) + 0.05
