"""Asking a judge: what is read, what abstains, how votes, scales, checklists and compositions come out."""

from __future__ import annotations

import asyncio
import json
import math
import subprocess
import sys

import pytest
from loopback import Fault, Loopback, Shown, completion, honest

import rewardkit
from rewardkit import FormatError, JudgeError, SpecError, batch, formats
from rewardkit.asking import Answer, Question, Usage
from rewardkit.judge import OpenAIJudge, RecordedJudge, Recorder, prompt, reading
from rewardkit.judge.cache import Cache

LATE = Question("Is it late?")
TEA = Question('The response says "tea".')
LATE = Question("Is it late?")
SECRET = b"secret"
MADE = {form: prompt.one(TEA, "green tea", form, SECRET) for form in ("json", "json_label", "label", "text")}
TOGETHER = {form: prompt.together([TEA, TEA], "green tea", form, SECRET) for form in ("json", "text")}


def says(*words):
    """A rubric a word."""
    return [{"id": "rubric:criterion", "args": {"criterion": f'The response says "{word}".'}} for word in words]


def judged(verifier, response, judge, **options):
    return asyncio.run(verifier.averify(response, judge, **options))


class Says:
    """A judge of one's own: honest, and it counts."""

    def __init__(self):
        self.asked = []

    async def ask(self, question, response):
        self.asked.append((question, response))
        return Answer(question.criterion.split('"')[1] in response)


def filled(output, made):
    """The output with the labels in it."""
    return output.replace("YES", made.labels[-1]).replace("NO", made.labels[0])


@pytest.mark.parametrize(
    ("form", "output", "grade", "reason"),
    [
        ("json", '{"reason": "It does.", "verdict": "YES"}', 2, None),
        ("json", ' {"verdict":"NO","reason":""}\n', 1, None),
        ("json", '<think>YES or NO?</think>\n{"reason": "", "verdict": "YES"}', 2, None),
        ("json", 'It does, I thought.</think>{"reason": "", "verdict": "YES"}', 2, None),
        ("json", '<think>{"reason": "", "verdict": "YES"}', None, "truncated"),
        ("json", '{"reason": "It does.", "verdict": "yes"}', None, "outside"),
        ("json", '{"reason": "It does.", "verdict": true}', None, "outside"),
        ("json", '{"reason": "It does.", "verdict": ["YES"]}', None, "outside"),
        ("json", '{"reason": "It does.", "verdict": {"label": "YES"}}', None, "outside"),
        ("json", '{"reason": 3, "verdict": "YES"}', None, "no verdict"),
        ("json", '{"verdict": "YES"}', None, "no verdict"),
        ("json", '{"reason": "", "verdict": "YES", "more": 1}', None, "no verdict"),
        ("json", '{"reason": "", "verdict": "NO", "verdict": "YES"}', None, "both labels"),
        ("json", '{"reason": "", "verdict": "YES", "verdict": "YES"}', None, "no verdict"),
        ("json", '```json\n{"reason": "", "verdict": "YES"}\n```', None, "no verdict"),
        ("json", '{"reason": "It is not NO.", "verdict": "YES"}', None, "both labels"),
        ("json", '["YES"]', None, "no verdict"),
        ("json", "[" * 5000, None, "no verdict"),
        ("json", "YES", None, "no verdict"),
        ("json", "  \n", None, "empty"),
        ("json_label", '{"verdict": "NO"}', 1, None),
        ("json_label", '{"reason": "", "verdict": "NO"}', None, "no verdict"),
        ("label", "YES", 2, None),
        ("label", " **NO**.\n", 1, None),
        ("label", "Verdict: YES", None, "no verdict"),
        ("label", "YES NO", None, "both labels"),
        ("label", "yes", None, "outside"),
        ("text", "It does.\nVerdict: YES", 2, None),
        ("text", "Verdict: NO.", 1, None),
        ("text", "It does.\n**Verdict:** YES\n", 2, None),
        ("text", "Verdict: YES\nIt does.", None, "no verdict"),
        ("text", "Verdict: YES\nVerdict: YES", None, "no verdict"),
        ("text", "Verdict: NO\nNo: Verdict: YES", None, "both labels"),
        ("text", "Verdict: YES or so", None, "no verdict"),
        ("text", "The verdict is YES", None, "no verdict"),
        ("text", "Verdict: [[1]]", None, "outside"),
    ],
)
def test_an_output_is_read_whole_or_not_at_all(form, output, grade, reason):
    made = MADE[form]
    (read,) = reading.read(made, filled(output, made))
    assert (read.grade, read.reason) == (grade, reason)


