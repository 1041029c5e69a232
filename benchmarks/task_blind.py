"""Claim: what answers nothing passes nothing: with guards at most 2 % of prompts, and the real responses stay.

Each prompt is answered by the empty string, ".", "1", the prompt itself, a polite refusal, and by junk: a text that
knows the specs and not the prompt. It starts from prose about nothing, in the language asked for, and is edited until
every spec holds (the edits that the constraints offer); where that fails, a search with a fixed budget goes on from
other beginnings, told by the verifier, guards included, which constraints fail. One template more is of prose that the
guards were not set against. Printed: the share of prompts that pass the published checkers, ours, ours with guards, and
ours with guards when the answers to all prompts are verified together, as `rewardkit verify --guards` and training do:
what is said to unrelated prompts too is then no answer; and when they come in turn and each is compared with those
before it, as trainers do that score one by one (`remember`): who says something first passes. And the share of real
responses, otherwise true, that the guards reject, each with its reason, each model's verified together. The thresholds
were chosen on these responses and prompts and on the first prose: only the unseen prose tells what other prose does to
a single response. Exit status 1 if a claim fails; it is about answers verified together.

usage: task_blind.py [--budget N] [--list]
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import NamedTuple

from measured import DATA, ifeval_pairs
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit import formats
from rewardkit.across import guarded_across
from rewardkit.audit.exploits import PROSE, UNSEEN, worked
from rewardkit.backends import reference
from rewardkit.formats.responses import join
from rewardkit.formats.row import Row
from rewardkit.guards import is_given
from rewardkit.registry import build
from rewardkit.scoring import Scorer
from rewardkit.types import Spec, Verdict
from rewardkit.verifier import Verifier, compile

REMEMBERED = 1000  # responses, of those that come in turn
STRONGEST = ("gpt-4", "gpt-4o-mini-2024-07-18", "o1-mini-2024-09-12", "sample")  # the last is IFBench's own
REFUSAL = "I'm sorry, but I can't help with that request. Please let me know if there is anything else I can do."

FOREIGN = {
    "ar": "هناك أمور كثيرة يجب التفكير فيها. كل شيء يحتاج إلى وقت وصبر. الحياة جميلة عندما نتعلم من الآخرين.",
    "bg": "Има много неща, за които трябва да се помисли. Всяко нещо иска време и търпение. Животът е хубав, когато учим.",
    "bn": "অনেক বিষয় নিয়ে ভাবতে হয়। প্রতিটি কাজের জন্য সময় ও ধৈর্য দরকার। জীবন সুন্দর যখন আমরা শিখি।",
    "de": "Es gibt viele Dinge, die man bedenken sollte. Alles braucht seine Zeit und Geduld. Das Leben ist schön, wenn man lernt.",
    "es": "Hay muchas cosas que considerar. Todo necesita tiempo y paciencia. La vida es bella cuando aprendemos de los demás.",
    "fa": "چیزهای زیادی وجود دارد که باید به آن‌ها فکر کرد. هر کاری به زمان و صبر نیاز دارد. زندگی زیباست وقتی یاد می‌گیریم.",
    "fi": "On monia asioita, joita kannattaa miettiä. Kaikki vaatii aikaa ja kärsivällisyyttä. Elämä on kaunista, kun opimme.",
    "fr": "Il y a beaucoup de choses à considérer. Tout demande du temps et de la patience. La vie est belle quand on apprend.",
    "gu": "ઘણી બાબતો વિશે વિચારવું જોઈએ. દરેક કામ માટે સમય અને ધીરજ જરૂરી છે. જીવન સુંદર છે જ્યારે આપણે શીખીએ છીએ.",
    "hi": "कई बातों पर विचार करना चाहिए। हर काम के लिए समय और धैर्य चाहिए। जीवन सुंदर है जब हम सीखते हैं।",
    "it": "Ci sono molte cose da considerare. Tutto richiede tempo e pazienza. La vita è bella quando si impara dagli altri.",
    "kn": "ಅನೇಕ ವಿಷಯಗಳ ಬಗ್ಗೆ ಯೋಚಿಸಬೇಕು. ಪ್ರತಿ ಕೆಲಸಕ್ಕೂ ಸಮಯ ಮತ್ತು ತಾಳ್ಮೆ ಬೇಕು. ನಾವು ಕಲಿಯುವಾಗ ಜೀವನ ಸುಂದರವಾಗಿದೆ.",
    "ko": "생각해야 할 것이 많이 있습니다. 모든 일에는 시간과 인내가 필요합니다. 배울 때 인생은 아름답습니다.",
    "mr": "अनेक गोष्टींचा विचार करायला हवा. प्रत्येक कामासाठी वेळ आणि संयम लागतो. आपण शिकतो तेव्हा जीवन सुंदर असते.",
    "ne": "धेरै कुराहरू विचार गर्नुपर्छ। हरेक कामका लागि समय र धैर्य चाहिन्छ। हामी सिक्दा जीवन सुन्दर हुन्छ।",
    "pa": "ਕਈ ਗੱਲਾਂ ਬਾਰੇ ਸੋਚਣਾ ਚਾਹੀਦਾ ਹੈ। ਹਰ ਕੰਮ ਲਈ ਸਮਾਂ ਅਤੇ ਧੀਰਜ ਚਾਹੀਦਾ ਹੈ। ਜ਼ਿੰਦਗੀ ਸੋਹਣੀ ਹੈ ਜਦੋਂ ਅਸੀਂ ਸਿੱਖਦੇ ਹਾਂ।",
    "pt": "Há muitas coisas a considerar. Tudo precisa de tempo e paciência. A vida é bonita quando aprendemos com os outros.",
    "ru": "Есть много вещей, о которых стоит подумать. Всё требует времени и терпения. Жизнь прекрасна, когда мы учимся.",
    "sw": "Kuna mambo mengi ya kufikiria. Kila kazi inahitaji muda na subira. Maisha ni mazuri tunapojifunza kutoka kwa wengine.",
    "ta": "பல விஷயங்களைப் பற்றி சிந்திக்க வேண்டும். ஒவ்வொரு வேலைக்கும் நேரமும் பொறுமையும் தேவை. நாம் கற்கும்போது வாழ்க்கை அழகானது.",
    "te": "చాలా విషయాల గురించి ఆలోచించాలి. ప్రతి పనికి సమయం మరియు ఓపిక అవసరం. మనం నేర్చుకున్నప్పుడు జీవితం అందంగా ఉంటుంది.",
    "th": "มีหลายสิ่งที่ต้องพิจารณา ทุกอย่างต้องใช้เวลาและความอดทน ชีวิตสวยงามเมื่อเราเรียนรู้จากผู้อื่น",
    "ur": "بہت سی باتوں پر غور کرنا چاہیے۔ ہر کام کے لیے وقت اور صبر چاہیے۔ زندگی خوبصورت ہے جب ہم سیکھتے ہیں۔",
    "vi": "Có nhiều điều cần phải suy nghĩ. Mọi việc đều cần thời gian và sự kiên nhẫn. Cuộc sống thật đẹp khi chúng ta học hỏi.",
    "ja": "考えるべきことはたくさんあります。すべてのことには時間と忍耐が必要です。学ぶとき、人生は美しいものです。",
}  # fmt: skip


def language_of(row: Row) -> str:
    """The language the specs ask for; English where they ask for none."""
    return next((spec.args["language"] for spec in row.specs if spec.id == "language:response"), "en")


def beginnings(language: str, seed: int = 0) -> Iterator[str]:
    """Texts about nothing, of several lengths, then in random order and number."""
    own = (
        PROSE
        if language == "en"
        else tuple(FOREIGN.get(language, PROSE[0]).replace("। ", "।|").replace(". ", ".|").split("|"))
    )
    for n in (3, 1, 8, 40, 150):
        yield " ".join(islice(cycle(own), n))
    yield "\n\n".join(own[:6])
    drawn = random.Random(seed)
    while True:
        some = drawn.sample(own, drawn.randint(1, len(own)))
        yield drawn.choice((" ", "\n\n")).join(some)


def junk(row: Row, verifier: Verifier, budget: int) -> tuple[str, int]:
    """The best text that a search finds in `budget` tries, and how many it took."""
    specs = [spec for spec in row.specs if not spec.id.startswith("guards:")]
    constraints = [build(spec) for spec in specs]
    best, most = "", -1
    for tried, text in enumerate(islice(beginnings(language_of(row)), budget), 1):
        made = worked(constraints, text)
        held = sum(finding.ok is True for finding in verifier.verify(made).findings)
        if held > most:
            best, most = made, held
        if most == len(verifier.specs):
            return best, tried
    return best, budget


class Set(NamedTuple):
    """A public set of prompts, and real responses to some of them, by model."""

    name: str
    rows: list[Row]
    responses: list[tuple[str, Row, str]]


def sets() -> list[Set]:
    """IFEval with the responses of seven models, IFBench with those of one."""
    ifeval = list(formats.read(DATA / "ifeval" / "input_data.jsonl"))
    by_ifeval = [(pair.model, formats.parse(pair.record, "ifeval"), pair.response) for pair in ifeval_pairs()]
    ifbench = list(formats.read(DATA / "ifbench" / "IFBench_test.jsonl"))
    joined = join(ifbench, formats.records(DATA / "ifbench" / "sample_output.jsonl")).pairs
    return [Set("IFEval", ifeval, by_ifeval), Set("IFBench", ifbench, [("sample", r, t or "") for r, t in joined])]


def attacks(row: Row, others: Sequence[str], budget: int) -> dict[str, tuple[str, str]]:
    """By attack: what it answers where nothing guards, and where guards do."""
    made = {
        name: (text, text)
        for name, text in (
            ("empty", ""),
            ('"."', "."),
            ('"1"', "1"),
            ("echo", row.prompt),
            ("a polite refusal", REFUSAL),
        )
    }
    constraints = [build(spec) for spec in row.specs]
    other = random.Random(str(row.key)).choice(others)
    for name, begin in (
        ("tokens alone", "word"),
        (ONE, next(beginnings(language_of(row)))),
        (NEW, " ".join(UNSEEN)),
        (OTHER, other),
    ):
        made[name] = (worked(constraints, begin),) * 2
    plain, guarded = compile(row.specs), compile(formats.guarded(row).specs)
    made[SEARCH] = junk(row, plain, budget)[0], junk(row, guarded, budget)[0]
    return made


ONE, NEW, SEARCH = "junk, one try", "unseen junk, one try", "junk, searched"
OTHER = "another prompt's real answer, edited"


def passes(verifier: Verifier, text: str) -> bool:
    """Whether the text is called true."""
    return verifier.verify(text).ok is True


def with_limits(row: Row, limits: dict[str, dict[str, float]]) -> Verifier:
    """A verifier with guards of other thresholds."""
    specs = formats.guarded(row).specs
    return compile([Spec(spec.id, {**spec.args, **limits.get(spec.id, {})}) for spec in specs])


# From what rejects next to no real response to what lets less junk through.
LIMITS: dict[str, dict[str, dict[str, float]]] = {
    "as set": {},
    "strict": {"guards:filler": {"share": 0.06, "weight": 3.0}, "guards:related": {"pairs": 24}},
    "stricter": {"guards:filler": {"share": 0.08, "weight": 5.0}, "guards:related": {"pairs": 18}},
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", type=int, default=30, help="beginnings that the search may try on each prompt")
    parser.add_argument("--list", action="store_true", help="every prompt that junk passes with guards")
    arguments = parser.parse_args()
    console = Console(width=150, highlight=False, markup=False, emoji=False)
    return int(sum([report(one, arguments.budget, arguments.list, console) for one in sets()]) > 0)


def report(one: Set, budget: int, listed: bool, console: Console) -> bool:
    """Print what passes and what is rejected; whether a claim fails."""
    others = [text for model, _, text in one.responses if model in STRONGEST and len(text) > 400]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    kept: dict[str, list[tuple[Row, str]]] = defaultdict(list)
    for row in track(one.rows, one.name, console=Console(stderr=True), transient=True):
        published, plain, guarded = reference(row), compile(row.specs), compile(formats.guarded(row).specs)
        for name, (text, against_guards) in attacks(row, others, budget).items():
            counts[name]["published"] += published.verify(text).ok is True
            counts[name]["ours"] += passes(plain, text)
            kept[name].append((row, against_guards))
            if passes(guarded, against_guards):
                counts[name]["guards"] += 1
                if listed and name in (ONE, SEARCH):
                    shown = " ".join(against_guards.split())[:100]
                    console.print(f"passes, {name}: {row.key}: {row.prompt[:70]!r}: {shown!r}", soft_wrap=True)
    given = sum(any(map(is_given, row.specs)) for row in one.rows)
    console.print(
        f"{one.name}: the specs of {given} prompts say what the answer is (an option, a copy, a list): no guard can"
    )
    console.print(f"tell who read the prompt, {100 * given / len(one.rows):.1f} % of all.")
    table = Table(title=f"{one.name}: {len(one.rows)} prompts, passed by what does not answer them, %")
    for name, made in kept.items():
        counts[name]["together"] = sum(verdict.ok is True for verdict in together(made))
        counts[name]["in turn"] = sum(verdict.ok is True for verdict in in_turn(made))
    for heading in ("answer", "published checkers", "ours", "ours with guards", "all prompts together", "in turn"):
        table.add_column(heading, justify="left" if heading == "answer" else "right")
    total = len(one.rows)
    for name, found in counts.items():
        columns = ("published", "ours", "guards", "together", "in turn")
        table.add_row(name, *[f"{100 * found[key] / total:.1f}" for key in columns])
    console.print(table)
    rejected = trade_off(one, {name: kept[name] for name in ("tokens alone", ONE, NEW, SEARCH, OTHER)}, console)
    constants = sum(counts[name]["together"] for name in ("empty", '"."', '"1"', "echo"))
    worst = max(counts[name]["together"] for name in ("tokens alone", ONE, NEW, SEARCH))
    strongest, other = rejected_besides(one, together, console)
    strongest_in_turn, other_in_turn = rejected_besides(one, in_turn, console)
    console.print(
        f"{one.name}: besides, {strongest} true responses of the strongest models and {other} of the others are said to"
        f" unrelated prompts too; in turn, {strongest_in_turn} and {other_in_turn}."
    )
    true = sum(model in STRONGEST and passes(compile(row.specs), text) for model, row, text in one.responses)
    return worst > 0.02 * total or constants > 0 or rejected + strongest / true > 0.005


Pairs = Sequence[tuple[Row, str]]


def together(pairs: Pairs) -> list[Verdict]:
    """With guards, that of the comparison across prompts too, of these answers to all prompts at once."""
    rows = guarded_across([(formats.guarded(row), text) for row, text in pairs])
    return [compile(row.specs).verify(text) for row, (_, text) in zip(rows, pairs, strict=True)]


def in_turn(pairs: Pairs) -> list[Verdict]:
    """With guards, of one answer after the other in an order of chance, each compared with those before it."""
    scorer = Scorer(remember=REMEMBERED)
    found: dict[int, Verdict] = {}
    for at in random.Random(0).sample(range(len(pairs)), len(pairs)):
        row, text = pairs[at]
        verdict = scorer.score(formats.guarded(row), text).verdict
        assert verdict is not None
        found[at] = verdict
    return [found[at] for at in range(len(pairs))]


def rejected_besides(one: Set, verified: Callable[[Pairs], list[Verdict]], console: Console) -> tuple[int, int]:
    """How many responses of the strongest models, and of the others, only the comparison across prompts rejects."""
    lost: Counter[bool] = Counter()
    for model in dict.fromkeys(model for model, _, _ in one.responses):
        pairs = [(row, text or "") for other, row, text in one.responses if other == model]
        for (row, text), verdict in zip(pairs, verified(pairs), strict=True):
            *others, last = verdict.findings
            alone = all(finding.ok is True for finding in others)
            if alone and last.ok is False and last.spec is not None and last.spec.id == "guards:elsewhere":
                lost[model in STRONGEST] += 1
                how = verified.__name__.replace("_", " ")
                console.print(f"rejected {how}: {model} {row.key}: {last.note}: {text[:80]!r}", soft_wrap=True)
    return lost[True], lost[False]


def trade_off(one: Set, kept: dict[str, list[tuple[Row, str]]], console: Console) -> float:
    """What thresholds cost and gain; the share of the strongest models' true responses that is rejected as set."""
    true = [(model, row, text) for model, row, text in one.responses if passes(compile(row.specs), text)]
    table = Table(title=f"{one.name}: what thresholds cost and gain")
    for heading in (
        "thresholds",
        "strongest models' true responses rejected",
        "others'",
        *(f"{name}, %" for name in kept),
    ):
        table.add_column(heading, justify="left" if heading == "thresholds" else "right")
    share = 0.0
    for label, limits in LIMITS.items():
        lost: Counter[bool] = Counter()
        size: Counter[bool] = Counter()
        for model, row, text in true:
            strong = model in STRONGEST
            size[strong] += 1
            verdict = with_limits(row, limits).verify(text)
            if verdict.ok is not True:
                lost[strong] += 1
                if strong and not limits:
                    why = "; ".join([f"{f.spec.id}: {f.note}" for f in verdict.findings if f.ok is not True and f.spec])
                    console.print(
                        f"rejected: {model} {row.key}: {why}: {' '.join(text.split())[:80]!r}", soft_wrap=True
                    )
        cells = [f"{lost[k]} of {size[k]} ({100 * lost[k] / size[k]:.2f} %)" for k in (True, False) if size[k]]
        cells += [""] * (2 - len(cells))
        share = lost[True] / size[True] if not limits else share
        for made in kept.values():
            cells.append(f"{100 * sum(passes(with_limits(row, limits), text) for row, text in made) / len(made):.1f}")
        table.add_row(label, *cells)
    console.print(table)
    return share


if __name__ == "__main__":
    sys.exit(main())
