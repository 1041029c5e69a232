"""How text is cut: each line is a claim about what a careful reader sees."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit.text import Text, final_answer


def words(response):
    text = Text(response)
    return [text[span] for span in text.words]


def sentences(response):
    text = Text(response)
    return [text[span] for span in text.sentences]


@given(st.text(st.sampled_from("aAb1 2'-_.,:!\n\"x\t\x1céß\u2019"), max_size=30))
def test_words_with_and_without_their_places_are_the_same(response):
    text = Text(response)
    assert [text[span].lower().replace("\u2019", "'") for span in text.words] == text.spelled
    assert [text[span].replace("\u2019", "'") for span in text.words] == text.written


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("", []),
        ("a - b -- c \u2014 d", ["a", "b", "c", "d"]),
        ("don't can\u2019t well-known co\u2011op", ["don't", "can\u2019t", "well-known", "co\u2011op"]),
        ("3.14 1,000,000 10:30 v2.0", ["3.14", "1,000,000", "10:30", "v2.0"]),
        ("U.S.A. e.g. p.m. end.Start", ["U.S.A", "e.g", "p.m", "end", "Start"]),
        ("___ _emphasis_ snake_case", ["emphasis", "snake_case"]),
        ("**bold** [link](x) `code`", ["bold", "link", "x", "code"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("Việt Nam Viê\u0323t", ["Việt", "Nam", "Viê\u0323t"]),
        ("می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"]),
        ("zero\u200bwidth soft\u00adhyphen", ["zero\u200bwidth", "soft\u00adhyphen"]),
        ("你好ABC世界", ["你", "好", "ABC", "世", "界"]),
        ("한국어는 띄어쓴다", ["한국어는", "띄어쓴다"]),
        ("🙂 👍🏽 ok ❤️", ["ok"]),
        ("x² ½ №5", ["x²", "½", "5"]),
        ("a\u00a0b\u3000c", ["a", "b", "c"]),
        ("\ud800lone\udfff", ["lone"]),
        ("・一つ か\u3099", ["一", "つ", "か\u3099"]),
        ("wo\ufe0frd \u4e2d\ufe0f\u6587", ["wo\ufe0frd", "\u4e2d\ufe0f", "\u6587"]),  # a cheat: split by nothing
        ("U.S.\u4e2d, 3.5\u500d \uff11\uff10.5 \uac00\ub098-\ub2e4", [
            "U.S", "\u4e2d", "3.5", "\u500d", "\uff11\uff10.5", "\uac00\ub098-\ub2e4",
        ]),
        ("\u0645\u0631\u062d\u0628\u0627\u060c \u05e9\u05dc\u05d5\u05dd!", ["\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd"]),
    ],
)  # fmt: skip
def test_words(response, expected):
    assert words(response) == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("No mark at all", ["No mark at all"]),
        ("Dr. Smith met Mrs. Jones at 5 p.m. on Friday.", ["Dr. Smith met Mrs. Jones at 5 p.m. on Friday."]),
        ("Use a list, e.g. a table, i.e. rows. Done.", ["Use a list, e.g. a table, i.e. rows.", "Done."]),
        ("See Fig. 3 and No. 7. Then stop.", ["See Fig. 3 and No. 7.", "Then stop."]),
        ("Bread, milk, etc. are cheap. Rent is not.", ["Bread, milk, etc. are cheap.", "Rent is not."]),
        ("It costs $3.50. Version 2.0 is out.", ["It costs $3.50.", "Version 2.0 is out."]),
        ("Wait... what? Well... no.", ["Wait... what?", "Well... no."]),
        ("I waited\u2026 Then he came. So\u2026 yes.", ["I waited\u2026", "Then he came.", "So\u2026 yes."]),
        ('"Go away!" he said. "Now."', ['"Go away!" he said.', '"Now."']),
        ("\u201cReally?\u201d she asked. He left.", ["\u201cReally?\u201d she asked.", "He left."]),
        ("He came (late!) and left. I stayed.", ["He came (late!) and left.", "I stayed."]),
        ("I can't. Paris waits. You won't. Ok.", ["I can't.", "Paris waits.", "You won't.", "Ok."]),
        ("**Bold one.** Plain two.", ["**Bold one.", "** Plain two."]),
        ("1. First.\n2. Second.", ["First.", "Second."]),
        ("- milk\n- eggs\n- tea", []),
        ("Buy these things today.\n\n- milk", ["Buy these things today."]),
        ("Here is how:\n\n1. Sit down.\n2. Write.", ["Sit down.", "Write."]),
        ("# Title\n\nBody one. Body two.", ["Body one.", "Body two."]),
        ("**Overview**\n\nBody.", ["Body."]),
        ("<<A title of five words>>\n\nBody.", ["Body."]),
        ("Dear Ann,\n\nThanks. Bye.\n\nYours,\nBob", ["Thanks.", "Bye."]),
        ("Hello! I am Bob", ["Hello!", "I am Bob"]),
        ("| a | b |\n|---|---|\n| c | d |\n\nDone.", ["Done."]),
        ("Run:\n```\nx = 1. y = 2.\n```\nIt works. Yes.", ["It works.", "Yes."]),
        ("```\nAll in code. Two.\n```", ["All in code.", "Two."]),
        ("1. 2. 3.", []),
        ("42.", []),
        ("...", []),
        ("今天很好。我们走吧！好吗？", ["今天很好。", "我们走吧！", "好吗？"]),
        ("「行こう。」と言った。そして、出た。", ["「行こう。」と言った。", "そして、出た。"]),
        ("你好!我是小明.再见", ["你好!", "我是小明.", "再见"]),
        ("مرحبا؟ أنا بخير۔ شكرا.", ["مرحبا؟", "أنا بخير۔", "شكرا."]),
        ("यह घर है। वह बाग है॥", ["यह घर है।", "वह बाग है॥"]),
        ("Τι κάνεις; Καλά.", ["Τι κάνεις;", "Καλά."]),
        ("Բարեւ։ Լավ եմ։", ["Բարեւ։", "Լավ եմ։"]),
        ("Great! 😊 Next.", ["Great! 😊", "Next."]),
        ("Great.😊 Next.", ["Great.😊", "Next."]),
        ("One.\u200b Two.\u200b", ["One.", "Two."]),
        ("line one\nline two", ["line one\nline two"]),
        ("roses\n\nviolets\n\nsugar", []),
    ],
)
def test_sentences(response, expected):
    assert sentences(response) == expected


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("plain", "plain"),
        ("<think>a, b</think>\nanswer", "\nanswer"),
        ("  <think>a</think>answer", "answer"),
        ("<think>never closed", ""),
        ("reasoning\n</think>\nanswer", "\nanswer"),  # the template wrote the opening tag
        ("<think>a</think>b</think>c", "b</think>c"),  # it ends at the first closing tag
        ("answer <think>more", "answer <think>more"),  # nothing is hidden behind a later tag
        ("Use <think> and </think> tags.", "Use <think> and </think> tags."),
    ],
)
def test_the_reasoning_is_dropped(response, answer):
    assert final_answer(response) == answer
    text = Text(response)
    assert (text.string, text.start) == (answer, len(response) - len(answer))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("", [""]),
        ("a\nb\n", ["a", "b", ""]),
        ("a\r\nb\rc", ["a", "b", "c"]),
        ("a\u2028b\u2029c\x0bd\x85e", ["a", "b", "c", "d", "e"]),
        ("a\r\n", ["a", ""]),
    ],
)
def test_lines(response, expected):
    text = Text(response)
    assert [text[span] for span in text.lines] == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("one\n\ntwo\n\n\n\nthree", ["one", "two", "three"]),
        ("\n\n  one\n  more  \n \t \ntwo\n", ["one\n  more", "two"]),
        ("one\n\u200b\ntwo", ["one", "two"]),
        ("   ", []),
    ],
)
def test_paragraphs(response, expected):
    text = Text(response)
    assert [text[span] for span in text.paragraphs] == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("* one\n  * two\n+ three", ["* one", "  * two", "+ three"]),
        ("1. one\n2) two\na) three", ["1. one", "2) two", "a) three"]),
        ("\u2022 one\n\u2022two", ["\u2022 one", "\u2022two"]),
        ("*emphasis*\n**bold**\n---\n-5 degrees\n* \n* .", []),
        ("```\n- code\n```\n- item", ["- item"]),
        ("```markdown\n- item\n```\ntext", ["- item"]),
        ("> - quoted item\nits next line", ["> - quoted item\nits next line"]),
    ],
)
def test_items(response, expected):
    text = Text(response)
    assert [text[span] for span in text.items] == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("a\n```py\nb\n```\nc", ["```py\nb\n```"]),
        ("a\n~~~\nb\n```\n~~~\nc", ["~~~\nb\n```\n~~~"]),
        ("a\n```\nnever closed", ["```\nnever closed"]),
        ("a `inline` b", []),
    ],
)
def test_fences(response, expected):
    text = Text(response)
    assert [text[span] for span in text.fences] == expected


@given(st.text(st.characters(), max_size=200))
def test_cuts_lie_inside_and_in_order(response):
    text = Text(response)
    for cut in (text.words, text.lines, text.paragraphs, text.sentences, text.fences, text.prose):
        assert list(cut) == sorted(cut)
        assert all(0 <= start <= end <= len(text.string) for start, end in cut)
        assert all(before[1] <= after[0] for before, after in pairwise(cut))
    for block in text.blocks:
        assert 0 <= block.start <= block.content <= block.end <= len(text.string)


@given(st.text(st.characters(), max_size=80))
def test_folded_text_maps_back(response):
    folded = Text(response).folded
    for at in range(len(folded.string)):
        start, end = folded.source(at, at + 1)
        assert 0 <= start < end <= len(response)


@given(
    st.text(
        "aB1\u00e9 \n'\u2019\uff07-_.,:\u4e2d\u304b\uff76\u30fc\uac00\uff19\u3002\u0645\u0627\u05d0\u060c", max_size=40
    )
)
def test_the_way_taken_for_unmarked_scripts_changes_no_word(response):
    other = Text(f"{response} e\u0301")  # a combining mark takes the way of all other texts
    assert Text(f"{response} e").words[:-1] == other.words[:-1]


@given(st.text("ab1 '\u2019\u201c\u201d\u2018\u2013\u2014-_.,\n", max_size=40))
def test_curly_quotes_and_dashes_change_no_cut(response):
    other = Text(f"{response} \u00e9")  # a letter beyond ASCII takes the way of all other texts
    assert Text(f"{response} e").words == other.words
    assert Text(f"{response} e").sentences == other.sentences
    assert Text(f"{response} e").folded.string[:-1] == other.folded.string[:-1]


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("It is light. 🚀\n\nWhen? 🌌🌍 Now.", ["It is light. 🚀", "When? 🌌🌍", "Now."]),
        ("“It aids.” 🤔\n“It is crucial.” 👩🏽‍🚀", ["“It aids.” 🤔", "“It is crucial.” 👩🏽‍🚀"]),
        ("Done.\n🚀 Next one.", ["Done.", "🚀 Next one."]),
        ("Friends 🤝. They must not 💔.", ["Friends 🤝.", "They must not 💔."]),
    ],
)
def test_emoji_belong_to_the_sentence_they_follow(string, expected):
    text = Text(string)
    assert [text[span] for span in text.sentences] == expected