@pytest.mark.parametrize(
    ("form", "output", "grades"),
    [
        ("json", '{"1": "YES", "2": "NO"}', [2, 1]),
        ("json", '{"2": "YES", "1": "NO"}', [1, 2]),
        ("json", '{"1": "YES", "2": "perhaps"}', [2, None]),
        ("json", '{"1": "YES"}', [None, None]),
        ("json", '{"1": "YES", "2": "NO", "3": "NO"}', [None, None]),
        ("text", "1: YES\n2: NO", [2, 1]),
        ("text", "1. YES\n\n2) **NO**", [2, 1]),
        ("text", "2: YES\n1: NO", [None, None]),
        ("text", "Here you are:\n1: YES\n2: NO", [None, None]),
    ],
)
def test_criteria_asked_together_are_read_one_by_one(form, output, grades):
    made = TOGETHER[form]
    assert [read.grade for read in reading.read(made, filled(output, made))] == grades


def tokens(*pairs, emitted=None):
    """A server's logprobs: each token with its probability and what else was likely there."""
    return [
        {
            "token": token,
            "logprob": math.log(p),
            "top_logprobs": [{"token": t, "logprob": math.log(q)} for t, q in {**others, token: p}.items()],
        }
        for token, p, others in pairs
    ]


def test_p_yes_is_that_of_the_token_that_gave_the_verdict():
    made = MADE["label"]
    no, yes = made.labels
    (read,) = reading.read(made, yes)
    p = reading.p_yes(made, yes, read, 2, tokens((yes, 0.6, {no: 0.2, "x": 0.001})))
    assert p == pytest.approx(0.75)
    made = MADE["json"]
    no, yes = made.labels
    output = f'{{"reason": "", "verdict": "{no}"}}'
    (read,) = reading.read(made, output)
    given = tokens(('{"reason": "", "verdict": "', 1, {}), (f'{no}"', 0.9, {f'{yes}"': 0.1}), ("}", 1, {}))
    assert reading.p_yes(made, output, read, 2, given) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        [{"token": "YES"}],
        tokens(("NO", 0.9, {"YES": 0.1})),  # of another text
        tokens(("YES", 0.3, {"the": 0.2})),  # the other label could weigh as much
        tokens((" ", 1, {}), ("YES", 0.9, {"NO": 0.1}), ("!", 1, {})),
        [
            {
                "token": "YES",
                "logprob": -0.1,
                "top_logprobs": [{"token": "YES", "logprob": -3.0}, {"token": "NO", "logprob": -0.2}],
            }
        ],
        [{"token": 3, "logprob": "x", "top_logprobs": None}],
    ],
)
def test_p_yes_is_none_where_the_token_scored_is_not_the_one_emitted(given):
    made = MADE["label"]
    given = json.loads(filled(json.dumps(given), made))
    output = made.labels[1]
    (read,) = reading.read(made, output)
    found = reading.p_yes(made, output, read, 2, given)
    assert found is None or (len(given) == 3 and found == pytest.approx(0.9))  # white space before the label is cut off


def test_the_judge_of_ones_own_is_one_method():
    judge = Says()
    verdict = judged(rewardkit.compile(says("tea", "milk")), "tea", judge)
    assert [finding.ok for finding in verdict.findings] == [True, False]
    assert isinstance(judge, rewardkit.asking.Judge)


def test_code_that_cannot_await_verifies_with_a_judge():
    verifier = rewardkit.compile(says("tea"))

    async def inside():
        return verifier.verify_with("tea", Says())

    assert verifier.verify_with("milk", Says()).ok is False
    assert asyncio.run(inside()).ok is True

    class Waits:
        async def ask(self, question, response):
            return Answer(verifier.verify_with("tea", Says()).ok)

    with pytest.raises(RuntimeError, match="must await and cannot wait"):
        verifier.verify_with("tea", Waits())


