"""Parts a response must hold: placeholders, a title, a postscript."""

from __future__ import annotations

import re

from rewardkit.arguments import Count, Phrase, Relation, counted, excerpt, holds
from rewardkit.characters import fold
from rewardkit.registry import constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

_bracketed = re.compile(r"\[(?P<inside>[^\[\]\n]+)\](?!\()")
_list_marker = re.compile(r"\n[ \t>]*(?:[*+-]|\d{1,9}[.)])[ \t]+$")
_angled = re.compile(r"<<(?P<inside>[^<>\n]+)>>(?![>A-Za-z0-9_])")
_operand = re.compile(r"[<A-Za-z0-9_]")
_inline_markup = " \t*_#`~>\"'\u201c\u201d\u2018\u2019\\"


@constraint("content:placeholders", ask="Use {relation} {n:placeholder} in square brackets, such as [address].")
class Placeholders:
    """There are {relation} {n} placeholders in square brackets, such as [address].

    A placeholder names what to fill in, so it has a letter. A link [text](url), a task box "- [x]", a footnote [^1],
    a list of quoted strings and empty or numeric brackets are none. Each occurrence counts, as in a form.
    """

    relation: Relation = "at least"
    n: Count

    def check(self, text: Text) -> Finding:
        found = tuple([m.span() for m in _bracketed.finditer(text.string) if _is_placeholder(text, m)])
        return Finding(holds(len(found), self.relation, self.n), counted(len(found), "placeholder"), found)

    vectors = (
        good("Dear [name], welcome to [the city].", n=2),
        good("[name] meets [Name]", relation="exactly", n=2),
        good("亲爱的[姓名]", n=1),
        bad("Dear [name].", n=2),
        bad("[] and []", n=2),  # a cheat: nothing to fill in
        bad("[1], [2], [3]", n=3),  # a cheat: citations
        bad("See [the page](http://example.com).\n- [x] done", n=1),
        bad('["a", "b"] ["c"]', n=1),
    )


def _is_placeholder(text: Text, found: re.Match[str]) -> bool:
    inside = found["inside"].strip()
    if inside[:1] in ('"', "'", "^", "{") or not any(char.isalpha() for char in inside):
        return False
    if inside in ("x", "X"):
        before = text.string[max(0, found.start() - 32) : found.start()]
        return _list_marker.search("\n" + before if found.start() <= 32 else before) is None
    return True


@constraint("content:title", ask="Include a title, wrapped in double angular brackets, such as <<poem of joy>>.")
class Title:
    """There is a title wrapped in double angular brackets, such as <<poem of joy>>.

    A title has a word of two letters or digits, and stands on one line. Stream and shift operators are no title: the
    brackets touch the title or stand alone on a line with it, and no word touches them from outside. Code is no title.
    """

    def check(self, text: Text) -> Finding:
        found = tuple([m.span() for m in _angled.finditer(text.string) if _is_title(text, m)])
        return Finding(bool(found), excerpt(text[found[0]]) if found else "no title", found)

    vectors = (
        good("<<poem of joy>>\n\nJoy."),
        good("**<<1984>>** is a book."),
        good("# << The End >>\nfin"),
        good("<<시작>>입니다."),  # Korean writes its particles next to it
        bad("<poem of joy>"),
        bad("<<>> and << >>"),  # a cheat: nothing inside
        bad("<<x>>"),  # a cheat: a letter is no title
        bad("In C++ write: cout << x; cin >> y; and you are done."),
        bad("```\n<<EOF>>\n```\nDone."),
    )


def _is_title(text: Text, found: re.Match[str]) -> bool:
    inside, start = found["inside"], found.start()
    if start and _operand.match(text.string, start - 1):
        return False
    if sum(char.isalnum() for char in inside) < 2 or text.in_code(start):
        return False
    return inside == inside.strip() or (";" not in inside and _is_alone(text.string, found.span()))


def _is_alone(string: str, span: Span) -> bool:
    """Whether nothing but markup stands on the same line."""
    before = ("\n" + string[: span[0]] if span[0] < 32 else string[span[0] - 32 : span[0]]).rstrip(_inline_markup)
    after = string[span[1] : span[1] + 32].lstrip(_inline_markup)
    return before.endswith("\n") and after[:1] in ("", "\n")