def test_a_rubric_without_a_judge_is_undecided_and_what_is_expected_counts():
    spec = {"id": "rubric:criterion", "args": {"criterion": 'The response says "tea".', "expected": False}}
    verifier = rewardkit.compile([spec])
    assert verifier.verify("tea").findings[0].cause == "judge"
    assert judged(verifier, "tea", Says()).ok is False
    assert judged(verifier, "milk", Says()).ok is True


def test_rubrics_inside_other_constraints_are_asked_about_their_part():
    tea, milk = says("tea", "milk")
    short = {"id": "length:words", "args": {"relation": "at most", "n": 1}}
    each = {"id": "scope:part", "args": {"unit": "paragraph", "inner": [tea]}}
    judge = Says()
    verifier = rewardkit.compile([{"id": "logic:any_of", "args": {"inner": [short, milk]}}, each])
    verdict = judged(verifier, "green tea\n\nblack tea", judge)
    assert [finding.ok for finding in verdict.findings] == [False, True]
    assert sorted(response for _, response in judge.asked) == ["black tea", "green tea", "green tea\n\nblack tea"]
    assert judged(rewardkit.compile([{"id": "logic:not", "args": {"inner": [tea]}}]), "tea", judge).ok is False


def test_lazily_nothing_is_asked_where_the_rules_have_decided():
    few = {"id": "length:words", "args": {"relation": "at most", "n": 1}}
    verifier = rewardkit.compile([few, *says("tea")])
    for lazy, asked in ((True, 0), (False, 1)):
        judge = Says()
        assert judged(verifier, "two words", judge, lazy=lazy).ok is False
        assert len(judge.asked) == asked
    judge = Says()
    assert judged(verifier, "tea", judge, lazy=True).ok is True
    assert judged(verifier, "", judge).ok is False
    assert len(judge.asked) == 1


def test_the_reasoning_of_the_response_is_not_shown():
    judge = Says()
    assert judged(rewardkit.compile(says("tea")), "<think>say tea</think>coffee", judge).ok is False
    assert judge.asked[0][1].strip() == "coffee"


def test_a_checklist_is_decided_as_soon_as_it_can_be():
    args = {"criteria": ['Says "tea".', 'Says "milk".', 'Says "rum".'], "weights": [2, 1, 1], "share": 0.75}
    verifier = rewardkit.compile([{"id": "rubric:checklist", "args": args}])
    assert judged(verifier, "tea and milk", Says()).ok is True
    assert judged(verifier, "milk and rum", Says()).ok is False

    class Unsure(Says):
        async def ask(self, question, response):
            return Answer(None, "empty") if "rum" in question.criterion else await super().ask(question, response)

    assert judged(verifier, "tea and milk", Unsure()).ok is True
    assert judged(verifier, "milk", Unsure()).ok is False
    found = judged(verifier, "tea", Unsure()).findings[0]
    assert (found.ok, found.cause) == (None, "judge")
    assert found.note.startswith("2 of 4 met: (1) yes")
    with pytest.raises(SpecError, match="weights are as many as criteria"):
        rewardkit.compile([{"id": "rubric:checklist", "args": {"criteria": ["a", "b"], "weights": [1]}}])


@pytest.mark.parametrize(
    ("args", "told"), [({"grades": 11}, "less than or equal to 10"), ({"passing": 3}, "passing grade")]
)
def test_a_scale_that_is_none_is_refused(args, told):
    with pytest.raises(SpecError, match=told):
        rewardkit.compile([{"id": "rubric:criterion", "args": {"criterion": "x", **args}}])


def test_a_scale_is_read_and_passes_from_its_upper_half():
    grades = iter((1, 3, 5))

    def behave(shown):
        return honest(shown) if shown.is_probe else shown.in_form(shown.labels[next(grades) - 1])

    spec = {"id": "rubric:criterion", "args": {"criterion": "It is detailed.", "grades": 5}}
    with Loopback(behave) as server, OpenAIJudge("m", base_url=server.url) as judge:
        found = [judged(rewardkit.compile([spec]), f"text {n}", judge).findings[0] for n in range(3)]
    assert [finding.ok for finding in found] == [False, True, True]
    assert found[1].note.startswith("yes (grade 3 of 5)")


def votes_of(*kinds):
    said = iter(kinds)

    def behave(shown):
        if shown.is_probe:
            return honest(shown)
        kind = next(said)
        return {"yes": shown.in_form(shown.yes), "no": shown.in_form(shown.no), "?": "Hm."}[kind]

    return behave


@pytest.mark.parametrize(
    ("kinds", "yes", "reason", "agreement"),
    [
        (("yes", "yes", "no"), True, None, 2 / 3),
        (("no", "no", "no"), False, None, 1),
        (("yes", "no", "?"), None, "split", 1 / 3),
        (("yes", "?", "?"), None, "no verdict", 1 / 3),
        (("yes", "yes", "?"), True, None, 2 / 3),
        (("yes", "no", "yes", "no"), None, "split", 1 / 2),
    ],
)
def test_the_majority_of_all_votes_decides(kinds, yes, reason, agreement):
    with (
        Loopback(votes_of(*kinds)) as server,
        OpenAIJudge("m", base_url=server.url, votes=len(kinds), concurrency=1) as judge,
    ):
        answer = judge.answer(TEA, "tea")
    assert (answer.yes, answer.reason) == (yes, reason)
    assert answer.agreement == pytest.approx(agreement)
    assert answer.usage.requests == len(kinds)


def test_votes_have_labels_of_their_own():
    labels = {prompt.one(TEA, "tea", "json", SECRET, sample).labels for sample in range(8)}
    assert len(labels) > 4


def test_batched_asks_once_for_a_response():
    with Loopback() as server, OpenAIJudge("m", base_url=server.url, batched=True) as judge:
        verdict = judged(rewardkit.compile(says("tea", "milk", "rum")), "tea and rum", judge)
        asked = sum(n for key, n in server.seen.items() if key != "probe")
        again = judged(rewardkit.compile(says("tea", "milk", "rum")), "tea and rum", judge)
    assert [finding.ok for finding in verdict.findings] == [True, False, True]
    assert verdict == again
    assert asked == 1


def abilities(behave, **settings):
    with Loopback(behave) as server, OpenAIJudge("m", base_url=server.url, **settings) as judge:
        answer = judge.answer(TEA, "tea")
        return judge._able, answer


def test_a_server_without_structured_output_is_asked_for_text():
    def behave(shown):
        if shown.schema is not None or shown.choice or "logprobs" in shown.body:
            raise Fault(400, body=b'{"error": {"message": "unknown parameter"}}')
        return honest(shown)

    able, answer = abilities(behave)
    assert (able.json_schema, able.choice, able.logprobs) == (False, False, False)
    assert answer.yes is True


def test_a_server_that_ignores_what_it_does_not_know_is_found_out():
    able, answer = abilities(
        lambda shown: "Hello!" if shown.is_probe else honest(Shown({"messages": shown.body["messages"]}))
    )
    assert (able.json_schema, able.choice) == (False, False)
    assert answer.yes is True


def test_a_server_with_newer_names_of_parameters_is_asked_with_them():
    def behave(shown):
        for name, message in (("max_tokens", "use 'max_completion_tokens'"), ("temperature", "temperature is fixed")):
            if name in shown.body:
                raise Fault(400, body=json.dumps({"error": {"message": message}}).encode())
        return honest(shown)

    able, answer = abilities(behave)
    assert (able.limit_field, able.temperature, able.json_schema) == ("max_completion_tokens", False, True)
    assert answer.yes is True