@constraint("content:postscript", ask="At the end of your response, add a postscript starting with {marker}")
class Postscript:
    """The response ends with a postscript that starts with the marker and says something.

    The marker begins a line or a sentence, in either case, with or without spaces between its letters ("P. S."); P.S.
    is not found in P.P.S. The postscript is the last paragraph, or is followed by further postscripts and one closing
    paragraph at most (a signature, a closing phrase asked for elsewhere). Where more paragraphs follow, but less than
    a third of the response in all, they may or may not be part of it: undecided.
    """

    marker: Phrase

    def check(self, text: Text) -> Finding:
        found = _markers(text, self.marker)
        if not found:
            return Finding(False, f"no postscript starting with {self.marker!r}")
        at, end = found[-1]
        tail = text.part((at, len(text.string)))
        after = [(start, finish) for start, finish in tail.paragraphs if finish > end - at]
        rest = [span for span in after if span[0] >= end - at and tail.has_word(span)]
        rest = [span for span in rest if not _another_postscript(tail[span])]
        whole = text.stripped((at, len(text.string)))
        if len(rest) > 1:
            if 3 * sum(start >= at for start, _ in text.words) < len(text.words):
                return Finding(None, f"{counted(len(rest), 'paragraph')} more after it", (whole,), cause="response")
            return Finding(False, "the postscript does not stand at the end", ((at, end),))
        says = bool(after) and tail.has_word((end - at, after[0][1]))
        return Finding(says, excerpt(text[whole]) if says else "the postscript says nothing", (whole,))

    vectors = (
        good("Dear Bob.\n\nP.S. Call me.", marker="P.S."),
        good("dear bob.\np.s. call me\nwhen you can.", marker="P.S."),
        good("Bye.\n\n**P.P.S.** Write soon.", marker="P.P.S"),
        good("Dear Bob.\n\nP.S. (note: call me)", marker="P.S. (note"),
        good("Bye.\n\nP.P.S. Write soon.\n\nHope you agree with me.", marker="P.P.S"),
        bad("Dear Bob.", marker="P.S."),
        bad("Dear Bob.\n\nP.S.", marker="P.S."),  # a cheat: it says nothing
        bad("Bye.\n\nP.P.S. Write soon.", marker="P.S."),
        bad("I forgot the P.S. again", marker="P.S."),
        bad("P.S. Hello.\n\nOne.\n\nTwo.\n\nThree.", marker="P.S."),  # a cheat: at the start
        unsure("One. " * 30 + "\n\nP.S. Call me,\n\nor write,\n\nor both.", marker="P.S."),
    )


_longer_marker = re.compile(r"(?<![^\W_])p\.$")
_postscript_like = re.compile(r"(?:p\s?\.?\s?){1,4}s\b", re.IGNORECASE)


def _another_postscript(paragraph: str) -> bool:
    return _postscript_like.match(paragraph.lstrip(_inline_markup)) is not None


def _markers(text: Text, marker: str) -> list[Span]:
    """Where the marker begins a line or a sentence; white space in it is free."""
    letters = [char for char in fold(marker).string if not char.isspace()]
    folded = text.folded
    string = folded.string
    found: list[Span] = []
    for beginning in (letters[:1] + letters[1:2], [*letters[:1], " ", *letters[1:2]]):
        at = string.find("".join(beginning))
        while at >= 0:
            inside = at > 0 and string[at - 1].isalpha()  # "help." holds no "P."
            end = -1 if inside else _match_spaced(string, at, letters)
            if end >= 0 and _begins(string, at) and not (letters[-1].isalnum() and string[end : end + 1].isalnum()):
                found.append(folded.source(at, end))
            at = string.find("".join(beginning), at + 1)
    return sorted(set(found))


def _match_spaced(string: str, at: int, letters: list[str]) -> int:
    """The end of the letters from `at` on, one space or none between two of them; -1 if they do not stand there."""
    for position, letter in enumerate(letters):
        if position and string.startswith(" ", at):
            at += 1
        if not string.startswith(letter, at):
            return -1
        at += 1
    return at


def _begins(string: str, at: int) -> bool:
    """Whether a line or a sentence begins here, markup and opening quotes aside, and not inside a longer marker."""
    before = at
    while before > 0 and string[before - 1] in " \t*_#>\"'`([":
        before -= 1
    if before == 0 or string[before - 1] in "\n\r\u2028\u2029":
        return True
    return (
        before < at
        and string[before - 1] in ".!?\u3002\u2026:;"
        and not _longer_marker.search(string[max(0, before - 4) : before])
    )