def test_a_probe_that_met_an_outage_is_not_kept(tmp_path):
    def behave(shown):
        if shown.is_probe:
            raise Fault(500)
        return honest(shown)

    with Loopback(behave) as server:
        with OpenAIJudge("m", base_url=server.url, cache=tmp_path / "c.db", attempts=1) as judge:
            assert judge.answer(TEA, "tea").yes is True  # in text, which every server can
        server.behave = honest
        with OpenAIJudge("m", base_url=server.url, cache=tmp_path / "c.db") as judge:
            judge.answer(TEA, "tea 2")
            assert judge._able.json_schema


def test_reasoning_is_kept_apart_and_counted():
    def behave(shown):
        if shown.is_probe:
            return honest(shown)
        data = completion(shown.in_form(shown.yes), message={"reasoning_content": shown.in_form(shown.no)})
        data["usage"]["completion_tokens_details"] = {"reasoning_tokens": 7}
        return data

    _, answer = abilities(behave)
    assert answer.yes is True
    assert answer.usage == Usage(1, 100, 10, 7)


def test_recorded_answers_are_replayed(tmp_path):
    file = tmp_path / "answers.jsonl"
    with Loopback() as server, OpenAIJudge("m", base_url=server.url) as judge:
        recorder = Recorder(judge, file)
        first = [asyncio.run(recorder.ask(TEA, response)) for response in ("tea", "coffee \ud800")]
    replay = RecordedJudge.read(file)
    assert [asyncio.run(replay.ask(TEA, response)) for response in ("tea", "coffee \ud800")] == first
    assert asyncio.run(replay.ask(TEA, "rum")).reason == "not recorded"


class Both:
    """Says yes alone and no together."""

    async def ask(self, question, response):
        return Answer(True)

    async def ask_together(self, questions, response):
        return [Answer(False) for _ in questions]


@pytest.mark.parametrize("texts", [True, False])
def test_what_was_asked_together_is_another_answer(tmp_path, texts):
    file = tmp_path / "answers.jsonl"
    recorder = Recorder(Both(), file, texts=texts)
    asyncio.run(recorder.ask(TEA, "a secret tea"))
    alone = RecordedJudge.read(file)
    assert RecordedJudge.read_together(file) is None
    asyncio.run(recorder.ask_together([TEA, LATE], "a secret tea"))
    together = RecordedJudge.read_together(file)
    assert asyncio.run(alone.ask(TEA, "a secret tea")).yes is True
    assert asyncio.run(alone.ask(LATE, "a secret tea")).reason == "not recorded"
    assert [one.yes for one in asyncio.run(together.ask_together([TEA, LATE], "a secret tea"))] == [False, False]
    assert not hasattr(alone, "ask_together")
    assert ("secret" in file.read_text()) is texts


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        '{"of": "00", "answer": {"yes": 1, "no": 2}}',
        "{",
        '{"question": {"criterion": "x"}, "response": "y"}',
        '{"question": {"criterium": "x"}, "response": "y", "answer": {"yes": true}}',
        '{"question": {"criterion": "x"}, "response": 3, "answer": {"yes": true}}',
        '{"question": {"criterion": "x"}, "response": "y", "answer": {"yes": null}}',
        '{"question": {"criterion": "x"}, "response": "y", "answer": {"yes": null, "reason": "tired"}}',
    ],
)
def test_a_record_that_is_none_is_named(tmp_path, line):
    file = tmp_path / "answers.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(FormatError, match=r"answers\.jsonl, line 1"):
        RecordedJudge.read(file)


def test_an_answer_goes_to_json_and_back():
    answer = Answer(None, "split", "1 of 2", 2.5, 0.5, 0.5, Usage(2, 3, 4, 1), 1.5, "key")
    assert Answer.from_json(json.loads(json.dumps(answer.to_json()))) == answer
    with pytest.raises(ValueError, match="exactly when it abstains"):
        Answer(True, "split")


def test_rubrics_carry_the_prompt_that_the_judge_must_know(data):
    for name in ("followbench/style_constraints.json", "cfbench/cfbench_data.json"):
        row = next(iter(formats.read(data / name)))
        assert all(spec.args["prompt"] == row.prompt for spec in row.specs)


def rows_with_responses():
    few = {"id": "length:words", "args": {"relation": "at most", "n": 2}}
    for key, response in enumerate(("green tea", "coffee", "a cup of tea", None)):
        yield {"key": key, "prompt": "Order.", "specs": [few, *says("tea")], "response": response}


def test_a_batch_is_judged_in_order_and_goes_on_after_an_outage(tmp_path):
    pairs = [(formats.parse(row, "specs"), row["response"]) for row in rows_with_responses()]
    out = tmp_path / "out.jsonl"

    class Shaky(Says):
        fails = True

        async def ask(self, question, response):
            if self.fails and response == "coffee":
                return Answer(None, "server error")
            return await super().ask(question, response)

    judge = Shaky()
    first = list(batch.judge(pairs, judge, out))
    assert [result.line["ok"] for result in first] == [True, None, False, False]
    judge.fails, judge.asked = False, []
    again = list(batch.judge(pairs, judge, out))
    assert [result.line["ok"] for result in again] == [True, False, False, False]
    assert len(judge.asked) == 2  # the first line stood
    assert [json.loads(line) for line in out.read_text().splitlines()] == [result.line for result in again]
    with pytest.raises(FormatError, match="not a verdict of this run"):
        list(batch.judge(pairs, judge, out, lazy=True))


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "rewardkit", *words], cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def folder(tmp_path):
    lines = [json.dumps(row) + "\n" for row in rows_with_responses()]
    tmp_path.joinpath("data.jsonl").write_text("".join(lines))
    return tmp_path


def test_the_command_judges_counts_and_keeps(folder):
    with Loopback() as server:
        words = ("judge", "data.jsonl", "--model", "m", "--base-url", server.url, "--cache", "c.db", "--out", "o.jsonl")
        done = run(folder, *words)
        assert done.returncode == 0, done.stderr
        assert "3 answers: 0 on file, 3 asked for" in done.stdout
        lazy = run(folder, *words[:-1], "lazy.jsonl", "--lazy")
        assert "2 answers: 2 on file, 0 asked for" in lazy.stdout
        assert "1 question not asked, since the rules had decided" in lazy.stdout
        spent = run(folder, *words[:6], "--cache", "d.db", "--max-requests", "5", "--concurrency", "1")
        assert spent.returncode == 1
        assert "The budget is spent" in spent.stdout
    lines = [json.loads(line) for line in (folder / "o.jsonl").read_text().splitlines()]
    assert [line["ok"] for line in lines] == [True, False, False, False]
    assert lines[0]["answers"] == [{"criterion": 'The response says "tea".', "yes": True}]
    shown = run(folder, "cache", "c.db")
    assert "m" in shown.stdout
    assert "3" in shown.stdout
    assert "3 answers forgotten" in run(folder, "cache", "c.db", "--prune", "--model", "m").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("judge", "data.jsonl"), "either --model NAME"),
        (("judge", "data.jsonl", "--model", "m", "--base-url", "localhost"), "base_url is an address"),
        (("judge", "plain.jsonl", "--model", "m"), "nothing here is for a judge"),
        (("cache", "none.db"), "no cache at none.db"),
        (("cache", "data.jsonl"), "cannot be used as a cache"),
    ],
)
def test_bad_input_is_told_in_one_sentence(folder, words, told):
    row = {
        "key": 1,
        "prompt": "x",
        "specs": [{"id": "length:words", "args": {"relation": "at most", "n": 2}}],
        "response": "y",
    }
    folder.joinpath("plain.jsonl").write_text(json.dumps(row))
    done = run(folder, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_cache_prunes_by_model_and_age(tmp_path):
    cache = Cache(tmp_path / "c.db")
    for key, model in (("1", "a"), ("2", "a"), ("3", "b")):
        cache.put(key, model, [])
    assert [(kept.model, kept.answers) for kept in cache.models()] == [("a", 2), ("b", 1)]
    assert cache.prune(before=0.0) == 0
    assert cache.prune(model="a") == 2
    assert cache.prune() == 1
    cache.close()


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(JudgeError, match="votes must be at least 1"):
        OpenAIJudge("m", votes=0)
    with pytest.raises(JudgeError, match="structured is one of auto"):
        OpenAIJudge("m", structured="xml")
